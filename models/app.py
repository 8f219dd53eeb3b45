"""Apps: what they are called, what they run with, and the site they are published on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Index, UniqueConstraint, bindparam, delete, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.account import Workspace
from models.page import Page, like, numbered
from models.scope import Scope, SystemScope
from models.table import (
    Created,
    Id,
    Identified,
    Json,
    Owned,
    Table,
    Updated,
    Words,
    addressable,
    belongs_to,
    now,
    one_of,
)
from models.tool_provider import WorkflowToolProvider

Mode = Literal["chat", "completion", "agent-chat", "advanced-chat", "workflow"]
Status = Literal["normal", "archived", "deleted"]


class App(Identified, Created, Updated, Owned, Table):
    """An app of a workspace."""

    __tablename__ = "app"
    __table_args__ = (
        addressable(),
        one_of("mode", get_args(Mode)),
        one_of("status", get_args(Status)),
        Index(None, "workspace_id", "created_at", "id"),
        Index("ix_app_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    mode: Mapped[Mode] = mapped_column(Words)
    icon_type: Mapped[str | None]
    icon: Mapped[str | None]
    icon_background: Mapped[str | None]
    use_icon_as_answer_icon: Mapped[bool] = mapped_column(default=False)
    status: Mapped[Status] = mapped_column(Words, default="normal")
    enable_site: Mapped[bool] = mapped_column(default=True)
    enable_api: Mapped[bool] = mapped_column(default=True)
    api_rpm: Mapped[int] = mapped_column(default=0)
    api_rph: Mapped[int] = mapped_column(default=0)
    max_active_requests: Mapped[int | None]
    model_config: Mapped[Json] = mapped_column(default=dict)
    model_config_updated_at: Mapped[datetime | None]
    model_config_updated_by: Mapped[str | None] = mapped_column(Id)
    created_by: Mapped[str | None] = mapped_column(Id)
    updated_by: Mapped[str | None] = mapped_column(Id)
    deleted_at: Mapped[datetime | None]


class Site(Identified, Created, Updated, Owned, Table):
    """The public face of an app, reached by its code."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("app_id"), UniqueConstraint("code"), belongs_to("app"))

    app_id: Mapped[str] = mapped_column(Id)
    code: Mapped[str]
    title: Mapped[str]
    icon_type: Mapped[str | None]
    icon: Mapped[str | None]
    icon_background: Mapped[str | None]
    description: Mapped[str | None]
    default_language: Mapped[str] = mapped_column(default="en-US")
    chat_color_theme: Mapped[str | None]
    chat_color_theme_inverted: Mapped[bool] = mapped_column(default=False)
    customize_domain: Mapped[str | None]
    copyright: Mapped[str | None]
    privacy_policy: Mapped[str | None]
    custom_disclaimer: Mapped[str] = mapped_column(default="")
    customize_token_strategy: Mapped[str] = mapped_column(default="not_allow")
    prompt_public: Mapped[bool] = mapped_column(default=False)
    show_workflow_steps: Mapped[bool] = mapped_column(default=True)
    use_icon_as_answer_icon: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str | None] = mapped_column(Id)
    updated_by: Mapped[str | None] = mapped_column(Id)


@dataclass(frozen=True, slots=True)
class AskedApp:
    """What a question needs of the app that is asked."""

    id: str
    mode: Mode
    max_active_requests: int | None
    model_config: Json


@dataclass(frozen=True, slots=True)
class Published:
    """An app with its site and its workspace."""

    app: App
    site: Site
    workspace: Workspace


async def create(scope: Scope, *, name: str, mode: Mode, site_code: str, created_by: str | None, **fields: Any) -> App:
    """Make an app with its site, which takes over its name and icon.

    Args:
        scope: the workspace.
        name: what the app is called; names may repeat.
        mode: how it runs.
        site_code: the public code of its site.
        created_by: the account that makes it.
        fields: further columns of `App`.
    """
    made = App(
        workspace_id=scope.workspace_id,
        name=name,
        mode=mode,
        created_by=created_by,
        updated_by=created_by,
        **fields,
    )
    scope.session.add(made)
    await scope.session.flush()
    site = Site(
        workspace_id=scope.workspace_id,
        app_id=made.id,
        code=site_code,
        title=name,
        icon_type=made.icon_type,
        icon=made.icon,
        icon_background=made.icon_background,
        created_by=created_by,
    )
    scope.session.add(site)
    await scope.session.flush()
    return made


_FIND = select(App).where(
    App.workspace_id == bindparam("workspace_id"), App.id == bindparam("app_id"), App.deleted_at.is_(None)
)
"""Built once: nearly every request asks it."""


async def find(scope: Scope, app_id: str) -> App | None:
    """Return an app that has not been deleted."""
    return await scope.session.scalar(_FIND, {"workspace_id": scope.workspace_id, "app_id": app_id})


async def get(scope: Scope, app_id: str) -> App:
    """Return an app.

    Raises:
        ApiError: `app_not_found`.
    """
    found = await find(scope, app_id)
    if found is None:
        raise ApiError("app_not_found", "App not found.")
    return found


