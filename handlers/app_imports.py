"""Imports of app files: read, judged by their version, and made into apps at once or when they are confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.app_file import CURRENT_VERSION, MAX_BYTES, AppFile, judge_version, read_app_file
from engine.app_file.model_config import is_dataset_id
from engine.moderation import keywords_fault
from foundation.errors import ApiError
from foundation.ids import new_id
from foundation.secrets import new_token
from handlers import app_config
from handlers.app_files import missing, without_unknown_datasets
from handlers.apps import DEFAULT_ICON, SITE_CODE_LENGTH
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import Reply
from handlers.workflow_variables import kept_secrets
from handlers.workflows import WORKFLOW_MODES, write_draft
from models import app as apps
from models import dataset as datasets
from models import workflow as workflows
from models.app import App
from models.scope import Scope

CONFIRM_SECONDS = 600
FETCH_SECONDS = 30.0
_NAMING = ("name", "description", "icon_type", "icon", "icon_background", "app_id")


@dataclass(slots=True)
class _Import:
    """An import on its way."""

    id: str
    file: AppFile
    wishes: Mapping[str, Any]
    warnings: list[str] = field(default_factory=list)


async def begin(call: Call, asked: Mapping[str, Any]) -> schemas.AppImport | Reply[schemas.AppImport]:
    """Import a file, or keep it until its import is confirmed.

    Args:
        call: the call.
        asked: an `AppImportRequest`.

    Raises:
        ApiError: `invalid_app_file`, `egress_denied`, `remote_file_error`, `file_too_large`; and see `_perform`.
    """
    text = await _text(call, asked)
    file = await asyncio.to_thread(read_app_file, text)
    wishes = {name: asked[name] for name in _NAMING if asked.get(name)}
    if judge_version(file.version) == "pending":
        return await _keep(call, file, text, wishes)
    return await _perform(call, _Import(new_id(), file, wishes))


async def confirm(call: Call, import_id: str) -> schemas.AppImport:
    """Import a file that waits.

    Raises:
        ApiError: `not_found` where nothing waits any more; and see `_perform`.
    """
    sealed = await call.services.redis.getdel(_key(call, import_id))
    if sealed is None:
        raise ApiError("not_found", "Import not found; it waits for ten minutes, and is confirmed once.")
    kept = call.services.sealer.open(sealed.decode() if isinstance(sealed, bytes) else str(sealed))
    file = await asyncio.to_thread(read_app_file, kept["text"])
    return await _perform(call, _Import(import_id, file, kept["wishes"]))


async def _text(call: Call, asked: Mapping[str, Any]) -> str:
    if asked["mode"] == "yaml-content":
        if not asked.get("yaml_content"):
            raise _required("yaml_content")
        return str(asked["yaml_content"])
    url = asked.get("yaml_url")
    if not url:
        raise _required("yaml_url")
    answer = await call.services.egress.fetch(_raw(url), MAX_BYTES, FETCH_SECONDS)
    if answer.status != 200:
        raise ApiError("remote_file_error", f"The file could not be fetched: HTTP {answer.status}.")
    try:
        return answer.body.decode()
    except UnicodeDecodeError as error:
        raise ApiError("invalid_app_file", "The file is not UTF-8.") from error


def _raw(url: str) -> str:
    """Return where a file of a public code host is itself, for the address of the page that shows it."""
    if url.startswith("https://github.com/") and "/blob/" in url:
        return url.replace("https://github.com/", "https://raw.githubusercontent.com/", 1).replace("/blob/", "/", 1)
    return url


async def _keep(call: Call, file: AppFile, text: str, wishes: Mapping[str, Any]) -> Reply[schemas.AppImport]:
    import_id = new_id()
    sealed = call.services.sealer.seal({"text": text, "wishes": dict(wishes)})
    await call.services.redis.set(_key(call, import_id), sealed, ex=CONFIRM_SECONDS)
    waiting: schemas.AppImport = {
        "id": import_id,
        "status": "pending",
        "app_id": None,
        "app_mode": None,
        "current_dsl_version": CURRENT_VERSION,
        "imported_dsl_version": file.version,
        "error": f"The file has version {file.version}; this server writes {CURRENT_VERSION}. Confirm to import it.",
    }
    return Reply(waiting, status=202)


async def _perform(call: Call, wanted: _Import) -> schemas.AppImport:
    """Make the app, or replace the draft of the one that is named.

    Raises:
        ApiError: `app_not_found`, `app_mode_mismatch` or `invalid_variable`.
    """
    file = wanted.file
    if judge_version(file.version) != "completed":
        wanted.warnings.append(f"The file has version {file.version}; this server writes {CURRENT_VERSION}.")
    async with call.services.database.workspace(call.workspace_id) as scope:
        app = await _app(call, scope, wanted)
        if app.mode in WORKFLOW_MODES:
            await _write_workflow(call, scope, app, wanted)
        else:
            await _write_config(call, scope, app, wanted)
        config = app.model_config if app.mode not in WORKFLOW_MODES else {}
        for provider in await missing(scope, file.graph, config):
            wanted.warnings.append(f"There is no provider {provider} here.")
    return {
        "id": wanted.id,
        "status": "completed-with-warnings" if wanted.warnings else "completed",
        "app_id": app.id,
        "app_mode": app.mode,
        "current_dsl_version": CURRENT_VERSION,
        "imported_dsl_version": file.version,
        "error": "\n".join(wanted.warnings)[:20000],
    }


async def _app(call: Call, scope: Scope, wanted: _Import) -> App:
    """Return the app that the file is for, named as the request and the file say."""
    said, wishes = wanted.file.app, wanted.wishes
    fields = {
        "description": wishes.get("description") or said.description,
        "icon_type": wishes.get("icon_type") or said.icon_type or DEFAULT_ICON["icon_type"],
        "icon": wishes.get("icon") or said.icon or DEFAULT_ICON["icon"],
        "icon_background": wishes.get("icon_background") or said.icon_background,
        "use_icon_as_answer_icon": said.use_icon_as_answer_icon,
    }
    name = wishes.get("name") or said.name
    account_id = call.account.account_id
    if app_id := wishes.get("app_id"):
        found = await apps.get(scope, app_id)
        if found.mode != said.mode or found.mode not in WORKFLOW_MODES:
            message = f"A file of mode {said.mode} cannot replace the draft of an app of mode {found.mode}."
            raise ApiError("app_mode_mismatch", message)
        return await apps.change(scope, app_id, {"name": name, **fields}, account_id)
    code = new_token()[:SITE_CODE_LENGTH]
    return await apps.create(scope, name=name, mode=said.mode, site_code=code, created_by=account_id, **fields)


async def _write_workflow(call: Call, scope: Scope, app: App, wanted: _Import) -> None:
    section = wanted.file.workflow
    if section is None:
        raise ApiError("invalid_app_file", f"An app of mode {app.mode} needs a workflow.")
    graph, gone = await without_unknown_datasets(scope, {"nodes": [], "edges": [], **wanted.file.graph})
    wanted.warnings += [f"There is no knowledge base {dataset_id[:64]} here." for dataset_id in gone]
    before = await workflows.find_draft(scope, app.id)
    environment = [each.model_dump() for each in section.environment_variables]
    await write_draft(
        call,
        scope,
        app,
        graph=graph,
        features=section.features,
        environment=kept_secrets(environment, before.environment_variables if before else []),
        conversation=[each.model_dump() for each in section.conversation_variables],
    )


async def _write_config(call: Call, scope: Scope, app: App, wanted: _Import) -> None:
    section = wanted.file.configuration
    config = app_config.complete(section.as_given() if section is not None else None, app.mode)
    choice = (config.get("dataset_configs") or {}).get("datasets") or {}
    entries = choice.get("datasets") or []
    named = [str(entry["dataset"]["id"]) for entry in entries]
    known = {found.id for found in await datasets.get_many(scope, [each for each in named if is_dataset_id(each)])}
    gone = [dataset_id for dataset_id in named if dataset_id.lower() not in known]
    if gone:
        kept = [entry for entry in entries if str(entry["dataset"]["id"]).lower() in known]
        config["dataset_configs"] = {**config["dataset_configs"], "datasets": {**choice, "datasets": kept}}
        wanted.warnings += [f"There is no knowledge base {dataset_id[:64]} here." for dataset_id in gone]
    if fault := keywords_fault(config):
        wanted.warnings.append(fault)
    await apps.change_model_config(scope, app.id, config, call.account.account_id)
    await datasets.link_app(scope, app.id, app_config.dataset_ids(config))


def _required(name: str) -> ApiError:
    message = f"{name} is required for this mode."
    return ApiError("invalid_app_file", message, details=[{"field": name, "type": "required", "message": message}])


def _key(call: Call, import_id: str) -> str:
    return f"app_import:{call.workspace_id}:{call.account.account_id}:{import_id.lower()}"
