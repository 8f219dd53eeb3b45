"""Tools: what a model or a workflow can have done for it. Built in, described by an OpenAPI document, or served by MCP.

A tool holds no database session; what it needs comes in with its context.
"""

from engine.tools.tool import (
    Provided,
    Tool,
    ToolContext,
    ToolFailure,
    ToolFile,
    ToolResult,
    Words,
    words,
)

__all__ = ["Provided", "Tool", "ToolContext", "ToolFailure", "ToolFile", "ToolResult", "Words", "words"]