async def get_many(scope: Scope, app_ids: Sequence[str]) -> list[App]:
    """Return those of the apps that exist, newest first."""
    query = select(App).where(App.workspace_id == scope.workspace_id, App.id.in_(app_ids), App.deleted_at.is_(None))
    return list(await scope.session.scalars(query.order_by(App.created_at.desc(), App.id.desc())))


async def page(
    scope: Scope,
    *,
    page: int = 1,
    limit: int = 20,
    name: str | None = None,
    mode: str | None = None,
    created_by: str | None = None,
    app_ids: Sequence[str] | None = None,
) -> Page[App]:
    """Return one page of the workspace's apps, newest first.

    Args:
        scope: the workspace.
        page: the number of the page, from 1.
        limit: how many it holds.
        name: a part of the name or the description.
        mode: one mode; None, "" and "all" mean any.
        created_by: the account that made them.
        app_ids: the apps to choose from, for filters by tag.
    """
    query = select(App).where(App.workspace_id == scope.workspace_id, App.deleted_at.is_(None))
    if name:
        query = query.where(or_(App.name.ilike(like(name)), App.description.ilike(like(name))))
    if mode and mode != "all":
        query = query.where(App.mode == mode)
    if created_by:
        query = query.where(App.created_by == created_by)
    if app_ids is not None:
        query = query.where(App.id.in_(app_ids))
    return await numbered(scope, query.order_by(App.created_at.desc(), App.id.desc()), page, limit)


async def change(scope: Scope, app_id: str, changes: dict[str, Any], updated_by: str | None) -> App:
    """Set columns of an app.

    Raises:
        ApiError: `app_not_found`.
    """
    found = await get(scope, app_id)
    for column, value in changes.items():
        setattr(found, column, value)
    found.updated_by = updated_by
    await scope.session.flush()
    return found


async def change_model_config(scope: Scope, app_id: str, model_config: Json, updated_by: str | None) -> App:
    """Replace what an app runs with.

    Raises:
        ApiError: `app_not_found`.
    """
    changes = {
        "model_config": model_config,
        "model_config_updated_at": now(),
        "model_config_updated_by": updated_by,
    }
    return await change(scope, app_id, changes, updated_by)


async def set_feature(scope: Scope, app_id: str, name: str, setting: Json) -> None:
    """Set one feature of what an app runs with; an app that is gone is left alone."""
    query = select(App).where(App.workspace_id == scope.workspace_id, App.id == app_id, App.deleted_at.is_(None))
    found = await scope.session.scalar(query.with_for_update(key_share=True))
    if found is not None:
        found.model_config = {**(found.model_config or {}), name: setting}
        await scope.session.flush()


async def mark_deleted(scope: Scope, app_id: str) -> App:
    """Take an app out of sight at once; `purge` removes what belongs to it.

    Raises:
        ApiError: `app_not_found`.
    """
    found = await get(scope, app_id)
    found.status = "deleted"
    found.deleted_at = now()
    for gone in (Site, WorkflowToolProvider):
        await scope.session.execute(delete(gone).where(gone.workspace_id == scope.workspace_id, gone.app_id == app_id))
    await scope.session.flush()
    return found


async def purge(scope: Scope, app_id: str) -> None:
    """Remove a deleted app with its keys, end users, conversations and messages."""
    await scope.session.execute(
        delete(App).where(App.workspace_id == scope.workspace_id, App.id == app_id, App.deleted_at.is_not(None))
    )


async def list_deleted(scope: SystemScope, limit: int = 100) -> list[App]:
    """Return apps of any workspace that wait to be purged."""
    query = select(App).where(App.deleted_at.is_not(None)).order_by(App.deleted_at).limit(limit)
    return list(await scope.session.scalars(query))


async def get_site(scope: Scope, app_id: str) -> Site:
    """Return an app's site.

    Raises:
        ApiError: `not_found`.
    """
    query = select(Site).where(Site.workspace_id == scope.workspace_id, Site.app_id == app_id)
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", "Site not found.")
    return found


async def find_by_site_code(scope: SystemScope, code: str) -> Published | None:
    """Return the app that is published under a code, in whatever workspace."""
    return await _published(scope, Site.code == code)


async def find_anywhere(scope: SystemScope, app_id: str) -> Published | None:
    """Return an app with its site, in whatever workspace."""
    return await _published(scope, App.id == app_id)


async def change_site(scope: Scope, app_id: str, changes: dict[str, Any], updated_by: str | None) -> Site:
    """Set columns of an app's site, its code among them.

    Raises:
        ApiError: `not_found`.
    """
    found = await get_site(scope, app_id)
    for column, value in changes.items():
        setattr(found, column, value)
    found.updated_by = updated_by
    await scope.session.flush()
    return found


async def _published(scope: SystemScope, condition: ColumnElement[bool]) -> Published | None:
    query = (
        select(App, Site, Workspace)
        .join(Site, Site.app_id == App.id)
        .join(Workspace, Workspace.id == App.workspace_id)
        .where(condition, App.deleted_at.is_(None))
    )
    row = (await scope.session.execute(query)).first()
    return Published(*row) if row else None
