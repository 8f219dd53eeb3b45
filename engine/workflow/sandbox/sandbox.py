"""One object that runs code and renders templates: what `Services.code` and `Services.templates` ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.workflow.sandbox.cpython_code import CPythonCode
from engine.workflow.sandbox.isolate import Isolate
from engine.workflow.sandbox.limits import SandboxLimits
from engine.workflow.sandbox.python_code import PythonCode
from engine.workflow.values import Value


class Sandbox:
    """Python, JavaScript and Jinja. Make one for each event loop (after a fork), and close it at the end."""

    def __init__(self, limits: SandboxLimits | None = None, python: Literal["monty", "sandlock"] = "monty") -> None:
        """Starts nothing yet.

        Args:
            limits: of each piece of code and each template.
            python: what runs Python: an interpreter of a part of it, or CPython where the kernel can confine it.
        """
        self._isolate = Isolate(limits)
        self._python: PythonCode | CPythonCode = PythonCode(limits) if python == "monty" else CPythonCode(limits)

    async def run(self, language: Literal["python3", "javascript"], code: str, inputs: Mapping[str, Value]) -> Value:
        """Calls `main`; see `CodeRunner.run`."""
        if language == "python3":
            return await self._python.run(code, inputs)
        return await self._isolate.run("script", code, inputs)

    async def render(self, template: str, values: Mapping[str, Value]) -> str:
        """Renders a template; see `TemplateRenderer.render`."""
        return str(await self._isolate.run("template", template, values))

    async def close(self) -> None:
        """Ends all processes."""
        await self._isolate.close()
        await self._python.close()
