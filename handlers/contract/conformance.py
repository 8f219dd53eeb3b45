"""Every handler module against its Protocol, for the type checker.Generated from openapi/ by `python -m parley.codegen`; changes belong there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import handlers.service.application
    import handlers.service.chat
    import handlers.service.completion
    import handlers.service.conversations
    import handlers.service.datasets
    import handlers.service.documents
    import handlers.service.files
    import handlers.service.messages
    import handlers.service.retrieval
    import handlers.service.server
    import handlers.console.account
    import handlers.console.api_keys
    import handlers.console.apps
    import handlers.console.authentication
    import handlers.console.datasets
    import handlers.console.debugging
    import handlers.console.documents
    import handlers.console.files
    import handlers.console.model_providers
    import handlers.console.retrieval
    import handlers.console.setup
    import handlers.console.system
    import handlers.console.workspace
    import handlers.web.application
    import handlers.web.authentication
    import handlers.web.chat
    import handlers.web.conversations
    import handlers.web.messages
    from handlers.contract import console, service, web

    service_application: service.ApplicationHandlers = handlers.service.application
    service_chat: service.ChatHandlers = handlers.service.chat
    service_completion: service.CompletionHandlers = handlers.service.completion
    service_conversations: service.ConversationsHandlers = handlers.service.conversations
    service_datasets: service.DatasetsHandlers = handlers.service.datasets
    service_documents: service.DocumentsHandlers = handlers.service.documents
    service_files: service.FilesHandlers = handlers.service.files
    service_messages: service.MessagesHandlers = handlers.service.messages
    service_retrieval: service.RetrievalHandlers = handlers.service.retrieval
    service_server: service.ServerHandlers = handlers.service.server
    console_account: console.AccountHandlers = handlers.console.account
    console_api_keys: console.ApiKeysHandlers = handlers.console.api_keys
    console_apps: console.AppsHandlers = handlers.console.apps
    console_authentication: console.AuthenticationHandlers = handlers.console.authentication
    console_datasets: console.DatasetsHandlers = handlers.console.datasets
    console_debugging: console.DebuggingHandlers = handlers.console.debugging
    console_documents: console.DocumentsHandlers = handlers.console.documents
    console_files: console.FilesHandlers = handlers.console.files
    console_model_providers: console.ModelProvidersHandlers = handlers.console.model_providers
    console_retrieval: console.RetrievalHandlers = handlers.console.retrieval
    console_setup: console.SetupHandlers = handlers.console.setup
    console_system: console.SystemHandlers = handlers.console.system
    console_workspace: console.WorkspaceHandlers = handlers.console.workspace
    web_application: web.ApplicationHandlers = handlers.web.application
    web_authentication: web.AuthenticationHandlers = handlers.web.authentication
    web_chat: web.ChatHandlers = handlers.web.chat
    web_conversations: web.ConversationsHandlers = handlers.web.conversations
    web_messages: web.MessagesHandlers = handlers.web.messages
