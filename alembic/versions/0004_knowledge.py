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
    op.create_table(
        "child_entry",
        sa.Column("child_chunk_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("embedding", sa.Text(), nullable=False),
        sa.Column("vector", HALFVEC(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        _owned("child_entry", "child_chunk"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_child_entry_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("child_chunk_id", name=op.f("pk_child_entry")),
    )
    op.create_index(op.f("ix_child_entry_dataset_id"), "child_entry", ["dataset_id"])
    op.create_index(op.f("ix_child_entry_segment_id"), "child_entry", ["segment_id"])
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


def downgrade() -> None:
    """Take the step back."""
    for table in (
        "external_dataset",
        "external_knowledge_api",
        "child_entry",
        "segment_import",
        "metadata_field",
        "tag_binding",
        "tag",
    ):
        op.drop_table(table)


def _owned(table: str, parent: str) -> sa.ForeignKeyConstraint:
    """Return the foreign key to a parent of the same workspace."""
    return sa.ForeignKeyConstraint(
        ["workspace_id", f"{parent}_id"],
        [f"{parent}.workspace_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_workspace_id_{parent}_id"),
        ondelete="CASCADE",
    )
