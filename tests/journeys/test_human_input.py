"""Runs that ask people: they pause with a form, and go on the way that its answer names."""

import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.journeys.graphs import answer, end, graph, human, node, start, template
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, events
from tests.journeys.stated_events import stated
from tests.journeys.talks import USER, ask, clients, names, text


@pytest.fixture(scope="module")
def client_of(program: Program, console: httpx2.Client) -> Callable[..., Any]:
    return clients(program, console)


def approval(mode: str = "advanced-chat") -> dict[str, Any]:
    form = human("Refund {{#start.order#}}? {{#$output.note#}}", ["note"], {"yes": "Approve", "no": "Refuse"})
    if mode == "workflow":
        ends = [
            node("done", "end", outputs=[{"variable": "note", "value_selector": ["ask", "note"]}]),
            node("refused", "end", outputs=[]),
        ]
        return graph([start("order"), form, *ends], "start>ask", "ask:yes>done", "ask:no>refused")
    return graph(
        [start("order"), form, answer("Approved: {{#ask.note#}}", "done"), answer("Refused.", "refused")],
        "start>ask",
        "ask:yes>done",
        "ask:no>refused",
    )


def test_a_run_waits_for_a_person_and_goes_on(client_of: Any, program: Program) -> None:
    with client_of(approval("workflow"), mode="workflow") as client:
        asked = {"inputs": {"order": "17"}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=asked) as response:
            told = [stated(event, "WorkflowEvent") for event in events(response)]
        assert names(told)[-2:] == ["human_input_required", "workflow_paused"]
        form, run_id = told[-2]["data"], told[0]["workflow_run_id"]
        assert told[-1]["data"]["reasons"][0]["form_id"] == form["form_id"]
        assert client.get(f"/workflows/run/{run_id}").json()["status"] == "paused"
        path = f"/form/human_input/{form['form_token']}"
        shown = client.get(path).raise_for_status().json()
        assert shown["form_content"] == "Refund 17? {{#$output.note#}}"
        assert [action["id"] for action in shown["user_actions"]] == ["yes", "no"]
        assert_uniform(client.post(path, json={"action": "maybe", "inputs": {}, **USER}), 400, "invalid_param")
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada") as response:
            assert names(list(events(response)))[-1] == "workflow_paused"
        with program.client("/api") as anonymous:
            assert anonymous.get(path).json() == shown
            submitted = anonymous.post(path, json={"action": "yes", "inputs": {"note": "broken", "other": 1}})
            assert submitted.json() == {"result": "success"}
            assert_uniform(anonymous.post(path, json={"action": "yes"}), 412, "human_input_form_submitted")
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada") as response:
            rest = [stated(event, "RunEvent") for event in events(response)]
        assert rest[: len(told)] == told
        went_on = rest[len(told) :]
        assert names(went_on)[:3] == ["workflow_started", "node_started", "human_input_form_filled"]
        assert went_on[0]["data"]["reason"] == "resumption"
        assert went_on[2]["data"]["rendered_content"] == "Refund 17? broken"
        assert went_on[-1]["data"]["status"] == "succeeded"
        assert went_on[-1]["data"]["outputs"] == {"note": "broken"}
        kept = client.get(f"/workflows/run/{run_id}").json()
        assert (kept["status"], kept["total_steps"]) == ("succeeded", went_on[-1]["data"]["total_steps"])


def test_a_conversation_waits_for_a_person(client_of: Any) -> None:
    with client_of(approval()) as client:
        told = ask(client, "May I?", inputs={"order": "18"})
        assert names(told)[-1] == "workflow_paused"
        message_id = told[-1]["message_id"]
        assert client.get(f"/messages/{message_id}?user=ada").json()["status"] == "paused"
        token = next(event for event in told if event["event"] == "human_input_required")["data"]["form_token"]
        run_id = told[0]["workflow_run_id"]
        through = f"/workflow/{run_id}/events?user=ada&continue_on_pause=true&include_state_snapshot=true"
        with client.stream("GET", through) as response:
            seen = []
            for event in events(response):
                seen.append(stated(event, "RunEvent"))
                if event["event"] == "workflow_paused":
                    client.post(f"/form/human_input/{token}", json={"action": "no", "inputs": {}}).raise_for_status()
        assert names(seen)[-2:] == ["message_end", "workflow_finished"]
        assert text(seen) == "Refused."
        assert client.get(f"/messages/{message_id}?user=ada").json()["answer"] == "Refused."


def test_a_paused_run_can_be_stopped(client_of: Any) -> None:
    with client_of(approval("workflow"), mode="workflow") as client:
        body = {"inputs": {"order": "19"}, "response_mode": "blocking", **USER}
        told = client.post("/workflows/run", json=body).raise_for_status().json()
        assert told["data"]["status"] == "paused"
        client.post(f"/workflows/tasks/{told['task_id']}/stop", json=USER).raise_for_status()
        run_id = told["workflow_run_id"]
        assert client.get(f"/workflows/run/{run_id}").json()["status"] == "stopped"
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada") as response:
            shown = [stated(event, "RunEvent") for event in events(response)]
        assert shown[-1]["data"]["status"] == "stopped"
        token = next(event for event in shown if event["event"] == "human_input_required")["data"]["form_token"]
        answer_ = client.post(f"/form/human_input/{token}", json={"action": "yes", "inputs": {}})
        assert_uniform(answer_, 412, "human_input_form_expired")


