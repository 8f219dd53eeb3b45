"""What an app's users get: its configuration, or for apps made of a workflow, what was published last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow import parse_graph
from handlers.workflow_runs import MODES, form_of
from models import workflow as workflows
from models.app import App
from models.scope import Scope


async def config_of(scope: Scope, app: App) -> Mapping[str, Any]:
    """Return an app's features and its `user_input_form`, in the form of a model configuration.

    Raises:
        ApiError: `app_unavailable` where the app's workflow was not published yet.
    """
    if app.mode not in MODES:
        return app.model_config or {}
    workflow = await workflows.published(scope, app.id)
    annotations = {"annotation_reply": (app.model_config or {}).get("annotation_reply") or {}}
    return {**annotations, **workflow.features, "user_input_form": form_of(parse_graph(workflow.graph))}
