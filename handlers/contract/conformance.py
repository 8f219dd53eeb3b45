"""Every handler module against its Protocol, for the type checker.

Generated from openapi/ by `python -m parley.codegen`; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import handlers.service.annotations
    import handlers.service.application
    import handlers.service.apps
    import handlers.service.audio
    import handlers.service.chat
    import handlers.service.child_chunks
    import handlers.service.completion
    import handlers.service.conversations
    import handlers.service.datasets
    import handlers.service.documents
    import handlers.service.end_users
    import handlers.service.files
    import handlers.service.human_input
    import handlers.service.knowledge_pipeline
    import handlers.service.messages
    import handlers.service.metadata
    import handlers.service.models
    import handlers.service.retrieval
    import handlers.service.segments
    import handlers.service.server
    import handlers.service.tags
    import handlers.service.tasks
    import handlers.service.workflows
    import handlers.console.account
    import handlers.console.annotations
    import handlers.console.api_extensions
    import handlers.console.api_keys
    import handlers.console.app_files
    import handlers.console.apps
    import handlers.console.audio
    import handlers.console.authentication
    import handlers.console.child_chunks
    import handlers.console.datasets
    import handlers.console.debugging
    import handlers.console.documents
    import handlers.console.draft_variables
    import handlers.console.external_knowledge
    import handlers.console.files
    import handlers.console.invitations
    import handlers.console.logs
    import handlers.console.members
    import handlers.console.messages
    import handlers.console.metadata
    import handlers.console.model_providers
    import handlers.console.plugins
    import handlers.console.retrieval
    import handlers.console.segments
    import handlers.console.setup
    import handlers.console.sites
    import handlers.console.statistics
    import handlers.console.system
    import handlers.console.tags
    import handlers.console.tools
    import handlers.console.webhooks
    import handlers.console.workflow_debugging
    import handlers.console.workflow_runs
    import handlers.console.workflow_statistics
    import handlers.console.workflow_tools
    import handlers.console.workflows
    import handlers.console.workspace
    import handlers.web.application
    import handlers.web.audio
    import handlers.web.authentication
    import handlers.web.chat
    import handlers.web.completion
    import handlers.web.conversations
    import handlers.web.files
    import handlers.web.human_input
    import handlers.web.messages
    import handlers.web.workflows
    from handlers.contract import console, service, web

    service_annotations: service.AnnotationsHandlers = handlers.service.annotations
    service_application: service.ApplicationHandlers = handlers.service.application
    service_apps: service.AppsHandlers = handlers.service.apps
    service_audio: service.AudioHandlers = handlers.service.audio
    service_chat: service.ChatHandlers = handlers.service.chat
    service_child_chunks: service.ChildChunksHandlers = handlers.service.child_chunks
    service_completion: service.CompletionHandlers = handlers.service.completion
    service_conversations: service.ConversationsHandlers = handlers.service.conversations
    service_datasets: service.DatasetsHandlers = handlers.service.datasets
    service_documents: service.DocumentsHandlers = handlers.service.documents
    service_end_users: service.EndUsersHandlers = handlers.service.end_users
    service_files: service.FilesHandlers = handlers.service.files
    service_human_input: service.HumanInputHandlers = handlers.service.human_input
    service_knowledge_pipeline: service.KnowledgePipelineHandlers = handlers.service.knowledge_pipeline
    service_messages: service.MessagesHandlers = handlers.service.messages
    service_metadata: service.MetadataHandlers = handlers.service.metadata
    service_models: service.ModelsHandlers = handlers.service.models
    service_retrieval: service.RetrievalHandlers = handlers.service.retrieval
    service_segments: service.SegmentsHandlers = handlers.service.segments
    service_server: service.ServerHandlers = handlers.service.server
    service_tags: service.TagsHandlers = handlers.service.tags
    service_tasks: service.TasksHandlers = handlers.service.tasks
    service_workflows: service.WorkflowsHandlers = handlers.service.workflows
    console_account: console.AccountHandlers = handlers.console.account
    console_annotations: console.AnnotationsHandlers = handlers.console.annotations
    console_api_extensions: console.ApiExtensionsHandlers = handlers.console.api_extensions
    console_api_keys: console.ApiKeysHandlers = handlers.console.api_keys
    console_app_files: console.AppFilesHandlers = handlers.console.app_files
    console_apps: console.AppsHandlers = handlers.console.apps
    console_audio: console.AudioHandlers = handlers.console.audio
    console_authentication: console.AuthenticationHandlers = handlers.console.authentication
    console_child_chunks: console.ChildChunksHandlers = handlers.console.child_chunks
    console_datasets: console.DatasetsHandlers = handlers.console.datasets
    console_debugging: console.DebuggingHandlers = handlers.console.debugging
    console_documents: console.DocumentsHandlers = handlers.console.documents
    console_draft_variables: console.DraftVariablesHandlers = handlers.console.draft_variables
    console_external_knowledge: console.ExternalKnowledgeHandlers = handlers.console.external_knowledge
    console_files: console.FilesHandlers = handlers.console.files
    console_invitations: console.InvitationsHandlers = handlers.console.invitations
    console_logs: console.LogsHandlers = handlers.console.logs
    console_members: console.MembersHandlers = handlers.console.members
    console_messages: console.MessagesHandlers = handlers.console.messages
    console_metadata: console.MetadataHandlers = handlers.console.metadata
    console_model_providers: console.ModelProvidersHandlers = handlers.console.model_providers
    console_plugins: console.PluginsHandlers = handlers.console.plugins
    console_retrieval: console.RetrievalHandlers = handlers.console.retrieval
    console_segments: console.SegmentsHandlers = handlers.console.segments
    console_setup: console.SetupHandlers = handlers.console.setup
    console_sites: console.SitesHandlers = handlers.console.sites
    console_statistics: console.StatisticsHandlers = handlers.console.statistics
    console_system: console.SystemHandlers = handlers.console.system
    console_tags: console.TagsHandlers = handlers.console.tags
    console_tools: console.ToolsHandlers = handlers.console.tools
    console_webhooks: console.WebhooksHandlers = handlers.console.webhooks
    console_workflow_debugging: console.WorkflowDebuggingHandlers = handlers.console.workflow_debugging
    console_workflow_runs: console.WorkflowRunsHandlers = handlers.console.workflow_runs
    console_workflow_statistics: console.WorkflowStatisticsHandlers = handlers.console.workflow_statistics
    console_workflow_tools: console.WorkflowToolsHandlers = handlers.console.workflow_tools
    console_workflows: console.WorkflowsHandlers = handlers.console.workflows
    console_workspace: console.WorkspaceHandlers = handlers.console.workspace
    web_application: web.ApplicationHandlers = handlers.web.application
    web_audio: web.AudioHandlers = handlers.web.audio
    web_authentication: web.AuthenticationHandlers = handlers.web.authentication
    web_chat: web.ChatHandlers = handlers.web.chat
    web_completion: web.CompletionHandlers = handlers.web.completion
    web_conversations: web.ConversationsHandlers = handlers.web.conversations
    web_files: web.FilesHandlers = handlers.web.files
    web_human_input: web.HumanInputHandlers = handlers.web.human_input
    web_messages: web.MessagesHandlers = handlers.web.messages
    web_workflows: web.WorkflowsHandlers = handlers.web.workflows
