"""What callers ask of apps, read off the bodies of requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an app.

    Without a `conversation_id` a conversation begins, without a `workflow_id` the version published last is run.
    """

    query: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Mapping[str, Any], ...] = ()
    conversation_id: str | None = None
    parent_message_id: str | None = None
    user: str | None = None
    auto_generate_name: bool = True
    workflow_id: str | None = None
    model_config: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Question:
        """Read a `ChatRequest`, a `CompletionRequest` or a `WorkflowRunRequest`; null means what is left out."""
        name = body.get("auto_generate_name")
        return cls(
            query=body.get("query") or "",
            inputs=body.get("inputs") or {},
            files=tuple(body.get("files") or ()),
            conversation_id=body.get("conversation_id") or None,
            parent_message_id=body.get("parent_message_id") or None,
            user=body.get("user"),
            auto_generate_name=name is not False,
            workflow_id=body.get("workflow_id") or None,
            model_config=body.get("model_config"),
        )
