"""What the modules of handlers/service/ have to offer.

Generated from openapi/ by `python -m parley.codegen`; changes belong there.
"""

from __future__ import annotations

from typing import Literal, Protocol

from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import EventStream, FileReply, Reply, UploadedFile


class AnnotationsHandlers(Protocol):
    """The operations of the tag Annotations."""

    async def list_annotations(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
    ) -> schemas.AnnotationList | Reply[schemas.AnnotationList]: ...

    async def create_annotation(
        self,
        call: Call,
        *,
        body: schemas.AnnotationRequest,
    ) -> schemas.Annotation | Reply[schemas.Annotation]: ...

    async def update_annotation(
        self,
        call: Call,
        *,
        annotation_id: schemas.Id,
        body: schemas.AnnotationRequest,
    ) -> schemas.Annotation | Reply[schemas.Annotation]: ...

    async def delete_annotation(self, call: Call, *, annotation_id: schemas.Id) -> None | Reply[None]: ...

    async def set_annotation_reply(
        self,
        call: Call,
        *,
        action: schemas.AnnotationReplyAction,
        body: schemas.AnnotationReplyRequest,
    ) -> schemas.AnnotationJob | Reply[schemas.AnnotationJob]: ...

    async def get_annotation_reply_job(
        self,
        call: Call,
        *,
        action: schemas.AnnotationReplyAction,
        job_id: schemas.Id,
    ) -> schemas.AnnotationJobDetail | Reply[schemas.AnnotationJobDetail]: ...


class ApplicationHandlers(Protocol):
    """The operations of the tag Application."""

    async def get_app_info(self, call: Call) -> schemas.AppInfo | Reply[schemas.AppInfo]: ...

    async def get_app_parameters(self, call: Call) -> schemas.AppParameters | Reply[schemas.AppParameters]: ...

    async def get_app_meta(self, call: Call) -> schemas.AppMeta | Reply[schemas.AppMeta]: ...

    async def get_site(self, call: Call) -> schemas.Site | Reply[schemas.Site]: ...


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
    ) -> schemas.ConsoleAppList | Reply[schemas.ConsoleAppList]: ...

    async def create_app(
        self,
        call: Call,
        *,
        body: schemas.AppKeyCreateRequest,
    ) -> schemas.ConsoleApp | Reply[schemas.ConsoleApp]: ...


class AudioHandlers(Protocol):
    """The operations of the tag Audio."""

    async def create_transcript(
        self,
        call: Call,
        *,
        file: UploadedFile,
        user: str = ...,
    ) -> schemas.Transcript | Reply[schemas.Transcript]: ...

    async def create_speech(self, call: Call, *, body: schemas.SpeechRequest) -> FileReply: ...


