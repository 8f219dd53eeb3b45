"""API extensions: HTTP services of a workspace's own that moderate texts and give external data."""

from collections.abc import Sequence

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.scope import Scope
from models.table import Created, Id, Identified, Owned, Table, Updated


class ApiExtension(Identified, Created, Updated, Owned, Table):
    """A service with its address; its key is sealed."""

    __tablename__ = "api_extension"
    __table_args__ = (Index(None, "workspace_id", "created_at", "id"),)

    name: Mapped[str]
    api_endpoint: Mapped[str]
    sealed: Mapped[str]
    created_by: Mapped[str | None] = mapped_column(Id)


async def list_all(scope: Scope) -> Sequence[ApiExtension]:
    """Return the workspace's extensions, newest first."""
    query = select(ApiExtension).where(ApiExtension.workspace_id == scope.workspace_id)
    return (await scope.session.scalars(query.order_by(ApiExtension.created_at.desc(), ApiExtension.id.desc()))).all()


async def find(scope: Scope, extension_id: str) -> ApiExtension | None:
    """Return an extension of the workspace."""
    query = select(ApiExtension).where(ApiExtension.workspace_id == scope.workspace_id, ApiExtension.id == extension_id)
    return await scope.session.scalar(query)


async def get(scope: Scope, extension_id: str) -> ApiExtension:
    """Return an extension of the workspace.

    Raises:
        ApiError: `not_found`.
    """
    found = await find(scope, extension_id)
    if found is None:
        raise ApiError("not_found", "API based extension not found")
    return found


async def create(scope: Scope, *, name: str, api_endpoint: str, sealed: str, created_by: str | None) -> ApiExtension:
    """Keep an extension."""
    made = ApiExtension(
        workspace_id=scope.workspace_id, name=name, api_endpoint=api_endpoint, sealed=sealed, created_by=created_by
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def change(scope: Scope, extension_id: str, *, name: str, api_endpoint: str, sealed: str) -> ApiExtension:
    """Give an extension another name, address and key.

    Raises:
        ApiError: `not_found`.
    """
    found = await get(scope, extension_id)
    found.name, found.api_endpoint, found.sealed = name, api_endpoint, sealed
    await scope.session.flush()
    return found


async def remove(scope: Scope, extension_id: str) -> None:
    """Forget an extension.

    Raises:
        ApiError: `not_found`.
    """
    await scope.session.delete(await get(scope, extension_id))
    await scope.session.flush()
