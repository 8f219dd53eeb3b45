"""The first schema: accounts, apps, conversations, knowledge and providers."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "installation",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("setup_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name = 'parley'", name=op.f("ck_installation_single")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )
    op.create_table(
        "workspace",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("trial_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("custom_config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("plan IN ('sandbox', 'professional', 'team', 'enterprise')", name=op.f("ck_workspace_plan")),
        sa.CheckConstraint("status IN ('normal', 'archived', 'suspended')", name=op.f("ck_workspace_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
    )
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("avatar", sa.Text(), nullable=True),
        sa.Column("interface_language", sa.Text(), nullable=False),
        sa.Column("interface_theme", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("current_workspace_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_ip", sa.Text(), nullable=True),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'uninitialized', 'active', 'banned', 'closed')",
            name=op.f("ck_account_status"),
        ),
        sa.ForeignKeyConstraint(
            ["current_workspace_id"],
            ["workspace.id"],
            name=op.f("fk_account_current_workspace_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("uq_account_email", "account", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "app",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("icon_type", sa.Text(), nullable=True),
        sa.Column("icon", sa.Text(), nullable=True),
        sa.Column("icon_background", sa.Text(), nullable=True),
        sa.Column("use_icon_as_answer_icon", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("enable_site", sa.Boolean(), nullable=False),
        sa.Column("enable_api", sa.Boolean(), nullable=False),
        sa.Column("api_rpm", sa.BigInteger(), nullable=False),
        sa.Column("api_rph", sa.BigInteger(), nullable=False),
        sa.Column("max_active_requests", sa.BigInteger(), nullable=True),
        sa.Column("model_config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("model_config_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model_config_updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "mode IN ('chat', 'completion', 'agent-chat', 'advanced-chat', 'workflow')",
            name=op.f("ck_app_mode"),
        ),
        sa.CheckConstraint("status IN ('normal', 'archived', 'deleted')", name=op.f("ck_app_status")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_app_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_app_workspace_id_id")),
    )
    op.create_index(
        "ix_app_deleted",
        "app",
        ["deleted_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_app_workspace_id_created_at_id"), "app", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "dataset",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("partial_members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("indexing_technique", sa.Text(), nullable=True),
        sa.Column("embedding_model", sa.Text(), nullable=True),
        sa.Column("embedding_model_provider", sa.Text(), nullable=True),
        sa.Column("embedding_dimension", sa.BigInteger(), nullable=True),
        sa.Column("retrieval_model", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("doc_form", sa.Text(), nullable=True),
        sa.Column("data_source_type", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("enable_api", sa.Boolean(), nullable=False),
        sa.Column("built_in_field_enabled", sa.Boolean(), nullable=False),
        sa.Column("icon_info", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "doc_form IN ('text_model', 'qa_model', 'hierarchical_model')", name=op.f("ck_dataset_doc_form")
        ),
        sa.CheckConstraint(
            "indexing_technique IN ('high_quality', 'economy')", name=op.f("ck_dataset_indexing_technique")
        ),
        sa.CheckConstraint(
            "permission IN ('only_me', 'all_team_members', 'partial_members')",
            name=op.f("ck_dataset_permission"),
        ),
        sa.CheckConstraint("provider IN ('vendor', 'external')", name=op.f("ck_dataset_provider")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_dataset_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_dataset_workspace_id_id")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_dataset_workspace_id_name")),
    )
    op.create_index(
        op.f("ix_dataset_workspace_id_created_at_id"),
        "dataset",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "default_model",
        sa.Column("model_type", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "model_type IN ('llm', 'text-embedding', 'rerank', 'speech2text', 'moderation', 'tts')",
            name=op.f("ck_default_model_model_type"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_default_model_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_default_model")),
        sa.UniqueConstraint("workspace_id", "model_type", name=op.f("uq_default_model_workspace_id_model_type")),
    )
    op.create_table(
        "provider_credential",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("quota_exceeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_provider_credential_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_credential")),
        sa.UniqueConstraint("workspace_id", "provider", name=op.f("uq_provider_credential_workspace_id_provider")),
    )
    op.create_table(
        "provider_model",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model_type", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "model_type IN ('llm', 'text-embedding', 'rerank', 'speech2text', 'moderation', 'tts')",
            name=op.f("ck_provider_model_model_type"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_provider_model_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_model")),
        sa.UniqueConstraint(
            "workspace_id",
            "provider",
            "model_type",
            "model",
            name=op.f("uq_provider_model_workspace_id_provider_model_type_model"),
        ),
    )
    op.create_table(
        "api_key",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("token_hint", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("access", sa.Text(), nullable=True),
        sa.Column("dataset_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("access IN ('read', 'write', 'admin')", name=op.f("ck_api_key_access")),
        sa.CheckConstraint("kind IN ('app', 'dataset', 'workspace')", name=op.f("ck_api_key_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_api_key_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_api_key_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_key_token_hash")),
    )
    op.create_index(
        op.f("ix_api_key_workspace_id_kind_app_id_created_at_id"),
        "api_key",
        ["workspace_id", "kind", "app_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "app_dataset_join",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_app_dataset_join_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_app_dataset_join_workspace_id_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_app_dataset_join_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_dataset_join")),
        sa.UniqueConstraint("app_id", "dataset_id", name=op.f("uq_app_dataset_join_app_id_dataset_id")),
    )
    op.create_index(op.f("ix_app_dataset_join_dataset_id"), "app_dataset_join", ["dataset_id"], unique=False)
    op.create_table(
        "dataset_query",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_app_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_by_role", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("source IN ('hit_testing', 'app')", name=op.f("ck_dataset_query_source")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_dataset_query_workspace_id_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_dataset_query_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_query")),
    )
    op.create_index(
        op.f("ix_dataset_query_dataset_id_created_at_id"),
        "dataset_query",
        ["dataset_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "end_user",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("kind IN ('service_api', 'browser')", name=op.f("ck_end_user_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_end_user_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_end_user_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_end_user")),
        sa.UniqueConstraint("app_id", "kind", "session_id", name=op.f("uq_end_user_app_id_kind_session_id")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_end_user_workspace_id_id")),
    )
    op.create_table(
        "membership",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'admin', 'editor', 'normal', 'dataset_operator')",
            name=op.f("ck_membership_role"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_membership_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_membership_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("workspace_id", "account_id", name=op.f("uq_membership_workspace_id_account_id")),
    )
    op.create_index(op.f("ix_membership_account_id"), "membership", ["account_id"], unique=False)
    op.create_table(
        "process_rule",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("mode IN ('automatic', 'custom', 'hierarchical')", name=op.f("ck_process_rule_mode")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_process_rule_workspace_id_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_process_rule_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_rule")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_process_rule_workspace_id_id")),
    )
    op.create_index(
        op.f("ix_process_rule_dataset_id_created_at_id"),
        "process_rule",
        ["dataset_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "sign_in",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tier IN ('console', 'web')", name=op.f("ck_sign_in_tier")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("icon_type", sa.Text(), nullable=True),
        sa.Column("icon", sa.Text(), nullable=True),
        sa.Column("icon_background", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("default_language", sa.Text(), nullable=False),
        sa.Column("chat_color_theme", sa.Text(), nullable=True),
        sa.Column("chat_color_theme_inverted", sa.Boolean(), nullable=False),
        sa.Column("customize_domain", sa.Text(), nullable=True),
        sa.Column("copyright", sa.Text(), nullable=True),
        sa.Column("privacy_policy", sa.Text(), nullable=True),
        sa.Column("custom_disclaimer", sa.Text(), nullable=False),
        sa.Column("customize_token_strategy", sa.Text(), nullable=False),
        sa.Column("prompt_public", sa.Boolean(), nullable=False),
        sa.Column("show_workflow_steps", sa.Boolean(), nullable=False),
        sa.Column("use_icon_as_answer_icon", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_site_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_site_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("app_id", name=op.f("uq_site_app_id")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_table(
        "upload_file",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("character_count", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_upload_file_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_upload_file_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_file")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_upload_file_workspace_id_id")),
    )
    op.create_index(op.f("ix_upload_file_app_id"), "upload_file", ["app_id"], unique=False)
    op.create_index(op.f("ix_upload_file_hash"), "upload_file", ["hash"], unique=False)
    op.create_index(
        "ix_upload_file_unused",
        "upload_file",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "conversation",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("invoke_from", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("dialogue_count", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("status IN ('normal', 'finished')", name=op.f("ck_conversation_status")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_conversation_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "end_user_id"],
            ["end_user.workspace_id", "end_user.id"],
            name=op.f("fk_conversation_workspace_id_end_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_conversation_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_conversation_workspace_id_id")),
    )
    op.create_index(
        "ix_conversation_by_creation",
        "conversation",
        ["app_id", "end_user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_conversation_by_update",
        "conversation",
        ["app_id", "end_user_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_conversation_deleted",
        "conversation",
        ["deleted_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_conversation_end_user_id"), "conversation", ["end_user_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("process_rule_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("upload_file_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data_source_type", sa.Text(), nullable=False),
        sa.Column("data_source_info", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("doc_form", sa.Text(), nullable=False),
        sa.Column("doc_language", sa.Text(), nullable=True),
        sa.Column("doc_type", sa.Text(), nullable=True),
        sa.Column("doc_metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("indexing_status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("word_count", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("segments_done", sa.BigInteger(), nullable=False),
        sa.Column("segments_planned", sa.BigInteger(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("processing_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parsing_completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleaning_completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("splitting_completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("indexing_latency", sa.Double(), nullable=True),
        sa.Column("created_from", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "indexing_status IN ('waiting', 'parsing', 'cleaning', 'splitting', 'indexing', "
            "'completed', 'error', 'paused')",
            name=op.f("ck_document_indexing_status"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_document_workspace_id_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "process_rule_id"],
            ["process_rule.workspace_id", "process_rule.id"],
            name=op.f("fk_document_workspace_id_process_rule_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_document_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_document_workspace_id_id")),
    )
    op.create_index(op.f("ix_document_dataset_id_batch"), "document", ["dataset_id", "batch"], unique=False)
    op.create_index(
        op.f("ix_document_dataset_id_position_id"), "document", ["dataset_id", "position", "id"], unique=False
    )
    op.create_index(op.f("ix_document_process_rule_id"), "document", ["process_rule_id"], unique=False)
    op.create_index(
        "ix_document_unfinished",
        "document",
        ["indexing_status", "created_at"],
        unique=False,
        postgresql_where=sa.text("indexing_status NOT IN ('completed', 'error', 'paused')"),
    )
    op.create_table(
        "refresh_token",
        sa.Column("sign_in_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sign_in_id"], ["sign_in.id"], name=op.f("fk_refresh_token_sign_in_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_token_token_hash")),
    )
    op.create_index(op.f("ix_refresh_token_sign_in_id"), "refresh_token", ["sign_in_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("conversation_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("parent_message_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("invoke_from", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("model_provider", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("message_tokens", sa.BigInteger(), nullable=False),
        sa.Column("answer_tokens", sa.BigInteger(), nullable=False),
        sa.Column("message_unit_price", sa.Numeric(), nullable=False),
        sa.Column("answer_unit_price", sa.Numeric(), nullable=False),
        sa.Column("price_unit", sa.Numeric(), nullable=False),
        sa.Column("total_price", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("model_config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provider_response_latency", sa.Double(), nullable=False),
        sa.Column("stop_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "invoke_from IN ('service-api', 'web-app', 'debugger')", name=op.f("ck_message_invoke_from")
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'normal', 'stopped', 'error')", name=op.f("ck_message_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_message_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "conversation_id"],
            ["conversation.workspace_id", "conversation.id"],
            name=op.f("fk_message_workspace_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "end_user_id"],
            ["end_user.workspace_id", "end_user.id"],
            name=op.f("fk_message_workspace_id_end_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_message_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("task_id", name=op.f("uq_message_task_id")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_message_workspace_id_id")),
    )
    op.create_index(
        "ix_message_active",
        "message",
        ["app_id", "status", "created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_index(op.f("ix_message_app_id_created_at_id"), "message", ["app_id", "created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_message_conversation_id_created_at_id"),
        "message",
        ["conversation_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_message_end_user_id"), "message", ["end_user_id"], unique=False)
    op.create_table(
        "segment",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("document_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("word_count", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("keywords", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("index_node_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("index_node_hash", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("hit_count", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("indexing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("updated_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'indexing', 'completed', 'error', 'paused', 're_segment')",
            name=op.f("ck_segment_status"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_segment_workspace_id_dataset_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "document_id"],
            ["document.workspace_id", "document.id"],
            name=op.f("fk_segment_workspace_id_document_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_segment_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_segment_workspace_id_id")),
    )
    op.create_index(
        op.f("ix_segment_dataset_id_created_at_id"),
        "segment",
        ["dataset_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_segment_document_id_position_id"), "segment", ["document_id", "position", "id"], unique=False
    )
    op.create_table(
        "child_chunk",
        sa.Column("dataset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("document_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("segment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("word_count", sa.BigInteger(), nullable=False),
        sa.Column("index_node_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("index_node_hash", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("type IN ('automatic', 'customized')", name=op.f("ck_child_chunk_type")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "segment_id"],
            ["segment.workspace_id", "segment.id"],
            name=op.f("fk_child_chunk_workspace_id_segment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_child_chunk_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_chunk")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_child_chunk_workspace_id_id")),
    )
    op.create_index(
        op.f("ix_child_chunk_segment_id_position_id"),
        "child_chunk",
        ["segment_id", "position", "id"],
        unique=False,
    )
    op.create_table(
        "message_feedback",
        sa.Column("app_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("conversation_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("message_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("end_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("rating IN ('like', 'dislike')", name=op.f("ck_message_feedback_rating")),
        sa.CheckConstraint("source IN ('user', 'admin')", name=op.f("ck_message_feedback_source")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "app_id"],
            ["app.workspace_id", "app.id"],
            name=op.f("fk_message_feedback_workspace_id_app_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "message_id"],
            ["message.workspace_id", "message.id"],
            name=op.f("fk_message_feedback_workspace_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_message_feedback_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_feedback")),
        sa.UniqueConstraint("message_id", "source", name=op.f("uq_message_feedback_message_id_source")),
    )
    op.create_index(
        op.f("ix_message_feedback_app_id_created_at_id"),
        "message_feedback",
        ["app_id", "created_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_message_feedback_app_id_created_at_id"), table_name="message_feedback")
    op.drop_table("message_feedback")
    op.drop_index(op.f("ix_child_chunk_segment_id_position_id"), table_name="child_chunk")
    op.drop_table("child_chunk")
    op.drop_index(op.f("ix_segment_document_id_position_id"), table_name="segment")
    op.drop_index(op.f("ix_segment_dataset_id_created_at_id"), table_name="segment")
    op.drop_table("segment")
    op.drop_index(op.f("ix_message_end_user_id"), table_name="message")
    op.drop_index(op.f("ix_message_conversation_id_created_at_id"), table_name="message")
    op.drop_index(op.f("ix_message_app_id_created_at_id"), table_name="message")
    op.drop_index(
        "ix_message_active", table_name="message", postgresql_where=sa.text("status IN ('queued', 'running')")
    )
    op.drop_table("message")
    op.drop_index(op.f("ix_refresh_token_sign_in_id"), table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_index(
        "ix_document_unfinished",
        table_name="document",
        postgresql_where=sa.text("indexing_status NOT IN ('completed', 'error', 'paused')"),
    )
    op.drop_index(op.f("ix_document_process_rule_id"), table_name="document")
    op.drop_index(op.f("ix_document_dataset_id_position_id"), table_name="document")
    op.drop_index(op.f("ix_document_dataset_id_batch"), table_name="document")
    op.drop_table("document")
    op.drop_index(op.f("ix_conversation_end_user_id"), table_name="conversation")
    op.drop_index(
        "ix_conversation_deleted",
        table_name="conversation",
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.drop_index("ix_conversation_by_update", table_name="conversation")
    op.drop_index("ix_conversation_by_creation", table_name="conversation")
    op.drop_table("conversation")
    op.drop_index("ix_upload_file_unused", table_name="upload_file", postgresql_where=sa.text("used_at IS NULL"))
    op.drop_index(op.f("ix_upload_file_hash"), table_name="upload_file")
    op.drop_index(op.f("ix_upload_file_app_id"), table_name="upload_file")
    op.drop_table("upload_file")
    op.drop_table("site")
    op.drop_index(op.f("ix_sign_in_account_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index(op.f("ix_process_rule_dataset_id_created_at_id"), table_name="process_rule")
    op.drop_table("process_rule")
    op.drop_index(op.f("ix_membership_account_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_table("end_user")
    op.drop_index(op.f("ix_dataset_query_dataset_id_created_at_id"), table_name="dataset_query")
    op.drop_table("dataset_query")
    op.drop_index(op.f("ix_app_dataset_join_dataset_id"), table_name="app_dataset_join")
    op.drop_table("app_dataset_join")
    op.drop_index(op.f("ix_api_key_workspace_id_kind_app_id_created_at_id"), table_name="api_key")
    op.drop_table("api_key")
    op.drop_table("provider_model")
    op.drop_table("provider_credential")
    op.drop_table("default_model")
    op.drop_index(op.f("ix_dataset_workspace_id_created_at_id"), table_name="dataset")
    op.drop_table("dataset")
    op.drop_index(op.f("ix_app_workspace_id_created_at_id"), table_name="app")
    op.drop_index("ix_app_deleted", table_name="app", postgresql_where=sa.text("deleted_at IS NOT NULL"))
    op.drop_table("app")
    op.drop_index("uq_account_email", table_name="account")
    op.drop_table("account")
    op.drop_table("workspace")
    op.drop_table("installation")
