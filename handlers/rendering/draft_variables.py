"""Draft variables as the Console shows them."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.contract import schemas
from models.draft_variable import CONVERSATION, SYSTEM, DraftVariable
from models.page import Page


def render_draft_variable(variable: DraftVariable) -> schemas.DraftVariable:
    """Render a `DraftVariable`."""
    return {**_summary(variable), "value": variable.value}


def render_draft_variable_list(page: Page[DraftVariable]) -> schemas.DraftVariableList:
    """Render a `DraftVariableList`."""
    return {"items": [_summary(variable) for variable in page.items], "total": page.total}


def render_draft_variable_values(variables: Sequence[DraftVariable]) -> schemas.DraftVariableValues:
    """Render a `DraftVariableValues`."""
    return {"items": [render_draft_variable(variable) for variable in variables]}


def _summary(variable: DraftVariable) -> schemas.DraftVariableSummary:
    kind: schemas.DraftVariableKind = "node"
    if variable.node_id == SYSTEM:
        kind = "sys"
    elif variable.node_id == CONVERSATION:
        kind = "conversation"
    return {
        "id": variable.id,
        "type": kind,
        "name": variable.name,
        "description": variable.description,
        "selector": [variable.node_id, variable.name],
        "value_type": variable.value_type,
        "edited": variable.edited_at is not None,
        "visible": True,
    }
