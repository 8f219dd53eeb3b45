"""Tags: the labels that people put on apps and datasets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Index, UniqueConstraint, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.page import like
from models.scope import Scope
from models.table import Created, Id, Identified, Owned, Table, Words, addressable, belongs_to, now, one_of

TagType = Literal["app", "knowledge"]


class Tag(Identified, Created, Owned, Table):
    """One label; its name is given once for each type in a workspace."""

    __tablename__ = "tag"
    __table_args__ = (
        addressable(),
        one_of("type", get_args(TagType)),
        UniqueConstraint("workspace_id", "type", "name"),
    )

    type: Mapped[TagType] = mapped_column(Words)
    name: Mapped[str]
    created_by: Mapped[str | None] = mapped_column(Id)


class TagBinding(Identified, Created, Owned, Table):
    """A label on an app or on a dataset; exactly one of both."""

    __tablename__ = "tag_binding"
    __table_args__ = (
        belongs_to("tag"),
        belongs_to("app"),
        belongs_to("dataset"),
        UniqueConstraint("tag_id", "app_id"),
        UniqueConstraint("tag_id", "dataset_id"),
        Index(None, "app_id"),
        Index(None, "dataset_id"),
    )

    tag_id: Mapped[str] = mapped_column(Id)
    app_id: Mapped[str | None] = mapped_column(Id)
    dataset_id: Mapped[str | None] = mapped_column(Id)
    created_by: Mapped[str | None] = mapped_column(Id)


@dataclass(frozen=True, slots=True)
class CountedTag:
    """A tag and how many things carry it."""

    tag: Tag
    bindings: int


async def list_all(scope: Scope, type: TagType, keyword: str | None = None) -> list[CountedTag]:
    """Return the workspace's tags of a type, newest first, those with a part of the name where one is given."""
    counts = select(TagBinding.tag_id, func.count().label("bindings")).group_by(TagBinding.tag_id).subquery()
    query = (
        select(Tag, func.coalesce(counts.c.bindings, 0))
        .outerjoin(counts, counts.c.tag_id == Tag.id)
        .where(Tag.workspace_id == scope.workspace_id, Tag.type == type)
        .order_by(Tag.created_at.desc(), Tag.id.desc())
    )
    if keyword:
        query = query.where(Tag.name.ilike(like(keyword)))
    return [CountedTag(tag, count) for tag, count in await scope.session.execute(query)]


async def get(scope: Scope, tag_id: str, type: TagType | None = None) -> CountedTag:
    """Return a tag of the workspace.

    Args:
        scope: the workspace.
        tag_id: the tag.
        type: what it must be for; None accepts both.

    Raises:
        ApiError: `not_found`.
    """
    query = select(Tag).where(Tag.workspace_id == scope.workspace_id, Tag.id == tag_id)
    if type is not None:
        query = query.where(Tag.type == type)
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Tag not found.")
    bound = select(func.count()).select_from(TagBinding).where(TagBinding.tag_id == found.id)
    return CountedTag(found, await scope.session.scalar(bound) or 0)


async def create(scope: Scope, type: TagType, name: str, created_by: str | None) -> Tag:
    """Make a tag.

    Raises:
        ApiError: `tag_name_duplicate`.
    """
    made = Tag(workspace_id=scope.workspace_id, type=type, created_by=created_by)
    await _write(scope, made, name)
    return made


async def rename(scope: Scope, tag_id: str, name: str, type: TagType | None = None) -> CountedTag:
    """Give a tag another name.

    Raises:
        ApiError: `not_found`, `tag_name_duplicate`.
    """
    found = await get(scope, tag_id, type)
    await _write(scope, found.tag, name)
    return found


async def remove(scope: Scope, tag_id: str, type: TagType | None = None) -> None:
    """Delete a tag and take it off everything.

    Raises:
        ApiError: `not_found`.
    """
    await scope.session.delete((await get(scope, tag_id, type)).tag)


async def bind(scope: Scope, type: TagType, tag_ids: Sequence[str], target_id: str, created_by: str | None) -> None:
    """Put tags on an app or a dataset of the workspace; one that is on it already stays.

    Raises:
        ApiError: `not_found` where a tag of this type does not exist.
    """
    for tag_id in dict.fromkeys(tag_ids):
        tag = (await get(scope, tag_id, type)).tag
        statement = insert(TagBinding).values(
            id=new_id(),
            workspace_id=scope.workspace_id,
            tag_id=tag.id,
            app_id=target_id if type == "app" else None,
            dataset_id=target_id if type == "knowledge" else None,
            created_by=created_by,
            created_at=now(),
        )
        await scope.session.execute(statement.on_conflict_do_nothing())


async def unbind(scope: Scope, type: TagType, tag_ids: Sequence[str], target_id: str) -> None:
    """Take tags off an app or a dataset; one that is not on it changes nothing."""
    target = TagBinding.app_id if type == "app" else TagBinding.dataset_id
    statement = delete(TagBinding).where(
        TagBinding.workspace_id == scope.workspace_id, TagBinding.tag_id.in_(tag_ids), target == target_id
    )
    await scope.session.execute(statement)


async def of_targets(scope: Scope, type: TagType, target_ids: Sequence[str]) -> dict[str, list[Tag]]:
    """Return the tags of some apps or datasets, by app or dataset, in the order in which they were put on."""
    found: dict[str, list[Tag]] = {target_id: [] for target_id in target_ids}
    target = TagBinding.app_id if type == "app" else TagBinding.dataset_id
    query = (
        select(target, Tag)
        .join(Tag, Tag.id == TagBinding.tag_id)
        .where(TagBinding.workspace_id == scope.workspace_id, target.in_(target_ids))
        .order_by(TagBinding.created_at, TagBinding.id)
    )
    for target_id, tag in await scope.session.execute(query):
        if target_id is not None:
            found[target_id].append(tag)
    return found


async def datasets_with(scope: Scope, tag_ids: Sequence[str]) -> list[str]:
    """Return the ids of the datasets that carry one of some tags."""
    return await _carriers(scope, TagBinding.dataset_id, tag_ids)


async def apps_with(scope: Scope, tag_ids: Sequence[str]) -> list[str]:
    """Return the ids of the apps that carry one of some tags."""
    return await _carriers(scope, TagBinding.app_id, tag_ids)


async def _carriers(scope: Scope, target: InstrumentedAttribute[str | None], tag_ids: Sequence[str]) -> list[str]:
    query = select(target).where(TagBinding.workspace_id == scope.workspace_id, TagBinding.tag_id.in_(tag_ids))
    return [carrier for carrier in await scope.session.scalars(query.distinct()) if carrier is not None]


async def _write(scope: Scope, tag: Tag, name: str) -> None:
    try:
        async with scope.session.begin_nested():
            tag.name = name
            scope.session.add(tag)
            await scope.session.flush()
    except IntegrityError as error:
        if "uq_tag_workspace_id_type_name" not in str(error.orig):
            raise
        raise ApiError("tag_name_duplicate", f"There is a tag called {name} already.") from error
