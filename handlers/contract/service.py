"""What the modules of handlers/service/ have to offer.

Generated from openapi/ by `python -m parley.codegen`; changes belong there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from handlers.call import Call
from handlers.contract.schemas import (
    AppInfo,
    AppMeta,
    AppParameters,
    ChatAnswer,
    CompletionAnswer,
    ConversationList,
    ConversationOrder,
    CreatedDocument,
    Dataset,
    DatasetList,
    DisplayStatus,
    DocumentDetail,
    DocumentList,
    DocumentStatusList,
    Id,
    Message,
    MessageList,
    MetadataScope,
    OptionalId,
    RenamedConversation,
    Result,
    RetrieveAnswer,
    ServerIndex,
    Site,
)
from handlers.replies import EventStream, FileReply, Reply, UploadedFile


class ApplicationHandlers(Protocol):
    """The operations of the tag Application."""

    async def get_app_info(self, call: Call) -> AppInfo | Mapping[str, Any] | Reply: ...

    async def get_app_parameters(self, call: Call) -> AppParameters | Mapping[str, Any] | Reply: ...

    async def get_app_meta(self, call: Call) -> AppMeta | Mapping[str, Any] | Reply: ...

    async def get_site(self, call: Call) -> Site | Mapping[str, Any] | Reply: ...


class ChatHandlers(Protocol):
    """The operations of the tag Chat."""

    async def create_chat_message(
        self,
        call: Call,
        *,
        body: Any,
    ) -> ChatAnswer | Mapping[str, Any] | EventStream | Reply: ...

    async def stop_chat_message(self, call: Call, *, task_id: Id, body: Any) -> Result | Mapping[str, Any] | Reply: ...


class CompletionHandlers(Protocol):
    """The operations of the tag Completion."""

    async def create_completion_message(
        self,
        call: Call,
        *,
        body: Any,
    ) -> CompletionAnswer | Mapping[str, Any] | EventStream | Reply: ...

    async def stop_completion_message(
        self,
        call: Call,
        *,
        task_id: Id,
        body: Any,
    ) -> Result | Mapping[str, Any] | Reply: ...


class ConversationsHandlers(Protocol):
    """The operations of the tag Conversations."""

    async def list_conversations(
        self,
        call: Call,
        *,
        user: str = ...,
        last_id: OptionalId = ...,
        limit: int,
        sort_by: ConversationOrder,
    ) -> ConversationList | Mapping[str, Any] | Reply: ...

    async def delete_conversation(
        self,
        call: Call,
        *,
        conversation_id: Id,
        user: str = ...,
        body: Any = ...,
    ) -> None | Reply: ...

    async def rename_conversation(
        self,
        call: Call,
        *,
        conversation_id: Id,
        body: Any,
    ) -> RenamedConversation | Mapping[str, Any] | Reply: ...


class DatasetsHandlers(Protocol):
    """The operations of the tag Datasets."""

    async def list_datasets(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        tag_ids: list[Id] = ...,
        include_all: bool,
    ) -> DatasetList | Mapping[str, Any] | Reply: ...

    async def create_dataset(self, call: Call, *, body: Any) -> Dataset | Mapping[str, Any] | Reply: ...

    async def get_dataset(self, call: Call, *, dataset_id: Id) -> Dataset | Mapping[str, Any] | Reply: ...

    async def update_dataset(self, call: Call, *, dataset_id: Id, body: Any) -> Dataset | Mapping[str, Any] | Reply: ...

    async def delete_dataset(self, call: Call, *, dataset_id: Id) -> None | Reply: ...


class DocumentsHandlers(Protocol):
    """The operations of the tag Documents."""

    async def create_document_by_text(
        self,
        call: Call,
        *,
        dataset_id: Id,
        body: Any,
    ) -> CreatedDocument | Mapping[str, Any] | Reply: ...

    async def create_document_by_file(
        self,
        call: Call,
        *,
        dataset_id: Id,
        file: UploadedFile,
        data: Any = ...,
        indexing_technique: Literal["high_quality", "economy"] = ...,
        process_rule: Any = ...,
        original_document_id: str = ...,
        doc_form: Literal["text_model"] = ...,
        doc_language: str = ...,
        name: str = ...,
    ) -> CreatedDocument | Mapping[str, Any] | Reply: ...

    async def list_documents(
        self,
        call: Call,
        *,
        dataset_id: Id,
        page: int,
        limit: int,
        keyword: str = ...,
        status: DisplayStatus = ...,
    ) -> DocumentList | Mapping[str, Any] | Reply: ...

    async def get_document(
        self,
        call: Call,
        *,
        dataset_id: Id,
        document_id: Id,
        metadata: MetadataScope,
    ) -> DocumentDetail | Mapping[str, Any] | Reply: ...

    async def delete_document(self, call: Call, *, dataset_id: Id, document_id: Id) -> None | Reply: ...

    async def get_indexing_status(
        self,
        call: Call,
        *,
        dataset_id: Id,
        batch: str,
    ) -> DocumentStatusList | Mapping[str, Any] | Reply: ...


class FilesHandlers(Protocol):
    """The operations of the tag Files."""

    async def upload_file(
        self,
        call: Call,
        *,
        file: UploadedFile,
        user: str = ...,
    ) -> UploadedFile | Mapping[str, Any] | Reply: ...

    async def preview_file(
        self,
        call: Call,
        *,
        file_id: Id,
        user: str = ...,
        as_attachment: bool,
    ) -> FileReply | Reply: ...


class MessagesHandlers(Protocol):
    """The operations of the tag Messages."""

    async def list_messages(
        self,
        call: Call,
        *,
        conversation_id: Id,
        user: str = ...,
        first_id: OptionalId = ...,
        limit: int,
    ) -> MessageList | Mapping[str, Any] | Reply: ...

    async def get_message(
        self,
        call: Call,
        *,
        message_id: Id,
        user: str = ...,
    ) -> Message | Mapping[str, Any] | Reply: ...


class RetrievalHandlers(Protocol):
    """The operations of the tag Retrieval."""

    async def retrieve(
        self,
        call: Call,
        *,
        dataset_id: Id,
        body: Any,
    ) -> RetrieveAnswer | Mapping[str, Any] | Reply: ...


class ServerHandlers(Protocol):
    """The operations of the tag Server."""

    async def get_index(self, call: Call) -> ServerIndex | Mapping[str, Any] | Reply: ...
