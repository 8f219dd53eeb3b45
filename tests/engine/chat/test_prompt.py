"""What a model is sent for a turn."""

from __future__ import annotations

from typing import Any

import pytest

from engine.chat.memory import remember, room_for_history
from engine.chat.naming import conversation_name
from engine.chat.prompt import compose, introduction
from engine.chat.turn import Exchange, Turn
from engine.providers.messages import AssistantMessage, Passage, SystemMessage, UserMessage
from engine.providers.tokens import estimate_tokens

PASSAGES = [Passage("refunds.md", "Refunds take 30 days.", 0.9)]
FORM = [{"text-input": {"variable": "name", "label": "Name"}}, {"number": {"variable": "age", "label": "Age"}}]


def turn(query: str = "hi", mode: Any = "chat", history: Any = (), inputs: Any = None, **config: Any) -> Turn:
    return Turn(mode, config, query, inputs or {}, history)


def test_variables_are_filled_once_and_only_where_they_are_known() -> None:
    asked = turn(
        inputs={"name": "{{age}}", "flag": True}, user_input_form=FORM, pre_prompt="{{name}}|{{age}}|{{x}}|{{ flag }}"
    )
    assert compose(asked, None, 0)[0] == SystemMessage("{{age}}||{{x}}|true")


def test_without_instructions_and_knowledge_there_is_no_system_message() -> None:
    assert compose(turn(), None, 0) == [UserMessage("hi")]


def test_knowledge_stands_in_the_system_message_with_its_source() -> None:
    system = compose(turn(pre_prompt="Be brief."), PASSAGES, 0)[0]
    assert isinstance(system, SystemMessage)
    assert system.text.startswith("Be brief.")
    assert "[1] refunds.md\nRefunds take 30 days." in system.text


def test_a_prompt_that_places_the_context_itself_gets_it_there_alone() -> None:
    system = compose(turn(pre_prompt="Use: {{#context#}}"), PASSAGES, 0)[0]
    assert system == SystemMessage("Use: [1] refunds.md\nRefunds take 30 days.")
    assert compose(turn(pre_prompt="Use: {{#context#}}"), None, 0)[0] == SystemMessage("Use:")


def test_finding_nothing_is_told_to_the_model() -> None:
    system = compose(turn(), [], 0)[0]
    assert isinstance(system, SystemMessage)
    assert "nothing relevant was found" in system.text


@pytest.mark.parametrize("mode", ["chat", "agent-chat"])
def test_history_comes_between_instructions_and_question(mode: str) -> None:
    history = [Exchange("one", "1"), Exchange("unanswered", ""), Exchange("two", "2")]
    messages = compose(turn("three", mode, history=history, pre_prompt="Count."), None, 0)
    assert messages == [
        SystemMessage("Count."),
        UserMessage("one"),
        AssistantMessage("1"),
        UserMessage("two"),
        AssistantMessage("2"),
        UserMessage("three"),
    ]


def test_a_completion_without_a_query_sends_its_prompt_as_the_question() -> None:
    asked = turn("", "completion", inputs={"name": "Ann"}, pre_prompt="Write to {{name}}.")
    assert compose(asked, None, 0) == [UserMessage("Write to Ann.")]


def test_a_completion_whose_prompt_holds_the_query_says_it_once() -> None:
    asked = turn("Hello", "completion", inputs={"query": "Hello"}, pre_prompt="Translate: {{query}}")
    assert compose(asked, None, 0) == [UserMessage("Translate: Hello")]
    besides = turn("And this", "completion", inputs={"query": "Hello"}, pre_prompt="Translate: {{query}}")
    assert compose(besides, None, 0) == [SystemMessage("Translate: Hello"), UserMessage("And this")]
    elsewhere = turn("Hello", "completion", inputs={"query": "Hello"}, pre_prompt="Translate.")
    assert compose(elsewhere, None, 0) == [SystemMessage("Translate."), UserMessage("Hello")]


