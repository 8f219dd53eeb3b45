"""Workflows: drafts, versions, runs, node executions."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "workflow",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("graph", postgresql.JSONB(), nullable=False),
        sa.Column("features", postgresql.JSONB(), nullable=False),
        sa.Column("environment_variables", postgresql.JSONB(), nullable=False),
        sa.Column("conversation_variables", postgresql.JSONB(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("marked_name", sa.Text(), nullable=False),
        sa.Column("marked_comment", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("type IN ('workflow', 'chat')", name=op.f("ck_workflow_type")),
        _owned("workflow", "app"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_workflow_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_workflow_workspace_id_id")),
        sa.UniqueConstraint("app_id", "version", name=op.f("uq_workflow_app_id_version")),
    )
    op.create_index(op.f("ix_workflow_app_id_created_at_id"), "workflow", ["app_id", "created_at", "id"])
    op.create_table(
        "draft_variable",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("value_type", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=True),
        sa.Column("first_value", postgresql.JSONB(), nullable=True),
        sa.Column("node_execution_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        _owned("draft_variable", "app"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_draft_variable_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_variable")),
        sa.UniqueConstraint("app_id", "node_id", "name", name=op.f("uq_draft_variable_app_id_node_id_name")),
    )
    op.create_index(op.f("ix_draft_variable_app_id_created_at_id"), "draft_variable", ["app_id", "created_at", "id"])
    _create_workflow_run()
    _create_node_execution()
    _create_human_input_form()
    _create_workflow_tool_provider()
    op.add_column("message", sa.Column("workflow_run_id", sa.Uuid(as_uuid=False), nullable=True))
    op.drop_constraint(op.f("ck_message_status"), "message", type_="check")
    op.create_check_constraint(
        op.f("ck_message_status"), "message", "status IN ('queued', 'running', 'paused', 'normal', 'stopped', 'error')"
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_constraint(op.f("ck_message_status"), "message", type_="check")
    op.execute("UPDATE message SET status = 'stopped' WHERE status = 'paused'")
    op.create_check_constraint(
        op.f("ck_message_status"), "message", "status IN ('queued', 'running', 'normal', 'stopped', 'error')"
    )
    op.drop_column("message", "workflow_run_id")
    op.drop_table("workflow_tool_provider")
    op.drop_table("human_input_form")
    op.drop_table("node_execution")
    op.drop_table("workflow_run")
    op.drop_table("draft_variable")
    op.drop_table("workflow")


def _owned(table: str, parent: str) -> sa.ForeignKeyConstraint:
    """Return the foreign key to a parent of the same workspace."""
    return sa.ForeignKeyConstraint(
        ["workspace_id", f"{parent}_id"],
        [f"{parent}.workspace_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_workspace_id_{parent}_id"),
        ondelete="CASCADE",
    )


def _create_workflow_run() -> None:
    op.create_table(
        "workflow_run",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workflow_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("invoke_from", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("message_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("graph", postgresql.JSONB(), nullable=False),
        sa.Column("features", postgresql.JSONB(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("outputs", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("elapsed_time", sa.Double(), nullable=False),
        sa.Column("total_tokens", sa.BigInteger(), nullable=False),
        sa.Column("total_price", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_steps", sa.BigInteger(), nullable=False),
        sa.Column("exceptions_count", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("call_depth", sa.BigInteger(), nullable=False),
        sa.Column("within_task_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("stop_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=True),
        sa.Column("api_key_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'paused', 'succeeded', 'failed', 'stopped', 'partial-succeeded')",
            name=op.f("ck_workflow_run_status"),
        ),
        sa.CheckConstraint("mode IN ('workflow', 'advanced-chat')", name=op.f("ck_workflow_run_mode")),
        sa.CheckConstraint(
            "invoke_from IN ('service-api', 'web-app', 'debugger')", name=op.f("ck_workflow_run_invoke_from")
        ),
        _owned("workflow_run", "app"),
        _owned("workflow_run", "message"),
        _owned("workflow_run", "end_user"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_workflow_run_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow_run")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_workflow_run_workspace_id_id")),
    )
    op.create_index(op.f("ix_workflow_run_task_id"), "workflow_run", ["task_id"], unique=True)
    op.create_index(op.f("ix_workflow_run_message_id"), "workflow_run", ["message_id"])
    op.create_index(op.f("ix_workflow_run_end_user_id"), "workflow_run", ["end_user_id"])
    op.create_index(op.f("ix_workflow_run_app_id_created_at_id"), "workflow_run", ["app_id", "created_at", "id"])
    op.create_index(
        "ix_workflow_run_unfinished",
        "workflow_run",
        ["status", "created_at"],
        postgresql_where=sa.text("status IN ('queued', 'running', 'paused')"),
    )
    op.create_index(
        "ix_workflow_run_active_by_key",
        "workflow_run",
        ["api_key_id"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )


def _create_node_execution() -> None:
    op.create_table(
        "node_execution",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workflow_run_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("node_type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("predecessor_node_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(), nullable=True),
        sa.Column("process_data", postgresql.JSONB(), nullable=True),
        sa.Column("outputs", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_type", sa.Text(), nullable=True),
        sa.Column("elapsed_time", sa.Double(), nullable=False),
        sa.Column("execution_metadata", postgresql.JSONB(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "status IN ('running', 'retry', 'paused', 'succeeded', 'failed', 'exception', 'stopped')",
            name=op.f("ck_node_execution_status"),
        ),
        _owned("node_execution", "app"),
        _owned("node_execution", "workflow_run"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_node_execution_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node_execution")),
    )
    op.create_index(op.f("ix_node_execution_workflow_run_id_index"), "node_execution", ["workflow_run_id", "index"])
    op.create_index(
        op.f("ix_node_execution_app_id_node_id_created_at"), "node_execution", ["app_id", "node_id", "created_at"]
    )


def _create_workflow_tool_provider() -> None:
    op.create_table(
        "workflow_tool_provider",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("icon", postgresql.JSONB(), nullable=False),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("labels", postgresql.JSONB(), nullable=False),
        sa.Column("privacy_policy", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        _owned("workflow_tool_provider", "app"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_workflow_tool_provider_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow_tool_provider")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_workflow_tool_provider_workspace_id_name")),
        sa.UniqueConstraint("workspace_id", "app_id", name=op.f("uq_workflow_tool_provider_workspace_id_app_id")),
    )


def _create_human_input_form() -> None:
    op.create_table(
        "human_input_form",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("workflow_run_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("node_title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(), nullable=False),
        sa.Column("actions", postgresql.JSONB(), nullable=False),
        sa.Column("default_values", postgresql.JSONB(), nullable=False),
        sa.Column("delivery", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action_id", sa.Text(), nullable=True),
        sa.Column("submitted", postgresql.JSONB(), nullable=False),
        sa.Column("rendered_content", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uploads", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'submitted', 'timeout', 'cancelled')", name=op.f("ck_human_input_form_status")
        ),
        _owned("human_input_form", "app"),
        _owned("human_input_form", "workflow_run"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_human_input_form_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_human_input_form")),
        sa.UniqueConstraint("token", name=op.f("uq_human_input_form_token")),
    )
    op.create_index(op.f("ix_human_input_form_workflow_run_id"), "human_input_form", ["workflow_run_id"])
    op.create_index(
        "ix_human_input_form_waiting",
        "human_input_form",
        ["expires_at"],
        postgresql_where=sa.text("status = 'waiting'"),
    )
