"""Child chunks: the pieces of a segment that stand for it where a question matches a part better than the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from engine.ingestion.document import hash_content
from engine.ingestion.rules import ProcessRules, decode_escapes
from engine.ingestion.split import split
from foundation.ids import new_id
from models import segment as segments
from models.scope import Scope
from models.segment import ChildChunk, Segment

ChunkType = Literal["automatic", "customized"]
DEFAULT_SEPARATOR, DEFAULT_LENGTH = "\n", 200


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


def cut(content: str, rules: Mapping[str, Any] | None) -> list[str]:
    """Return the child chunks that a segment's text is cut into.

    Args:
        content: the segment's text.
        rules: the `rules` of the document's process rule, whose `subchunk_segmentation` says where to cut.
    """
    asked = (rules or {}).get("subchunk_segmentation") or {}
    separator = decode_escapes(str(asked.get("separator") or asked.get("delimiter") or DEFAULT_SEPARATOR))
    length = int(asked.get("max_tokens") or DEFAULT_LENGTH)
    overlap = min(int(asked.get("chunk_overlap") or 0), length - 1)
    wanted = ProcessRules(mode="custom", separator=separator, max_length=length, overlap=overlap)
    return [content[start:end] for start, end in split(content, wanted)]
