"""Hits of a retrieval, as a model reads them and as clients are shown them."""

from __future__ import annotations

from typing import Any

from engine.providers.messages import Passage
from engine.retrieval.hit import Hit


def passage(hit: Hit) -> Passage:
    """Returns a hit as a passage for the model."""
    return Passage(hit.document_name, hit.content, hit.score)


def resource(hit: Hit) -> dict[str, Any]:
    """Returns a hit as an entry of `retriever_resources`."""
    return {
        "position": hit.position,
        "dataset_id": hit.dataset_id,
        "dataset_name": hit.dataset_name,
        "document_id": hit.document_id,
        "document_name": hit.document_name,
        "data_source_type": hit.document.data_source_type,
        "segment_id": hit.segment_id,
        "retriever_from": "api",
        "score": min(1.0, max(0.0, hit.score)),
        "hit_count": hit.segment.hit_count,
        "word_count": hit.segment.word_count,
        "segment_position": hit.segment.position,
        "index_node_hash": hit.segment.index_node_hash,
        "content": hit.content,
        "page": hit.page,
    }
