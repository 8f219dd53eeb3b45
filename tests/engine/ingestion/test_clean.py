"""Cleaning: what goes and what stays."""

from engine.ingestion.clean import clean
from engine.ingestion.rules import ProcessRules


def test_control_characters_always_go() -> None:
    rules = ProcessRules(remove_extra_spaces=False)
    assert clean("a\x00b\r\nc\x07\ufeff", rules) == "ab\nc"


def test_extra_spaces_and_lines_go() -> None:
    assert clean("a \t\u3000 b\n\n\n \n c", ProcessRules()) == "a b\n\n c"


def test_addresses_go_except_where_markdown_points() -> None:
    rules = ProcessRules(remove_urls_emails=True)
    text = "Write to ada@example.com or see https://example.com/x. [Guide](https://example.com/guide)"
    assert clean(text, rules) == "Write to or see [Guide](https://example.com/guide)"


def test_stop_words_stay_for_readers() -> None:
    assert clean("the cat", ProcessRules()) == "the cat"
