"""Answers pass their moderator, or are replaced."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from engine.chat.events import Delta, Finished, Replaced
from engine.moderation import KeywordModerator, ModerationSettings, Verdict, guard, keywords_fault
from engine.providers.events import Usage
from engine.providers.pricing import Charge, Receipt

END = Finished(Receipt(Usage(), Charge(), 0, 0, 0), {})
CUT = Finished(Receipt(Usage(), Charge(), 1, 1, 1), {"cut": True})


class Slow:
    """A moderator that takes a call and finds one word."""

    window = 0

    def __init__(self) -> None:
        self.looked = 0

    async def check_input(self, query: str, inputs: Mapping[str, Any]) -> Verdict | None:
        return None

    async def check_output(self, text: str) -> str | None:
        self.looked += 1
        return "Rather not." if "poison" in text else None


async def said(*pieces: str) -> AsyncIterator[Delta | Finished]:
    for piece in pieces:
        yield Delta(piece)
    yield END


def keywords(*words: str) -> KeywordModerator:
    config = {
        "sensitive_word_avoidance": {
            "enabled": True,
            "type": "keywords",
            "config": {
                "keywords": "\n".join(words),
                "inputs_config": {"enabled": True, "preset_response": "No."},
                "outputs_config": {"enabled": True, "preset_response": "Rather not."},
            },
        }
    }
    settings = ModerationSettings.of(config)
    assert settings is not None
    return KeywordModerator(settings)


async def test_a_word_that_is_cut_into_pieces_is_found_before_its_end_leaves() -> None:
    events = [event async for event in guard(said("Some POI", "SON", " here"), keywords("poison"), lambda text: CUT)]
    assert events == [Delta("Some POI"), Replaced("Rather not.", "output_moderation"), CUT]


async def test_a_harmless_answer_passes_unchanged() -> None:
    events = [event async for event in guard(said("All", " well"), keywords("poison"), lambda text: CUT)]
    assert events == [Delta("All"), Delta(" well"), END]


async def test_a_moderator_that_takes_a_call_sees_the_whole_at_the_end() -> None:
    moderator = Slow()
    events = [event async for event in guard(said("A poison"), moderator, lambda text: CUT)]
    assert events == [Delta("A poison"), Replaced("Rather not.", "output_moderation"), END]
    assert moderator.looked == 1


async def test_a_question_and_its_inputs_are_looked_at() -> None:
    assert await keywords("poison").check_input("Hello", {"topic": "Poisons"}) == Verdict("No.")
    assert await keywords("poison").check_input("Hello", {"topic": "flowers"}) is None


def test_nothing_is_moderated_where_the_feature_is_off() -> None:
    assert ModerationSettings.of({"sensitive_word_avoidance": {"enabled": False, "type": "keywords"}}) is None


@pytest.mark.parametrize(
    ("keywords", "fault"),
    [
        ("poison", None),
        ("\n".join(["poison", "", "  "] * 100), None),
        ("p" * 10_000, None),
        ("", "has no keywords"),
        (" \n\n", "has no keywords"),
        (None, "has no keywords"),
        (["poison"], "has no keywords"),
        ("\n".join(["poison"] * 101), "at most 100 lines of keywords; these are 101"),
        ("p" * 10_001, "at most 10000 characters"),
    ],
)
def test_a_list_of_words_is_neither_empty_nor_endless(keywords: Any, fault: str | None) -> None:
    feature = {"enabled": True, "type": "keywords", "config": {"keywords": keywords}}
    found = keywords_fault({"sensitive_word_avoidance": feature})
    assert fault in found if found and fault else found is fault
    assert keywords_fault({"sensitive_word_avoidance": {**feature, "enabled": False}}) is None
    assert keywords_fault({"sensitive_word_avoidance": {**feature, "type": "openai_moderation"}}) is None


@pytest.mark.parametrize("feature", ["on", {"enabled": True, "type": "keywords", "config": "poison"}])
def test_what_is_no_setting_moderates_nothing(feature: Any) -> None:
    assert ModerationSettings.of({"sensitive_word_avoidance": feature}) is None
