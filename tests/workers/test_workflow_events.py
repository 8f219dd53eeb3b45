"""Every event of a workflow's run: in full as its schema states it, and reduced to what an end user is shown."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from engine.providers.events import Usage
from engine.providers.pricing import Charge, Receipt
from engine.workflow.events import (
    MAIN_PLACE,
    AgentLog,
    HumanInputFilled,
    HumanInputTimedOut,
    IterationCompleted,
    IterationNext,
    IterationStarted,
    LoopCompleted,
    LoopNext,
    LoopStarted,
    NodeFinished,
    NodeRetry,
    NodeRun,
    NodeStarted,
    Place,
    ReasoningChunk,
    RunPaused,
    Spent,
)
from foundation.ids import new_id
from handlers.event_views import simplify
from models.human_input import HumanInputForm
from models.message import Message
from models.workflow_run import WorkflowRun
from tests.journeys.stated_events import stated
from workers.workflow_event_data import Creator
from workers.workflow_events import RunEvents

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AT = BEGAN.timestamp() + 2
SPENT = Spent(12, Decimal("0.0034"), "USD")
INSIDE = Place(iteration_id="each", iteration_index=1)
NODE = NodeRun(new_id(), "think", "llm", "Think", 2, "start", INSIDE, BEGAN.timestamp())
AGENT = NodeRun(
    new_id(), "agent", "agent", "Agent", 3, "think", MAIN_PLACE, BEGAN.timestamp(), {"name": "react", "icon": None}
)
AROUND = NodeRun(new_id(), "each", "iteration", "Each", 2, "start", MAIN_PLACE, BEGAN.timestamp())
FORM = HumanInputForm(
    id=new_id(),
    token="t" * 22,
    node_id="ask",
    node_title="Ask",
    content="Well?",
    inputs=[],
    actions=[{"id": "ok", "title": "OK"}],
    default_values={},
    expires_at=BEGAN,
)
SAID = Message(
    id=new_id(),
    metadata_={
        "usage": Receipt(Usage(3, 4), Charge(known=True), 1.0, 0.1, 0.9).as_dict(),
        "retriever_resources": [],
        "annotation_reply": {"id": new_id(), "account": {"id": new_id(), "name": "Ada"}},
        "files": [],
    },
    error_code=None,
    error_message=None,
)


def run_of(mode: str) -> WorkflowRun:
    """A run that succeeded."""
    chat = {"conversation_id": new_id(), "message_id": SAID.id} if mode == "advanced-chat" else {}
    return WorkflowRun(
        id=new_id(),
        task_id=new_id(),
        workflow_id=new_id(),
        mode=mode,
        status="succeeded",
        inputs={"q": "x"},
        outputs={"answer": "y"},
        elapsed_time=1.5,
        total_tokens=12,
        total_steps=3,
        exceptions_count=0,
        created_at=BEGAN,
        finished_at=BEGAN,
        **chat,
    )


def full(mode: str) -> dict[str, dict[str, Any]]:
    """Each event of a run by its name."""
    run = run_of(mode)
    make = RunEvents(run)
    values: dict[str, Any] = {"inputs": {"q": "x"}, "process_data": {"prompts": []}, "elapsed": 0.25}
    ended: dict[str, Any] = {"inputs": {}, "outputs": {"output": [1]}, "error": None, "elapsed": 1.0, "spent": SPENT}
    told = [
        make.started(),
        make.node_started(NodeStarted(AGENT)),
        make.node_finished(
            NodeFinished(NODE, "exception", outputs={"text": "y"}, spent=SPENT, error="no", **values), AT
        ),
        make.node_retry(NodeRetry(NODE, 1, "no luck", "ValueError", **values), AT),
        make.container_started(IterationStarted(AROUND, {"iterator_selector": [1]}, 1), AT),
        make.container_next(IterationNext(AROUND, 0), AT),
        make.container_completed(
            IterationCompleted(AROUND, status="succeeded", steps=1, durations={"0": 0.5}, **ended), AT
        ),
        make.container_started(LoopStarted(AROUND, {}, 3), AT),
        make.container_next(LoopNext(AROUND, 1, {"n": 1}), AT),
        make.container_completed(LoopCompleted(AROUND, status="failed", steps=1, durations={}, **ended), AT),
        make.text("Hello", ("think", "text")),
        make.replaced("Hello", "output_moderation"),
        make.sound("SUQz"),
        make.sound_end(),
        make.reasoning(ReasoningChunk(NODE, "hmm", final=False)),
        make.agent_log(AgentLog(AGENT, new_id(), "ROUND 1", None, "success", None, {"thought": "x"}, {})),
        make.form_required(FORM),
        make.form_filled(HumanInputFilled(NODE, FORM.id, "ok", "OK", "Well? Yes.")),
        make.form_timed_out(HumanInputTimedOut(NODE, FORM.id), int(AT)),
        make.paused(RunPaused((), {}, 1.0, SPENT, 2), [FORM]),
        *make.ended(run, SAID if mode == "advanced-chat" else None, Creator(new_id(), user="ada")),
    ]
    if mode == "advanced-chat":
        failed = Message(id=SAID.id, error_code=None, error_message=None)
        told.append(make.error(failed))
    return {str(event["event"]): event for event in told}


WORKFLOW = {
    "workflow_started",
    "node_started",
    "node_finished",
    "node_retry",
    "iteration_started",
    "iteration_next",
    "iteration_completed",
    "loop_started",
    "loop_next",
    "loop_completed",
    "text_chunk",
    "text_replace",
    "tts_message",
    "tts_message_end",
    "reasoning_chunk",
    "agent_log",
    "human_input_required",
    "human_input_form_filled",
    "human_input_form_timeout",
    "workflow_paused",
    "workflow_finished",
}
CHAT = (WORKFLOW - {"text_chunk", "text_replace"}) | {
    "message",
    "message_replace",
    "message_end",
    "error",
}


@pytest.mark.parametrize(
    ("mode", "schema", "names"), [("workflow", "WorkflowEvent", WORKFLOW), ("advanced-chat", "ChatEvent", CHAT)]
)
def test_every_event_is_as_its_schema_states_it(mode: str, schema: str, names: set[str]) -> None:
    told = full(mode)
    assert set(told) == names
    for name, event in told.items():
        stated(orjson.loads(orjson.dumps(event, default=str)), schema)
        envelope = {"task_id"} | ({"conversation_id", "message_id", "created_at"} if mode == "advanced-chat" else set())
        assert envelope <= set(event), name
    assert told["node_finished"]["data"]["execution_metadata"] == {
        "total_tokens": 12,
        "total_price": "0.0034",
        "currency": "USD",
        "iteration_id": "each",
        "iteration_index": 1,
    }
    assert told["node_started"]["data"]["agent_strategy"] == {"name": "react", "icon": None}


@pytest.mark.parametrize(("mode", "schema"), [("workflow", "WorkflowEvent"), ("advanced-chat", "ChatEvent")])
def test_an_end_user_sees_no_details_and_no_costs(mode: str, schema: str) -> None:
    for name, event in full(mode).items():
        payload = orjson.dumps(event, default=str)
        reduced = orjson.loads(simplify(payload))
        stated(reduced, schema)
        if name in ("node_started", "node_finished", "node_retry"):
            details = ("inputs", "process_data", "outputs", "error", "execution_metadata")
            assert [reduced["data"].get(each) for each in details] == [None] * len(details), name
            assert set(reduced["data"]) == set(event["data"])
        elif name == "message_end":
            assert set(reduced["metadata"]) == set(event["metadata"]) - {"usage", "annotation_reply"}
        else:
            assert simplify(payload) == payload, name
