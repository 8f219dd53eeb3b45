"""Services of the workspace's own that moderate texts and give external data."""

from __future__ import annotations

from engine.extension import Extension
from engine.providers.catalogue import mask
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.times import unix
from models import api_extension as extensions
from models.api_extension import ApiExtension

HIDDEN = "[__HIDDEN__]"


async def list_api_extensions(call: Call) -> schemas.ApiExtensionList:
    """List the API extensions."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        found = await extensions.list_all(scope)
    return [_rendered(call, extension) for extension in found]


async def create_api_extension(call: Call, *, body: schemas.ApiExtensionRequest) -> schemas.ApiExtension:
    """Add an API extension that answers."""
    await _ping(call, body, body["api_key"])
    sealed = call.services.sealer.seal({"api_key": body["api_key"]})
    async with call.services.database.workspace(call.workspace_id) as scope:
        made = await extensions.create(
            scope,
            name=body["name"],
            api_endpoint=body["api_endpoint"],
            sealed=sealed,
            created_by=call.account.account_id,
        )
    return _rendered(call, made)


async def get_api_extension(call: Call, *, extension_id: str) -> schemas.ApiExtension:
    """Get an API extension."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        return _rendered(call, await extensions.get(scope, extension_id))


async def update_api_extension(
    call: Call, *, extension_id: str, body: schemas.ApiExtensionRequest
) -> schemas.ApiExtension:
    """Change an API extension to one that answers."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        stored = _key(call, await extensions.get(scope, extension_id))
    key = stored if body["api_key"] in (HIDDEN, mask(stored)) else body["api_key"]
    await _ping(call, body, key)
    sealed = call.services.sealer.seal({"api_key": key})
    async with call.services.database.workspace(call.workspace_id) as scope:
        changed = await extensions.change(
            scope, extension_id, name=body["name"], api_endpoint=body["api_endpoint"], sealed=sealed
        )
    return _rendered(call, changed)


async def delete_api_extension(call: Call, *, extension_id: str) -> None:
    """Forget an API extension."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await extensions.remove(scope, extension_id)


async def _ping(call: Call, body: schemas.ApiExtensionRequest, key: str) -> None:
    await Extension(call.services.egress, body["name"], body["api_endpoint"], key).ping()


def _key(call: Call, extension: ApiExtension) -> str:
    return str(call.services.sealer.open(extension.sealed)["api_key"])


def _rendered(call: Call, extension: ApiExtension) -> schemas.ApiExtension:
    return {
        "id": extension.id,
        "name": extension.name,
        "api_endpoint": extension.api_endpoint,
        "api_key": mask(_key(call, extension)),
        "created_at": unix(extension.created_at),
    }
