"""Fills a database for `bench.scale` by binary COPY: datasets, documents, segments, their vectors and postings.

Secondary indexes and checks of foreign keys are put off while rows are copied: this is a database that nobody uses.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import psycopg
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from bench.scale_corpus import Batch, Corpus
from foundation.ids import new_id
from models.database import driver_url
from models.dataset import Dataset
from models.document import Document
from models.schema import load_tables
from models.segment import Segment

Records = npt.NDArray[Any]
Fields = Sequence[tuple[str, Any, int]]

_AT_A_TIME = 4_000
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_PUT_OFF = ("segment_entry", "segment_posting", "segment")


class Filler:
    """Writes datasets of given sizes into one workspace."""

    def __init__(self, url: str, corpus: Corpus, workspace_id: str, embedding: str) -> None:
        """Connects as a superuser to the database; `embedding` is the name that vectors are indexed under."""
        load_tables()
        self._connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
        self._session = Session(create_engine(driver_url(url)), expire_on_commit=False)
        self._corpus = corpus
        self._workspace_id = workspace_id
        self._provider, _, self._model = embedding.partition("/")
        self._embedding = embedding

    def close(self) -> None:
        """Ends the connections."""
        self._session.close()
        self._connection.close()

    def add(self, sizes: Sequence[int]) -> list[str]:
        """Adds a dataset for each size and returns their ids."""
        with self._put_off():
            made = [self._dataset(size) for size in sizes]
        self._session.commit()
        self._connection.execute("VACUUM ANALYZE segment, segment_entry, segment_posting, document, dataset")
        return made

    @contextmanager
    def _put_off(self) -> Iterator[None]:
        indexes = self._connection.execute(
            "SELECT indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index"
            " WHERE indrelid::regclass::text = ANY(%s) AND NOT indisunique",
            [list(_PUT_OFF)],
        ).fetchall()
        self._connection.execute("SET session_replication_role = replica")
        for name, _ in indexes:
            self._connection.execute(f"DROP INDEX {name}".encode())
        yield
        self._connection.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            self._connection.execute(definition.encode())
        self._connection.execute("SET session_replication_role = origin")

    def _dataset(self, size: int) -> str:
        dataset = Dataset(
            workspace_id=self._workspace_id,
            name=f"{size} segments, {new_id()}",
            indexing_technique="high_quality",
            embedding_model=self._model,
            embedding_model_provider=self._provider,
            embedding_dimension=self._corpus.dimension,
        )
        self._session.add(dataset)
        self._session.flush()
        for start in range(0, size, _AT_A_TIME):
            document = Document(
                workspace_id=self._workspace_id,
                dataset_id=dataset.id,
                position=start // _AT_A_TIME + 1,
                batch="bench",
                name="bench",
                indexing_status="completed",
            )
            self._session.add(document)
            self._session.flush()
            batch = self._corpus.segments(min(_AT_A_TIME, size - start))
            rows = [
                {
                    "id": new_id(),
                    "workspace_id": self._workspace_id,
                    "dataset_id": dataset.id,
                    "document_id": document.id,
                    "position": position,
                    "content": text,
                    "word_count": len(text),
                }
                for position, text in enumerate(batch.texts, 1)
            ]
            self._session.execute(insert(Segment), rows)
            self._session.commit()
            ids = np.array([UUID(str(row["id"])).bytes for row in rows], dtype="V16")
            self._copy_entries(dataset.id, ids, batch)
            self._copy_postings(dataset.id, ids, batch)
        return dataset.id

    def _copy_entries(self, dataset_id: str, ids: Records, batch: Batch) -> None:
        name = self._embedding.encode()
        count, dimension = batch.vectors.shape
        fields: Fields = [
            ("workspace_id", "V16", 16), ("segment_id", "V16", 16), ("dataset_id", "V16", 16), ("length", ">i4", 4),
            ("embedding", f"S{len(name)}", len(name)),
            ("vector", [("dimension", ">i2"), ("unused", ">i2"), ("numbers", ">u2", (dimension,))], 4 + 2 * dimension),
        ]  # fmt: skip
        rows = _rows(fields, count)
        rows["workspace_id"], rows["dataset_id"] = UUID(self._workspace_id).bytes, UUID(dataset_id).bytes
        rows["segment_id"], rows["length"], rows["embedding"] = ids, batch.lengths, name
        rows["vector"]["dimension"] = dimension
        rows["vector"]["numbers"] = batch.vectors.astype(np.float16).view(np.uint16)
        self._copy("segment_entry", fields, rows)

    def _copy_postings(self, dataset_id: str, ids: Records, batch: Batch) -> None:
        fields: Fields = [
            ("dataset_id", "V16", 16), ("segment_id", "V16", 16), ("term", ">i8", 8), ("frequency", ">i2", 2),
            ("length", ">i4", 4),
        ]  # fmt: skip
        order = np.argsort(batch.posting_terms, kind="stable")
        rows = _rows(fields, len(order))
        owners = batch.posting_segments[order]
        rows["dataset_id"] = UUID(dataset_id).bytes
        rows["segment_id"], rows["length"] = ids[owners], batch.lengths[owners]
        rows["term"], rows["frequency"] = batch.posting_terms[order], batch.posting_frequencies[order]
        self._copy("segment_posting", fields, rows)

    def _copy(self, table: str, fields: Fields, rows: Records) -> None:
        columns = ", ".join(name for name, _, _ in fields)
        statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
        with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            copy.write(_HEADER)
            for start in range(0, len(rows), 20_000):
                copy.write(rows[start : start + 20_000].tobytes())
            copy.write(_END)


def _rows(fields: Fields, count: int) -> Records:
    """Returns empty rows of PostgreSQL's binary COPY format, with the sizes of their fields."""
    columns: list[Any] = [("fields", ">i2")]
    for name, kind, _ in fields:
        columns += [(f"{name}_size", ">i4"), (name, kind)]
    rows = np.zeros(count, dtype=columns)
    rows["fields"] = len(fields)
    for name, _, size in fields:
        rows[f"{name}_size"] = size
    return rows
