"""Process rules: what clients send, and what is refused."""

import pytest

from engine.ingestion.rules import AUTOMATIC, decode_escapes, parse_process_rule
from foundation.errors import ApiError


def custom(**segmentation: object) -> dict[str, object]:
    return {"mode": "custom", "rules": {"pre_processing_rules": [], "segmentation": segmentation}}


def test_nothing_means_the_automatic_rules() -> None:
    assert parse_process_rule(None) is AUTOMATIC
    assert parse_process_rule({"mode": "automatic"}) is AUTOMATIC
    assert parse_process_rule({"mode": "custom", "rules": None}) is AUTOMATIC


def test_a_separator_that_was_typed_as_an_escape_is_decoded() -> None:
    rules = parse_process_rule(custom(separator="\\n\\n", max_tokens=200, chunk_overlap=20))
    assert (rules.separator, rules.max_length, rules.overlap) == ("\n\n", 200, 20)
    assert decode_escapes(r"a\tb\\n\q") == "a\tb\\n\\q"


def test_custom_rules_remove_only_what_is_enabled() -> None:
    rules = parse_process_rule(
        {
            "mode": "custom",
            "rules": {
                "pre_processing_rules": [
                    {"id": "remove_extra_spaces", "enabled": False},
                    {"id": "remove_urls_emails", "enabled": True},
                    {"id": "remove_stopwords", "enabled": True},
                ],
                "segmentation": {"separator": "###", "max_tokens": 500},
            },
        }
    )
    assert not rules.remove_extra_spaces
    assert rules.remove_urls_emails


def test_every_mistake_is_named() -> None:
    with pytest.raises(ApiError) as raised:
        parse_process_rule(
            {
                "mode": "custom",
                "rules": {"pre_processing_rules": [{"id": "shout"}], "segmentation": {"max_tokens": 7}},
            }
        )
    assert raised.value.code == "invalid_process_rule"
    assert [detail["field"] for detail in raised.value.details] == [
        "process_rule.rules.pre_processing_rules.0.id",
        "process_rule.rules.segmentation.max_tokens",
    ]


@pytest.mark.parametrize("overlap", [500, -1, "many", True])
def test_an_overlap_that_makes_no_sense_is_refused(overlap: object) -> None:
    with pytest.raises(ApiError, match="chunk_overlap"):
        parse_process_rule(custom(max_tokens=500, chunk_overlap=overlap))
