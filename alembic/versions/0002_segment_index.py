"""Invitations of members; and the index that finds segments: BM25 postings and vectors."""

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
        "invitation",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'admin', 'editor', 'normal', 'dataset_operator')", name=op.f("ck_invitation_role")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_invitation_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        sa.UniqueConstraint("workspace_id", "account_id", name=op.f("uq_invitation_workspace_id_account_id")),
    )
    op.create_index(op.f("ix_invitation_account_id"), "invitation", ["account_id"])
    op.create_unique_constraint(
        op.f("uq_segment_workspace_id_dataset_id_id"), "segment", ["workspace_id", "dataset_id", "id"]
    )
    op.create_table(
        "segment_entry",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("embedding", sa.Text(), nullable=True),
        sa.Column("vector", HALFVEC(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id", "segment_id"],
            ["segment.workspace_id", "segment.dataset_id", "segment.id"],
            name=op.f("fk_segment_entry_workspace_id_dataset_id_segment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_segment_entry_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dataset_id", "segment_id", name=op.f("pk_segment_entry")),
        postgresql_partition_by="HASH (dataset_id)",
    )
    op.create_index(op.f("ix_segment_entry_dataset_id"), "segment_entry", ["dataset_id"], postgresql_include=["length"])
    op.execute("ALTER TABLE segment_entry ALTER COLUMN vector SET STORAGE MAIN")
    # Vectors are read by the thousand: they stay in their row, and are not packed.
    _partition("segment_entry", " WITH (toast_tuple_target = 8160)")
    op.create_table(
        "segment_posting",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("frequency", sa.SmallInteger(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "dataset_id",
            "term",
            "segment_id",
            name=op.f("pk_segment_posting"),
            postgresql_include=["frequency", "length"],
        ),
        postgresql_partition_by="HASH (dataset_id)",
    )
    op.create_index(op.f("ix_segment_posting_dataset_id_segment_id"), "segment_posting", ["dataset_id", "segment_id"])
    _partition("segment_posting")
    op.execute(
        """
        CREATE FUNCTION forget_postings() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM segment_posting WHERE dataset_id = OLD.dataset_id AND segment_id = OLD.segment_id;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER forget_postings AFTER DELETE ON segment_entry FOR EACH ROW EXECUTE FUNCTION forget_postings()"
    )


def downgrade() -> None:
    """Undo the step."""
    op.drop_table("invitation")
    op.drop_table("segment_entry")
    op.drop_table("segment_posting")
    op.execute("DROP FUNCTION forget_postings()")
    op.drop_constraint(op.f("uq_segment_workspace_id_dataset_id_id"), "segment")


def _partition(table: str, storage: str = "") -> None:
    for number in range(16):
        op.execute(
            f"CREATE TABLE {table}_{number} PARTITION OF {table} FOR VALUES WITH (MODULUS 16, REMAINDER {number})"
            f"{storage}"
        )
