"""What the modules of handlers/web/ have to offer.

Generated from openapi/ by `python -m parley.codegen`; changes belong there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from handlers.call import Call
from handlers.contract.schemas import (
    AppMeta,
    AppParameters,
    ChatAnswer,
    ConversationList,
    ConversationOrder,
    Id,
    LoginResult,
    MessageList,
    OptionalId,
    Passport,
    RenamedConversation,
    Result,
    WebSite,
)
from handlers.replies import EventStream, Reply


class ApplicationHandlers(Protocol):
    """The operations of the tag Application."""

    async def get_app_parameters(self, call: Call) -> AppParameters | Mapping[str, Any] | Reply: ...

    async def get_app_meta(self, call: Call) -> AppMeta | Mapping[str, Any] | Reply: ...

    async def get_site(self, call: Call) -> WebSite | Mapping[str, Any] | Reply: ...


class AuthenticationHandlers(Protocol):
    """The operations of the tag Authentication."""

    async def get_passport(self, call: Call, *, user_id: str = ...) -> Passport | Mapping[str, Any] | Reply: ...

    async def login(self, call: Call, *, body: Any) -> LoginResult | Mapping[str, Any] | Reply: ...

    async def refresh_token(self, call: Call, *, body: Any = ...) -> LoginResult | Mapping[str, Any] | Reply: ...


class ChatHandlers(Protocol):
    """The operations of the tag Chat."""

    async def create_chat_message(
        self,
        call: Call,
        *,
        body: Any,
    ) -> ChatAnswer | Mapping[str, Any] | EventStream | Reply: ...

    async def stop_chat_message(
        self,
        call: Call,
        *,
        task_id: Id,
        body: Any = ...,
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
        page: int = ...,
        app_id: str = ...,
    ) -> ConversationList | Mapping[str, Any] | Reply: ...

    async def delete_conversation(
        self,
        call: Call,
        *,
        user: str = ...,
        conversation_id: Id,
        body: Any = ...,
    ) -> None | Reply: ...

    async def rename_conversation(
        self,
        call: Call,
        *,
        conversation_id: Id,
        body: Any,
    ) -> RenamedConversation | Mapping[str, Any] | Reply: ...


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
