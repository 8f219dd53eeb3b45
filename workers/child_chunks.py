"""Child chunks: the pieces of a segment that stand for it where a question matches a part better than the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.ingestion.document import hash_content
from engine.ingestion.passages import cut_children
from engine.ingestion.rules import parse_process_rule
from foundation.ids import new_id
from models import child_index
from models import segment as segments
from models.document import ProcessRule
from models.scope import Scope
from models.segment import ChildChunk, Segment

ChunkType = Literal["automatic", "customized"]


@dataclass(frozen=True, slots=True)
class ChildVectors:
    """The vectors of child chunks by their texts, and the model (`provider/model`) that made them."""

    embedding: str = ""
    by_text: Mapping[str, Sequence[float]] = field(default_factory=dict)


async def add(
    scope: Scope, segment: Segment, contents: Sequence[str], type: ChunkType, created_by: str | None
) -> list[ChildChunk]:
    """Add child chunks at a segment's end. The caller holds the document's lock, and writes the segment's index.

    Args:
        scope: the workspace.
        segment: the parent.
        contents: the texts, in their order.
        type: `automatic` where the program cut them, `customized` where a person wrote them.
        created_by: the account that they come from.
    """
    last = await segments.last_child_position(scope, segment.id)
    chunks = [
        ChildChunk(
            id=new_id(),
            workspace_id=scope.workspace_id,
            dataset_id=segment.dataset_id,
            document_id=segment.document_id,
            segment_id=segment.id,
            position=position,
            content=content,
            word_count=len(content),
            index_node_id=new_id(),
            index_node_hash=hash_content(content),
            type=type,
            created_by=created_by,
        )
        for position, content in enumerate(contents, start=last + 1)
    ]
    scope.session.add_all(chunks)
    await scope.session.flush()
    return chunks


def change(chunk: ChildChunk, content: str) -> None:
    """Give a child chunk another text; it is then a person's."""
    chunk.content = content
    chunk.word_count = len(content)
    chunk.index_node_hash = hash_content(content)
    chunk.type = "customized"


def cut(content: str, rule: ProcessRule | None) -> list[str]:
    """Return the child chunks that a segment's text is cut into by the `subchunk_segmentation` of a document's rule."""
    asked = {"subchunk_segmentation": ((rule.rules if rule else None) or {}).get("subchunk_segmentation")}
    return cut_children(content, parse_process_rule({"mode": "hierarchical", "rules": asked}))


async def index(scope: Scope, chunks: Sequence[ChildChunk], vectors: ChildVectors) -> None:
    """Write the vectors of those of the chunks whose texts were embedded."""
    known = [(chunk, vectors.by_text[chunk.content]) for chunk in chunks if chunk.content in vectors.by_text]
    if known:
        await child_index.put(scope, vectors.embedding, known)