def test_a_form_that_nobody_answers_times_out(client_of: Any) -> None:
    form = human("Well?", ["note"], {"yes": "Yes"}, timeout=0.03, timeout_unit="minute")
    drawn = graph(
        [start(), form, end(note=["ask", "note"]), node("late", "end", outputs=[])],
        "start>ask",
        "ask:yes>end",
        "ask:__timeout>late",
    )
    with client_of(drawn, mode="workflow") as client:
        body = {"inputs": {}, "response_mode": "blocking", **USER}
        run_id = client.post("/workflows/run", json=body).raise_for_status().json()["workflow_run_id"]
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada&continue_on_pause=true") as response:
            told = [stated(event, "RunEvent") for event in events(response)]
    assert "human_input_form_timeout" in names(told)
    assert told[-1]["data"]["status"] == "succeeded"


def test_parallel_questions_to_people_meet(client_of: Any) -> None:
    first, second = human("One?", [], {"ok": "OK"}), human("Two?", [], {"ok": "OK"})
    first["id"], second["id"] = "one", "two"
    drawn = graph(
        [start(), first, second, template("both", "both"), end(out=["both", "output"])],
        "start>one",
        "start>two",
        "one:ok>both",
        "two:ok>both",
        "both>end",
    )
    with client_of(drawn, mode="workflow") as client:
        body = {"inputs": {}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=body) as response:
            told = list(events(response))
        tokens = [event["data"]["form_token"] for event in told if event["event"] == "human_input_required"]
        assert len(tokens) == 2
        run_id = told[0]["workflow_run_id"]
        client.post(f"/form/human_input/{tokens[0]}", json={"action": "ok"}).raise_for_status()
        deadline = time.monotonic() + 60
        while True:
            kept = client.get(f"/workflows/run/{run_id}").json()
            if kept["status"] == "paused" and client.get(f"/form/human_input/{tokens[1]}").status_code == 200:
                break
            assert time.monotonic() < deadline, kept
            time.sleep(0.05)
        client.post(f"/form/human_input/{tokens[1]}", json={"action": "ok"}).raise_for_status()
        with client.stream("GET", f"/workflow/{run_id}/events?user=ada&continue_on_pause=true") as response:
            last = [stated(event, "RunEvent") for event in events(response)][-1]
        assert last["data"]["outputs"] == {"out": "both"}


def test_what_is_filled_in_has_to_be_of_its_fields_type(client_of: Any, program: Program) -> None:
    form = human("How many?", ["note"], {"ok": "OK"})
    form["data"]["inputs"] += [
        {"type": "number", "output_variable_name": "cups"},
        {"type": "select", "output_variable_name": "size", "options": ["small", "large"]},
        {
            "type": "select",
            "output_variable_name": "tea",
            "option_source": {"type": "constant", "value": ["green", "black"]},
        },
    ]
    outputs = {name: ["ask", name] for name in ("note", "cups", "size", "tea")}
    drawn = graph([start(), form, end(**outputs)], "start>ask", "ask:ok>end")
    with client_of(drawn, mode="workflow") as client, program.client("/api") as anonymous:
        with client.stream("POST", "/workflows/run", json={"inputs": {}, "response_mode": "streaming", **USER}) as told:
            seen = list(events(told))
        path = f"/form/human_input/{seen[-2]['data']['form_token']}"
        for name, wrong in (("cups", "many"), ("cups", True), ("size", "huge"), ("tea", 7), ("note", {"a": 1})):
            refused = anonymous.post(path, json={"action": "ok", "inputs": {name: wrong}})
            assert_uniform(refused, 400, "invalid_param")
            assert [detail["field"] for detail in refused.json()["details"]] == [f"inputs.{name}"]
        refused = anonymous.post(f"{path}/files", files={"file": ("a.txt", b"A.")})
        assert_uniform(refused, 400, "too_many_files")
        given = {"note": "Hot.", "cups": "2", "size": "large", "tea": "green"}
        anonymous.post(path, json={"action": "ok", "inputs": given}).raise_for_status()
        way = f"/workflow/{seen[0]['workflow_run_id']}/events?user=ada&continue_on_pause=true"
        with client.stream("GET", way) as response:
            assert list(events(response))[-1]["data"]["outputs"] == {**given, "cups": 2}


