"""Tables that are split by the hash of their dataset, so that no one of their indexes grows with the installation."""

from typing import Any

from sqlalchemy import Connection, ForeignKeyConstraint, UniqueConstraint, event, text

from models.table import Table

PARTITIONS = 16
BY_DATASET: dict[str, Any] = {"postgresql_partition_by": "HASH (dataset_id)"}
"""The option of a table that is split."""

INLINE = "toast_tuple_target = 8160"
"""Keeps rows with vectors in one piece and as they are: they are read by the thousand, and gain nothing by packing."""


def partition(table: type[Table], storage: str = "") -> None:
    """Let the creation of a table make its partitions, too.

    Args:
        table: with the option `BY_DATASET`.
        storage: storage parameters of each partition.
    """
    name = table.__tablename__

    def create(_: Any, connection: Connection, **__: Any) -> None:
        for number in range(PARTITIONS):
            statement = (
                f"CREATE TABLE {name}_{number} PARTITION OF {name}"
                f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )
            connection.execute(text(f"{statement} WITH ({storage})" if storage else statement))

    event.listen(table.__table__, "after_create", create)


def belongs_within_dataset(parent: str) -> ForeignKeyConstraint:
    """Return a foreign key that demands the same workspace and dataset: what goes with its parent is in one partition.

    Args:
        parent: the parent's table, which is `addressable_within_dataset`.
    """
    return ForeignKeyConstraint(
        ["workspace_id", "dataset_id", f"{parent}_id"],
        [f"{parent}.workspace_id", f"{parent}.dataset_id", f"{parent}.id"],
        ondelete="CASCADE",
    )


def addressable_within_dataset() -> UniqueConstraint:
    """Return the key that entries of the index refer to."""
    return UniqueConstraint("workspace_id", "dataset_id", "id")


def is_described(name: str | None, kind: str, _: Any) -> bool:
    """Tell alembic which names of a database are looked for among the models: all but those of partitions."""
    table, _, number = (name or "").rpartition("_")
    found = Table.metadata.tables.get(table) if kind == "table" and number.isdecimal() else None
    return found is None or not found.dialect_options["postgresql"]["partition_by"]
