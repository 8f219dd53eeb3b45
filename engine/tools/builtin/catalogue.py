"""The list of built-in providers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from engine.tools.builtin.builtin_tool import BuiltinProvider, BuiltinTool
from engine.tools.builtin.calculator import CALCULATOR
from engine.tools.builtin.clock import CLOCK
from engine.tools.builtin.web_page import WEB_PAGE

__all__ = ["BuiltinProvider", "BuiltinTool", "builtin_provider", "builtin_providers"]


@cache
def builtin_providers() -> Mapping[str, BuiltinProvider]:
    """Returns every provider by its name."""
    return {provider.name: provider for provider in (CLOCK, CALCULATOR, WEB_PAGE)}


def builtin_provider(name: str) -> BuiltinProvider | None:
    """Returns a provider by its name, also as newer front ends write it: `organisation/plugin/name`."""
    return builtin_providers().get(name.rpartition("/")[2])
