"""Labels on apps and datasets."""

from __future__ import annotations

from handlers import tags
from handlers.call import Call
from handlers.contract import schemas


async def list_tags(call: Call, *, type: schemas.TagType, keyword: str | None = None) -> list[schemas.CountedTag]:
    """List tags."""
    return await tags.list_tags(call, type, keyword)


async def create_tag(call: Call, *, body: schemas.TypedTagCreate) -> schemas.CountedTag:
    """Make a tag."""
    return await tags.create(call, body["type"], body["name"])


async def rename_tag(call: Call, *, tag_id: str, body: schemas.TagCreate) -> schemas.CountedTag:
    """Rename a tag."""
    return await tags.rename(call, tag_id, body["name"])


async def delete_tag(call: Call, *, tag_id: str) -> None:
    """Delete a tag."""
    await tags.remove(call, tag_id)


async def bind_tags(call: Call, *, body: schemas.TypedTagBinding) -> schemas.Result:
    """Put tags on an app or a dataset."""
    await tags.bind(call, body["type"], body["tag_ids"], body["target_id"])
    return {"result": "success"}


async def unbind_tags(call: Call, *, body: schemas.TypedTagUnbinding) -> schemas.Result:
    """Take tags off an app or a dataset."""
    named = [*(body.get("tag_ids") or ()), body.get("tag_id")]
    await tags.unbind(call, body["type"], [tag_id for tag_id in named if tag_id], body["target_id"])
    return {"result": "success"}
