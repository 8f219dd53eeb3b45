"""What is served: the document, a 6 KB list, a nested body."""

from __future__ import annotations

from typing import Any

ID = "0193f0a2-6d1c-7c5e-9a57-2f0d6c6f0c01"
OTHERS = 56

CONVERSATION: dict[str, Any] = {
    "id": ID,
    "name": "How long is the warranty on the K2 kettle?",
    "inputs": {"product": "K2", "language": "en"},
    "status": "normal",
    "introduction": "Ask me about our kettles.",
    "created_at": 1_764_000_000,
    "updated_at": 1_764_000_360,
}
PAGE: dict[str, Any] = {"limit": 20, "has_more": True, "data": [CONVERSATION] * 20}
QUESTION: dict[str, Any] = {
    "query": "How long is the warranty on the K2 kettle?",
    "inputs": {"product": "K2", "tone": "friendly"},
    "response_mode": "blocking",
    "user": "alice@example.com",
    "conversation_id": ID,
    "auto_generate_name": True,
    "files": [
        {"type": "image", "transfer_method": "remote_url", "url": "https://example.com/a.png"},
        {"type": "document", "transfer_method": "local_file", "upload_file_id": ID},
    ],
}
ANSWER: dict[str, Any] = {
    "id": ID,
    "answer": "The warranty is two years from the day of purchase.",
    "conversation_id": ID,
    "created_at": 1_764_000_000,
    "usage": {"prompt_tokens": 120, "completion_tokens": 18, "total_price": "0.000123", "currency": "USD"},
}

_ID: dict[str, Any] = {"type": "string", "format": "uuid"}
_TIME: dict[str, Any] = {"type": "integer", "minimum": 0}
SCHEMAS: dict[str, Any] = {
    "Conversation": {
        "type": "object",
        "required": list(CONVERSATION),
        "properties": {
            "id": _ID,
            "name": {"type": "string", "maxLength": 255},
            "inputs": {"type": "object", "additionalProperties": {"type": "string"}},
            "status": {"type": "string", "enum": ["normal", "archived"]},
            "introduction": {"type": "string"},
            "created_at": _TIME,
            "updated_at": _TIME,
        },
    },
    "Page": {
        "type": "object",
        "required": ["limit", "has_more", "data"],
        "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            "has_more": {"type": "boolean"},
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Conversation"}},
        },
    },
    "InputFile": {
        "type": "object",
        "required": ["type", "transfer_method"],
        "properties": {
            "type": {"type": "string", "enum": ["image", "document", "audio", "video", "custom"]},
            "transfer_method": {"type": "string", "enum": ["remote_url", "local_file"]},
            "url": {"type": "string", "format": "uri"},
            "upload_file_id": _ID,
        },
    },
    "Question": {
        "type": "object",
        "required": ["query", "inputs"],
        "properties": {
            "query": {"type": "string", "minLength": 1, "maxLength": 10_000},
            "inputs": {"type": "object"},
            "response_mode": {"type": "string", "enum": ["streaming", "blocking"]},
            "user": {"type": "string", "maxLength": 255},
            "conversation_id": {**_ID, "nullable": True},
            "auto_generate_name": {"type": "boolean", "default": True},
            "files": {"type": "array", "nullable": True, "items": {"$ref": "#/components/schemas/InputFile"}},
        },
    },
    "Answer": {
        "type": "object",
        "required": ["id", "answer", "conversation_id", "created_at", "usage"],
        "properties": {
            "id": _ID,
            "answer": {"type": "string"},
            "conversation_id": _ID,
            "created_at": _TIME,
            "usage": {
                "type": "object",
                "required": ["prompt_tokens", "completion_tokens", "total_price", "currency"],
                "properties": {
                    "prompt_tokens": {"type": "integer"},
                    "completion_tokens": {"type": "integer"},
                    "total_price": {"type": "string"},
                    "currency": {"type": "string", "enum": ["USD"]},
                },
            },
        },
    },
}


def document(*, secured: bool) -> dict[str, Any]:
    """Return the OpenAPI document: the measured operations among 56 others.

    Args:
        secured: whether the operations ask for a key, and the POST takes an Idempotency-Key.
    """
    paths: dict[str, Any] = {f"/other{n}/{{other_id}}": _other(n) for n in range(OTHERS // 2)}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}}
    item_id = {"name": "conversation_id", "in": "path", "required": True, "schema": _ID}
    paths["/conversations"] = {"get": _operation("listConversations", "200", "Page", parameters=[limit])}
    paths["/conversations/{conversation_id}"] = {
        "get": _operation("getConversation", "200", "Conversation", parameters=[item_id])
    }
    question = {"required": True, "content": {"application/json": {"schema": _ref("Question")}}}
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
    paths["/conversations/{conversation_id}/messages"] = {
        "post": _operation(
            "createMessage", "200", "Answer", parameters=[item_id] + [key] * secured, requestBody=question
        )
    }
    paths |= {f"/other{n}/{{other_id}}": _other(n) for n in range(OTHERS // 2, OTHERS)}
    schemes = {"AppKey": {"type": "http", "scheme": "bearer"}} if secured else {}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Measured", "version": "1"},
        "paths": paths,
        "security": [{"AppKey": []}] if secured else [],
        "components": {"schemas": SCHEMAS, "securitySchemes": schemes},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(name: str, status: str, schema: str, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": _ref(schema)}}
    return {
        "operationId": name,
        "tags": ["Measured"],
        "responses": {status: {"description": "ok", "content": content}},
    } | more


def _other(number: int) -> dict[str, Any]:
    parameter = {"name": "other_id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {"get": _operation(f"getOther{number}", "200", "Conversation", parameters=[parameter])}
