"""What the modules of handlers/web/ have to offer.

Generated from openapi/ by `python -m parley.codegen`; changes belong there.
"""

from __future__ import annotations

from typing import Protocol

from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import EventStream, FileReply, Reply, UploadedFile


class ApplicationHandlers(Protocol):
    """The operations of the tag Application."""

    async def get_app_parameters(self, call: Call) -> schemas.AppParameters | Reply[schemas.AppParameters]: ...

    async def get_app_meta(self, call: Call) -> schemas.AppMeta | Reply[schemas.AppMeta]: ...

    async def get_site(self, call: Call) -> schemas.WebSite | Reply[schemas.WebSite]: ...

    async def get_access_mode(self, call: Call) -> schemas.AccessMode | Reply[schemas.AccessMode]: ...

    async def get_permission(self, call: Call) -> schemas.Permission | Reply[schemas.Permission]: ...

    async def get_system_features(self, call: Call) -> schemas.SystemFeatures | Reply[schemas.SystemFeatures]: ...


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


class AuthenticationHandlers(Protocol):
    """The operations of the tag Authentication."""

    async def get_passport(self, call: Call, *, user_id: str = ...) -> schemas.Passport | Reply[schemas.Passport]: ...

    async def login(
        self,
        call: Call,
        *,
        body: schemas.WebLoginRequest,
    ) -> schemas.LoginResult | Reply[schemas.LoginResult]: ...

    async def refresh_token(
        self,
        call: Call,
        *,
        body: schemas.RefreshRequest = ...,
    ) -> schemas.LoginResult | Reply[schemas.LoginResult]: ...

    async def logout(self, call: Call) -> schemas.Result | Reply[schemas.Result]: ...

    async def get_login_status(
        self,
        call: Call,
        *,
        app_code: str = ...,
        user_id: str = ...,
    ) -> schemas.LoginStatus | Reply[schemas.LoginStatus]: ...


class ChatHandlers(Protocol):
    """The operations of the tag Chat."""

    async def create_chat_message(
        self,
        call: Call,
        *,
        body: schemas.WebChatRequest,
    ) -> schemas.ChatAnswer | EventStream | Reply[schemas.ChatAnswer]: ...

    async def stop_chat_message(
        self,
        call: Call,
        *,
        task_id: schemas.Id,
        body: schemas.OptionalUserBody = ...,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class CompletionHandlers(Protocol):
    """The operations of the tag Completion."""

    async def create_completion_message(
        self,
        call: Call,
        *,
        body: schemas.WebCompletionRequest,
    ) -> schemas.CompletionAnswer | EventStream | Reply[schemas.CompletionAnswer]: ...

    async def stop_completion_message(
        self,
        call: Call,
        *,
        task_id: schemas.Id,
        body: schemas.OptionalUserBody = ...,
    ) -> schemas.Result | Reply[schemas.Result]: ...


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
        pinned: bool = ...,
        page: int = ...,
        app_id: str = ...,
    ) -> schemas.ConversationList | Reply[schemas.ConversationList]: ...

    async def delete_conversation(
        self,
        call: Call,
        *,
        user: str = ...,
        conversation_id: schemas.Id,
        body: schemas.OptionalUserBody = ...,
    ) -> None | Reply[None]: ...

    async def rename_conversation(
        self,
        call: Call,
        *,
        conversation_id: schemas.Id,
        body: schemas.ConversationRename,
    ) -> schemas.RenamedConversation | Reply[schemas.RenamedConversation]: ...

    async def pin_conversation(
        self,
        call: Call,
        *,
        user: str = ...,
        conversation_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def unpin_conversation(
        self,
        call: Call,
        *,
        user: str = ...,
        conversation_id: schemas.Id,
    ) -> schemas.Result | Reply[schemas.Result]: ...


class FilesHandlers(Protocol):
    """The operations of the tag Files."""

    async def upload_file(
        self,
        call: Call,
        *,
        file: UploadedFile,
        user: str = ...,
    ) -> schemas.UploadedFile | Reply[schemas.UploadedFile]: ...

    async def get_remote_file(
        self,
        call: Call,
        *,
        url: str,
    ) -> schemas.RemoteFileInfo | Reply[schemas.RemoteFileInfo]: ...

    async def upload_remote_file(
        self,
        call: Call,
        *,
        body: schemas.RemoteFileRequest,
    ) -> schemas.RemoteFile | Reply[schemas.RemoteFile]: ...


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

    async def create_human_input_upload_token(
        self,
        call: Call,
        *,
        form_token: str,
    ) -> schemas.HumanInputUploadToken | Reply[schemas.HumanInputUploadToken]: ...

    async def upload_human_input_form_file(
        self,
        call: Call,
        *,
        file: UploadedFile,
        user: str = ...,
    ) -> schemas.UploadedFile | Reply[schemas.UploadedFile]: ...


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

    async def create_message_feedback(
        self,
        call: Call,
        *,
        message_id: schemas.Id,
        body: schemas.VisitorFeedbackRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def list_suggested_questions(
        self,
        call: Call,
        *,
        user: str = ...,
        message_id: schemas.Id,
    ) -> schemas.SuggestedQuestionList | Reply[schemas.SuggestedQuestionList]: ...

    async def create_more_like_this(
        self,
        call: Call,
        *,
        response_mode: schemas.MoreMode,
        user: str = ...,
        message_id: schemas.Id,
    ) -> schemas.CompletionAnswer | EventStream | Reply[schemas.CompletionAnswer]: ...

    async def list_saved_messages(
        self,
        call: Call,
        *,
        user: str = ...,
        last_id: schemas.OptionalId = ...,
        limit: int,
    ) -> schemas.SavedMessageList | Reply[schemas.SavedMessageList]: ...

    async def create_saved_message(
        self,
        call: Call,
        *,
        body: schemas.SavedMessageRequest,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def delete_saved_message(
        self,
        call: Call,
        *,
        user: str = ...,
        message_id: schemas.Id,
    ) -> None | Reply[None]: ...


class WorkflowsHandlers(Protocol):
    """The operations of the tag Workflows."""

    async def run_workflow(
        self,
        call: Call,
        *,
        body: schemas.WebWorkflowRunRequest,
    ) -> schemas.WorkflowAnswer | EventStream | Reply[schemas.WorkflowAnswer]: ...

    async def stop_workflow_run(
        self,
        call: Call,
        *,
        task_id: schemas.Id,
        body: schemas.OptionalUserBody = ...,
    ) -> schemas.Result | Reply[schemas.Result]: ...

    async def follow_workflow_run(
        self,
        call: Call,
        *,
        workflow_run_id: schemas.Id,
        user: str = ...,
        include_state_snapshot: bool,
        continue_on_pause: bool,
    ) -> EventStream: ...
