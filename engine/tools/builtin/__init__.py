"""The tools that come with the program; none needs a credential."""

from engine.tools.builtin.catalogue import BuiltinProvider, BuiltinTool, builtin_provider, builtin_providers

__all__ = ["BuiltinProvider", "BuiltinTool", "builtin_provider", "builtin_providers"]
