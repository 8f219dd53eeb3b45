"""The pages of docs/ that are made from their source: the settings and the errors.

`python -m parley.pages` writes them; with `--check` it only tells whether they are current.
"""

import sys
from pathlib import Path

from foundation.error_table import error_table
from foundation.settings import Settings, variable_names

DOCS = Path(__file__).resolve().parent.parent / "docs"

SETTINGS = """# Settings

Every setting is an environment variable. An unknown `PARLEY_…` variable or a wrong value stops the program at
start, with the name of the variable and what would be right. This page is made from `foundation/settings.py` by
`python -m parley.pages`.

| variable | default | what it does |
|---|---|---|
"""

ERRORS = """# Errors

Every error of every tier has one shape:

```json
{"code": "not_found", "message": "Conversation Not Exists.", "status": 404}
```

Validation errors add `details`, a list of `{field, type, message}` with every fault of the request at once, and
`params`, the first field. On `/v1` the body also carries `error: {type, message}`. `reason` is another word for the
same cause, where some clients look for one. 401 carries `WWW-Authenticate`, 405 `Allow`, 429 and 503 `Retry-After`.
A stream that has begun keeps its status 200 and ends with an `error` event of the same fields.

This page is made from `openapi/shared/errors.yaml` by `python -m parley.pages`.

| code | status | usual message | reason |
|---|---|---|---|
"""


def settings_page() -> str:
    """Return docs/settings.md."""
    rows = []
    for name, variable in variable_names().items():
        field = Settings.model_fields[name]
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = f"`{default}`" if isinstance(default, (int, float)) or (isinstance(default, str) and default) else ""
        rows.append(f"| `{variable}` | {shown} | {field.description} |\n")
    return SETTINGS + "".join(rows)


def errors_page() -> str:
    """Return docs/errors.md."""
    rows = [
        f"| `{code}` | {row.status} | {row.message} | {row.reason or ''} |\n"
        for code, row in sorted(error_table().items())
    ]
    return ERRORS + "".join(rows)


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` report those that are not current.

    Returns:
        The exit status: 1 where a page is not current.
    """
    status = 0
    for name, text in (("settings.md", settings_page()), ("errors.md", errors_page())):
        page = DOCS / name
        if "--check" not in arguments:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            print(f"docs/{name} is not current: run `python -m parley.pages`.")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
