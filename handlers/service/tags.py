"""Labels on datasets."""

from __future__ import annotations

from handlers import tags
from handlers.call import Call
from handlers.contract import schemas


async def list_tags(call: Call) -> list[schemas.CountedTag]:
    """List the tags for knowledge."""
    return await tags.list_tags(call, "knowledge")


async def create_tag(call: Call, *, body: schemas.TagCreate) -> schemas.CountedTag:
    """Make a tag."""
    return await tags.create(call, "knowledge", body["name"])


async def rename_tag(call: Call, *, body: schemas.TagRename) -> schemas.CountedTag:
    """Rename a tag."""
    return await tags.rename(call, body["tag_id"], body["name"], "knowledge")


async def delete_tag(call: Call, *, body: schemas.TagDelete) -> None:
    """Delete a tag."""
    await tags.remove(call, body["tag_id"], "knowledge")


async def bind_tags(call: Call, *, body: schemas.TagBinding) -> None:
    """Put tags on a dataset."""
    await tags.bind(call, "knowledge", body["tag_ids"], body["target_id"])


async def unbind_tags(call: Call, *, body: schemas.TagUnbinding) -> None:
    """Take tags off a dataset."""
    named = [*(body.get("tag_ids") or ()), body.get("tag_id")]
    await tags.unbind(call, "knowledge", [tag_id for tag_id in named if tag_id], body["target_id"])


async def list_dataset_tags(call: Call, *, dataset_id: str) -> schemas.BoundTagList:
    """List the tags on a dataset."""
    return await tags.of_dataset(call, dataset_id)
