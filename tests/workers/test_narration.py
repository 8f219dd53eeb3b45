"""An answer is cut into sentences as it grows."""

from workers.narration import Sentences


def test_sentences_leave_when_they_are_whole() -> None:
    sentences = Sentences()
    assert sentences.feed("The warranty lasts thirty") == []
    assert sentences.feed(" months. It costs 3.50 euros") == ["The warranty lasts thirty months."]
    assert sentences.rest() == "It costs 3.50 euros"
    assert sentences.rest() == ""


def test_short_sentences_go_with_the_next_one() -> None:
    assert Sentences().feed("Yes. Of course. And more") == ["Yes. Of course."]
