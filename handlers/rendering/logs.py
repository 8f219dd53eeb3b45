"""What administrators read of an app's conversations, as the contract shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.contract import schemas
from handlers.rendering.files import FileLink, render_inputs, render_message_files
from handlers.rendering.messages import render_thought
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.account import Account
from models.agent_thought import AgentThought
from models.annotation import Annotation, AnnotationHit
from models.conversation import Conversation
from models.conversation_log import Asked, Summary
from models.message import Message
from models.message_feedback import MessageFeedback
from models.page import Page


@dataclass(frozen=True, slots=True)
class People:
    """Who asked: the callers' own ids of people, and the accounts that are named."""

    sessions: Mapping[str, str]
    accounts: Mapping[str, Account]

    def author(self, account_id: str | None) -> schemas.LogAuthor:
        """Render a `LogAuthor`; None for somebody who is no member any more."""
        found = self.accounts.get(account_id or "")
        return {"id": found.id, "name": found.name, "email": found.email} if found else None

    def name(self, account_id: str | None) -> str | None:
        """Return an account's name."""
        found = self.accounts.get(account_id or "")
        return found.name if found else None


@dataclass(frozen=True, slots=True)
class Details:
    """What stands around one message."""

    feedbacks: Sequence[MessageFeedback]
    annotation: Annotation | None
    hit: tuple[AnnotationHit, Annotation] | None
    thoughts: Sequence[AgentThought]
    people: People


def render_conversations(
    page: Page[Conversation], summaries: Mapping[str, Summary], people: People
) -> schemas.LoggedConversationList:
    """Render a `LoggedConversationList`."""
    data = [_conversation(each, summaries[each.id], people) for each in page.items]
    return {"data": data, "has_more": page.has_more, "limit": page.limit, "total": page.total, "page": page.page}


def render_conversation_detail(found: Conversation, summary: Summary) -> schemas.LoggedConversationDetail:
    """Render a `LoggedConversationDetail`."""
    return {
        "id": found.id,
        "status": "normal",
        "from_source": _source(found),
        "from_end_user_id": found.end_user_id,
        "from_account_id": found.account_id,
        "created_at": unix(found.created_at),
        "updated_at": unix(found.updated_at),
        "annotated": summary.annotated,
        "introduction": found.introduction or None,
        "model_config": _config(summary.last),
        "message_count": found.dialogue_count,
        "user_feedback_stats": _count(summary.ratings, "user"),
        "admin_feedback_stats": _count(summary.ratings, "admin"),
    }


def render_answers(
    page: Page[Message],
    feedbacks: Mapping[str, Sequence[MessageFeedback]],
    annotations: Mapping[str, Annotation],
    people: People,
    link: FileLink,
) -> schemas.LoggedCompletionList:
    """Render a `LoggedCompletionList`."""
    data: list[schemas.LoggedCompletion] = []
    for each in page.items:
        ratings = _ratings(feedbacks[each.id])
        data.append(
            {
                "id": each.id,
                "status": "normal",
                "from_source": _source(each),
                "from_end_user_id": each.end_user_id,
                "from_end_user_session_id": people.sessions.get(each.end_user_id or ""),
                "from_account_id": each.account_id,
                "from_account_name": people.name(each.account_id),
                "read_at": None,
                "created_at": unix(each.created_at),
                "updated_at": unix(each.updated_at),
                "annotation": _annotation(annotations.get(each.id), people),
                "model_config": _summary_config(each),
                "user_feedback_stats": _count(ratings, "user"),
                "admin_feedback_stats": _count(ratings, "admin"),
                "message": {
                    "inputs": render_inputs(each.inputs, link),
                    "query": each.query,
                    "message": each.query,
                    "answer": each.answer,
                },
            }
        )
    return {"data": data, "has_more": page.has_more, "limit": page.limit, "total": page.total, "page": page.page}


def render_answer_detail(found: Message, details: Details, link: FileLink) -> schemas.LoggedCompletionDetail:
    """Render a `LoggedCompletionDetail`."""
    return {
        "id": found.id,
        "status": "normal",
        "from_source": _source(found),
        "from_end_user_id": found.end_user_id,
        "from_account_id": found.account_id,
        "created_at": unix(found.created_at),
        "model_config": _config(found),
        "message": render_logged_message(found, details, link),
    }


