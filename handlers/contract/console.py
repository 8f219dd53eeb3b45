"""What the modules of handlers/console/ have to offer.

Generated from openapi/ by `python -m parley.codegen`; changes belong there.
"""

from __future__ import annotations

from typing import Literal, Protocol

from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import EventStream, FileReply, Reply, UploadedFile


class ApiExtensionsHandlers(Protocol):
    """The operations of the tag API Extensions."""

    async def list_api_extensions(self, call: Call) -> schemas.ApiExtensionList | Reply[schemas.ApiExtensionList]: ...

    async def create_api_extension(
        self,
        call: Call,
        *,
        body: schemas.ApiExtensionRequest,
    ) -> schemas.ApiExtension | Reply[schemas.ApiExtension]: ...

    async def get_api_extension(
        self,
        call: Call,
        *,
        extension_id: schemas.Id,
    ) -> schemas.ApiExtension | Reply[schemas.ApiExtension]: ...

    async def update_api_extension(
        self,
        call: Call,
        *,
        extension_id: schemas.Id,
        body: schemas.ApiExtensionRequest,
    ) -> schemas.ApiExtension | Reply[schemas.ApiExtension]: ...

    async def delete_api_extension(self, call: Call, *, extension_id: schemas.Id) -> None | Reply[None]: ...


