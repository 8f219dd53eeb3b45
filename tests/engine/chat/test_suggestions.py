"""Questions are read out of what a model says."""

import pytest

from engine.chat.suggestions import read_questions


@pytest.mark.parametrize(
    ("said", "questions"),
    [
        ('["One?", "Two?", "Three?", "Four?"]', ["One?", "Two?", "Three?"]),
        ('Here you are:\n```json\n["One?"]\n```', ["One?"]),
        ("I have none.", []),
        ("[broken", []),
        ('["  ", 3, "One?"]', ["One?"]),
    ],
)
def test_the_array_in_a_reply_is_read(said: str, questions: list[str]) -> None:
    assert read_questions(said) == questions
