"""Tool providers that a workspace adds: APIs by their OpenAPI documents, MCP servers, workflows. Secrets are sealed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.scope import Scope
from models.table import Created, Id, Identified, Json, Owned, Table, Updated, belongs_to


class ApiToolProvider(Identified, Created, Updated, Owned, Table):
    """An API; `operations` is what was read out of its document."""

    __tablename__ = "api_tool_provider"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str]
    icon: Mapped[Json] = mapped_column(default=dict)
    description: Mapped[str] = mapped_column(default="")
    schema_type: Mapped[str] = mapped_column(default="openapi")
    schema: Mapped[str]
    operations: Mapped[list[Json]] = mapped_column(default=list)
    sealed: Mapped[str]
    labels: Mapped[list[str]] = mapped_column(default=list)
    privacy_policy: Mapped[str] = mapped_column(default="")
    custom_disclaimer: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str | None] = mapped_column(Id)


class McpToolProvider(Identified, Created, Updated, Owned, Table):
    """An MCP server; `sealed` holds its address and headers, `tools` its list as it was asked for last.

    `authorised` is whether it took our credentials then. Times are in seconds. One that was installed as a plugin has
    the plugin's id, `author/name`, and the identifier of what was installed.
    """

    __tablename__ = "mcp_tool_provider"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        UniqueConstraint("workspace_id", "server_identifier"),
        UniqueConstraint("workspace_id", "plugin_id"),
    )

    name: Mapped[str]
    server_identifier: Mapped[str]
    icon: Mapped[Json] = mapped_column(default=dict)
    sealed: Mapped[str]
    timeout: Mapped[float] = mapped_column(default=30.0)
    sse_read_timeout: Mapped[float] = mapped_column(default=300.0)
    tools: Mapped[list[Json]] = mapped_column(default=list)
    authorised: Mapped[bool] = mapped_column(default=False)
    listed_at: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(Id)
    plugin_id: Mapped[str | None]
    plugin_unique_identifier: Mapped[str | None]


class WorkflowToolProvider(Identified, Created, Updated, Owned, Table):
    """A workflow that others call as a tool: one version of an app of the mode `workflow`.

    Attributes:
        app_id: the app; an app is one tool at most.
        version: the version that is run; it cannot be deleted meanwhile.
        variables: the fields of its start node, as they are in that version.
        parameters: `{name, description, form}` for each of them.
    """

    __tablename__ = "workflow_tool_provider"
    __table_args__ = (
        belongs_to("app"),
        UniqueConstraint("workspace_id", "name"),
        UniqueConstraint("workspace_id", "app_id"),
    )

    app_id: Mapped[str] = mapped_column(Id)
    version: Mapped[str]
    name: Mapped[str]
    label: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    icon: Mapped[Json] = mapped_column(default=dict)
    variables: Mapped[list[Json]] = mapped_column(default=list)
    parameters: Mapped[list[Json]] = mapped_column(default=list)
    labels: Mapped[list[str]] = mapped_column(default=list)
    privacy_policy: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str | None] = mapped_column(Id)


P = TypeVar("P", ApiToolProvider, McpToolProvider, WorkflowToolProvider)


async def list_all(scope: Scope, kind: type[P]) -> list[P]:
    """Return the workspace's providers of a kind, by name."""
    query = select(kind).where(kind.workspace_id == scope.workspace_id).order_by(kind.name)
    return list(await scope.session.scalars(query))


async def get(scope: Scope, kind: type[P], provider_id: str) -> P:
    """Return a provider by its id.

    Raises:
        ApiError: `not_found`.
    """
    found = await scope.session.scalar(
        select(kind).where(kind.workspace_id == scope.workspace_id, kind.id == provider_id)
    )
    if found is None:
        raise ApiError("not_found", "The tool provider does not exist.")
    return found


async def get_many(scope: Scope, kind: type[P], provider_ids: Sequence[str]) -> dict[str, P]:
    """Return those of the providers that exist, by id."""
    if not provider_ids:
        return {}
    query = select(kind).where(kind.workspace_id == scope.workspace_id, kind.id.in_(provider_ids))
    return {found.id: found for found in await scope.session.scalars(query)}


async def get_api(scope: Scope, name: str) -> ApiToolProvider:
    """Return an API by its name.

    Raises:
        ApiError: `not_found`.
    """
    query = select(ApiToolProvider).where(
        ApiToolProvider.workspace_id == scope.workspace_id, ApiToolProvider.name == name
    )
    found = await scope.session.scalar(query)
    if found is None:
        raise ApiError("not_found", f"There is no tool provider {name!r}.")
    return found


async def workflow_tool_of(scope: Scope, app_id: str) -> WorkflowToolProvider | None:
    """Return the tool that an app's workflow is, if it is one."""
    query = select(WorkflowToolProvider).where(
        WorkflowToolProvider.workspace_id == scope.workspace_id, WorkflowToolProvider.app_id == app_id
    )
    return await scope.session.scalar(query)


async def add(scope: Scope, provider: P) -> P:
    """Store a new provider.

    Raises:
        ApiError: `tool_provider_exists` where its name or identifier is taken.
    """
    provider.workspace_id = scope.workspace_id
    async with _names_stay_unique(scope):
        scope.session.add(provider)
    return provider


async def change(scope: Scope, provider: P, changes: Mapping[str, Any]) -> P:
    """Set columns of a provider that this transaction has read.

    Raises:
        ApiError: `tool_provider_exists` where its new name or identifier is taken.
    """
    async with _names_stay_unique(scope):
        for column, value in changes.items():
            setattr(provider, column, value)
    return provider


async def remove(scope: Scope, kind: type[P], provider_id: str) -> None:
    """Forget a provider.

    Raises:
        ApiError: `not_found`.
    """
    statement = delete(kind).where(kind.workspace_id == scope.workspace_id, kind.id == provider_id).returning(kind.id)
    if await scope.session.scalar(statement) is None:
        raise ApiError("not_found", "The tool provider does not exist.")


@asynccontextmanager
async def _names_stay_unique(scope: Scope) -> AsyncIterator[None]:
    try:
        async with scope.session.begin_nested():
            yield
    except IntegrityError as error:
        raise ApiError("tool_provider_exists", "Another tool provider has this name or identifier.") from error