class ApiKeysHandlers(Protocol):
    """The operations of the tag API Keys."""

    async def list_app_api_keys(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.ApiKeyList | Reply[schemas.ApiKeyList]: ...

    async def create_app_api_key(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.ApiKeyRestrictions = ...,
    ) -> schemas.ApiKey | Reply[schemas.ApiKey]: ...

    async def delete_app_api_key(self, call: Call, *, app_id: schemas.Id, api_key_id: str) -> None | Reply[None]: ...

    async def list_workspace_api_keys(self, call: Call) -> schemas.ApiKeyList | Reply[schemas.ApiKeyList]: ...

    async def create_api_key(
        self,
        call: Call,
        *,
        body: schemas.ApiKeyRequest,
    ) -> schemas.ApiKey | Reply[schemas.ApiKey]: ...

    async def delete_api_key(self, call: Call, *, api_key_id: str) -> None | Reply[None]: ...

    async def list_dataset_api_keys(self, call: Call) -> schemas.ApiKeyList | Reply[schemas.ApiKeyList]: ...

    async def create_dataset_api_key(
        self,
        call: Call,
        *,
        body: schemas.ApiKeyRestrictions = ...,
    ) -> schemas.ApiKey | Reply[schemas.ApiKey]: ...

    async def delete_dataset_api_key(self, call: Call, *, api_key_id: str) -> None | Reply[None]: ...

    async def list_keys_of_dataset(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.ApiKeyList | Reply[schemas.ApiKeyList]: ...

    async def create_key_of_dataset(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DatasetApiKeyRestrictions = ...,
    ) -> schemas.ApiKey | Reply[schemas.ApiKey]: ...

    async def set_dataset_api_access(
        self,
        call: Call,
        *,
        key_or_action: schemas.ApiAccessAction,
        dataset_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def delete_key_of_dataset(
        self,
        call: Call,
        *,
        key_or_action: str,
        dataset_id: schemas.Id,
    ) -> None | Reply[None]: ...


class AccountHandlers(Protocol):
    """The operations of the tag Account."""

    async def get_account_profile(self, call: Call) -> schemas.Account | Reply[schemas.Account]: ...

    async def set_account_name(
        self,
        call: Call,
        *,
        body: schemas.AccountName,
    ) -> schemas.Account | Reply[schemas.Account]: ...

    async def set_account_avatar(
        self,
        call: Call,
        *,
        body: schemas.AccountAvatar,
    ) -> schemas.Account | Reply[schemas.Account]: ...

    async def set_account_password(
        self,
        call: Call,
        *,
        body: schemas.AccountPassword,
    ) -> schemas.Account | Reply[schemas.Account]: ...

    async def set_interface_language(
        self,
        call: Call,
        *,
        body: schemas.AccountLanguage,
    ) -> schemas.Account | Reply[schemas.Account]: ...

    async def set_interface_theme(
        self,
        call: Call,
        *,
        body: schemas.AccountTheme,
    ) -> schemas.Account | Reply[schemas.Account]: ...

    async def set_account_timezone(
        self,
        call: Call,
        *,
        body: schemas.AccountTimezone,
    ) -> schemas.Account | Reply[schemas.Account]: ...


class AnnotationsHandlers(Protocol):
    """The operations of the tag Annotations."""

    async def list_annotations(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        app_id: schemas.Id,
    ) -> schemas.AnnotationList | Reply[schemas.AnnotationList]: ...

    async def create_annotation(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.ConsoleAnnotationRequest,
    ) -> schemas.Annotation | Reply[schemas.Annotation]: ...

    async def delete_annotations(
        self,
        call: Call,
        *,
        annotation_id: list[schemas.Id] = ...,
        app_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def count_annotations(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.AnnotationCount | Reply[schemas.AnnotationCount]: ...

    async def export_annotations(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.AnnotationExport | Reply[schemas.AnnotationExport]: ...

    async def import_annotations(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        file: UploadedFile,
    ) -> schemas.AnnotationImport | Reply[schemas.AnnotationImport]: ...

    async def get_annotation_import(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        job_id: schemas.Id,
    ) -> schemas.AnnotationJobDetail | Reply[schemas.AnnotationJobDetail]: ...

    async def update_annotation(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        annotation_id: schemas.Id,
        body: schemas.AnnotationRequest,
    ) -> schemas.Annotation | Reply[schemas.Annotation]: ...

    async def delete_annotation(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        annotation_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def list_annotation_hits(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        app_id: schemas.Id,
        annotation_id: schemas.Id,
    ) -> schemas.AnnotationHitList | Reply[schemas.AnnotationHitList]: ...

    async def set_annotation_reply(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        action: schemas.AnnotationReplyAction,
        body: schemas.AnnotationReplyRequest,
    ) -> schemas.AnnotationJob | Reply[schemas.AnnotationJob]: ...

    async def get_annotation_reply_job(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        action: schemas.AnnotationReplyAction,
        job_id: schemas.Id,
    ) -> schemas.AnnotationJobDetail | Reply[schemas.AnnotationJobDetail]: ...

    async def get_annotation_setting(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.AnnotationSetting | Reply[schemas.AnnotationSetting]: ...

    async def update_annotation_setting(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        annotation_setting_id: schemas.Id,
        body: schemas.AnnotationThreshold,
    ) -> schemas.AnnotationSetting | Reply[schemas.AnnotationSetting]: ...


class AppFilesHandlers(Protocol):
    """The operations of the tag App Files."""

    async def import_app(
        self,
        call: Call,
        *,
        body: schemas.AppImportRequest,
    ) -> schemas.AppImport | Reply[schemas.AppImport]: ...

    async def confirm_app_import(
        self,
        call: Call,
        *,
        import_id: schemas.Id,
    ) -> schemas.AppImport | Reply[schemas.AppImport]: ...

    async def check_app_dependencies(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.MissingDependencies | Reply[schemas.MissingDependencies]: ...

    async def get_app_file_schema(self, call: Call) -> schemas.JsonSchema | Reply[schemas.JsonSchema]: ...

    async def export_app(
        self,
        call: Call,
        *,
        include_secret: bool,
        workflow_id: schemas.OptionalId = ...,
        app_id: schemas.Id,
    ) -> schemas.AppFile | Reply[schemas.AppFile]: ...

    async def copy_app(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.AppCopyRequest = ...,
    ) -> schemas.ConsoleApp | Reply[schemas.ConsoleApp]: ...

    async def convert_to_workflow(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.AppCopyRequest = ...,
    ) -> schemas.Converted | Reply[schemas.Converted]: ...


class AppsHandlers(Protocol):
    """The operations of the tag Apps."""

    async def list_apps(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        mode: schemas.AppModeFilter = ...,
        name: str = ...,
        search: str = ...,
        is_created_by_me: bool = ...,
        tag_ids: list[schemas.Id] = ...,
    ) -> schemas.ConsoleAppList | Reply[schemas.ConsoleAppList]: ...

    async def create_app(
        self,
        call: Call,
        *,
        body: schemas.AppCreateRequest,
    ) -> schemas.ConsoleApp | Reply[schemas.ConsoleApp]: ...

    async def get_app(self, call: Call, *, app_id: schemas.Id) -> schemas.ConsoleApp | Reply[schemas.ConsoleApp]: ...

    async def update_app(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.AppUpdateRequest,
    ) -> schemas.ConsoleApp | Reply[schemas.ConsoleApp]: ...

    async def delete_app(self, call: Call, *, app_id: schemas.Id) -> None | Reply[None]: ...

    async def set_app_site_status(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.SiteToggle,
    ) -> schemas.ConsoleApp | Reply[schemas.ConsoleApp]: ...

    async def set_app_api_status(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.ApiToggle,
    ) -> schemas.ConsoleApp | Reply[schemas.ConsoleApp]: ...

    async def update_app_model_config(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.ModelConfig,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class AudioHandlers(Protocol):
    """The operations of the tag Audio."""

    async def create_transcript(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        file: UploadedFile,
        user: str = ...,
    ) -> schemas.Transcript | Reply[schemas.Transcript]: ...

    async def create_speech(self, call: Call, *, app_id: schemas.Id, body: schemas.SpeechRequest) -> FileReply: ...

    async def list_voices(
        self,
        call: Call,
        *,
        language: str = ...,
        app_id: schemas.Id,
    ) -> schemas.VoiceList | Reply[schemas.VoiceList]: ...


class AuthenticationHandlers(Protocol):
    """The operations of the tag Authentication."""

    async def login(
        self,
        call: Call,
        *,
        body: schemas.LoginRequest,
    ) -> schemas.LoginResult | Reply[schemas.LoginResult]: ...

    async def refresh_token(
        self,
        call: Call,
        *,
        body: schemas.RefreshRequest = ...,
    ) -> schemas.LoginResult | Reply[schemas.LoginResult]: ...

    async def logout(self, call: Call) -> schemas.Result | Reply[schemas.Result]: ...


class ChildChunksHandlers(Protocol):
    """The operations of the tag Child Chunks."""

    async def list_child_chunks(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
    ) -> schemas.ChildChunkList | Reply[schemas.ChildChunkList]: ...

    async def create_child_chunk(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
        body: schemas.ChildChunkText,
    ) -> schemas.ChildChunkDetail | Reply[schemas.ChildChunkDetail]: ...

    async def replace_child_chunks(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
        body: schemas.ChildChunkBatch,
    ) -> schemas.ChildChunkBatchAnswer | Reply[schemas.ChildChunkBatchAnswer]: ...

    async def update_child_chunk(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
        child_chunk_id: schemas.Id,
        body: schemas.ChildChunkText,
    ) -> schemas.ChildChunkDetail | Reply[schemas.ChildChunkDetail]: ...

    async def delete_child_chunk(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
        child_chunk_id: schemas.Id,
    ) -> None | Reply[None]: ...


class DatasetsHandlers(Protocol):
    """The operations of the tag Datasets."""

    async def list_datasets(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        name: str = ...,
        search: str = ...,
        ids: list[schemas.Id] = ...,
        tag_ids: list[schemas.Id] = ...,
        include_all: bool,
    ) -> schemas.DatasetList | Reply[schemas.DatasetList]: ...

    async def create_dataset(
        self,
        call: Call,
        *,
        body: schemas.DatasetCreate,
    ) -> schemas.Dataset | Reply[schemas.Dataset]: ...

    async def get_dataset(self, call: Call, *, dataset_id: schemas.Id) -> schemas.Dataset | Reply[schemas.Dataset]: ...

    async def update_dataset(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DatasetUpdate,
    ) -> schemas.Dataset | Reply[schemas.Dataset]: ...

    async def delete_dataset(self, call: Call, *, dataset_id: schemas.Id) -> None | Reply[None]: ...

    async def get_process_rule(
        self,
        call: Call,
        *,
        document_id: schemas.Id = ...,
    ) -> schemas.KnownProcessRule | Reply[schemas.KnownProcessRule]: ...

    async def get_retrieval_setting(self, call: Call) -> schemas.RetrievalMethods | Reply[schemas.RetrievalMethods]: ...

    async def get_retrieval_setting_of(
        self,
        call: Call,
        *,
        vector_type: str,
    ) -> schemas.RetrievalMethods | Reply[schemas.RetrievalMethods]: ...

    async def get_knowledge_api_base(self, call: Call) -> schemas.ApiBaseInfo | Reply[schemas.ApiBaseInfo]: ...

    async def list_auto_disabled_documents(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.AutoDisabledDocuments | Reply[schemas.AutoDisabledDocuments]: ...

    async def list_dataset_members(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.DatasetMembers | Reply[schemas.DatasetMembers]: ...

    async def list_dataset_queries(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        dataset_id: schemas.Id,
    ) -> schemas.DatasetQueryList | Reply[schemas.DatasetQueryList]: ...

    async def list_related_apps(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.RelatedAppList | Reply[schemas.RelatedAppList]: ...

    async def check_dataset_use(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.DatasetUse | Reply[schemas.DatasetUse]: ...


class DebuggingHandlers(Protocol):
    """The operations of the tag Debugging."""

    async def create_debug_completion_message(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.DebugCompletionRequest,
    ) -> schemas.CompletionAnswer | EventStream | Reply[schemas.CompletionAnswer]: ...

    async def stop_debug_completion_message(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        task_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def create_debug_chat_message(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.DebugChatRequest,
    ) -> schemas.ChatAnswer | EventStream | Reply[schemas.ChatAnswer]: ...

    async def list_chat_messages(
        self,
        call: Call,
        *,
        conversation_id: schemas.Id,
        first_id: schemas.OptionalId = ...,
        limit: int,
        app_id: schemas.Id,
    ) -> schemas.MessageList | Reply[schemas.MessageList]: ...

    async def stop_debug_chat_message(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        task_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class DocumentsHandlers(Protocol):
    """The operations of the tag Documents."""

    async def init_dataset(
        self,
        call: Call,
        *,
        body: schemas.KnowledgeInit,
    ) -> schemas.DatasetAndDocuments | Reply[schemas.DatasetAndDocuments]: ...

    async def estimate_indexing(
        self,
        call: Call,
        *,
        body: schemas.IndexingEstimateRequest,
    ) -> schemas.IndexingEstimate | Reply[schemas.IndexingEstimate]: ...

    async def get_dataset_indexing_status(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.AllDocumentStatuses | Reply[schemas.AllDocumentStatuses]: ...

    async def list_failed_documents(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.FailedDocuments | Reply[schemas.FailedDocuments]: ...

    async def retry_documents(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DocumentIds,
    ) -> None | Reply[None]: ...

    async def sync_notion_dataset(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def estimate_batch_indexing(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        batch: str,
    ) -> schemas.IndexingEstimate | Reply[schemas.IndexingEstimate]: ...

    async def set_document_status(
        self,
        call: Call,
        *,
        document_id: list[schemas.Id],
        dataset_id: schemas.Id,
        action: schemas.DocumentStatusAction,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def estimate_document_indexing(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.IndexingEstimate | Reply[schemas.IndexingEstimate]: ...

    async def sync_notion_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def sync_website_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def get_document_pipeline_execution_log(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.PipelineExecutionLog | Reply[schemas.PipelineExecutionLog]: ...

    async def pause_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def resume_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def rename_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        body: schemas.DocumentRename,
    ) -> schemas.Document | Reply[schemas.Document]: ...

    async def download_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.SignedUrl | Reply[schemas.SignedUrl]: ...

    async def create_document_by_file(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        file: UploadedFile,
        data: schemas.DocumentSettings = ...,
        indexing_technique: Literal["high_quality", "economy"] = ...,
        process_rule: schemas.ProcessRule = ...,
        original_document_id: str = ...,
        doc_form: Literal["text_model", "hierarchical_model", "qa_model"] = ...,
        doc_language: str = ...,
        name: str = ...,
    ) -> schemas.CreatedDocument | Reply[schemas.CreatedDocument]: ...

    async def create_document_by_text(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DocumentCreateByText,
    ) -> schemas.CreatedDocument | Reply[schemas.CreatedDocument]: ...

    async def list_documents(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        search: str = ...,
        status: schemas.DisplayStatus = ...,
        dataset_id: schemas.Id,
    ) -> schemas.DocumentList | Reply[schemas.DocumentList]: ...

    async def create_documents(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DocumentCreateFromFiles,
    ) -> schemas.DatasetAndDocuments | Reply[schemas.DatasetAndDocuments]: ...

    async def delete_documents(
        self,
        call: Call,
        *,
        document_id: list[schemas.Id],
        dataset_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def get_document(
        self,
        call: Call,
        *,
        metadata: schemas.MetadataScope,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.DocumentDetail | Reply[schemas.DocumentDetail]: ...

    async def delete_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def get_document_indexing_status(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.DocumentStatus | Reply[schemas.DocumentStatus]: ...

    async def get_batch_indexing_status(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        batch: str,
    ) -> schemas.DocumentStatusList | Reply[schemas.DocumentStatusList]: ...


class DraftVariablesHandlers(Protocol):
    """The operations of the tag Draft Variables."""

    async def list_draft_variables(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        app_id: schemas.Id,
    ) -> schemas.DraftVariableList | Reply[schemas.DraftVariableList]: ...

    async def delete_draft_variables(self, call: Call, *, app_id: schemas.Id) -> None | Reply[None]: ...

    async def get_draft_variable(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        variable_id: schemas.Id,
    ) -> schemas.DraftVariable | Reply[schemas.DraftVariable]: ...

    async def update_draft_variable(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        variable_id: schemas.Id,
        body: schemas.DraftVariableUpdate,
    ) -> schemas.DraftVariable | Reply[schemas.DraftVariable]: ...

    async def delete_draft_variable(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        variable_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def reset_draft_variable(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        variable_id: schemas.Id,
    ) -> schemas.DraftVariable | Reply[schemas.DraftVariable]: ...

    async def list_node_variables(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        node_id: str,
    ) -> schemas.DraftVariableValues | Reply[schemas.DraftVariableValues]: ...

    async def delete_node_variables(self, call: Call, *, app_id: schemas.Id, node_id: str) -> None | Reply[None]: ...

    async def list_system_variables(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.DraftVariableValues | Reply[schemas.DraftVariableValues]: ...


class ExternalKnowledgeHandlers(Protocol):
    """The operations of the tag External Knowledge."""

    async def create_external_dataset(
        self,
        call: Call,
        *,
        body: schemas.ExternalDatasetCreate,
    ) -> schemas.Dataset | Reply[schemas.Dataset]: ...

    async def list_external_knowledge_apis(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
    ) -> schemas.ExternalKnowledgeApiList | Reply[schemas.ExternalKnowledgeApiList]: ...

    async def create_external_knowledge_api(
        self,
        call: Call,
        *,
        body: schemas.ExternalKnowledgeApiRequest,
    ) -> schemas.ExternalKnowledgeApi | Reply[schemas.ExternalKnowledgeApi]: ...

    async def get_external_knowledge_api(
        self,
        call: Call,
        *,
        external_knowledge_api_id: schemas.Id,
    ) -> schemas.ExternalKnowledgeApi | Reply[schemas.ExternalKnowledgeApi]: ...

    async def update_external_knowledge_api(
        self,
        call: Call,
        *,
        external_knowledge_api_id: schemas.Id,
        body: schemas.ExternalKnowledgeApiRequest,
    ) -> schemas.ExternalKnowledgeApi | Reply[schemas.ExternalKnowledgeApi]: ...

    async def delete_external_knowledge_api(
        self,
        call: Call,
        *,
        external_knowledge_api_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def check_external_knowledge_api_use(
        self,
        call: Call,
        *,
        external_knowledge_api_id: schemas.Id,
    ) -> schemas.ExternalKnowledgeApiUse | Reply[schemas.ExternalKnowledgeApiUse]: ...

    async def test_external_retrieval(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.ExternalRetrieveRequest,
    ) -> schemas.ExternalRetrieveAnswer | Reply[schemas.ExternalRetrieveAnswer]: ...


class FilesHandlers(Protocol):
    """The operations of the tag Files."""

    async def get_upload_limits(self, call: Call) -> schemas.UploadLimits | Reply[schemas.UploadLimits]: ...

    async def upload_file(
        self,
        call: Call,
        *,
        file: UploadedFile,
        source: Literal["datasets"] = ...,
    ) -> schemas.UploadedFile | Reply[schemas.UploadedFile]: ...


class InvitationsHandlers(Protocol):
    """The operations of the tag Invitations."""

    async def check_invitation(
        self,
        call: Call,
        *,
        token: str,
        workspace_id: str | None = ...,
        email: str | None = ...,
    ) -> schemas.InvitationCheck | Reply[schemas.InvitationCheck]: ...

    async def accept_invitation(
        self,
        call: Call,
        *,
        body: schemas.ActivationRequest,
    ) -> schemas.ActivationResult | Reply[schemas.ActivationResult]: ...


class LogsHandlers(Protocol):
    """The operations of the tag Logs."""

    async def list_chat_conversations(
        self,
        call: Call,
        *,
        keyword: str = ...,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        annotation_status: schemas.AnnotationFilter,
        message_count_gte: int = ...,
        sort_by: schemas.ConversationOrder,
        page: int,
        limit: int,
        app_id: schemas.Id,
    ) -> schemas.LoggedConversationList | Reply[schemas.LoggedConversationList]: ...

    async def get_chat_conversation(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        conversation_id: schemas.Id,
    ) -> schemas.LoggedConversationDetail | Reply[schemas.LoggedConversationDetail]: ...

    async def delete_chat_conversation(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        conversation_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def get_agent_log(
        self,
        call: Call,
        *,
        conversation_id: schemas.Id,
        message_id: schemas.Id,
        app_id: schemas.Id,
    ) -> schemas.AgentLog | Reply[schemas.AgentLog]: ...

    async def list_completion_conversations(
        self,
        call: Call,
        *,
        keyword: str = ...,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        annotation_status: schemas.AnnotationFilter,
        page: int,
        limit: int,
        app_id: schemas.Id,
    ) -> schemas.LoggedCompletionList | Reply[schemas.LoggedCompletionList]: ...

    async def get_completion_conversation(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        conversation_id: schemas.Id,
    ) -> schemas.LoggedCompletionDetail | Reply[schemas.LoggedCompletionDetail]: ...

    async def delete_completion_conversation(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        conversation_id: schemas.Id,
    ) -> None | Reply[None]: ...


class MembersHandlers(Protocol):
    """The operations of the tag Members."""

    async def list_members(self, call: Call) -> schemas.MemberList | Reply[schemas.MemberList]: ...

    async def list_dataset_operators(self, call: Call) -> schemas.MemberList | Reply[schemas.MemberList]: ...

    async def invite_members(
        self,
        call: Call,
        *,
        body: schemas.InviteRequest,
    ) -> schemas.InviteResult | Reply[schemas.InviteResult]: ...

    async def remove_member(
        self,
        call: Call,
        *,
        member_id: schemas.Id,
    ) -> schemas.MemberRemoved | Reply[schemas.MemberRemoved]: ...

    async def update_member_role(
        self,
        call: Call,
        *,
        member_id: schemas.Id,
        body: schemas.RoleChange,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class MessagesHandlers(Protocol):
    """The operations of the tag Messages."""

    async def get_message(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        message_id: schemas.Id,
    ) -> schemas.Message | Reply[schemas.Message]: ...

    async def create_message_feedback(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.AdminFeedbackRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def list_suggested_questions(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        message_id: schemas.Id,
    ) -> schemas.SuggestedQuestionList | Reply[schemas.SuggestedQuestionList]: ...


class MetadataHandlers(Protocol):
    """The operations of the tag Metadata."""

    async def list_built_in_fields(self, call: Call) -> schemas.BuiltInFieldList | Reply[schemas.BuiltInFieldList]: ...

    async def list_metadata_fields(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.MetadataFieldList | Reply[schemas.MetadataFieldList]: ...

    async def create_metadata_field(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.MetadataFieldCreate,
    ) -> schemas.MetadataField | Reply[schemas.MetadataField]: ...

    async def rename_metadata_field(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        metadata_id: schemas.Id,
        body: schemas.MetadataFieldRename,
    ) -> schemas.MetadataField | Reply[schemas.MetadataField]: ...

    async def delete_metadata_field(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        metadata_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def set_built_in_fields(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        action: schemas.BuiltInAction,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def update_documents_metadata(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DocumentMetadataOperations,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def set_document_type(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        body: schemas.DocumentTypeRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class ModelProvidersHandlers(Protocol):
    """The operations of the tag Model Providers."""

    async def list_model_providers(
        self,
        call: Call,
        *,
        model_type: schemas.ModelType = ...,
    ) -> schemas.ModelProviderList | Reply[schemas.ModelProviderList]: ...

    async def get_provider_credentials(
        self,
        call: Call,
        *,
        credential_id: str = ...,
        provider: str,
    ) -> schemas.ProviderCredentials | Reply[schemas.ProviderCredentials]: ...

    async def create_provider_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: schemas.CredentialSaveRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def update_provider_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: schemas.CredentialUpdateRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def delete_provider_credentials(
        self,
        call: Call,
        *,
        credential_id: str = ...,
        provider: str,
    ) -> None | Reply[None]: ...

    async def validate_provider_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: schemas.CredentialCheckRequest,
    ) -> schemas.CredentialCheck | Reply[schemas.CredentialCheck]: ...

    async def list_provider_models(
        self,
        call: Call,
        *,
        provider: str,
    ) -> schemas.CatalogueModelList | Reply[schemas.CatalogueModelList]: ...

    async def delete_provider_model(
        self,
        call: Call,
        *,
        provider: str,
        body: schemas.ProviderModelReference,
    ) -> None | Reply[None]: ...

    async def get_model_credentials(
        self,
        call: Call,
        *,
        model: str,
        model_type: schemas.ModelType,
        credential_id: str = ...,
        config_from: str | None = ...,
        provider: str,
    ) -> schemas.ModelCredentials | Reply[schemas.ModelCredentials]: ...

    async def create_model_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: schemas.ModelCredentialSaveRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def update_model_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: schemas.ModelCredentialUpdateRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def delete_model_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: schemas.ModelCredentialReference,
    ) -> None | Reply[None]: ...

    async def validate_model_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: schemas.ModelCredentialCheckRequest,
    ) -> schemas.CredentialCheck | Reply[schemas.CredentialCheck]: ...

    async def list_parameter_rules(
        self,
        call: Call,
        *,
        model: str,
        provider: str,
    ) -> schemas.ParameterRuleList | Reply[schemas.ParameterRuleList]: ...

    async def list_models_by_type(
        self,
        call: Call,
        *,
        model_type: schemas.ModelType,
    ) -> schemas.ProviderWithModelsList | Reply[schemas.ProviderWithModelsList]: ...

    async def get_default_model(
        self,
        call: Call,
        *,
        model_type: schemas.ModelType,
    ) -> schemas.DefaultModelAnswer | Reply[schemas.DefaultModelAnswer]: ...

    async def set_default_models(
        self,
        call: Call,
        *,
        body: schemas.DefaultModelsRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class PluginsHandlers(Protocol):
    """The operations of the tag Plugins."""

    async def list_plugins(
        self,
        call: Call,
        *,
        page: int,
        page_size: int,
        category: schemas.PluginCategory = ...,
        search: str = ...,
    ) -> schemas.PluginList | Reply[schemas.PluginList]: ...

    async def install_plugin(
        self,
        call: Call,
        *,
        body: schemas.PluginInstallRequest,
    ) -> schemas.PluginInstallation | Reply[schemas.PluginInstallation]: ...

    async def list_installed_plugins(
        self,
        call: Call,
        *,
        page: int,
        page_size: int,
    ) -> schemas.InstalledPluginList | Reply[schemas.InstalledPluginList]: ...

    async def install_plugin_packages(
        self,
        call: Call,
        *,
        body: schemas.PluginsInstallRequest,
    ) -> schemas.PluginInstallations | Reply[schemas.PluginInstallations]: ...

    async def install_plugins_from_marketplace(
        self,
        call: Call,
        *,
        body: schemas.PluginsInstallRequest,
    ) -> schemas.PluginInstallations | Reply[schemas.PluginInstallations]: ...

    async def install_plugin_from_github(
        self,
        call: Call,
        *,
        body: schemas.GithubPluginInstallRequest,
    ) -> schemas.PluginInstallations | Reply[schemas.PluginInstallations]: ...

    async def list_plugin_tasks(
        self,
        call: Call,
        *,
        page: int,
        page_size: int,
    ) -> schemas.PluginTaskList | Reply[schemas.PluginTaskList]: ...

    async def get_plugin_task(
        self,
        call: Call,
        *,
        task_id: schemas.Id,
    ) -> schemas.PluginTaskAnswer | Reply[schemas.PluginTaskAnswer]: ...

    async def uninstall_plugin(
        self,
        call: Call,
        *,
        body: schemas.PluginUninstallRequest,
    ) -> schemas.PluginUninstallation | Reply[schemas.PluginUninstallation]: ...


class RetrievalHandlers(Protocol):
    """The operations of the tag Retrieval."""

    async def test_retrieval(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.RetrieveRequest,
    ) -> schemas.RetrieveAnswer | Reply[schemas.RetrieveAnswer]: ...


class SegmentsHandlers(Protocol):
    """The operations of the tag Segments."""

    async def get_segment_import(
        self,
        call: Call,
        *,
        job_id: schemas.Id,
    ) -> schemas.SegmentImport | Reply[schemas.SegmentImport]: ...

    async def create_segment(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        body: schemas.SegmentDraft,
    ) -> schemas.SegmentDetail | Reply[schemas.SegmentDetail]: ...

    async def set_segments_enabled(
        self,
        call: Call,
        *,
        segment_id: list[schemas.Id],
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        action: schemas.SegmentAction,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def list_segments(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        status: list[schemas.SegmentStatus] = ...,
        enabled: schemas.SegmentVisibility,
        hit_count_gte: int = ...,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.SegmentList | Reply[schemas.SegmentList]: ...

    async def delete_segments(
        self,
        call: Call,
        *,
        segment_id: list[schemas.Id],
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def import_segments(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        body: schemas.SegmentImportRequest,
    ) -> schemas.SegmentImport | Reply[schemas.SegmentImport]: ...

    async def update_segment(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
        body: schemas.SegmentChange,
    ) -> schemas.SegmentDetail | Reply[schemas.SegmentDetail]: ...

    async def delete_segment(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
    ) -> None | Reply[None]: ...


class SetupHandlers(Protocol):
    """The operations of the tag Setup."""

    async def get_init_status(self, call: Call) -> schemas.InitStatus | Reply[schemas.InitStatus]: ...

    async def validate_init_password(
        self,
        call: Call,
        *,
        body: schemas.InitRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def get_setup_status(self, call: Call) -> schemas.SetupStatus | Reply[schemas.SetupStatus]: ...

    async def create_owner(
        self,
        call: Call,
        *,
        body: schemas.SetupRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class SitesHandlers(Protocol):
    """The operations of the tag Sites."""

    async def update_app_site(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.SiteUpdateRequest,
    ) -> schemas.AppSite | Reply[schemas.AppSite]: ...

    async def reset_app_site_code(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.AppSite | Reply[schemas.AppSite]: ...


class StatisticsHandlers(Protocol):
    """The operations of the tag Statistics."""

    async def get_daily_messages(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.MessageStatisticList | Reply[schemas.MessageStatisticList]: ...

    async def get_daily_conversations(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.ConversationStatisticList | Reply[schemas.ConversationStatisticList]: ...

    async def get_daily_end_users(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.EndUserStatisticList | Reply[schemas.EndUserStatisticList]: ...

    async def get_token_costs(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.CostStatisticList | Reply[schemas.CostStatisticList]: ...

    async def get_average_session_interactions(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.InteractionStatisticList | Reply[schemas.InteractionStatisticList]: ...

    async def get_user_satisfaction_rate(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.SatisfactionStatisticList | Reply[schemas.SatisfactionStatisticList]: ...

    async def get_average_response_time(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.LatencyStatisticList | Reply[schemas.LatencyStatisticList]: ...

    async def get_tokens_per_second(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.SpeedStatisticList | Reply[schemas.SpeedStatisticList]: ...


class SystemHandlers(Protocol):
    """The operations of the tag System."""

    async def get_version(
        self,
        call: Call,
        *,
        current_version: str = ...,
    ) -> schemas.VersionInfo | Reply[schemas.VersionInfo]: ...

    async def get_system_features(self, call: Call) -> schemas.SystemFeatures | Reply[schemas.SystemFeatures]: ...


class TagsHandlers(Protocol):
    """The operations of the tag Tags."""

    async def list_tags(
        self,
        call: Call,
        *,
        type: schemas.TagType,
        keyword: str = ...,
    ) -> schemas.TagList | Reply[schemas.TagList]: ...

    async def create_tag(
        self,
        call: Call,
        *,
        body: schemas.TypedTagCreate,
    ) -> schemas.CountedTag | Reply[schemas.CountedTag]: ...

    async def rename_tag(
        self,
        call: Call,
        *,
        tag_id: schemas.Id,
        body: schemas.TagCreate,
    ) -> schemas.CountedTag | Reply[schemas.CountedTag]: ...

    async def delete_tag(self, call: Call, *, tag_id: schemas.Id) -> None | Reply[None]: ...

    async def bind_tags(
        self,
        call: Call,
        *,
        body: schemas.TypedTagBinding,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def unbind_tags(
        self,
        call: Call,
        *,
        body: schemas.TypedTagUnbinding,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class ToolsHandlers(Protocol):
    """The operations of the tag Tools."""

    async def list_tool_providers(
        self,
        call: Call,
        *,
        type: schemas.ToolProviderFilter = ...,
    ) -> schemas.ToolProviderList | Reply[schemas.ToolProviderList]: ...

    async def list_tool_labels(self, call: Call) -> schemas.ToolLabelList | Reply[schemas.ToolLabelList]: ...

    async def list_builtin_tool_providers(
        self,
        call: Call,
    ) -> schemas.ToolProviderList | Reply[schemas.ToolProviderList]: ...

    async def list_api_tool_providers(
        self,
        call: Call,
    ) -> schemas.ToolProviderList | Reply[schemas.ToolProviderList]: ...

    async def list_mcp_tool_providers(
        self,
        call: Call,
    ) -> schemas.ToolProviderList | Reply[schemas.ToolProviderList]: ...

    async def list_tools_of_builtin_provider(
        self,
        call: Call,
        *,
        provider: str,
    ) -> schemas.ToolList | Reply[schemas.ToolList]: ...

    async def get_builtin_tool_provider(
        self,
        call: Call,
        *,
        provider: str,
    ) -> schemas.ToolProvider | Reply[schemas.ToolProvider]: ...

    async def add_api_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.ApiToolProviderRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def update_api_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.ApiToolProviderUpdate,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def delete_api_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.ApiToolProviderDeletion,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def get_api_tool_provider(
        self,
        call: Call,
        *,
        provider: schemas.ApiToolName,
    ) -> schemas.ApiToolProviderDetail | Reply[schemas.ApiToolProviderDetail]: ...

    async def list_tools_of_api_provider(
        self,
        call: Call,
        *,
        provider: schemas.ApiToolName,
    ) -> schemas.ToolList | Reply[schemas.ToolList]: ...

    async def fetch_api_tool_schema(
        self,
        call: Call,
        *,
        url: str,
    ) -> schemas.RemoteSchema | Reply[schemas.RemoteSchema]: ...

    async def parse_api_tool_schema(
        self,
        call: Call,
        *,
        body: schemas.ApiToolSchemaRequest,
    ) -> schemas.ApiToolSchema | Reply[schemas.ApiToolSchema]: ...

    async def test_api_tool(
        self,
        call: Call,
        *,
        body: schemas.ApiToolTestRequest,
    ) -> schemas.ApiToolTestResult | Reply[schemas.ApiToolTestResult]: ...

    async def create_mcp_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.McpProviderRequest,
    ) -> schemas.ToolProvider | Reply[schemas.ToolProvider]: ...

    async def update_mcp_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.McpProviderUpdate,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def delete_mcp_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.McpProviderReference,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def authorise_mcp_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.McpProviderReference,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def get_mcp_tool_provider(
        self,
        call: Call,
        *,
        provider_id: str,
    ) -> schemas.ToolProvider | Reply[schemas.ToolProvider]: ...

    async def refresh_mcp_tool_provider(
        self,
        call: Call,
        *,
        provider_id: str,
    ) -> schemas.ToolProvider | Reply[schemas.ToolProvider]: ...


class WebhooksHandlers(Protocol):
    """The operations of the tag Webhooks."""

    async def list_webhooks(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.WebhookList | Reply[schemas.WebhookList]: ...

    async def create_webhook(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.WebhookRequest,
    ) -> schemas.Webhook | Reply[schemas.Webhook]: ...

    async def get_webhook(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        webhook_id: schemas.Id,
    ) -> schemas.Webhook | Reply[schemas.Webhook]: ...

    async def update_webhook(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        webhook_id: schemas.Id,
        body: schemas.WebhookChange,
    ) -> schemas.Webhook | Reply[schemas.Webhook]: ...

    async def delete_webhook(self, call: Call, *, app_id: schemas.Id, webhook_id: schemas.Id) -> None | Reply[None]: ...

    async def rotate_webhook_secret(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        webhook_id: schemas.Id,
    ) -> schemas.Webhook | Reply[schemas.Webhook]: ...

    async def test_webhook(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        webhook_id: schemas.Id,
    ) -> schemas.WebhookDelivery | Reply[schemas.WebhookDelivery]: ...

    async def list_webhook_deliveries(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        status: schemas.DeliveryStatus = ...,
        app_id: schemas.Id,
        webhook_id: schemas.Id,
    ) -> schemas.WebhookDeliveryList | Reply[schemas.WebhookDeliveryList]: ...

    async def get_webhook_delivery(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        webhook_id: schemas.Id,
        delivery_id: schemas.Id,
    ) -> schemas.WebhookDelivery | Reply[schemas.WebhookDelivery]: ...

    async def redeliver_webhook_delivery(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        webhook_id: schemas.Id,
        delivery_id: schemas.Id,
    ) -> schemas.WebhookDelivery | Reply[schemas.WebhookDelivery]: ...


class WorkflowDebuggingHandlers(Protocol):
    """The operations of the tag Workflow Debugging."""

    async def run_draft_workflow(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.DraftRunRequest,
    ) -> EventStream: ...

    async def run_advanced_chat_draft(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.ChatDraftRunRequest,
    ) -> EventStream: ...

    async def run_draft_node(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        node_id: str,
        body: schemas.NodeRunRequest = ...,
    ) -> schemas.NodeExecution | Reply[schemas.NodeExecution]: ...

    async def get_node_last_run(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        node_id: str,
    ) -> schemas.NodeExecution | Reply[schemas.NodeExecution]: ...

    async def run_draft_iteration(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        node_id: str,
        body: schemas.NodeRunRequest = ...,
    ) -> EventStream: ...

    async def run_draft_loop(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        node_id: str,
        body: schemas.NodeRunRequest = ...,
    ) -> EventStream: ...

    async def run_advanced_chat_draft_iteration(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        node_id: str,
        body: schemas.NodeRunRequest = ...,
    ) -> EventStream: ...

    async def run_advanced_chat_draft_loop(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        node_id: str,
        body: schemas.NodeRunRequest = ...,
    ) -> EventStream: ...


class WorkflowRunsHandlers(Protocol):
    """The operations of the tag Workflow Runs."""

    async def list_workflow_runs(
        self,
        call: Call,
        *,
        last_id: schemas.OptionalId = ...,
        limit: int,
        status: schemas.WorkflowRunStatus = ...,
        triggered_from: schemas.RunTrigger = ...,
        app_id: schemas.Id,
    ) -> schemas.RunSummaryList | Reply[schemas.RunSummaryList]: ...

    async def list_advanced_chat_workflow_runs(
        self,
        call: Call,
        *,
        last_id: schemas.OptionalId = ...,
        limit: int,
        status: schemas.WorkflowRunStatus = ...,
        triggered_from: schemas.RunTrigger = ...,
        app_id: schemas.Id,
    ) -> schemas.RunSummaryList | Reply[schemas.RunSummaryList]: ...

    async def get_workflow_run(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        run_id: schemas.Id,
    ) -> schemas.RunDetail | Reply[schemas.RunDetail]: ...

    async def list_node_executions(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        run_id: schemas.Id,
    ) -> schemas.NodeExecutionList | Reply[schemas.NodeExecutionList]: ...

    async def stop_workflow_run(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        task_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def list_workflow_app_logs(
        self,
        call: Call,
        *,
        keyword: str = ...,
        status: schemas.WorkflowRunStatus = ...,
        created_at__before: schemas.OptionalMoment = ...,
        created_at__after: schemas.OptionalMoment = ...,
        created_by_end_user_session_id: str = ...,
        created_by_account: str = ...,
        page: int,
        limit: int,
        app_id: schemas.Id,
    ) -> schemas.WorkflowLogList | Reply[schemas.WorkflowLogList]: ...


class WorkflowStatisticsHandlers(Protocol):
    """The operations of the tag Workflow Statistics."""

    async def get_workflow_daily_runs(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.RunStatisticList | Reply[schemas.RunStatisticList]: ...

    async def get_workflow_daily_terminals(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.EndUserStatisticList | Reply[schemas.EndUserStatisticList]: ...

    async def get_workflow_token_costs(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.CostStatisticList | Reply[schemas.CostStatisticList]: ...

    async def get_workflow_average_interactions(
        self,
        call: Call,
        *,
        start: schemas.Minute = ...,
        end: schemas.Minute = ...,
        app_id: schemas.Id,
    ) -> schemas.InteractionStatisticList | Reply[schemas.InteractionStatisticList]: ...


class WorkflowToolsHandlers(Protocol):
    """The operations of the tag Workflow Tools."""

    async def list_workflow_tool_providers(
        self,
        call: Call,
    ) -> schemas.ToolProviderList | Reply[schemas.ToolProviderList]: ...

    async def create_workflow_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.WorkflowToolRequest,
    ) -> schemas.WorkflowToolCreated | Reply[schemas.WorkflowToolCreated]: ...

    async def update_workflow_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.WorkflowToolUpdate,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def delete_workflow_tool_provider(
        self,
        call: Call,
        *,
        body: schemas.WorkflowToolReference,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def get_workflow_tool_provider(
        self,
        call: Call,
        *,
        workflow_tool_id: schemas.Id = ...,
        workflow_app_id: schemas.Id = ...,
    ) -> schemas.WorkflowTool | Reply[schemas.WorkflowTool]: ...

    async def list_tools_of_workflow_provider(
        self,
        call: Call,
        *,
        workflow_tool_id: schemas.Id,
    ) -> schemas.ToolList | Reply[schemas.ToolList]: ...


class WorkflowsHandlers(Protocol):
    """The operations of the tag Workflows."""

    async def list_workflow_versions(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        user_id: schemas.OptionalId = ...,
        named_only: bool,
        app_id: schemas.Id,
    ) -> schemas.WorkflowList | Reply[schemas.WorkflowList]: ...

    async def get_draft_workflow(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.Workflow | Reply[schemas.Workflow]: ...

    async def save_draft_workflow(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.DraftSaveRequest = ...,
    ) -> schemas.DraftSaved | Reply[schemas.DraftSaved]: ...

    async def validate_draft_workflow(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def save_draft_features(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.DraftFeaturesRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def list_draft_environment_variables(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.EnvironmentVariableList | Reply[schemas.EnvironmentVariableList]: ...

    async def save_draft_environment_variables(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.EnvironmentVariablesRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def list_draft_conversation_variables(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.DraftVariableValues | Reply[schemas.DraftVariableValues]: ...

    async def save_draft_conversation_variables(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.ConversationVariablesRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def get_published_workflow(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.PublishedWorkflow | Reply[schemas.PublishedWorkflow]: ...

    async def publish_workflow(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        body: schemas.PublishRequest = ...,
    ) -> schemas.Published | Reply[schemas.Published]: ...

    async def list_default_block_configs(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
    ) -> schemas.BlockConfigList | Reply[schemas.BlockConfigList]: ...

    async def get_default_block_config(
        self,
        call: Call,
        *,
        q: str = ...,
        app_id: schemas.Id,
        block_type: schemas.BlockType,
    ) -> schemas.BlockConfig | Reply[schemas.BlockConfig]: ...

    async def update_workflow_version(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        workflow_id: schemas.Id,
        body: schemas.VersionMark,
    ) -> schemas.Workflow | Reply[schemas.Workflow]: ...

    async def delete_workflow_version(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        workflow_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def restore_workflow_version(
        self,
        call: Call,
        *,
        app_id: schemas.Id,
        workflow_id: schemas.Id,
    ) -> schemas.DraftSaved | Reply[schemas.DraftSaved]: ...


class WorkspaceHandlers(Protocol):
    """The operations of the tag Workspace."""

    async def list_workspaces(self, call: Call) -> schemas.WorkspaceList | Reply[schemas.WorkspaceList]: ...

    async def switch_workspace(
        self,
        call: Call,
        *,
        body: schemas.WorkspaceSwitch,
    ) -> schemas.WorkspaceSwitched | Reply[schemas.WorkspaceSwitched]: ...

    async def rename_workspace(
        self,
        call: Call,
        *,
        body: schemas.WorkspaceName,
    ) -> schemas.WorkspaceRenamed | Reply[schemas.WorkspaceRenamed]: ...

    async def get_current_workspace(self, call: Call) -> schemas.Workspace | Reply[schemas.Workspace]: ...
