"""Datasets as the contract shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.rendering.times import unix
from models.dataset import Dataset
from models.dataset_counts import DatasetCounts
from models.page import Page

DEFAULT_RETRIEVAL: dict[str, Any] = {
    "search_method": "hybrid_search",
    "reranking_enable": False,
    "reranking_mode": None,
    "reranking_model": {"reranking_provider_name": "", "reranking_model_name": ""},
    "weights": None,
    "top_k": 3,
    "score_threshold_enabled": False,
    "score_threshold": None,
}


def render_dataset(dataset: Dataset, counts: DatasetCounts, author_name: str | None) -> dict[str, Any]:
    """Render a `Dataset`."""
    return {
        "id": dataset.id,
        "name": dataset.name,
        "description": dataset.description,
        "provider": dataset.provider,
        "permission": dataset.permission,
        "data_source_type": dataset.data_source_type,
        "indexing_technique": dataset.indexing_technique,
        "app_count": counts.apps,
        "document_count": counts.documents,
        "word_count": counts.words,
        "created_by": dataset.created_by,
        "author_name": author_name,
        "created_at": unix(dataset.created_at),
        "updated_by": dataset.updated_by,
        "updated_at": unix(dataset.updated_at),
        "embedding_model": dataset.embedding_model,
        "embedding_model_provider": dataset.embedding_model_provider,
        "embedding_available": True,
        "retrieval_model_dict": render_retrieval_settings(dataset.retrieval_model),
        "tags": [],
        "doc_form": dataset.doc_form,
        "external_knowledge_info": None,
        "external_retrieval_model": None,
        "doc_metadata": [],
        "built_in_field_enabled": dataset.built_in_field_enabled,
        "pipeline_id": None,
        "runtime_mode": "general",
        "chunk_structure": None,
        "icon_info": dataset.icon_info,
        "is_published": False,
        "is_multimodal": False,
        "total_documents": counts.documents,
        "total_available_documents": counts.available_documents,
        "enable_api": dataset.enable_api,
        "partial_member_list": dataset.partial_members,
    }


def render_dataset_list(
    page: Page[Dataset], counts: Mapping[str, DatasetCounts], author_names: Mapping[str, str]
) -> dict[str, Any]:
    """Render a `DatasetList`."""
    return {
        "data": [
            render_dataset(dataset, counts[dataset.id], author_names.get(dataset.created_by or ""))
            for dataset in page.items
        ],
        "has_more": page.has_more,
        "limit": page.limit,
        "total": page.total,
        "page": page.page,
    }


def render_retrieval_settings(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """Render a `RetrievalSettings`: what was set, and the default for all else."""
    given = {key: value for key, value in (stored or {}).items() if value is not None}
    shown = {**DEFAULT_RETRIEVAL, **given}
    if "score_threshold_enabled" not in given:
        shown["score_threshold_enabled"] = shown["score_threshold"] is not None
    return shown