def render_logged_message(found: Message, details: Details, link: FileLink) -> schemas.LoggedMessage:
    """Render a `LoggedMessage`; one that belongs to no conversation stands for its own."""
    people = details.people
    return {
        "id": found.id,
        "conversation_id": found.conversation_id or found.id,
        "inputs": render_inputs(found.inputs, link),
        "query": found.query,
        "message": [{"role": "user", "text": found.query}],
        "message_tokens": found.message_tokens,
        "answer": found.answer,
        "answer_tokens": found.answer_tokens,
        "provider_response_latency": found.provider_response_latency,
        "from_source": _source(found),
        "from_end_user_id": found.end_user_id,
        "from_account_id": found.account_id,
        "feedbacks": [
            {
                "rating": given.rating,
                "content": given.content,
                "from_source": given.source,
                "from_end_user_id": given.end_user_id,
                "from_account": people.author(given.account_id),
            }
            for given in details.feedbacks
        ],
        "workflow_run_id": None,
        "annotation": _annotation(details.annotation, people),
        "annotation_hit_history": _hit(details.hit, people),
        "created_at": unix(found.created_at),
        "agent_thoughts": [render_thought(thought) for thought in details.thoughts],
        "message_files": render_message_files(found.files, link),
        "metadata": dict(found.metadata_ or {}),
        "status": found.status,
        "error": found.error_message,
        "parent_message_id": found.parent_message_id,
    }


def _conversation(found: Conversation, summary: Summary, people: People) -> schemas.LoggedConversation:
    statuses = summary.statuses
    return {
        "id": found.id,
        "status": "normal",
        "from_source": _source(found),
        "from_end_user_id": found.end_user_id,
        "from_end_user_session_id": people.sessions.get(found.end_user_id or ""),
        "from_account_id": found.account_id,
        "from_account_name": people.name(found.account_id),
        "name": found.name,
        "summary": summary.first.query if summary.first else None,
        "read_at": None,
        "created_at": unix(found.created_at),
        "updated_at": unix(found.updated_at),
        "annotated": summary.annotated,
        "model_config": _summary_config(summary.last),
        "message_count": found.dialogue_count,
        "user_feedback_stats": _count(summary.ratings, "user"),
        "admin_feedback_stats": _count(summary.ratings, "admin"),
        "status_count": {
            "success": statuses.get("normal", 0) + statuses.get("stopped", 0),
            "failed": statuses.get("error", 0),
            "partial_success": 0,
        },
    }


def _source(asked: Asked) -> schemas.LogSource:
    return "api" if asked.end_user_id else "console"


def _count(ratings: Mapping[tuple[str, str], int], source: str) -> schemas.FeedbackCount:
    return {"like": ratings.get((source, "like"), 0), "dislike": ratings.get((source, "dislike"), 0)}


def _ratings(feedbacks: Sequence[MessageFeedback]) -> dict[tuple[str, str], int]:
    return {(given.source, given.rating): 1 for given in feedbacks}


def _summary_config(message: Message | None) -> schemas.LoggedModelSummary:
    config = _config_of(message)
    return {"model": trusted(config.get("model")), "pre_prompt": config.get("pre_prompt")}


def _config(message: Message | None) -> schemas.LoggedModelConfig:
    config = _config_of(message)
    return {
        "opening_statement": config.get("opening_statement"),
        "suggested_questions": config.get("suggested_questions"),
        "model": trusted(config.get("model")),
        "user_input_form": trusted(config.get("user_input_form")),
        "pre_prompt": config.get("pre_prompt"),
        "agent_mode": trusted(config.get("agent_mode")),
    }


def _config_of(message: Message | None) -> Mapping[str, Any]:
    return (message.model_config if message else None) or {}


def _annotation(found: Annotation | None, people: People) -> schemas.LoggedAnnotation:
    if found is None:
        return None
    return {
        "id": found.id,
        "question": found.question,
        "content": found.answer,
        "account": people.author(found.account_id),
        "created_at": unix(found.created_at),
    }


def _hit(found: tuple[AnnotationHit, Annotation] | None, people: People) -> schemas.LoggedHit:
    if found is None:
        return None
    hit, annotation = found
    return {
        "annotation_id": annotation.id,
        "annotation_create_account": people.author(annotation.account_id),
        "created_at": unix(hit.created_at),
    }
