"""Knowledge: metadata, tags, external knowledge."""

import sqlalchemy as sa
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "tag",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("type IN ('app', 'knowledge')", name=op.f("ck_tag_type")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_tag_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_tag_workspace_id_id")),
        sa.UniqueConstraint("workspace_id", "type", "name", name=op.f("uq_tag_workspace_id_type_name")),
    )
    op.create_table(
        "tag_binding",
        sa.Column("tag_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        _owned("tag_binding", "tag"),
        _owned("tag_binding", "app"),
        _owned("tag_binding", "dataset"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_tag_binding_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_binding")),
        sa.UniqueConstraint("tag_id", "app_id", name=op.f("uq_tag_binding_tag_id_app_id")),
        sa.UniqueConstraint("tag_id", "dataset_id", name=op.f("uq_tag_binding_tag_id_dataset_id")),
    )
    op.create_index(op.f("ix_tag_binding_app_id"), "tag_binding", ["app_id"])
    op.create_index(op.f("ix_tag_binding_dataset_id"), "tag_binding", ["dataset_id"])
    op.create_table(
        "metadata_field",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("type IN ('string', 'number', 'time')", name=op.f("ck_metadata_field_type")),
        _owned("metadata_field", "dataset"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_metadata_field_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metadata_field")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_metadata_field_workspace_id_id")),
        sa.UniqueConstraint("dataset_id", "name", name=op.f("uq_metadata_field_dataset_id_name")),
    )
    op.create_index(
        op.f("ix_metadata_field_dataset_id_created_at_id"), "metadata_field", ["dataset_id", "created_at", "id"]
    )
    op.create_table(
        "segment_import",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("document_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("upload_file_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("segments_done", sa.BigInteger(), nullable=False),
        sa.Column("segments_total", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'processing', 'completed', 'error')", name=op.f("ck_segment_import_status")
        ),
        _owned("segment_import", "document"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_segment_import_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_import")),
    )
    op.create_index(op.f("ix_segment_import_document_id"), "segment_import", ["document_id"])
    op.create_index(
        "ix_segment_import_unfinished",
        "segment_import",
        ["created_at"],
        postgresql_where=sa.text("status IN ('waiting', 'processing')"),
    )
    op.create_unique_constraint(
        op.f("uq_child_chunk_workspace_id_dataset_id_id"), "child_chunk", ["workspace_id", "dataset_id", "id"]
    )
    op.create_table(
        "child_entry",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("child_chunk_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("embedding", sa.Text(), nullable=False),
        sa.Column("vector", HALFVEC(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id", "child_chunk_id"],
            ["child_chunk.workspace_id", "child_chunk.dataset_id", "child_chunk.id"],
            name=op.f("fk_child_entry_workspace_id_dataset_id_child_chunk_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_child_entry_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "child_chunk_id", name=op.f("pk_child_entry")),
        postgresql_partition_by="HASH (dataset_id)",
    )
    op.create_index(op.f("ix_child_entry_dataset_id_segment_id"), "child_entry", ["dataset_id", "segment_id"])
    op.execute("ALTER TABLE child_entry ALTER COLUMN vector SET STORAGE MAIN")
    for number in range(16):
        op.execute(
            f"CREATE TABLE child_entry_{number} PARTITION OF child_entry"
            f" FOR VALUES WITH (MODULUS 16, REMAINDER {number}) WITH (toast_tuple_target = 8160)"
        )
    op.add_column("dataset", sa.Column("vector_index", sa.Text(), nullable=True))
    op.create_table(
        "external_knowledge_api",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_external_knowledge_api_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_knowledge_api")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_external_knowledge_api_workspace_id_id")),
    )
    op.create_index(
        op.f("ix_external_knowledge_api_workspace_id_created_at_id"),
        "external_knowledge_api",
        ["workspace_id", "created_at", "id"],
    )
    op.create_table(
        "external_dataset",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("external_knowledge_api_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("external_knowledge_id", sa.Text(), nullable=False),
        sa.Column("retrieval", JSONB(), nullable=True),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        _owned("external_dataset", "dataset"),
        _owned("external_dataset", "external_knowledge_api"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_external_dataset_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", name=op.f("pk_external_dataset")),
    )
    op.create_index(
        op.f("ix_external_dataset_external_knowledge_api_id"), "external_dataset", ["external_knowledge_api_id"]
    )
    op.create_table(
        "embedding_change",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("indexing_technique", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("vectors_done", sa.BigInteger(), nullable=False),
        sa.Column("vectors_total", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'processing', 'completed', 'error', 'cancelled')",
            name=op.f("ck_embedding_change_status"),
        ),
        sa.CheckConstraint(
            "indexing_technique IN ('high_quality', 'economy')", name=op.f("ck_embedding_change_indexing_technique")
        ),
        _owned("embedding_change", "dataset"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_embedding_change_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedding_change")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_embedding_change_workspace_id_id")),
    )
    op.create_index(op.f("ix_embedding_change_dataset_id_id"), "embedding_change", ["dataset_id", "id"])
    op.create_index(
        "ix_embedding_change_unfinished",
        "embedding_change",
        ["dataset_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('waiting', 'processing')"),
    )
    op.create_table(
        "changed_vector",
        sa.Column("embedding_change_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("vector", HALFVEC(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        _owned("changed_vector", "embedding_change"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_changed_vector_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("embedding_change_id", "text_hash", name=op.f("pk_changed_vector")),
    )


def downgrade() -> None:
    """Take the step back."""
    for table in (
        "changed_vector",
        "embedding_change",
        "external_dataset",
        "external_knowledge_api",
        "child_entry",
        "segment_import",
        "metadata_field",
        "tag_binding",
        "tag",
    ):
        op.drop_table(table)
    op.drop_column("dataset", "vector_index")
    op.drop_constraint(op.f("uq_child_chunk_workspace_id_dataset_id_id"), "child_chunk")


def _owned(table: str, parent: str) -> sa.ForeignKeyConstraint:
    """Return the foreign key to a parent of the same workspace."""
    return sa.ForeignKeyConstraint(
        ["workspace_id", f"{parent}_id"],
        [f"{parent}.workspace_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_workspace_id_{parent}_id"),
        ondelete="CASCADE",
    )
