"""What every tier does with tags: make, rename, delete, put on and take off."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, open_dataset
from models import app as apps
from models import tag as tags
from models.scope import Scope
from models.tag import CountedTag, TagType


async def list_tags(call: Call, type: TagType, keyword: str | None = None) -> list[schemas.CountedTag]:
    """Return the tags of a type."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        return [_render(tag) for tag in await tags.list_all(scope, type, keyword or None)]


async def create(call: Call, type: TagType, name: str) -> schemas.CountedTag:
    """Make a tag.

    Raises:
        ApiError: `tag_name_duplicate`; `forbidden` for a key that is limited to certain datasets.
    """
    _check_unlimited(call)
    async with call.services.database.workspace(call.workspace_id) as scope:
        return _render(CountedTag(await tags.create(scope, type, name, await acting_account(call, scope)), 0))


async def rename(call: Call, tag_id: str, name: str, type: TagType | None = None) -> schemas.CountedTag:
    """Give a tag, of a type where one is named, another name.

    Raises:
        ApiError: `not_found`, `tag_name_duplicate`; `forbidden` for a key that is limited to certain datasets.
    """
    _check_unlimited(call)
    async with call.services.database.workspace(call.workspace_id) as scope:
        return _render(await tags.rename(scope, tag_id, name, type))


async def remove(call: Call, tag_id: str, type: TagType | None = None) -> None:
    """Delete a tag, of a type where one is named.

    Raises:
        ApiError: `not_found`; `forbidden` for a key that is limited to certain datasets.
    """
    _check_unlimited(call)
    async with call.services.database.workspace(call.workspace_id) as scope:
        await tags.remove(scope, tag_id, type)


async def bind(call: Call, type: TagType, tag_ids: Sequence[str], target_id: str) -> None:
    """Put tags on an app or a dataset.

    Raises:
        ApiError: `not_found`, `app_not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        target = await _target(call, scope, type, target_id)
        await tags.bind(scope, type, tag_ids, target, await acting_account(call, scope))


async def unbind(call: Call, type: TagType, tag_ids: Sequence[str], target_id: str) -> None:
    """Take tags off an app or a dataset.

    Raises:
        ApiError: `not_found`, `app_not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        target = await _target(call, scope, type, target_id)
        await tags.unbind(scope, type, tag_ids, target)


async def of_dataset(call: Call, dataset_id: str) -> schemas.BoundTagList:
    """Return the tags on a dataset.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        found = (await tags.of_targets(scope, "knowledge", [dataset.id]))[dataset.id]
    return {"data": [{"id": tag.id, "name": tag.name} for tag in found], "total": len(found)}


async def _target(call: Call, scope: Scope, type: TagType, target_id: str) -> str:
    if type == "app":
        return (await apps.get(scope, target_id)).id
    return (await open_dataset(call, scope, target_id)).id


def _check_unlimited(call: Call) -> None:
    if call.dataset_ids is not None:
        raise ApiError("forbidden", "This key is limited to certain datasets; tags belong to the whole workspace.")


def _render(counted: CountedTag) -> schemas.CountedTag:
    tag = counted.tag
    return {"id": tag.id, "name": tag.name, "type": tag.type, "binding_count": str(counted.bindings)}