class ChatHandlers(Protocol):
    """The operations of the tag Chat."""

    async def create_chat_message(
        self,
        call: Call,
        *,
        body: schemas.ChatRequest,
    ) -> schemas.ChatAnswer | EventStream | Reply[schemas.ChatAnswer | schemas.Task]: ...

    async def stop_chat_message(
        self,
        call: Call,
        *,
        task_id: schemas.Id,
        body: schemas.StopRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def follow_chat_message(self, call: Call, *, task_id: schemas.Id, user: str = ...) -> EventStream: ...


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


class CompletionHandlers(Protocol):
    """The operations of the tag Completion."""

    async def create_completion_message(
        self,
        call: Call,
        *,
        body: schemas.CompletionRequest,
    ) -> schemas.CompletionAnswer | EventStream | Reply[schemas.CompletionAnswer | schemas.Task]: ...

    async def stop_completion_message(
        self,
        call: Call,
        *,
        task_id: schemas.Id,
        body: schemas.StopRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def follow_completion_message(self, call: Call, *, task_id: schemas.Id, user: str = ...) -> EventStream: ...


class ConversationsHandlers(Protocol):
    """The operations of the tag Conversations."""

    async def list_conversations(
        self,
        call: Call,
        *,
        user: str = ...,
        last_id: schemas.OptionalId = ...,
        limit: int,
        sort_by: schemas.ConversationOrder,
    ) -> schemas.ConversationList | Reply[schemas.ConversationList]: ...

    async def delete_conversation(
        self,
        call: Call,
        *,
        conversation_id: schemas.Id,
        user: str = ...,
        body: schemas.OptionalUserBody = ...,
    ) -> None | Reply[None]: ...

    async def rename_conversation(
        self,
        call: Call,
        *,
        conversation_id: schemas.Id,
        body: schemas.ConversationRename,
    ) -> schemas.RenamedConversation | Reply[schemas.RenamedConversation]: ...

    async def list_conversation_variables(
        self,
        call: Call,
        *,
        conversation_id: schemas.Id,
        user: str = ...,
        last_id: schemas.OptionalId = ...,
        limit: int,
        variable_name: str = ...,
    ) -> schemas.ConversationVariableList | Reply[schemas.ConversationVariableList]: ...

    async def update_conversation_variable(
        self,
        call: Call,
        *,
        conversation_id: schemas.Id,
        variable_id: schemas.Id,
        body: schemas.ConversationVariableUpdate,
    ) -> schemas.ConversationVariable | Reply[schemas.ConversationVariable]: ...


class DatasetsHandlers(Protocol):
    """The operations of the tag Datasets."""

    async def list_datasets(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
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


class DocumentsHandlers(Protocol):
    """The operations of the tag Documents."""

    async def create_document_by_text(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DocumentCreateByText,
    ) -> schemas.CreatedDocument | Reply[schemas.CreatedDocument]: ...

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

    async def list_documents(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        page: int,
        limit: int,
        keyword: str = ...,
        status: schemas.DisplayStatus = ...,
    ) -> schemas.DocumentList | Reply[schemas.DocumentList]: ...

    async def create_documents(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DocumentsCreate = ...,
        file: UploadedFile = ...,
        data: schemas.DocumentSettings = ...,
        indexing_technique: Literal["high_quality", "economy"] = ...,
        process_rule: schemas.ProcessRule = ...,
        original_document_id: str = ...,
        doc_form: Literal["text_model", "hierarchical_model", "qa_model"] = ...,
        doc_language: str = ...,
        name: str = ...,
    ) -> schemas.CreatedDocuments | Reply[schemas.CreatedDocuments]: ...

    async def create_document_batch(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        files: list[UploadedFile] = ...,
        lines: UploadedFile = ...,
        data: schemas.DocumentSettings = ...,
    ) -> schemas.CreatedDocuments | Reply[schemas.CreatedDocuments]: ...

    async def get_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        metadata: schemas.MetadataScope,
    ) -> schemas.DocumentDetail | Reply[schemas.DocumentDetail]: ...

    async def delete_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def update_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        file: UploadedFile = ...,
        data: schemas.DocumentSettings = ...,
        process_rule: schemas.ProcessRule = ...,
        doc_language: str = ...,
        name: str = ...,
    ) -> schemas.CreatedDocument | Reply[schemas.CreatedDocument]: ...

    async def get_indexing_status(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        batch: str,
    ) -> schemas.DocumentStatusList | Reply[schemas.DocumentStatusList]: ...

    async def get_document_status(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.DocumentStatus | Reply[schemas.DocumentStatus]: ...

    async def update_document_by_text(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        body: schemas.DocumentUpdateByText,
    ) -> schemas.CreatedDocument | Reply[schemas.CreatedDocument]: ...

    async def set_document_status(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        action: schemas.DocumentStatusAction,
        body: schemas.DocumentIds,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def download_document(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.SignedUrl | Reply[schemas.SignedUrl]: ...

    async def download_documents_zip(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.DocumentIds,
    ) -> FileReply: ...

    async def upload_knowledge_file(
        self,
        call: Call,
        *,
        file: UploadedFile,
    ) -> schemas.UploadedFile | Reply[schemas.UploadedFile]: ...


class EndUsersHandlers(Protocol):
    """The operations of the tag End Users."""

    async def get_end_user(
        self,
        call: Call,
        *,
        end_user_id: schemas.Id,
    ) -> schemas.EndUser | Reply[schemas.EndUser]: ...


class FilesHandlers(Protocol):
    """The operations of the tag Files."""

    async def upload_file(
        self,
        call: Call,
        *,
        file: UploadedFile,
        user: str = ...,
    ) -> schemas.UploadedFile | Reply[schemas.UploadedFile]: ...

    async def preview_file(
        self,
        call: Call,
        *,
        file_id: schemas.Id,
        user: str = ...,
        as_attachment: bool,
    ) -> FileReply: ...


class HumanInputHandlers(Protocol):
    """The operations of the tag Human Input."""

    async def get_human_input_form(
        self,
        call: Call,
        *,
        form_token: str,
    ) -> schemas.HumanInputForm | Reply[schemas.HumanInputForm]: ...

    async def submit_human_input_form(
        self,
        call: Call,
        *,
        form_token: str,
        body: schemas.HumanInputSubmission,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def upload_human_input_file(
        self,
        call: Call,
        *,
        form_token: str,
        file: UploadedFile,
        user: str = ...,
    ) -> schemas.UploadedFile | Reply[schemas.UploadedFile]: ...


class KnowledgePipelineHandlers(Protocol):
    """The operations of the tag Knowledge Pipeline."""

    async def list_datasource_plugins(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        is_published: bool,
    ) -> schemas.DatasourcePlugins | Reply[schemas.DatasourcePlugins]: ...

    async def run_datasource_node(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        node_id: str,
        body: schemas.DatasourceNodeRun,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def run_pipeline(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.PipelineRun,
    ) -> schemas.PipelineRunResult | Reply[schemas.PipelineRunResult]: ...


class MessagesHandlers(Protocol):
    """The operations of the tag Messages."""

    async def list_messages(
        self,
        call: Call,
        *,
        conversation_id: schemas.Id,
        user: str = ...,
        first_id: schemas.OptionalId = ...,
        limit: int,
    ) -> schemas.MessageList | Reply[schemas.MessageList]: ...

    async def get_message(
        self,
        call: Call,
        *,
        message_id: schemas.Id,
        user: str = ...,
    ) -> schemas.Message | Reply[schemas.Message]: ...

    async def create_message_feedback(
        self,
        call: Call,
        *,
        message_id: schemas.Id,
        body: schemas.FeedbackRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def list_suggested_questions(
        self,
        call: Call,
        *,
        message_id: schemas.Id,
        user: schemas.User,
    ) -> schemas.SuggestedQuestions | Reply[schemas.SuggestedQuestions]: ...

    async def list_app_feedbacks(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
    ) -> schemas.AppFeedbackList | Reply[schemas.AppFeedbackList]: ...


class MetadataHandlers(Protocol):
    """The operations of the tag Metadata."""

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

    async def list_built_in_fields(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.BuiltInFieldList | Reply[schemas.BuiltInFieldList]: ...

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


class ModelsHandlers(Protocol):
    """The operations of the tag Models."""

    async def list_models_by_type(
        self,
        call: Call,
        *,
        model_type: schemas.ModelType,
    ) -> schemas.ProviderWithModelsList | Reply[schemas.ProviderWithModelsList]: ...


class RetrievalHandlers(Protocol):
    """The operations of the tag Retrieval."""

    async def retrieve(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        body: schemas.RetrieveRequest,
    ) -> schemas.RetrieveAnswer | Reply[schemas.RetrieveAnswer]: ...


class SegmentsHandlers(Protocol):
    """The operations of the tag Segments."""

    async def list_segments(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        status: list[schemas.SegmentStatus] = ...,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
    ) -> schemas.SegmentList | Reply[schemas.SegmentList]: ...

    async def create_segments(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        body: schemas.SegmentCreate,
    ) -> schemas.CreatedSegments | Reply[schemas.CreatedSegments]: ...

    async def get_segment(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
    ) -> schemas.SegmentDetail | Reply[schemas.SegmentDetail]: ...

    async def update_segment(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
        body: schemas.SegmentUpdate,
    ) -> schemas.SegmentDetail | Reply[schemas.SegmentDetail]: ...

    async def delete_segment(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
        document_id: schemas.Id,
        segment_id: schemas.Id,
    ) -> None | Reply[None]: ...

    async def list_dataset_segments(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        status: list[schemas.SegmentStatus] = ...,
        document_id: schemas.Id = ...,
        dataset_id: schemas.Id,
    ) -> schemas.SegmentList | Reply[schemas.SegmentList]: ...


class ServerHandlers(Protocol):
    """The operations of the tag Server."""

    async def get_index(self, call: Call) -> schemas.ServerIndex | Reply[schemas.ServerIndex]: ...


class TagsHandlers(Protocol):
    """The operations of the tag Tags."""

    async def list_tags(self, call: Call) -> schemas.TagList | Reply[schemas.TagList]: ...

    async def create_tag(
        self,
        call: Call,
        *,
        body: schemas.TagCreate,
    ) -> schemas.CountedTag | Reply[schemas.CountedTag]: ...

    async def rename_tag(
        self,
        call: Call,
        *,
        body: schemas.TagRename,
    ) -> schemas.CountedTag | Reply[schemas.CountedTag]: ...

    async def delete_tag(self, call: Call, *, body: schemas.TagDelete) -> None | Reply[None]: ...

    async def bind_tags(self, call: Call, *, body: schemas.TagBinding) -> None | Reply[None]: ...

    async def unbind_tags(self, call: Call, *, body: schemas.TagUnbinding) -> None | Reply[None]: ...

    async def list_dataset_tags(
        self,
        call: Call,
        *,
        dataset_id: schemas.Id,
    ) -> schemas.BoundTagList | Reply[schemas.BoundTagList]: ...


class TasksHandlers(Protocol):
    """The operations of the tag Tasks."""

    async def get_task(
        self,
        call: Call,
        *,
        task_id: schemas.Id,
        user: str = ...,
    ) -> schemas.Task | Reply[schemas.Task]: ...


class WorkflowsHandlers(Protocol):
    """The operations of the tag Workflows."""

    async def run_workflow(
        self,
        call: Call,
        *,
        body: schemas.WorkflowRunRequest,
    ) -> schemas.WorkflowAnswer | EventStream | Reply[schemas.WorkflowAnswer | schemas.Task]: ...

    async def run_workflow_version(
        self,
        call: Call,
        *,
        workflow_id: schemas.Id,
        body: schemas.WorkflowRunRequest,
    ) -> schemas.WorkflowAnswer | EventStream | Reply[schemas.WorkflowAnswer | schemas.Task]: ...

    async def get_workflow_run(
        self,
        call: Call,
        *,
        workflow_run_id: schemas.Id,
        user: str | None = ...,
    ) -> schemas.WorkflowRun | Reply[schemas.WorkflowRun]: ...

    async def stop_workflow_run(
        self,
        call: Call,
        *,
        task_id: schemas.Id,
        body: schemas.StopRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def list_workflow_logs(
        self,
        call: Call,
        *,
        keyword: str | None = ...,
        status: schemas.EndedStatus = ...,
        created_at__before: schemas.OptionalMoment = ...,
        created_at__after: schemas.OptionalMoment = ...,
        created_by_end_user_session_id: str | None = ...,
        created_by_account: str | None = ...,
        page: int,
        limit: int,
    ) -> schemas.WorkflowLogList | Reply[schemas.WorkflowLogList]: ...

    async def follow_workflow_run(
        self,
        call: Call,
        *,
        workflow_run_id: schemas.Id,
        user: str = ...,
        include_state_snapshot: bool,
        continue_on_pause: bool,
    ) -> EventStream: ...
