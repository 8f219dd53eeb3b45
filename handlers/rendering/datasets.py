"""Datasets as the contract shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.retrieval.external import ExternalSettings
from handlers.contract import schemas
from handlers.rendering.metadata import render_field
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.app import App
from models.dataset import Dataset, DatasetQuery
from models.dataset_counts import DatasetCounts
from models.embedding_change import EmbeddingChange
from models.external_knowledge import Source
from models.metadata import MetadataField
from models.page import Page
from models.tag import Tag

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


@dataclass(frozen=True, slots=True)
class Labels:
    """The tags on a dataset, the metadata fields that it has, where an external one is kept, and the last change of
    how it is indexed.
    """

    tags: Sequence[Tag] = ()
    fields: Sequence[MetadataField] = ()
    source: Source | None = None
    change: EmbeddingChange | None = None

    @property
    def pending(self) -> EmbeddingChange | None:
        """The change that the dataset still waits for."""
        if self.change is None or self.change.status in ("completed", "cancelled"):
            return None
        return self.change


def render_dataset(dataset: Dataset, counts: DatasetCounts, author_name: str | None, labels: Labels) -> schemas.Dataset:
    """Render a `Dataset`."""
    pending = labels.pending
    return {
        "id": dataset.id,
        "name": dataset.name,
        "description": dataset.description,
        "provider": dataset.provider,
        "permission": dataset.permission,
        "data_source_type": dataset.data_source_type,
        "indexing_technique": pending.indexing_technique if pending else dataset.indexing_technique,
        "app_count": counts.apps,
        "document_count": counts.documents,
        "word_count": counts.words,
        "created_by": dataset.created_by,
        "author_name": author_name,
        "created_at": unix(dataset.created_at),
        "updated_by": dataset.updated_by,
        "updated_at": unix(dataset.updated_at),
        "embedding_model": pending.model if pending else dataset.embedding_model,
        "embedding_model_provider": pending.provider if pending else dataset.embedding_model_provider,
        "embedding_available": True,
        "retrieval_model_dict": render_retrieval_settings(dataset.retrieval_model),
        "tags": [{"id": tag.id, "name": tag.name, "type": tag.type} for tag in labels.tags],
        "doc_form": trusted(dataset.doc_form),
        "external_knowledge_info": _external_knowledge(labels.source),
        "external_retrieval_model": _external_retrieval(labels.source),
        "doc_metadata": [render_field(field) for field in labels.fields],
        "built_in_field_enabled": dataset.built_in_field_enabled,
        "pipeline_id": None,
        "runtime_mode": "general",
        "chunk_structure": None,
        "icon_info": trusted(dataset.icon_info),
        "is_published": False,
        "is_multimodal": False,
        "total_documents": counts.documents,
        "total_available_documents": counts.available_documents,
        "enable_api": dataset.enable_api,
        "partial_member_list": dataset.partial_members,
        "reindexing": _reindexing(dataset, pending),
    }


def _reindexing(dataset: Dataset, pending: EmbeddingChange | None) -> schemas.DatasetReindexing:
    if pending is None:
        return None
    return {
        "status": trusted(pending.status),
        "error": pending.error,
        "completed_texts": pending.vectors_done,
        "total_texts": pending.vectors_total,
        "serving_indexing_technique": dataset.indexing_technique,
        "serving_embedding_model": dataset.embedding_model,
        "serving_embedding_model_provider": dataset.embedding_model_provider,
        "created_at": unix(pending.created_at),
    }


def _external_knowledge(source: Source | None) -> schemas.ExternalKnowledge:
    if source is None:
        return None
    return {
        "external_knowledge_id": source.dataset.external_knowledge_id,
        "external_knowledge_api_id": source.api.id,
        "external_knowledge_api_name": source.api.name,
        "external_knowledge_api_endpoint": source.api.endpoint,
    }


def _external_retrieval(source: Source | None) -> schemas.ExternalRetrieval:
    if source is None:
        return None
    settings = ExternalSettings.of(source.dataset.retrieval)
    return {
        "top_k": settings.top_k,
        "score_threshold": settings.score_threshold,
        "score_threshold_enabled": settings.score_threshold is not None,
    }


def render_dataset_list(
    page: Page[Dataset],
    counts: Mapping[str, DatasetCounts],
    author_names: Mapping[str, str],
    labels: Mapping[str, Labels],
) -> schemas.DatasetList:
    """Render a `DatasetList`."""
    return {
        "data": [
            render_dataset(dataset, counts[dataset.id], author_names.get(dataset.created_by or ""), labels[dataset.id])
            for dataset in page.items
        ],
        "has_more": page.has_more,
        "limit": page.limit,
        "total": page.total,
        "page": page.page,
    }


def render_retrieval_settings(stored: Mapping[str, Any] | None) -> schemas.RetrievalSettings:
    """Render a `RetrievalSettings`: what was set, and the default for all else."""
    given = {key: value for key, value in (stored or {}).items() if value is not None}
    shown: schemas.RetrievalSettings = trusted({**DEFAULT_RETRIEVAL, **given})
    if "score_threshold_enabled" not in given:
        shown["score_threshold_enabled"] = shown["score_threshold"] is not None
    return shown


def render_brief(dataset: Dataset) -> schemas.DatasetBrief:
    """Render a `DatasetBrief`."""
    return {
        "id": dataset.id,
        "name": dataset.name,
        "description": dataset.description,
        "permission": dataset.permission,
        "data_source_type": dataset.data_source_type,
        "indexing_technique": dataset.indexing_technique,
        "created_by": dataset.created_by,
        "created_at": unix(dataset.created_at),
    }


def render_query_list(page: Page[DatasetQuery]) -> schemas.DatasetQueryList:
    """Render a `DatasetQueryList`."""
    return {
        "data": [_query(query) for query in page.items],
        "has_more": page.has_more,
        "limit": page.limit,
        "total": page.total,
        "page": page.page,
    }


def render_related_apps(apps: Sequence[App]) -> schemas.RelatedAppList:
    """Render a `RelatedAppList`."""
    return {"data": [_related_app(app) for app in apps], "total": len(apps)}


def _query(query: DatasetQuery) -> schemas.DatasetQuery:
    return {
        "id": query.id,
        "content": query.content,
        "source": query.source,
        "source_app_id": query.source_app_id,
        "created_by_role": query.created_by_role,
        "created_by": query.created_by,
        "created_at": unix(query.created_at),
    }


def _related_app(app: App) -> schemas.RelatedApp:
    return {
        "id": app.id,
        "name": app.name,
        "description": app.description,
        "mode": app.mode,
        "icon_type": trusted(app.icon_type),
        "icon": app.icon,
        "icon_background": app.icon_background,
        "icon_url": app.icon if app.icon_type == "link" else None,
    }
