"""Workflows that are tools: which can be, and what a request says of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow import parse_graph
from engine.workflow.nodes.start import StartVariable
from foundation.errors import ApiError, ErrorDetail
from handlers.workflow_runs import start_of
from models import app as apps
from models import tool_provider as providers
from models import workflow as workflows
from models.scope import Scope
from models.tool_provider import WorkflowToolProvider
from models.workflow import Workflow
from workers.workflow_calls import asks_people

DEFAULT_ICON = {"content": "🪄", "background": "#FEF3C7"}


async def callable_workflow(scope: Scope, app_id: str) -> Workflow:
    """Return the version that an app runs, which others can call.

    Raises:
        ApiError: `app_not_found`, `not_workflow_app`, `app_unavailable`; `invalid_workflow_tool` where it asks people.
    """
    app = await apps.get(scope, app_id)
    if app.mode != "workflow":
        raise ApiError("not_workflow_app", "Only apps of the mode workflow can be tools.")
    found = await workflows.published(scope, app.id)
    if asks_people(found.graph):
        raise ApiError("invalid_workflow_tool", "The workflow asks people, so that it cannot be a tool.")
    return found


def columns(body: Mapping[str, Any], workflow: Workflow) -> dict[str, Any]:
    """Return the columns of a `WorkflowToolProvider` that a request and the workflow make.

    Raises:
        ApiError: `invalid_workflow_tool`, with an entry of `details` for each parameter that the workflow does not ask
            for.
    """
    variables = _variables(workflow)
    told = {str(each["name"]): each for each in body.get("parameters") or ()}
    strange = [name for name in told if name not in {variable.variable for variable in variables}]
    if strange:
        details: list[ErrorDetail] = [
            {"field": "parameters", "type": "value", "message": f"The start node asks for no {name}."}
            for name in strange
        ]
        raise ApiError("invalid_workflow_tool", details[0]["message"], details=details)
    return {
        "version": workflow.version,
        "name": body["name"],
        "label": body["label"],
        "description": body.get("description") or "",
        "icon": dict(body.get("icon") or DEFAULT_ICON),
        "variables": [variable.model_dump() for variable in variables],
        "parameters": [_parameter(variable, told.get(variable.variable) or {}) for variable in variables],
        "labels": list(body.get("labels") or ()),
        "privacy_policy": body.get("privacy_policy") or "",
    }


async def find(scope: Scope, tool_id: str | None, app_id: str | None) -> WorkflowToolProvider:
    """Return a tool by its id or, without one, by its app.

    Raises:
        ApiError: `not_found`, also where neither is named.
    """
    if tool_id:
        return await providers.get(scope, WorkflowToolProvider, tool_id)
    found = await providers.workflow_tool_of(scope, app_id) if app_id else None
    if found is None:
        raise ApiError("not_found", "There is no such tool; name one by `workflow_tool_id` or `workflow_app_id`.")
    return found


def _variables(workflow: Workflow) -> list[StartVariable]:
    start = start_of(parse_graph(workflow.graph))
    return list(start.variables) if start else []


def _parameter(variable: StartVariable, said: Mapping[str, Any]) -> dict[str, Any]:
    about = said.get("description") or str(variable.label or "")
    return {"name": variable.variable, "description": about[:1000], "form": said.get("form") or "llm"}
