"""Purging: bytes that wait to be deleted, ways to find what refers to an upload, end users who signed in."""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KIND = "ck_end_user_kind"


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "discarded_content",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_discarded_content")),
    )
    op.create_index(op.f("ix_discarded_content_discarded_at"), "discarded_content", ["discarded_at"])
    op.create_index(op.f("ix_document_upload_file_id"), "document", ["upload_file_id"])
    op.create_index(
        "ix_message_files",
        "message",
        ["files"],
        postgresql_using="gin",
        postgresql_ops={"files": "jsonb_path_ops"},
        postgresql_where=sa.text("files <> '[]'::jsonb"),
    )
    op.add_column("dataset", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_dataset_deleted", "dataset", ["deleted_at"], postgresql_where=sa.text("deleted_at IS NOT NULL"))
    op.drop_constraint(op.f(KIND), "end_user", type_="check")
    op.create_check_constraint(op.f(KIND), "end_user", "kind IN ('service_api', 'browser', 'account')")


def downgrade() -> None:
    """Take the step back."""
    op.execute("UPDATE end_user SET kind = 'browser' WHERE kind = 'account'")
    op.drop_constraint(op.f(KIND), "end_user", type_="check")
    op.create_check_constraint(op.f(KIND), "end_user", "kind IN ('service_api', 'browser')")
    op.execute("DELETE FROM dataset WHERE deleted_at IS NOT NULL")
    op.drop_index("ix_dataset_deleted", table_name="dataset")
    op.drop_column("dataset", "deleted_at")
    op.drop_index("ix_message_files", table_name="message")
    op.drop_index(op.f("ix_document_upload_file_id"), table_name="document")
    op.drop_table("discarded_content")
