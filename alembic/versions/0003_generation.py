"""Generation: feedback, annotations, tools, deliveries."""

import sqlalchemy as sa
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "annotation",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("message_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("hit_count", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("embedding", sa.Text(), nullable=True),
        sa.Column("vector", HALFVEC(), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_annotation_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_annotation_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_annotation_workspace_id_id")),
    )
    op.create_index(
        op.f("ix_annotation_app_id_created_at_id"), "annotation", ["app_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_annotation_message_id"), "annotation", ["message_id"], unique=False)
    op.create_table(
        "annotation_hit",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("annotation_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("message_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("annotation_question", sa.Text(), nullable=False),
        sa.Column("annotation_answer", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "annotation_id"],
            ["annotation.workspace_id", "annotation.id"],
            name=op.f("fk_annotation_hit_workspace_id_annotation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_annotation_hit_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_annotation_hit_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_hit")),
    )
    op.create_index(
        op.f("ix_annotation_hit_annotation_id_created_at_id"),
        "annotation_hit",
        ["annotation_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "annotation_setting",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("score_threshold", sa.Double(), nullable=False),
        sa.Column("embedding_provider", sa.Text(), nullable=False),
        sa.Column("embedding_model", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_annotation_setting_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_annotation_setting_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_setting")),
        sa.UniqueConstraint("app_id", name=op.f("uq_annotation_setting_app_id")),
    )
    op.create_table(
        "annotation_job",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("score_threshold", sa.Double(), nullable=False),
        sa.Column("embedding_provider", sa.Text(), nullable=False),
        sa.Column("embedding_model", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("action IN ('enable', 'disable', 'import')", name=op.f("ck_annotation_job_action")),
        sa.CheckConstraint(
            "status IN ('waiting', 'processing', 'completed', 'error')", name=op.f("ck_annotation_job_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_annotation_job_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_annotation_job_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation_job")),
    )
    op.create_index(
        "ix_annotation_job_unfinished",
        "annotation_job",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'processing')"),
    )
    op.create_table(
        "pinned_conversation",
        sa.Column("conversation_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "conversation_id"],
            ["conversation.workspace_id", "conversation.id"],
            name=op.f("fk_pinned_conversation_workspace_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_pinned_conversation_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pinned_conversation")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_pinned_conversation_conversation_id")),
    )
    op.create_table(
        "saved_message",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("message_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_saved_message_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "message_id"],
            ["message.workspace_id", "message.id"],
            name=op.f("fk_saved_message_workspace_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_saved_message_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_saved_message_message_id")),
    )
    op.create_index(
        op.f("ix_saved_message_app_id_created_at_id"), "saved_message", ["app_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "api_extension",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("api_endpoint", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_api_extension_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_extension")),
    )
    op.create_index(
        op.f("ix_api_extension_workspace_id_created_at_id"),
        "api_extension",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "conversation_variable",
        sa.Column("conversation_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value_type", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "conversation_id"],
            ["conversation.workspace_id", "conversation.id"],
            name=op.f("fk_conversation_variable_workspace_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_conversation_variable_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_variable")),
        sa.UniqueConstraint("conversation_id", "name", name=op.f("uq_conversation_variable_conversation_id_name")),
    )
    op.create_table(
        "agent_thought",
        sa.Column("message_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("thought", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("tool_labels", postgresql.JSONB(), nullable=False),
        sa.Column("tool_input", sa.Text(), nullable=False),
        sa.Column("observation", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "message_id"],
            ["message.workspace_id", "message.id"],
            name=op.f("fk_agent_thought_workspace_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_agent_thought_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_thought")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_agent_thought_message_id_position")),
    )
    op.create_table(
        "api_tool_provider",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("icon", postgresql.JSONB(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("schema_type", sa.Text(), nullable=False),
        sa.Column("schema", sa.Text(), nullable=False),
        sa.Column("operations", postgresql.JSONB(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("labels", postgresql.JSONB(), nullable=False),
        sa.Column("privacy_policy", sa.Text(), nullable=False),
        sa.Column("custom_disclaimer", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_api_tool_provider_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tool_provider")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_api_tool_provider_workspace_id_name")),
    )
    op.create_table(
        "mcp_tool_provider",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("server_identifier", sa.Text(), nullable=False),
        sa.Column("icon", postgresql.JSONB(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("timeout", sa.Double(), nullable=False),
        sa.Column("sse_read_timeout", sa.Double(), nullable=False),
        sa.Column("tools", postgresql.JSONB(), nullable=False),
        sa.Column("authorised", sa.Boolean(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("plugin_id", sa.Text(), nullable=True),
        sa.Column("plugin_unique_identifier", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_mcp_tool_provider_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mcp_tool_provider")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_mcp_tool_provider_workspace_id_name")),
        sa.UniqueConstraint(
            "workspace_id", "server_identifier", name=op.f("uq_mcp_tool_provider_workspace_id_server_identifier")
        ),
        sa.UniqueConstraint("workspace_id", "plugin_id", name=op.f("uq_mcp_tool_provider_workspace_id_plugin_id")),
    )
    op.create_table(
        "webhook",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_webhook_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_webhook_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_webhook_workspace_id_id")),
    )
    op.create_index(op.f("ix_webhook_app_id_created_at_id"), "webhook", ["app_id", "created_at", "id"], unique=False)
    op.create_table(
        "webhook_delivery",
        sa.Column("webhook_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("response_status", sa.BigInteger(), nullable=True),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'failed')", name=op.f("ck_webhook_delivery_status")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "webhook_id"],
            ["webhook.workspace_id", "webhook.id"],
            name=op.f("fk_webhook_delivery_workspace_id_webhook_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_webhook_delivery_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index(
        op.f("ix_webhook_delivery_webhook_id_created_at_id"),
        "webhook_delivery",
        ["webhook_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(op.f("ix_webhook_delivery_finished_at"), "webhook_delivery", ["finished_at"], unique=False)
    op.add_column("api_key", sa.Column("max_active_requests", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("api_key_id", sa.Uuid(as_uuid=False), nullable=True))
    op.create_index(
        "ix_message_active_by_key",
        "message",
        ["api_key_id"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(
        "ix_message_active_by_key",
        table_name="message",
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.drop_column("message", "api_key_id")
    op.drop_column("api_key", "max_active_requests")
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
    op.drop_table("mcp_tool_provider")
    op.drop_table("api_tool_provider")
    op.drop_table("agent_thought")
    op.drop_table("conversation_variable")
    op.drop_index(op.f("ix_api_extension_workspace_id_created_at_id"), table_name="api_extension")
    op.drop_table("api_extension")
    op.drop_index(op.f("ix_saved_message_app_id_created_at_id"), table_name="saved_message")
    op.drop_table("saved_message")
    op.drop_table("pinned_conversation")
    op.drop_index(
        "ix_annotation_job_unfinished",
        table_name="annotation_job",
        postgresql_where=sa.text("status IN ('waiting', 'processing')"),
    )
    op.drop_table("annotation_job")
    op.drop_table("annotation_setting")
    op.drop_index(op.f("ix_annotation_hit_annotation_id_created_at_id"), table_name="annotation_hit")
    op.drop_table("annotation_hit")
    op.drop_index(op.f("ix_annotation_message_id"), table_name="annotation")
    op.drop_index(op.f("ix_annotation_app_id_created_at_id"), table_name="annotation")
    op.drop_table("annotation")
