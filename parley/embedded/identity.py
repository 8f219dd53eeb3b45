"""As whom PostgreSQL runs, which refuses to be root and must be able to name its user.

Three ways, the first that works here: as ourselves; in a user namespace in which our own id has another, named number
(files stay ours, nothing is changed); as an unprivileged user of the system, with folders of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from parley.embedded.process import ServiceError

_CLONE_NEWUSER = 0x10000000
_UNPRIVILEGED = ("postgres", "nobody", "daemon")
_LENT = Path("/var/lib/parley")
_ADVICE = "Set DATABASE_URL to a PostgreSQL (15 or newer) with pgvector."


@dataclass(frozen=True, slots=True)
class Identity:
    """How a child becomes somebody whom PostgreSQL accepts.

    `before_exec` runs in the child; `user` and `group` are ids to switch to, or None to stay who we are.
    """

    name: str
    before_exec: Callable[[], None] | None = None
    user: int | None = None
    group: int | None = None

    @property
    def is_other_user(self) -> bool:
        """Whether the child cannot use folders that are private to us."""
        return self.user is not None


def identities() -> Iterator[Identity]:
    """Yields the ways that may work for this user, the simplest first."""
    uid = os.geteuid()
    if uid != 0 and _is_named(uid):
        yield Identity("this user")
    if sys.platform == "linux":
        inside = next((entry for entry in pwd.getpwall() if entry.pw_uid != 0), None)
        if inside is not None:
            yield Identity(
                f"{inside.pw_name} in a user namespace", before_exec=_namespace(inside.pw_uid, inside.pw_gid)
            )
    if uid == 0:
        for name in _UNPRIVILEGED:
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                yield Identity(f"the user {name}", user=entry.pw_uid, group=entry.pw_gid)
                return


def choose_identity(program: Path, candidates: Iterator[Identity] | None = None) -> Identity:
    """Returns the first identity as which a trivial child starts.

    Args:
        program: a server program, to be asked for its version.
        candidates: what to try; `identities()` when None.

    Raises:
        ServiceError: none works; the message tells each refusal and asks for DATABASE_URL.
    """
    refusals = []
    for identity in identities() if candidates is None else candidates:
        try:
            _try(identity, program)
        except (OSError, subprocess.SubprocessError) as error:
            refusals.append(f"{identity.name}: {error}")
        else:
            return identity
    reasons = "; ".join(refusals) or "the user of this process has no name"
    raise ServiceError(f"The bundled PostgreSQL cannot run here ({reasons}). {_ADVICE}")


def lend_folder(identity: Identity, folder: Path) -> Path:
    """Returns a folder that the identity owns: `folder` itself, or for another user one under /var/lib.

    Another user cannot enter a private home, so its data stand outside, under a name made from `folder`.
    """
    if not identity.is_other_user:
        return folder
    place = _LENT / str(folder).strip("/").replace("/", "-")
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    place.mkdir(exist_ok=True, mode=0o700)
    os.chown(place, identity.user or 0, identity.group or 0)
    return place


def lend_programs(identity: Identity, installation: Path, version: str) -> Path:
    """Returns the installation's folder, or a copy that another user can reach.

    The programs find their libraries by a path relative to their own, so the copy keeps the layout of
    `<package>/<installation>` beside `<package>.libs`.
    """
    if not identity.is_other_user:
        return installation
    package = installation.parent
    copy = _LENT / f"postgresql-{version}"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installation, draft / package.name / installation.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_all(draft)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)
    return copy / package.name / installation.name


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _is_named(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _namespace(inner_user: int, inner_group: int) -> Callable[[], None]:
    """Returns what puts a child into a user namespace where our ids are `inner_user` and `inner_group`."""
    outer_user, outer_group = os.geteuid(), os.getegid()

    def enter() -> None:
        library = ctypes.CDLL(None, use_errno=True)
        if library.unshare(_CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "user namespaces are forbidden")
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{inner_user} {outer_user} 1"),
            ("gid_map", f"{inner_group} {outer_group} 1"),
        ):
            descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(descriptor, line.encode())
            os.close(descriptor)

    return enter


def _try(identity: Identity, program: Path) -> None:
    """Asks the program for its version; as another user `/bin/sh` does, for the programs are copied later."""
    command = [str(program), "--version"] if not identity.is_other_user else ["/bin/sh", "-c", ":"]
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        timeout=20,
        cwd="/",
        preexec_fn=identity.before_exec,
        user=identity.user,
        group=identity.group,
        extra_groups=None if identity.user is None else [],
    )
