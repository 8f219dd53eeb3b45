"""Who is calling: one frozen type for each kind of credential.

Authenticators (handlers/credentials) make them, the pipeline checks roles and permissions on them, and handlers
read the ids they may act for. `allowances` are the request limits that the pipeline meters the caller by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Access = Literal["read", "write", "admin"]
Role = Literal["owner", "admin", "editor", "normal", "dataset_operator"]

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `limit` requests in a window of `seconds`, counted under `subject`."""

    subject: str
    limit: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody: the operation asks for no credential."""

    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class AppKeyCaller:
    """An API key bound to one app, or a workspace key that named one by `X-App-Id`."""

    workspace_id: str
    app_id: str
    key_id: str
    permissions: frozenset[str] | None = None
    access: Access | None = None
    max_active_requests: int | None = None
    mode: str | None = None
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class KnowledgeKeyCaller:
    """An API key for the workspace's knowledge; `dataset_ids` None means every dataset."""

    workspace_id: str
    key_id: str
    dataset_ids: frozenset[str] | None = None
    permissions: frozenset[str] | None = None
    access: Access | None = None
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkspaceKeyCaller:
    """An API key for a whole workspace, used where no single app is meant."""

    workspace_id: str
    key_id: str
    permissions: frozenset[str] | None = None
    access: Access | None = None
    dataset_ids: frozenset[str] | None = None
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountCaller:
    """A signed-in account in its current workspace."""

    workspace_id: str
    account_id: str
    role: Role
    session_id: str | None = None
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class EndUserCaller:
    """A visitor of a published app, known by a passport or a user token."""

    workspace_id: str
    app_id: str
    end_user_id: str
    site_code: str
    account_id: str | None = None
    claims: Mapping[str, object] = field(default_factory=dict, compare=False)
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class FormCaller:
    """Whoever uploads files for a form that a run waits for."""

    workspace_id: str
    form_id: str
    allowances: tuple[Allowance, ...] = ()


Caller = Anonymous | AppKeyCaller | KnowledgeKeyCaller | WorkspaceKeyCaller | AccountCaller | EndUserCaller | FormCaller


def subject_of(caller: Caller) -> str:
    """Name a caller for limits, idempotency and logs.

    Returns:
        `key:<id>`, `account:<id>`, `end_user:<id>`, `form:<id>` or `anonymous`.
    """
    match caller:
        case AppKeyCaller(key_id=key_id) | KnowledgeKeyCaller(key_id=key_id) | WorkspaceKeyCaller(key_id=key_id):
            return f"key:{key_id}"
        case AccountCaller(account_id=account_id):
            return f"account:{account_id}"
        case EndUserCaller(end_user_id=end_user_id):
            return f"end_user:{end_user_id}"
        case FormCaller(form_id=form_id):
            return f"form:{form_id}"
        case _:
            return "anonymous"


def claimant_of(caller: Caller) -> str:
    """Name a caller together with the workspace and the app it acts for, so that what it claims in one does not count
    in another: an account may switch its workspace, and a workspace key may name any app.
    """
    workspace_id = "" if isinstance(caller, Anonymous) else caller.workspace_id
    app_id = caller.app_id if isinstance(caller, AppKeyCaller | EndUserCaller) else ""
    return f"{subject_of(caller)} {workspace_id} {app_id}"


def allowances(subject: str, windows: Iterable[tuple[int, int | None]]) -> tuple[Allowance, ...]:
    """Build the allowances of one subject.

    Args:
        subject: whose requests are counted, for example `key:<id>` or `app:<id>`.
        windows: pairs of window length in seconds and limit; a limit of 0 or None means none.

    Returns:
        One allowance for each window that has a limit.
    """
    return tuple(Allowance(subject, limit, seconds) for seconds, limit in windows if limit)
