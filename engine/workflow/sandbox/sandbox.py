"""One object that runs code and renders templates: what `Services.code` and `Services.templates` ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.workflow.sandbox.isolate import Isolate
from engine.workflow.sandbox.limits import SandboxLimits
from engine.workflow.sandbox.python_code import PythonCode
from engine.workflow.values import Value


class Sandbox:
    """Python, JavaScript and Jinja. Make one for each event loop (after a fork), and close it at the end."""

    def __init__(self, limits: SandboxLimits | None = None) -> None:
        self._isolate = Isolate(limits)
        self._python = PythonCode(limits)

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
