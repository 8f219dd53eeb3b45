"""Typed requests, responses and handler protocols from the documents, into handlers/contract/.

python -m parley.codegen            write them
python -m parley.codegen --check    fail where they are not what the documents say
"""

from __future__ import annotations

import argparse
import difflib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parley.bundle import TIERS, bundle
from parley.typed_handlers import TypedHandlers
from parley.typed_schemas import TypedSchemas

FOLDER = Path(__file__).parents[1] / "handlers" / "contract"
NOTE = "Generated from openapi/ by `python -m parley.codegen`; changes belong there."


def main() -> int:
    """Write or check the generated modules.

    Returns:
        The process's exit status: 1 where `--check` found a difference.
    """
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--check", action="store_true", help="compare only")
    check = reader.parse_args().check
    stale = False
    for name, source in generate().items():
        path = FOLDER / name
        current = path.read_text() if path.exists() else ""
        if current == source:
            continue
        if check:
            stale = True
            lines = difflib.unified_diff(current.splitlines(), source.splitlines(), str(path), "generated", lineterm="")
            print("\n".join(list(lines)[:40]))
        else:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(source)
            print(f"wrote {path.relative_to(FOLDER.parents[1])}")
    if stale:
        print("handlers/contract/ is not current; run `python -m parley.codegen`", file=sys.stderr)
    return 1 if stale else 0


def generate() -> dict[str, str]:
    """Return the generated modules by file name."""
    documents: Mapping[str, Mapping[str, Any]] = {tier: bundle(tier) for tier in TIERS}
    schemas = TypedSchemas()
    for document in documents.values():
        schemas.add(document)
    files = {"__init__.py": f'"""The contract as Python types. {NOTE}"""\n'}
    held: list[tuple[str, str, str]] = []
    for tier, document in documents.items():
        handlers = TypedHandlers(tier, document, schemas)
        files[f"{tier}.py"] = _protocols(tier, handlers)
        held += [(tier, module, protocol) for module, protocol in sorted(handlers.modules.items())]
    files["schemas.py"] = _schemas(schemas)
    files["conformance.py"] = _conformance(held)
    return {name: _formatted(source) for name, source in files.items()}


def _schemas(schemas: TypedSchemas) -> str:
    return (
        f'"""The named schemas of all documents.\n\n{NOTE}\n"""\n\nfrom __future__ import annotations\n\n'
        "from typing import Any, Literal, NotRequired, TypeAlias, TypedDict\n\n\n" + schemas.source() + "\n"
    )


def _protocols(tier: str, handlers: TypedHandlers) -> str:
    return (
        f'"""What the modules of handlers/{tier}/ have to offer.\n\n{NOTE}\n"""\n\n'
        "from __future__ import annotations\n\n"
        "from typing import Any, Literal, Protocol\n\n"
        "from handlers.call import Call\nfrom handlers.contract import schemas\n"
        f"from handlers.replies import EventStream, FileReply, Reply, UploadedFile\n\n\n{handlers.source()}"
    )


def _conformance(held: list[tuple[str, str, str]]) -> str:
    tiers = sorted({tier for tier, _, _ in held})
    imports = "\n".join(f"    import handlers.{tier}.{module}" for tier, module, _ in held)
    checks = "\n".join(
        f"    {tier}_{module}: {tier}.{protocol} = handlers.{tier}.{module}" for tier, module, protocol in held
    )
    return (
        f'"""Every handler module against its Protocol, for the type checker.\n\n{NOTE}\n"""\n\n'
        "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
        f"if TYPE_CHECKING:\n{imports}\n    from handlers.contract import {', '.join(tiers)}\n\n{checks}\n"
    )


def _formatted(source: str) -> str:
    for command in (["check", "--select", "F401", "--fix-only", "--quiet"], ["format", "--quiet"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", "generated.py", "-"],
            input=source,
            capture_output=True,
            text=True,
            check=True,
            cwd=FOLDER.parents[1],
        )
        source = run.stdout
    return source


if __name__ == "__main__":
    sys.exit(main())
