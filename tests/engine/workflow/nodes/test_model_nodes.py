"""Nodes that ask a model: for text, a class or values; and the knowledge that they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from engine.chat.turn import Exchange
from engine.providers.messages import ImagePart, UserMessage, plain_text
from engine.workflow import RetrievalRequest, Sandbox
from engine.workflow.events import ReasoningChunk, Retrieved
from engine.workflow.nodes.model_call import read_json
from engine.workflow.nodes.thinking import ThinkSplitter
from tests.engine.workflow.graphs import MODEL, FakeModel, FakeModels, answer, graph, llm, node, run, services, start
from tests.engine.workflow.nodes.given import PICTURE, TEXT_FILE, FakeFiles


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

    async def test_a_model_may_choose_the_knowledge_base_and_the_filter(self) -> None:
        asked: list[RetrievalRequest] = []

        class Knowledge:
            async def retrieve(self, request: RetrievalRequest) -> Sequence[Mapping[str, Any]]:
                asked.append(request)
                return []

        shape = node(
            "k",
            "knowledge-retrieval",
            query_variable_selector=["start", "q"],
            dataset_ids=["d1", "d2"],
            retrieval_mode="single",
            single_retrieval_config={"model": MODEL},
            metadata_filtering_mode="automatic",
            metadata_model_config=MODEL,
            metadata_filtering_conditions={"conditions": [{"name": "by", "comparison_operator": "is", "value": "x"}]},
        )
        value = graph([start("q"), shape], ["start > k"])
        told = await run(value, {"q": "Q"}, serving=services(retriever=Knowledge()))
        assert told.finished("k").outputs == {"result": []}
        assert (asked[0].mode, asked[0].model, asked[0].dataset_ids) == ("single", MODEL, ("d1", "d2"))
        assert (asked[0].metadata_mode, asked[0].metadata_model, asked[0].conditions) == ("automatic", MODEL, ())


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