def test_a_form_takes_files(client_of: Any, program: Program) -> None:
    form = human("Receipt?", [], {"ok": "OK"})
    form["data"]["inputs"] = [
        {"type": "file", "output_variable_name": "receipt", "allowed_file_types": ["document"]},
        {"type": "file-list", "output_variable_name": "more", "max_length": 2},
    ]
    read = node("read", "document-extractor", variable_selector=["ask", "receipt"], is_array_file=False)
    drawn = graph(
        [start(), form, read, end(text=["read", "text"], more=["ask", "more"])], "start>ask", "ask:ok>read", "read>end"
    )
    with client_of(drawn, mode="workflow") as client, program.client("/api") as anonymous:
        body = {"inputs": {}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=body) as response:
            told = list(events(response))
        path = f"/form/human_input/{told[-2]['data']['form_token']}"

        def upload(to: httpx2.Client, name: str, content: bytes) -> dict[str, Any]:
            made = to.post(f"{path}/files", files={"file": (name, content, "application/octet-stream")})
            assert made.status_code == 201, made.text
            kind = "image" if name.endswith("png") else "document"
            return {"type": kind, "transfer_method": "local_file", "upload_file_id": made.json()["id"]}

        receipt = upload(anonymous, "receipt.txt", b"Tea, two pounds.")
        picture = upload(client, "tea.png", b"\x89PNG\r\n\x1a\n" + bytes(8))
        for strange in (picture, "a file", {**receipt, "upload_file_id": "receipt"}):
            refused = anonymous.post(path, json={"action": "ok", "inputs": {"receipt": strange}})
            assert_uniform(refused, 400, "invalid_param")
        unknown = {**receipt, "upload_file_id": "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"}
        assert_uniform(
            anonymous.post(path, json={"action": "ok", "inputs": {"receipt": unknown}}), 404, "file_not_found"
        )
        for number in range(4):
            upload(anonymous, f"{number}.txt", b"More.")
        for to in (anonymous, client):
            refused = to.post(f"{path}/files", files={"file": ("seventh.txt", b"Too much.")})
            assert_uniform(refused, 400, "too_many_files")
        inputs = {"receipt": receipt, "more": [picture, receipt]}
        anonymous.post(path, json={"action": "ok", "inputs": inputs}).raise_for_status()
        assert_uniform(
            anonymous.post(f"{path}/files", files={"file": ("late.txt", b"Late.")}), 412, "human_input_form_submitted"
        )
        way = f"/workflow/{told[0]['workflow_run_id']}/events?user=ada&continue_on_pause=true"
        with client.stream("GET", way) as response:
            outputs = list(events(response))[-1]["data"]["outputs"]
    assert outputs["text"] == "Tea, two pounds."
    assert [file["filename"] for file in outputs["more"]] == ["tea.png", "receipt.txt"]


def test_an_upload_token_admits_to_uploads_for_one_form_alone(client_of: Any, program: Program) -> None:
    form = human("Receipt?", [], {"ok": "OK"})
    form["data"]["inputs"] = [{"type": "file", "output_variable_name": "receipt", "allowed_file_types": ["document"]}]
    read = node("read", "document-extractor", variable_selector=["ask", "receipt"], is_array_file=False)
    drawn = graph([start(), form, read, end(text=["read", "text"])], "start>ask", "ask:ok>read", "read>end")
    content = {"file": ("receipt.txt", b"Tea, two pounds.", "application/octet-stream")}
    with client_of(drawn, mode="workflow") as client, program.client("/api") as anonymous:
        body = {"inputs": {}, "response_mode": "streaming", **USER}
        with client.stream("POST", "/workflows/run", json=body) as response:
            told = list(events(response))
        path = f"/form/human_input/{told[-2]['data']['form_token']}"
        granted = anonymous.post(f"{path}/upload-token").raise_for_status().json()
        expires = anonymous.get(path).raise_for_status().json()["expiration_time"]
        assert granted["expires_at"] <= expires
        assert_uniform(anonymous.post("/human-input-forms/files", files=content), 401, "unauthorized")
        with program.client("/api", granted["upload_token"]) as holder:
            made = holder.post("/human-input-forms/files", files=content)
            assert made.status_code == 201, made.text
            for refused in (holder.get("/parameters"), holder.get("/messages?conversation_id=")):
                assert_uniform(refused, 401, "unauthorized")
            file = {"type": "document", "transfer_method": "local_file", "upload_file_id": made.json()["id"]}
            holder.post("/human-input-forms/files", files=content).raise_for_status()
            assert_uniform(holder.post("/human-input-forms/files", files=content), 400, "too_many_files")
            anonymous.post(path, json={"action": "ok", "inputs": {"receipt": file}}).raise_for_status()
            late = holder.post("/human-input-forms/files", files=content)
            assert_uniform(late, 412, "human_input_form_submitted")
            assert_uniform(anonymous.post(f"{path}/upload-token"), 412, "human_input_form_submitted")
        for wrong in (granted["upload_token"][:-4] + "AAAA", "app-000000000000000000000000"):
            with program.client("/api", wrong) as stranger:
                assert_uniform(stranger.post("/human-input-forms/files", files=content), 401, "unauthorized")
        assert_uniform(anonymous.post("/form/human_input/hif-unknown/upload-token"), 404, "not_found")
        way = f"/workflow/{told[0]['workflow_run_id']}/events?user=ada&continue_on_pause=true"
        with client.stream("GET", way) as response:
            assert list(events(response))[-1]["data"]["outputs"] == {"text": "Tea, two pounds."}
