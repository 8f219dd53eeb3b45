"""What a run needs of the database, read in the transaction that claims it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.chat import Exchange
from engine.providers.available import WorkspaceModels
from engine.workflow import HumanResponse
from foundation.errors import ApiError
from foundation.secrets import Sealer
from models import conversation_variable as conversation_variables
from models import human_input
from models import message as messages
from models.human_input import HumanInputForm
from models.message import Message
from models.scope import Scope
from models.workflow import Workflow
from models.workflow_run import WorkflowRun
from workers import turns
from workers.process import GenerationProcess
from workers.turns import Background
from workers.workflow_endings import creator_of
from workers.workflow_event_data import Creator


@dataclass(frozen=True, slots=True)
class RunBackground:
    """Everything but the row itself.

    Attributes:
        environment: environment variables by name, secrets in the clear.
        secrets: texts that no event and no row may show.
        conversation: conversation variables by name, as they are now.
        variable_types: their declared types.
        variables: what nodes that do not run gave, for a node that runs alone.
        forms: the forms that the run had before, by id.
        message: the message that is written.
        turn: what the message needs before its graph is run.
        available: the workspace's models; None where they cannot be read, for the reason `refusal`.
        creator: who began the run.
    """

    environment: Mapping[str, Any]
    secrets: frozenset[str]
    conversation: Mapping[str, Any]
    variable_types: Mapping[str, str]
    variables: Mapping[str, Mapping[str, Any]]
    forms: Mapping[str, HumanInputForm]
    message: Message | None
    turn: Background | None
    history: Sequence[Exchange]
    available: WorkspaceModels | None
    refusal: ApiError | None
    creator: Creator

    def responses(self) -> dict[str, HumanResponse]:
        """Return what people answered, by form; a form that nobody answered in time is among them."""
        responses = {}
        for form in self.forms.values():
            if form.status == "submitted":
                responses[form.id] = HumanResponse(form.action_id or "", form.submitted)
            elif form.status == "timeout":
                responses[form.id] = HumanResponse(timed_out=True)
        return responses


def seal_state(
    sealer: Sealer,
    workflow: Workflow,
    *,
    conversation: Mapping[str, Any] | None = None,
    variables: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Return the `sealed` column of a run: what it begins with beside its inputs.

    Args:
        sealer: seals it.
        workflow: what is run.
        conversation: values of conversation variables; None means those that a conversation begins with.
        variables: what nodes that do not run gave, for a node that runs alone.
    """
    return sealer.seal(
        {
            "environment": workflow.environment(sealer),
            "secrets": sorted(workflow.secrets(sealer)),
            "conversation": dict(conversation or workflow.conversation_defaults()),
            "types": {str(each["name"]): each.get("value_type") for each in workflow.conversation_variables},
            "variables": dict(variables or {}),
        }
    )


async def read(process: GenerationProcess, scope: Scope, run: WorkflowRun) -> RunBackground:
    """Read what a run needs."""
    sealed = process.sealer.open(run.sealed)
    message = await messages.load(scope, run.message_id) if run.message_id else None
    turn = await turns.read(process, scope, message) if message else None
    available, refusal = (turn.available, turn.refusal) if turn else await _models(process, scope)
    conversation = dict(sealed["conversation"])
    if run.conversation_id is not None and message is not None:
        kept = await conversation_variables.values(scope, run.conversation_id)
        conversation |= {name: kept[name].value for name in conversation if name in kept}
    return RunBackground(
        environment=sealed["environment"],
        secrets=frozenset(sealed["secrets"]),
        conversation=conversation,
        variable_types={name: str(kind) for name, kind in sealed["types"].items() if kind},
        variables=sealed["variables"],
        forms={form.id: form for form in await human_input.of_run(scope, run.id)},
        message=message,
        turn=turn,
        history=turn.history if turn else (),
        available=available,
        refusal=refusal,
        creator=await creator_of(scope, run),
    )


async def _models(process: GenerationProcess, scope: Scope) -> tuple[WorkspaceModels | None, ApiError | None]:
    try:
        return await process.models.available(scope), None
    except ApiError as error:
        return None, error
