"""Every node type: what it gives, how it fails, what it tells."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.chat.turn import Exchange
from engine.providers.messages import ImagePart, UserMessage, plain_text
from engine.tools.tool import Provided, ToolContext, ToolFailure, ToolFile, ToolResult, words
from engine.workflow import HumanResponse, RetrievalRequest, Sandbox, make_file
from engine.workflow.events import AgentLog, HumanInputFilled, HumanInputRequired, ReasoningChunk, Retrieved
from engine.workflow.nodes.code import CodeOutput, checked_outputs
from engine.workflow.nodes.model_call import read_json
from engine.workflow.nodes.thinking import ThinkSplitter
from foundation.egress import EgressFailed, EgressGuard, Fetched
from tests.engine.workflow.graphs import (
    MODEL,
    FakeModel,
    FakeModels,
    Watched,
    answer,
    code,
    go_on,
    graph,
    llm,
    node,
    run,
    services,
    start,
)


async def alone(shape: dict[str, Any], inputs: Mapping[str, Any] | None = None, **given: Any) -> Watched:
    """Runs a node between a start and an answer that shows nothing of it."""
    serving = given.pop("serving", None) or services()
    edges = [f"start > {shape['id']}"]
    return await run(graph([start(), shape], edges), inputs, serving=serving, **given)


class FakeFiles:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[tuple[bytes, str, str]] = []

    async def path(self, file: Mapping[str, Any]) -> Path:
        return self.folder / str(file["filename"])

    async def picture(self, file: Mapping[str, Any]) -> str:
        return f"data:{file['filename']}"

    async def keep(self, content: bytes, name: str, mime_type: str) -> dict[str, Any]:
        self.kept.append((content, name, mime_type))
        return make_file(id=name, filename=name, mime_type=mime_type, size=len(content), type="custom")


@pytest.fixture
def files(tmp_path: Path) -> FakeFiles:
    (tmp_path / "a.txt").write_text("hello file")
    return FakeFiles(tmp_path)


TEXT_FILE = make_file(id="1", filename="a.txt", type="document", extension=".txt", mime_type="text/plain", size=10)
PICTURE = make_file(id="2", filename="p.png", type="image", extension=".png", mime_type="image/png", size=20)


class TestStart:
    async def test_inputs_are_checked_and_filled_in(self) -> None:
        fields = [
            {"variable": "n", "label": "n", "type": "number", "required": True},
            {"variable": "t", "label": "t", "type": "text-input", "default": "D"},
        ]
        value = graph(
            [node("start", "start", variables=fields), answer("a", "{{#start.n#}} {{#start.t#}}")], ["start > a"]
        )
        told = await run(value, {"n": "3"}, system={"query": "Q"})
        assert told.text == "3 D"
        assert told.finished("start").outputs == {"n": 3, "t": "D", "sys.query": "Q"}
        assert (await run(value, {})).result.status == "failed"


class TestLlm:
    async def test_it_says_what_it_used(self) -> None:
        told = await run(graph([start(), llm("m", "a|b")], ["start > m"]))
        outputs = told.finished("m").outputs
        assert (outputs["text"], outputs["finish_reason"], outputs["usage"]["total_tokens"]) == ("ab", "stop", 7)
        assert told.result.spent.tokens == 7
        assert told.finished("m").process_data["prompts"] == [{"role": "user", "text": "a|b", "files": []}]
        assert told.finished("m").metadata["total_tokens"] == 7

    async def test_memory_stands_before_the_question(self) -> None:
        model = FakeModel(["x"])
        history = [Exchange(f"q{n}", f"a{n}") for n in range(3)]
        shape = llm("m", memory={"window": {"enabled": True, "size": 2}})
        shape["data"]["prompt_template"] = [{"role": "system", "text": "Be {{#start.how#}}"}]
        serving = services(models=FakeModels(model), history=history)
        await run(graph([start("how"), shape], ["start > m"]), {"how": "kind"}, serving=serving, system={"query": "Q"})
        assert [plain_text(message) for message in model.asked[0]] == ["Be kind", "q1", "a1", "q2", "a2", "Q"]

    async def test_knowledge_goes_into_the_prompt_and_is_told(self) -> None:
        model = FakeModel(["x"])
        passage = {"document_name": "doc", "content": "the {{#sys.query#}} fact", "score": 0.5, "segment_id": "s"}

        class Knowledge:
            async def retrieve(self, request: RetrievalRequest) -> Sequence[Mapping[str, Any]]:
                return [passage]

        shape = llm(
            "m", "Use {{#context#}}: {{#sys.query#}}", context={"enabled": True, "variable_selector": ["k", "result"]}
        )
        find = node("k", "knowledge-retrieval", query_variable_selector=["sys", "query"], dataset_ids=["d"])
        serving = services(models=FakeModels(model), retriever=Knowledge())
        told = await run(graph([start(), find, shape], ["start > k > m"]), serving=serving, system={"query": "Q"})
        assert plain_text(model.asked[0][0]) == "Use the {{#sys.query#}} fact: Q"
        assert model.grounding is not None
        assert (model.grounding.query, model.grounding.passages[0].source) == ("Q", "doc")
        (retrieved,) = told.of(Retrieved)
        assert retrieved.resources[0]["content"] == "the {{#sys.query#}} fact"

    async def test_pictures_are_shown(self, files: FakeFiles) -> None:
        model = FakeModel(["x"])
        shape = llm("m", "What is it?", vision={"enabled": True, "configs": {"variable_selector": ["sys", "files"]}})
        serving = services(models=FakeModels(model), files=files)
        await run(graph([start(), shape], ["start > m"]), serving=serving, system={"files": [PICTURE, TEXT_FILE]})
        message = model.asked[0][0]
        assert isinstance(message, UserMessage)
        assert message.content[1] == ImagePart("data:p.png", "high")

    @pytest.mark.parametrize(
        ("said", "ok"), [('```json\n{"n": 1}\n```', True), ('{"n": "x"}', False), ("no json", False)]
    )
    async def test_structured_output_fits_its_schema(self, said: str, ok: bool) -> None:
        schema = {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}
        shape = llm("m", "go", structured_output_enabled=True, structured_output={"schema": schema})
        told = await run(graph([start(), shape], ["start > m"]), serving=services(models=FakeModels(FakeModel([said]))))
        if ok:
            assert told.finished("m").outputs["structured_output"] == {"n": 1}
        else:
            assert told.finished("m").error_type == "OutputParserError"

    async def test_reasoning_is_tagged_or_separated(self) -> None:
        tagged = await run(graph([start(), llm("m", "?hmm|yes")], ["start > m"]))
        assert tagged.finished("m").outputs["text"] == tagged.text == "<think>\nhmm\n</think>\nyes"
        value = graph([start(), llm("m", "?hmm|yes", reasoning_format="separated")], ["start > m"])
        told = await run(value)
        assert told.text == "yes"
        assert told.finished("m").outputs["reasoning_content"] == "hmm"
        assert [(event.text, event.final) for event in told.of(ReasoningChunk)] == [("hmm", False), ("", True)]

    async def test_jinja_prompts(self) -> None:
        model = FakeModel(["x"])
        entry = {"role": "user", "text": "", "jinja2_text": "{{ a | upper }}", "edition_type": "jinja2"}
        variables = [{"variable": "a", "value_selector": ["start", "q"]}]
        shape = node("m", "llm", model=MODEL, prompt_template=[entry], prompt_config={"jinja2_variables": variables})
        sandbox = Sandbox()
        serving = services(models=FakeModels(model), templates=sandbox)
        await run(graph([start("q"), shape], ["start > m"]), {"q": "abc"}, serving=serving)
        await sandbox.close()
        assert plain_text(model.asked[0][0]) == "ABC"

    async def test_a_completion_prompt_holds_the_history(self) -> None:
        model = FakeModel(["x"])
        shape = node(
            "m",
            "llm",
            model={**MODEL, "mode": "completion"},
            prompt_template={"text": "{{#histories#}}\nHuman: {{#sys.query#}}"},
            memory={},
        )
        serving = services(models=FakeModels(model), history=[Exchange("q", "a")])
        await run(graph([start(), shape], ["start > m"]), serving=serving, system={"query": "Q"})
        assert plain_text(model.asked[0][0]) == "Human: q\nAssistant: a\nHuman: Q"


@pytest.mark.parametrize(
    "pieces", [["<think>a</think>b"], list("<think>a</think>b"), ["<thi", "nk>a</", "think>\n\nb"]]
)
def test_thoughts_between_tags_are_split_off_wherever_pieces_end(pieces: list[str]) -> None:
    splitter = ThinkSplitter()
    parts = [splitter.split(piece) for piece in pieces] + [splitter.end()]
    assert "".join(part[0] for part in parts) == "b"
    assert "".join(part[1] for part in parts) == "a"


@pytest.mark.parametrize(
    "text", ['{"a": 1}', '```json\n{"a": 1}\n```', 'Here: {"a": 1}. Good?', '<think>{</think>{"a": 1}']
)
def test_json_is_found_in_answers(text: str) -> None:
    assert read_json(text) == {"a": 1}


class TestKnowledge:
    async def test_the_request_says_everything(self) -> None:
        asked: list[RetrievalRequest] = []

        class Knowledge:
            async def retrieve(self, request: RetrievalRequest) -> Sequence[Mapping[str, Any]]:
                asked.append(request)
                return [{"document_name": "d", "content": "c", "score": 0.5}]

        shape = node(
            "k",
            "knowledge-retrieval",
            query_variable_selector=["start", "q"],
            dataset_ids=["d1"],
            multiple_retrieval_config={"top_k": 2},
            metadata_filtering_mode="manual",
            metadata_filtering_conditions={
                "logical_operator": "or",
                "conditions": [{"name": "by", "comparison_operator": "is", "value": "{{#start.q#}}"}],
            },
        )
        value = graph([start("q"), shape], ["start > k"])
        told = await run(value, {"q": "Q"}, serving=services(retriever=Knowledge()))
        assert asked[0].conditions[0].value == "Q"
        assert (asked[0].query, asked[0].dataset_ids, asked[0].settings, asked[0].logical_operator) == (
            "Q",
            ("d1",),
            {"top_k": 2},
            "or",
        )
        (entry,) = told.finished("k").outputs["result"]
        assert (entry["title"], entry["content"], entry["metadata"]["_source"]) == ("d", "c", "knowledge")
        assert (await run(value, {"q": " "}, serving=services(retriever=Knowledge()))).finished("k").outputs == {
            "result": []
        }
        assert (await run(value, {"q": "Q"})).finished("k").error_type == "ServiceUnavailable"


class TestClassifier:
    classes = [{"id": "1", "name": "Fruit"}, {"id": "2", "name": "Car"}]
    shape = node("c", "question-classifier", query_variable_selector=["start", "q"], model=MODEL, classes=classes)
    value = graph([start("q"), shape, answer("f", "fruit"), answer("g", "car")], ["start > c", "c:1 > f", "c:2 > g"])

    @pytest.mark.parametrize(
        ("said", "text"),
        [('{"category_id": "1", "category_name": "Fruit"}', "fruit"), ('{"category_name": "car"}', "car")],
    )
    async def test_it_goes_the_way_of_the_class(self, said: str, text: str) -> None:
        serving = services(models=FakeModels(FakeModel([said])))
        told = await run(self.value, {"q": "apple"}, serving=serving)
        assert told.text == text
        assert told.finished("c").outputs["class_id"] in ("1", "2")

    @pytest.mark.parametrize("said", ['{"category_id": "9"}', "I do not know"])
    async def test_it_never_guesses(self, said: str) -> None:
        told = await run(self.value, {"q": "x"}, serving=services(models=FakeModels(FakeModel([said]))))
        assert told.result.status == "failed"

    async def test_the_builtin_model_cannot(self) -> None:
        builtin = FakeModel()
        builtin.provider = "builtin"
        told = await run(self.value, {"q": "x"}, serving=services(models=FakeModels(builtin)))
        assert told.finished("c").error_type == "model_currently_not_support"


class TestExtractor:
    parameters = [
        {"name": "city", "type": "string", "required": True},
        {"name": "days", "type": "number"},
        {"name": "kind", "type": "select", "options": ["a", "b"]},
        {"name": "tags", "type": "array[string]"},
        {"name": "now", "type": "bool"},
    ]
    shape = node("p", "parameter-extractor", query=["start", "q"], model=MODEL, parameters=parameters)
    value = graph([start("q"), shape], ["start > p"])

    @pytest.mark.parametrize("mode", ["function_call", "prompt"])
    async def test_values_are_read(self, mode: str) -> None:
        said = '{"city": "Rome", "days": "3", "kind": "a", "tags": ["x"], "now": true}'
        model = FakeModel([f"call:extract_parameters:{said}" if mode == "function_call" else said])
        value = {
            **self.value,
            "nodes": [self.value["nodes"][0], {**self.shape, "data": {**self.shape["data"], "reasoning_mode": mode}}],
        }
        told = await run(value, {"q": "x"}, serving=services(models=FakeModels(model)))
        outputs = dict(told.finished("p").outputs)
        assert outputs.pop("__usage")["total_tokens"] > 0
        expected = {
            "city": "Rome",
            "days": 3,
            "kind": "a",
            "tags": ["x"],
            "now": True,
            "__is_success": 1,
            "__reason": None,
        }
        assert outputs == expected
        assert bool(model.tools) == (mode == "function_call")

    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            ("nothing", "holds no parameters"),
            ('{"days": 1}', "city was not found"),
            ('{"city": "x", "kind": "z"}', "kind is not one of a, b"),
            ('{"city": "x", "days": "many"}', "days is not of type number"),
        ],
    )
    async def test_what_is_wrong_is_told_and_is_no_failure(self, said: str, reason: str) -> None:
        told = await run(self.value, {"q": "x"}, serving=services(models=FakeModels(FakeModel([said]))))
        outputs = told.finished("p").outputs
        assert outputs["__is_success"] == 0
        assert reason in outputs["__reason"]
        assert told.result.status == "succeeded"


class TestCode:
    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("string", 1),
            ("number", "1"),
            ("number", True),
            ("array[string]", ["x"] * 31),
            ("array[number]", [1] * 1001),
            ("array[object]", [{}] * 31),
            ("array[string]", [1]),
            ("object", []),
            ("any", float("nan")),
            ("any", float("inf")),
            ("any", 2**63),
            ("any", {1, 2}),
            ("any", b"x"),
            ("any", {1: 2}),
            ("string", "x" * 400_001),
            ("object", {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}),
        ],
    )
    def test_outputs_that_are_refused(self, kind: str, value: Any) -> None:
        from engine.workflow import CodeFailure

        with pytest.raises(CodeFailure):
            checked_outputs({"v": value}, {"v": CodeOutput(type=kind)})

    def test_outputs_that_are_taken(self) -> None:
        inner = CodeOutput(type="object", children={"n": CodeOutput(type="number")})
        declared = {"v": inner, "b": CodeOutput(type="boolean"), "e": CodeOutput(type="array[string]")}
        returned = {"v": {"n": 1, "more": 2}, "b": 1, "e": [], "extra": 1}
        assert checked_outputs(returned, declared) == {"v": {"n": 1, "more": 2}, "b": True, "e": []}

    @pytest.mark.parametrize("returned", [{}, {"v": {}}])
    def test_outputs_that_are_missing(self, returned: Any) -> None:
        from engine.workflow import CodeFailure

        with pytest.raises(CodeFailure):
            checked_outputs(returned, {"v": CodeOutput(type="object", children={"n": CodeOutput(type="number")})})

    @pytest.mark.parametrize(
        ("language", "script"),
        [
            ("python3", "def main(a, b):\n    return {'v': a + b}"),
            ("javascript", "function main({a, b}) { return {v: a + b} }"),
        ],
    )
    async def test_both_languages_in_the_sandbox(self, language: str, script: str) -> None:
        sandbox = Sandbox()
        reads = {"a": "start.x", "b": "start.y"}
        shape = code("c", script, {"v": "number"}, reads=reads, code_language=language)
        value = graph([start("x", "y", kind="number"), shape], ["start > c"])
        told = await run(value, {"x": 1, "y": 2}, serving=services(code=sandbox))
        await sandbox.close()
        assert told.finished("c").outputs == {"v": 3}
        assert told.finished("c").inputs == {"a": 1, "b": 2}


async def test_a_template_is_rendered() -> None:
    sandbox = Sandbox()
    shape = node(
        "t", "template-transform", template="{{ a }}!", variables=[{"variable": "a", "value_selector": ["start", "q"]}]
    )
    told = await run(graph([start("q"), shape], ["start > t"]), {"q": "x"}, serving=services(templates=sandbox))
    await sandbox.close()
    assert told.finished("t").outputs == {"output": "x!"}


class Peer:
    """Answers like the egress guard, and remembers what was asked."""

    def __init__(self, status: int = 200, body: bytes = b"ok", kind: str = "text/plain", **headers: str) -> None:
        self.answer = Fetched("http://x.test/f.bin", status, {"content-type": kind, **headers}, body)
        self.asked: Any = None

    async def fetch(self, url: str, max_bytes: int = 0, timeout: float = 0, **rest: Any) -> Fetched:
        self.asked = SimpleNamespace(url=url, timeout=timeout, **rest)
        return self.answer


class TestHttp:
    async def ask(self, peer: Any, files: FakeFiles | None = None, inputs: Any = None, **data: Any) -> Watched:
        shape = node("h", "http-request", **{"method": "get", "url": "http://x.test/{{#start.q#}}", **data})
        serving = services(http=peer, files=files)
        value = graph([start("q"), shape], ["start > h"])
        return await run(
            value,
            inputs or {"q": "a b"},
            serving=serving,
            system={"files": [TEXT_FILE]},
            environment={"key": "top-secret"},
            secrets=frozenset({"top-secret"}),
        )

    async def test_an_answer_of_text(self) -> None:
        peer = Peer(body=b'{"a": 1}', kind="application/json")
        told = await self.ask(peer, params="p: {{#start.q#}}\nr:2", headers="X-A: 1\nbad")
        outputs = told.finished("h").outputs
        assert (outputs["status_code"], outputs["body"], outputs["files"]) == (200, '{"a": 1}', [])
        assert peer.asked.url == "http://x.test/a b?p=a+b&r=2"
        assert peer.asked.headers["X-A"] == "1"

    @pytest.mark.parametrize(
        ("config", "header", "value"),
        [
            ({"type": "bearer", "api_key": "{{#env.key#}}"}, "Authorization", "Bearer top-secret"),
            ({"type": "basic", "api_key": "u:p"}, "Authorization", "Basic dTpw"),
            ({"type": "custom", "api_key": "{{#env.key#}}", "header": "X-Key"}, "X-Key", "top-secret"),
        ],
    )
    async def test_keys_are_sent_and_not_shown(self, config: Any, header: str, value: str) -> None:
        peer = Peer()
        told = await self.ask(
            peer, authorization={"type": "api-key", "config": config}, headers="X-Copy: {{#env.key#}}"
        )
        assert peer.asked.headers[header] == value
        assert peer.asked.secrets == [header]
        assert "top-secret" not in told.finished("h").process_data["request"]

    @pytest.mark.parametrize(
        ("body", "sent", "kind"),
        [
            ({"type": "json", "data": [{"value": '{"q": "{{#start.q#}}"}'}]}, b'{"q": "a \\"b"}', "application/json"),
            ({"type": "json", "data": '{"x": 1}'}, b'{"x": 1}', "application/json"),
            ({"type": "raw-text", "data": [{"value": "{{#start.q#}}"}]}, b'a "b', "text/plain; charset=utf-8"),
            (
                {"type": "x-www-form-urlencoded", "data": [{"key": "k", "value": "{{#start.q#}}"}]},
                b"k=a+%22b",
                "application/x-www-form-urlencoded",
            ),
            (
                {"type": "binary", "data": [{"type": "file", "file": ["sys", "files"]}]},
                b"hello file",
                "application/octet-stream",
            ),
        ],
    )
    async def test_bodies(self, files: FakeFiles, body: Any, sent: bytes, kind: str) -> None:
        peer = Peer()
        told = await self.ask(peer, files, {"q": 'a "b'}, method="POST", body=body, url="http://x.test")
        assert told.result.status == "succeeded"
        assert peer.asked.content == sent
        assert peer.asked.headers["Content-Type"] == kind

    async def test_forms_with_files(self, files: FakeFiles) -> None:
        peer = Peer()
        parts = [{"key": "k", "value": "v"}, {"key": "f", "type": "file", "file": ["sys", "files"]}]
        await self.ask(peer, files, method="POST", body={"type": "form-data", "data": parts})
        assert b'name="k"\r\n\r\nv\r\n' in peer.asked.content
        assert b'filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello file\r\n' in peer.asked.content

    async def test_an_answer_that_is_a_file(self, files: FakeFiles) -> None:
        told = await self.ask(Peer(body=b"\x89PNG", kind="image/png"), files)
        assert told.finished("h").outputs["body"] == ""
        assert told.finished("h").files[0]["filename"] == "f.bin"
        assert files.kept == [(b"\x89PNG", "f.bin", "image/png")]

    async def test_a_bad_status_fails_only_where_somebody_handles_it(self) -> None:
        told = await self.ask(Peer(status=500))
        assert told.finished("h").outputs["status_code"] == 500
        told = await self.ask(
            Peer(status=500), error_strategy="default-value", default_value=[{"key": "body", "value": "D"}]
        )
        assert told.finished("h").outputs["error_type"] == "HTTPResponseCodeError"

    async def test_too_much_text(self) -> None:
        told = await self.ask(Peer(body=b"x" * (1024 * 1024 + 1)))
        assert told.finished("h").error_type == "ResponseSizeError"

    async def test_broken_json_is_not_sent(self) -> None:
        told = await self.ask(Peer(), method="POST", body={"type": "json", "data": "{nope"})
        assert told.finished("h").error_type == "InvalidBodyError"

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:9/", "http://169.254.169.254/latest", "http://[::1]/", "http://0x7f000001/"]
    )
    async def test_private_addresses_are_refused_by_the_real_guard(self, url: str) -> None:
        guard = EgressGuard()
        told = await self.ask(guard, url=url)
        await guard.close()
        assert told.result.status == "failed"
        assert "not a public one" in str(told.result.error)

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x", "{{#start.q#}}"])
    async def test_other_schemes_are_refused(self, url: str) -> None:
        assert (await self.ask(Peer(), url=url)).result.status == "failed"

    async def test_a_silent_peer_is_a_failure(self) -> None:
        class Silent:
            async def fetch(self, *given: Any, **more: Any) -> Fetched:
                raise EgressFailed("nobody there")

        assert (await self.ask(Silent())).result.error == "nobody there"


class Echo:
    """A tool that gives back what it got."""

    name = "echo"
    label = words("Echo")
    description = "Says it again."
    parameters: Mapping[str, Any] = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}

    async def invoke(self, arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        if arguments.get("text") == "fail":
            raise ToolFailure("will not")
        made = (ToolFile(b"x", "text/plain", "x.txt"),) if arguments.get("file") else ()
        return ToolResult(f"said {arguments['text']}", ({"got": dict(arguments)},), made, ({"content": "c"},))


class FakeTools:
    def __init__(self) -> None:
        self.context = ToolContext(EgressGuard(), timeout=5)
        self.depths: list[int] = []

    async def find(self, references: Sequence[Any], call_depth: int) -> list[Provided]:
        self.depths.append(call_depth)
        return [Provided("builtin", reference.provider_id, Echo(), reference.settings) for reference in references]


@pytest.fixture
async def tools() -> AsyncIterator[FakeTools]:
    made = FakeTools()
    yield made
    await made.context.egress.close()


class TestTool:
    async def test_it_is_called_with_settings_and_parameters(self, tools: FakeTools, files: FakeFiles) -> None:
        shape = node(
            "t",
            "tool",
            provider_id="p",
            tool_name="echo",
            tool_configurations={"file": {"type": "constant", "value": True}, "empty": ""},
            tool_parameters={
                "text": {"type": "mixed", "value": "hi {{#start.q#}}"},
                "n": {"type": "variable", "value": ["start", "q"]},
                "c": {"type": "constant", "value": 3},
            },
        )
        value = graph([start("q"), shape, answer("a", "{{#t.text#}}")], ["start > t > a"])
        told = await run(value, {"q": "Q"}, serving=services(tools=tools, files=files), call_depth=2)
        outputs = told.finished("t").outputs
        assert outputs["text"] == told.text == "said hi Q"
        assert outputs["json"] == [{"got": {"file": True, "text": "hi Q", "n": "Q", "c": 3}}]
        assert outputs["got"] == outputs["json"][0]["got"]
        assert outputs["files"][0]["filename"] == "x.txt"
        assert told.of(Retrieved)[0].resources == ({"content": "c"},)
        assert tools.depths == [2]

    async def test_its_failure_is_the_nodes(self, tools: FakeTools) -> None:
        shape = node("t", "tool", provider_id="p", tool_name="echo", tool_parameters={"text": {"value": "fail"}})
        told = await alone(shape, serving=services(tools=tools))
        assert (told.finished("t").error_type, told.result.error) == ("ToolInvokeError", "echo: will not")


class TestAgent:
    async def test_it_uses_tools_until_it_can_answer(self, tools: FakeTools, files: FakeFiles) -> None:
        model = FakeModel(['call:echo:{"text": "x"}', "the|~ end"])
        shape = node(
            "g",
            "agent",
            agent_strategy_name="function_calling",
            agent_parameters={
                "model": {"type": "constant", "value": {"provider": "fake", "model": "fake"}},
                "tools": {"type": "constant", "value": [{"provider_name": "p", "tool_name": "echo", "settings": {}}]},
                "instruction": {"type": "constant", "value": "Be {{#start.q#}}"},
                "query": {"type": "constant", "value": "Go {{#start.q#}}"},
                "maximum_iterations": {"type": "constant", "value": 3},
            },
        )
        value = graph([start("q"), shape, answer("a", "{{#g.text#}}")], ["start > g > a"])
        serving = services(models=FakeModels(model), tools=tools, files=files)
        told = await run(value, {"q": "Q"}, serving=serving)
        assert told.result.error is None
        assert told.text == "the end"
        assert [plain_text(message) for message in model.asked[0]] == ["Be Q", "Go Q"]
        outputs = told.finished("g").outputs
        assert outputs["json"][0]["observations"] == [{"name": "echo", "text": "said x"}]
        assert told.result.spent.tokens == outputs["usage"]["total_tokens"] > 0
        assert [event.status for event in told.of(AgentLog)] == ["start", "success", "start", "success"]
        assert told.of(AgentLog)[0].node.agent_strategy == {"name": "function_calling", "icon": None}

    async def test_without_a_model_it_fails(self) -> None:
        told = await alone(node("g", "agent", agent_parameters={"query": {"value": "x"}}))
        assert told.finished("g").error_type == "AgentError"


@pytest.mark.parametrize(
    ("operation", "present", "value", "expected"),
    [
        ("over-write", "a", "b", "b"),
        ("set", 1, 2, 2),
        ("set", [1], "[2]", [2]),
        ("clear", "a", None, ""),
        ("clear", 3, None, 0),
        ("clear", [1], None, []),
        ("clear", {"a": 1}, None, {}),
        ("clear", True, None, False),
        ("append", [1], 2, [1, 2]),
        ("append", None, 2, [2]),
        ("extend", [1], [2, 3], [1, 2, 3]),
        ("+=", 1, 2, 3),
        ("-=", 1, 2, -1),
        ("*=", 3, "2", 6),
        ("/=", 3, 2, 1.5),
        ("remove-first", [1, 2], None, [2]),
        ("remove-last", [1, 2], None, [1]),
        ("remove-last", [], None, []),
        ("/=", 1, 0, None),
        ("+=", "a", 1, None),
        ("append", "a", 1, None),
        ("extend", [1], 2, None),
        ("set", [1], "no json", None),
        ("frobnicate", 1, 1, None),
    ],
)
async def test_assignments(operation: str, present: Any, value: Any, expected: Any) -> None:
    items = [{"variable_selector": ["conversation", "x"], "operation": operation, "value": value}]
    told = await alone(node("s", "assigner", items=items), conversation={"x": present})
    if expected is None:
        assert told.result.status == "failed"
    else:
        assert told.finished("s").process_data["updated_variables"][0]["new_value"] == expected


async def test_the_first_version_of_assigners() -> None:
    shape = node(
        "s",
        "assigner",
        assigned_variable_selector=["conversation", "x"],
        write_mode="append",
        input_variable_selector=["start", "q"],
    )
    value = graph([start("q"), shape, answer("a", "{{#conversation.x#}}")], ["start > s > a"])
    assert (await run(value, {"q": "b"}, conversation={"x": ["a"]})).text == '["a","b"]'


class TestDocuments:
    async def test_one_file_and_many(self, files: FakeFiles) -> None:
        one = node("d", "document-extractor", variable_selector=["start", "f"])
        value = graph([start("f", kind="file"), one], ["start > d"])
        told = await run(value, {"f": TEXT_FILE}, serving=services(files=files))
        assert told.finished("d").outputs == {"text": "hello file"}
        value = graph([start("f", kind="file-list"), one], ["start > d"])
        told = await run(value, {"f": [TEXT_FILE, TEXT_FILE]}, serving=services(files=files))
        assert told.finished("d").outputs == {"text": ["hello file", "hello file"]}

    async def test_what_is_no_file(self, files: FakeFiles) -> None:
        shape = node("d", "document-extractor", variable_selector=["sys", "query"])
        told = await alone(shape, serving=services(files=files), system={"query": "x"})
        assert told.finished("d").error_type == "DocumentExtractorError"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [3, 1, 2]),
        ({"filter_by": {"enabled": True, "conditions": [{"comparison_operator": ">", "value": "1"}]}}, [3, 2]),
        ({"order_by": {"enabled": True, "value": "asc"}}, [1, 2, 3]),
        ({"order_by": {"enabled": True, "value": "desc"}, "limit": {"enabled": True, "size": 2}}, [3, 2]),
        ({"extract_by": {"enabled": True, "serial": "2"}}, [1]),
        ({"extract_by": {"enabled": True, "serial": "4"}}, None),
        ({"extract_by": {"enabled": True, "serial": "0"}}, None),
    ],
)
async def test_lists(data: dict[str, Any], expected: Any) -> None:
    told = await alone(
        node("l", "list-operator", variable=["conversation", "xs"], **data), conversation={"xs": [3, 1, 2]}
    )
    if expected is None:
        assert told.finished("l").error_type == "ListOperatorError"
    else:
        outputs = told.finished("l").outputs
        assert outputs == {"result": expected, "first_record": expected[0], "last_record": expected[-1]}


async def test_lists_of_files_are_filtered_by_their_attributes() -> None:
    conditions = [{"key": "type", "comparison_operator": "in", "value": ["image"]}]
    shape = node("l", "list-operator", variable=["sys", "files"], filter_by={"enabled": True, "conditions": conditions})
    told = await alone(shape, system={"files": [TEXT_FILE, PICTURE]})
    assert told.finished("l").outputs["first_record"]["filename"] == "p.png"


class TestHumanInput:
    shape = node(
        "h",
        "human-input",
        form_content="For {{#start.q#}}: {{#$output.name#}}",
        inputs=[{"output_variable_name": "name", "default": {"type": "variable", "selector": ["start", "q"]}}],
        user_actions=[{"id": "ok", "title": "OK"}, {"id": "no", "title": "No"}],
        timeout=2,
        timeout_unit="hour",
    )
    value = graph(
        [start("q"), shape, answer("y", "yes {{#h.name#}}"), answer("n", "no")], ["start > h", "h:ok > y", "h:no > n"]
    )

    async def test_the_form_is_told_and_the_action_chooses(self) -> None:
        paused = await run(self.value, {"q": "Q"})
        (required,) = paused.of(HumanInputRequired)
        assert required.content == "For Q: {{#$output.name#}}"
        assert (required.timeout, required.default_values) == (7200, {"name": "Q"})
        told = await go_on(self.value, paused, {required.form_id: HumanResponse("ok", {"name": "N"})})
        assert told.text == "yes N"
        (filled,) = told.of(HumanInputFilled)
        assert (filled.action_id, filled.content) == ("ok", "For Q: N")
        told = await go_on(self.value, paused, {required.form_id: HumanResponse("no")})
        assert told.text == "no"


async def test_one_node_runs_alone() -> None:
    from engine.workflow import RunRequest, execute, parse_graph

    whole = parse_graph(
        graph([start("q"), code("c", "{'v': x}", reads={"x": "start.q"}), answer("a", "x")], ["start > c > a"])
    )
    told = Watched()
    outcome = await execute(RunRequest(whole.only("c"), variables={"start": {"q": 7}}), services(), told)
    assert outcome.status == "succeeded"
    assert told.started == ["c"]
    assert told.finished("c").outputs == {"v": 7}
