"""What several events of a workflow's run have in common: costs, forms, and who began the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.providers.pricing import decimal_text
from engine.workflow.events import Place, Spent
from models.human_input import HumanInputForm


@dataclass(frozen=True, slots=True)
class Creator:
    """Who began a run, as `workflow_finished` names them."""

    id: str
    name: str = ""
    user: str | None = None
    email: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the `created_by` object."""
        return (
            {"id": self.id, "user": self.user}
            if self.user is not None
            else {
                "id": self.id,
                "name": self.name,
                "email": self.email or "",
            }
        )


def form_data(form: HumanInputForm) -> dict[str, Any]:
    """Return a form as the events show it."""
    return {
        "form_id": form.id,
        "node_id": form.node_id,
        "node_title": form.node_title,
        "form_content": form.content,
        "inputs": form.inputs,
        "actions": form.actions,
        "display_in_ui": True,
        "form_token": form.token,
        "resolved_default_values": form.default_values,
        "expiration_time": int(form.expires_at.timestamp()),
    }


def metadata(place: Place, spent: Spent, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `execution_metadata` of a node: what it cost, and the round that it ran in."""
    cost = {
        "total_tokens": spent.tokens,
        "total_price": decimal_text(spent.price),
        "currency": spent.currency,
    }
    where = {
        "iteration_id": place.iteration_id,
        "iteration_index": place.iteration_index,
        "loop_id": place.loop_id,
        "loop_index": place.loop_index,
    }
    return {**cost, **more, **{name: value for name, value in where.items() if value is not None}}
