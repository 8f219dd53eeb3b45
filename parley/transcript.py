"""Requests as a person would type them: curl lines, with what was learned on the way as shell variables."""

from __future__ import annotations

import json
import shlex
from typing import Any

from rich.console import Console


class Transcript:
    """Prints every request as a curl line that works when it is pasted below the lines before it.

    A value that came out of an answer (a token, an id) is printed once, as `NAME=value`; every later line says `$NAME`.
    """

    def __init__(self, console: Console, url: str) -> None:
        """Begin with the server's address as `$API`."""
        self._console = console
        self._variables: list[tuple[str, str]] = []
        self.learn("API", url)

    def learn(self, name: str, value: str, typed: str = "") -> None:
        """Print a variable and use it in every later line; an earlier one of the same name is forgotten.

        Args:
            name: what every later line says for the value.
            value: what was sent or answered.
            typed: what the shell makes a value of its own from; the value itself when empty.
        """
        self._variables = [(known, text) for known, text in self._variables if known != name] + [(name, value)]
        self._line(f"{name}={typed or shlex.quote(value)}")

    def step(self, text: str) -> None:
        """Print what comes next, as a shell comment."""
        self._console.print(f"\n# {text}", style="bold", markup=False, highlight=False, soft_wrap=True)

    def request(
        self,
        method: str,
        url: str,
        *,
        credential: str = "",
        cookie: str = "",
        body: Any = None,
        form: dict[str, str] | None = None,
    ) -> None:
        """Print one request.

        Args:
            method: the HTTP method; curl guesses it where it can.
            url: the whole address.
            credential: the bearer token; none is sent when empty.
            cookie: the cookie, as `name=value`; none is sent when empty.
            body: what is sent as JSON, None for nothing.
            form: the parts of a multipart form, as curl's `-F` takes them.
        """
        words = ["curl -N" if isinstance(body, dict) and body.get("response_mode") == "streaming" else "curl -s"]
        if method != ("GET" if body is None and form is None else "POST"):
            words.append(f"-X {method}")
        words.append(self._double_quoted(url))
        if credential:
            words.append(f"-H {self._double_quoted(f'Authorization: Bearer {credential}')}")
        if cookie:
            words.append(f"-H {self._double_quoted(f'Cookie: {cookie}')}")
        if body is not None:
            words.append(f"-H 'Content-Type: application/json' -d {self._single_quoted(json.dumps(body))}")
        words += [f"-F {self._single_quoted(f'{name}={value}')}" for name, value in (form or {}).items()]
        self._line(" ".join(words))

    def _double_quoted(self, text: str) -> str:
        for name, value in self._variables:
            text = text.replace(value, f"${name}")
        return f'"{text}"'

    def _single_quoted(self, text: str) -> str:
        quoted = "'" + text.replace("'", "'\"'\"'") + "'"
        for name, value in self._variables:
            quoted = quoted.replace(value, f"'\"${name}\"'")
        return quoted

    def _line(self, text: str) -> None:
        self._console.print(text, style="cyan", markup=False, highlight=False, soft_wrap=True)
