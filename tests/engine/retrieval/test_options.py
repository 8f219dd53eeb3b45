"""Retrieval options: every form that clients send."""

import pytest

from engine.retrieval.options import DEFAULT, parse_dataset_configs, parse_retrieval_model
from foundation.errors import ApiError

NESTED = {
    "weight_type": "customized",
    "vector_setting": {"vector_weight": 0.7, "embedding_model_name": "", "embedding_provider_name": ""},
    "keyword_setting": {"keyword_weight": 0.3},
}


def test_nothing_means_the_default() -> None:
    assert parse_retrieval_model(None) is DEFAULT


@pytest.mark.parametrize("weights", [NESTED, {"semantic_weight": 0.7, "keyword_weight": 0.3}])
def test_both_forms_of_weights_are_read(weights: dict[str, object]) -> None:
    options = parse_retrieval_model({"search_method": "hybrid_search", "weights": weights})
    assert (options.vector_weight, options.keyword_weight) == pytest.approx((0.7, 0.3))


def test_two_weights_of_nothing_are_equal_shares() -> None:
    options = parse_retrieval_model({"weights": {"semantic_weight": 0, "keyword_weight": 0}})
    assert (options.vector_weight, options.keyword_weight) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("given", "threshold"),
    [
        ({"score_threshold": 0.4}, 0.4),
        ({"score_threshold": 0.4, "score_threshold_enabled": True}, 0.4),
        ({"score_threshold": 0.4, "score_threshold_enabled": False}, None),
        ({"score_threshold": None, "score_threshold_enabled": True}, None),
    ],
)
def test_a_threshold_counts_unless_it_is_switched_off(given: dict[str, object], threshold: float | None) -> None:
    assert parse_retrieval_model(given).score_threshold == threshold


@pytest.mark.parametrize(
    "wrong",
    [
        {"search_method": "telepathy"},
        {"top_k": 0},
        {"top_k": True},
        {"score_threshold": 2},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ApiError) as raised:
        parse_retrieval_model(wrong)
    assert raised.value.code == "invalid_retrieval_model"
    assert raised.value.details[0]["field"].startswith("retrieval_model.")


def test_an_app_leaves_the_method_to_its_datasets() -> None:
    options = parse_dataset_configs({"retrieval_model": "multiple", "top_k": 4, "score_threshold": 0.2})
    assert (options.search_method, options.top_k, options.score_threshold) == (None, 4, 0.2)
