"""Workflows as the Console shows them."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from handlers.workflow_variables import shown_environment
from models.account import Account
from models.page import Page
from models.workflow import Workflow


def render_workflow(workflow: Workflow, people: Mapping[str, Account], *, is_tool: bool) -> schemas.Workflow:
    """Render a `Workflow`.

    Args:
        workflow: the draft or a version.
        people: who made or changed it, by id.
        is_tool: whether its app's workflow is a tool.
    """
    return {
        "id": workflow.id,
        "graph": trusted(workflow.graph),
        "features": workflow.features,
        "hash": workflow.hash,
        "version": workflow.version,
        "marked_name": workflow.marked_name,
        "marked_comment": workflow.marked_comment,
        "created_by": render_person(people.get(workflow.created_by or "")),
        "created_at": unix(workflow.created_at),
        "updated_by": render_person(people.get(workflow.updated_by or "")),
        "updated_at": unix(workflow.updated_at),
        "tool_published": is_tool,
        "environment_variables": trusted(shown_environment(workflow.environment_variables)),
        "conversation_variables": trusted(workflow.conversation_variables),
        "rag_pipeline_variables": [],
    }


def render_workflow_list(page: Page[Workflow], people: Mapping[str, Account], *, is_tool: bool) -> schemas.WorkflowList:
    """Render a `WorkflowList` of one app; see `render_workflow`."""
    return {
        "items": [render_workflow(workflow, people, is_tool=is_tool) for workflow in page.items],
        "page": page.page,
        "limit": page.limit,
        "has_more": page.has_more,
    }


def render_saved(workflow: Workflow) -> schemas.DraftSaved:
    """Render a `DraftSaved`."""
    return {"result": "success", "hash": workflow.hash, "updated_at": unix(workflow.updated_at)}


def render_environment(workflow: Workflow) -> schemas.EnvironmentVariableList:
    """Render an `EnvironmentVariableList`."""
    return {
        "items": [
            {
                "id": variable["id"],
                "type": "env",
                "name": variable["name"],
                "description": variable["description"],
                "selector": ["env", variable["name"]],
                "value_type": variable["value_type"],
                "value": variable["value"],
                "edited": False,
                "visible": True,
                "editable": True,
            }
            for variable in shown_environment(workflow.environment_variables)
        ]
    }


def render_person(person: Account | None) -> schemas.SimpleAccount:
    """Render a `SimpleAccount`; null for somebody who is gone."""
    return {"id": person.id, "name": person.name, "email": person.email} if person is not None else None
