"""What a retrieval is asked for: the `retrieval_model` of requests, datasets and apps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from engine.retrieval.metadata import parse_filter
from engine.retrieval.refusal import refusal
from models.metadata_filter import MetadataFilter

SearchMethod = Literal["semantic_search", "full_text_search", "hybrid_search"]

LARGEST_TOP_K = 100

_SYNONYMS: dict[str, SearchMethod] = {"keyword_search": "full_text_search"}


@dataclass(frozen=True, slots=True)
class RerankingModel:
    """The model that puts candidates in order; empty names mean the workspace's default."""

    provider: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class RetrievalOptions:
    """How passages are ranked, and which of them are wanted.

    `search_method` None leaves it to the datasets. The two weights count in a hybrid search only; together they are 1.
    Scores are from 0 to 1, and passages below `score_threshold` are left out. Where there is `reranking`, its model's
    scores stand for those of the search. Only documents that fulfil the `filter` are searched.
    """

    search_method: SearchMethod | None = "hybrid_search"
    top_k: int = 3
    score_threshold: float | None = None
    vector_weight: float = 0.5
    keyword_weight: float = 0.5
    reranking: RerankingModel | None = None
    filter: MetadataFilter | None = None


DEFAULT = RetrievalOptions()


def parse_retrieval_model(value: Mapping[str, Any] | None, default: RetrievalOptions = DEFAULT) -> RetrievalOptions:
    """Reads a `retrieval_model` as clients send it.

    A reranking model is used where `reranking_enable` is true and `reranking_mode` is not `weighted_score`; left out,
    `reranking_enable` is true where the mode is `reranking_model`. `score_threshold_enabled` is optional and true where
    a threshold is given. Weights are read in both forms: `{vector_setting: {vector_weight}, keyword_setting:
    {keyword_weight}}` and `{semantic_weight, keyword_weight}`; their sum counts as one, and two zeros as equal shares.

    Args:
        value: the object; None and an empty one mean the default.
        default: what holds for everything that the object leaves out.

    Raises:
        ApiError: `invalid_retrieval_model`.
    """
    if not value:
        return default
    vector_weight, keyword_weight = _weights(value.get("weights"), default)
    return RetrievalOptions(
        search_method=_search_method(value.get("search_method"), default.search_method),
        top_k=_top_k(value.get("top_k"), default.top_k),
        score_threshold=_threshold(value, default.score_threshold),
        vector_weight=vector_weight,
        keyword_weight=keyword_weight,
        reranking=_reranking(value, default.reranking),
        filter=parse_filter(value.get("metadata_filtering_conditions")) or default.filter,
    )


def parse_dataset_configs(value: Mapping[str, Any] | None) -> RetrievalOptions:
    """Reads an app's `dataset_configs`, which leave the search method to the datasets.

    Their conditions on metadata count in the manual mode only.

    Raises:
        ApiError: `invalid_retrieval_model`.
    """
    left_out = {"search_method"}
    if (value or {}).get("metadata_filtering_mode") != "manual":
        left_out.add("metadata_filtering_conditions")
    return parse_retrieval_model(
        {key: entry for key, entry in (value or {}).items() if key not in left_out},
        RetrievalOptions(search_method=None),
    )


def _search_method(value: Any, default: SearchMethod | None) -> SearchMethod | None:
    if value in (None, ""):
        return default
    for method in get_args(SearchMethod):
        if _SYNONYMS.get(str(value), value) == method:
            return cast(SearchMethod, method)
    raise refusal("search_method", f"must be one of {', '.join(get_args(SearchMethod))}")


def _top_k(value: Any, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_TOP_K:
        raise refusal("top_k", f"must be a whole number from 1 to {LARGEST_TOP_K}")
    return value


def _threshold(model: Mapping[str, Any], default: float | None) -> float | None:
    enabled, value = model.get("score_threshold_enabled"), model.get("score_threshold")
    if enabled is False:
        return None
    if value is None:
        return default
    return _share("score_threshold", value)


def _reranking(model: Mapping[str, Any], default: RerankingModel | None) -> RerankingModel | None:
    enabled, mode, named = (model.get(f"reranking_{part}") for part in ("enable", "mode", "model"))
    if enabled is None and mode is None:
        return default
    if mode == "weighted_score" or not (mode == "reranking_model" if enabled is None else enabled):
        return None
    named = named if isinstance(named, Mapping) else {}
    provider = named.get("reranking_provider_name") or named.get("provider") or ""
    return RerankingModel(str(provider), str(named.get("reranking_model_name") or named.get("model") or ""))


def _weights(value: Any, default: RetrievalOptions) -> tuple[float, float]:
    if not isinstance(value, Mapping):
        return default.vector_weight, default.keyword_weight
    vector = _first(_nested(value, "vector_setting", "vector_weight"), value.get("semantic_weight"))
    keyword = _first(_nested(value, "keyword_setting", "keyword_weight"), value.get("keyword_weight"))
    if vector is None and keyword is None:
        return default.vector_weight, default.keyword_weight
    vector_weight = None if vector is None else _share("weights.vector_weight", vector)
    keyword_weight = None if keyword is None else _share("weights.keyword_weight", keyword)
    if vector_weight is None:
        vector_weight = 1 - (keyword_weight or 0.0)
    if keyword_weight is None:
        keyword_weight = 1 - vector_weight
    total = vector_weight + keyword_weight
    if total == 0:
        return 0.5, 0.5
    return vector_weight / total, keyword_weight / total


def _nested(value: Mapping[str, Any], setting: str, weight: str) -> Any:
    inner = value.get(setting)
    return inner.get(weight) if isinstance(inner, Mapping) else None


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _share(field: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise refusal(field, "must be a number from 0 to 1")
    return float(value)
