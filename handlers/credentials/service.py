"""API keys of the Service tier: of an app, of the workspace's knowledge, of the workspace."""

from foundation.errors import ApiError
from foundation.secrets import hash_token
from handlers.call import RequestHead, Services
from handlers.callers import AppKeyCaller, Caller, KnowledgeKeyCaller, WorkspaceKeyCaller
from handlers.credentials.recent import recent_answers
from handlers.credentials.standing import app_allowances, plan_allowances, require_app, require_workspace
from models import api_key, app
from models.api_key import KeyRecord
from models.app import App
from models.table import now

MISSING = "Authorization header must be provided and start with 'Bearer'"
INVALID = "Access token is invalid"


async def authenticate_app_key(head: RequestHead, services: Services) -> Caller | None:
    """Accept an app's key, or a workspace's key: with `X-App-Id` it stands for that app.

    Raises:
        ApiError: `unauthorized`, `forbidden`, `workspace_suspended`.
    """
    token = head.bearer()
    if token is None:
        return None
    record = await _accepted(services, token)
    match record.key.kind:
        case "app":
            return _for_app(services, record, require_app(record.app))
        case "workspace":
            named = head.header("x-app-id")
            if not named:
                return _for_workspace(services, record)
            return _for_app(services, record, await _named_app(services, record, named))
        case _:
            raise _invalid()


async def authenticate_knowledge_key(head: RequestHead, services: Services) -> Caller | None:
    """Accept a key to the workspace's knowledge, or a workspace's key.

    Raises:
        ApiError: `unauthorized`, `forbidden`, `workspace_suspended`.
    """
    token = head.bearer()
    if token is None:
        return None
    record = await _accepted(services, token)
    key = record.key
    if key.kind == "workspace":
        return _for_workspace(services, record)
    if key.kind != "dataset":
        raise _invalid()
    return KnowledgeKeyCaller(
        workspace_id=key.workspace_id,
        key_id=key.id,
        dataset_ids=_set(key.dataset_ids),
        permissions=_set(key.permissions),
        access=key.access,
        allowances=plan_allowances(services.settings, record.workspace, f"key:{key.id}"),
    )


async def missing_key(head: RequestHead, services: Services) -> ApiError:
    """Return the refusal of a request that carries no key in its header."""
    return key_in_query(head) or ApiError("unauthorized", MISSING)


def key_in_query(head: RequestHead) -> ApiError | None:
    """Return the refusal of a request that sends its key in the query, where it ends up in logs; else None."""
    if head.query("api_key") is None:
        return None
    message = "An API key in the query is not read; send it in the header `Authorization: Bearer <API key>`."
    return ApiError("unauthorized", message, reason="invalid_api_key")


async def _accepted(services: Services, token: str) -> KeyRecord:
    """Return the key behind a token, when it and its workspace are in force."""
    token_hash = hash_token(token)

    async def ask() -> KeyRecord | None:
        async with services.database.system() as scope:
            record = await api_key.find_by_hash(scope, token_hash)
            if record is not None and record.key.use_is_old:
                await api_key.note_use(scope, record.key.id)
            return record

    record = await recent_answers(services.database).get(("key", token_hash), ask)
    if record is None:
        raise _invalid()
    if record.key.expires_at is not None and record.key.expires_at <= now():
        raise ApiError("unauthorized", "Access token has expired", reason="invalid_api_key")
    require_workspace(record.workspace)
    return record


async def _named_app(services: Services, record: KeyRecord, app_id: str) -> App:
    workspace_id = record.key.workspace_id

    async def ask() -> App | None:
        async with services.database.workspace(workspace_id) as scope:
            return await app.find(scope, app_id)

    return require_app(await recent_answers(services.database).get(("app", workspace_id, app_id), ask))


def _for_app(services: Services, record: KeyRecord, chosen: App) -> AppKeyCaller:
    key = record.key
    limits = plan_allowances(services.settings, record.workspace, f"key:{key.id}")
    return AppKeyCaller(
        workspace_id=key.workspace_id,
        app_id=chosen.id,
        key_id=key.id,
        permissions=_set(key.permissions),
        access=key.access,
        max_active_requests=key.max_active_requests,
        mode=chosen.mode,
        allowances=limits + app_allowances(chosen),
    )


def _for_workspace(services: Services, record: KeyRecord) -> WorkspaceKeyCaller:
    key = record.key
    return WorkspaceKeyCaller(
        workspace_id=key.workspace_id,
        key_id=key.id,
        permissions=_set(key.permissions),
        access=key.access,
        dataset_ids=_set(key.dataset_ids),
        allowances=plan_allowances(services.settings, record.workspace, f"key:{key.id}"),
    )


def _set(words: list[str] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words)


def _invalid() -> ApiError:
    return ApiError("unauthorized", INVALID, reason="invalid_api_key")
