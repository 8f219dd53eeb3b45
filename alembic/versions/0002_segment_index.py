"""The index that finds segments: BM25 postings and vectors."""

import sqlalchemy as sa
from pgvector.sqlalchemy import HALFVEC

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "segment_entry",
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("embedding", sa.Text(), nullable=True),
        sa.Column("vector", HALFVEC(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "segment_id"],
            ["segment.workspace_id", "segment.id"],
            name=op.f("fk_segment_entry_workspace_id_segment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_segment_entry_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("segment_id", name=op.f("pk_segment_entry")),
    )
    op.create_index(op.f("ix_segment_entry_dataset_id"), "segment_entry", ["dataset_id"], postgresql_include=["length"])
    # Vectors are read by the thousand: they stay in their row instead of a side table.
    op.execute("ALTER TABLE segment_entry ALTER COLUMN vector SET STORAGE MAIN")
    op.create_table(
        "segment_posting",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("frequency", sa.SmallInteger(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"],
            ["segment.id"],
            name=op.f("fk_segment_posting_segment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "dataset_id",
            "term",
            "segment_id",
            name=op.f("pk_segment_posting"),
            postgresql_include=["frequency", "length"],
        ),
    )
    op.create_index(op.f("ix_segment_posting_segment_id"), "segment_posting", ["segment_id"])


def downgrade() -> None:
    """Undo the step."""
    op.drop_table("segment_posting")
    op.drop_table("segment_entry")