def test_an_advanced_chat_prompt_is_sent_as_it_was_written() -> None:
    prompt = [{"role": "system", "text": "Docs: {{#context#}}"}, {"role": "user", "text": "Q: {{#query#}}"}]
    asked = turn("why?", history=[Exchange("a", "b")], prompt_type="advanced", chat_prompt_config={"prompt": prompt})
    assert compose(asked, PASSAGES, 0) == [
        SystemMessage("Docs: [1] refunds.md\nRefunds take 30 days."),
        UserMessage("a"),
        AssistantMessage("b"),
        UserMessage("Q: why?"),
    ]


def test_an_advanced_chat_prompt_without_the_query_gets_it_at_its_end() -> None:
    asked = turn("why?", prompt_type="advanced", chat_prompt_config={"prompt": [{"role": "system", "text": "S"}]})
    assert compose(asked, None, 0) == [SystemMessage("S"), UserMessage("why?")]


def test_an_advanced_completion_prompt_holds_the_history() -> None:
    config = {
        "prompt": {"text": "{{#histories#}}\nHuman: {{#query#}}\nBot:"},
        "conversation_histories_role": {"user_prefix": "Human", "assistant_prefix": "Bot"},
    }
    asked = turn(
        "c",
        history=[Exchange("a", "b")],
        prompt_type="advanced",
        model={"mode": "completion"},
        completion_prompt_config=config,
    )
    assert compose(asked, None, 0) == [UserMessage("Human: a\nBot: b\nHuman: c\nBot:")]


def test_the_latest_exchanges_that_fit_are_remembered() -> None:
    history = [Exchange(f"question {number}", "word " * 100) for number in range(50)]
    kept = remember(history, 500)
    assert kept == history[-len(kept) :]
    assert 1 <= len(kept) <= 4
    assert remember(history, 10) == []


def test_the_window_leaves_room_for_prompt_and_answer() -> None:
    assert room_for_history(8192, {"max_tokens": 1000}, 192) == 7000
    assert room_for_history(0, {}, 72) == 3000
    assert room_for_history(1_000_000, {}, 0) == 32_000
    assert room_for_history(4096, {}, 9999) == 256


def test_tokens_are_estimated_for_words_and_for_chinese() -> None:
    assert estimate_tokens("four") == 1
    assert estimate_tokens("退款政策") == 4
    assert estimate_tokens("") == 0


def test_a_name_is_cut_at_a_word() -> None:
    assert conversation_name("short one") == "short one"
    assert (
        conversation_name("a question that is a good deal longer than forty")
        == "a question that is a good deal longer…"
    )
    assert len(conversation_name("退" * 100)) == 40


def test_the_search_query_is_what_stands_for_the_question() -> None:
    assert turn("hi").search_query == "hi"
    assert turn("", inputs={"query": "from inputs"}).search_query == "from inputs"
    assert turn("hi", inputs={"topic": "x"}, dataset_query_variable="topic").search_query == "x"
    assert turn("", inputs={"a": "one", "n": 2, "b": "two"}).search_query == "one two"


def test_a_model_that_cannot_see_is_told_of_pictures() -> None:
    [asked] = compose(Turn(mode="chat", config={}, query="What is this?", unseen=("chart.png",)), None, 0)
    assert isinstance(asked, UserMessage)
    assert "chart.png" in str(asked.content)
    assert "cannot see" in str(asked.content)


def test_an_opening_statement_is_filled_in() -> None:
    form = [{"text-input": {"label": "Name", "variable": "name"}}]
    config = {"opening_statement": "Hello {{name}}, {{stranger}}!", "user_input_form": form}
    assert introduction(config, {"name": "Ada"}) == "Hello Ada, {{stranger}}!"
    assert introduction(config, {}) == "Hello , {{stranger}}!"
    assert introduction({"opening_statement": None}, {}) == ""
