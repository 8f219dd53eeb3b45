"""Uploaded files: their names and owners; the bytes lie in the file storage under their hash."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, delete, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.author import Author, Authored
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Owned, Table, addressable, belongs_to, now


class UploadFile(Identified, Created, Owned, Authored, Table):
    """One upload."""

    __tablename__ = "upload_file"
    __table_args__ = (
        addressable(),
        belongs_to("app"),
        Index(None, "hash"),
        Index(None, "app_id"),
        Index("ix_upload_file_unused", "created_at", postgresql_where=text("used_at IS NULL")),
    )

    app_id: Mapped[str | None] = mapped_column(Id)
    hash: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    extension: Mapped[str]
    mime_type: Mapped[str]
    source_url: Mapped[str | None]
    character_count: Mapped[int | None]
    used_at: Mapped[datetime | None]

    @property
    def author(self) -> Author:
        """Return who uploaded it."""
        return Author(self.end_user_id, self.account_id)


async def create(
    scope: Scope,
    *,
    author: Author,
    hash: str,
    name: str,
    size: int,
    extension: str,
    mime_type: str,
    app_id: str | None = None,
    source_url: str | None = None,
    character_count: int | None = None,
) -> UploadFile:
    """Record an upload whose bytes are stored."""
    made = UploadFile(
        workspace_id=scope.workspace_id,
        app_id=app_id,
        hash=hash,
        name=name,
        size=size,
        extension=extension,
        mime_type=mime_type,
        source_url=source_url,
        character_count=character_count,
        **author.columns(),
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def find(scope: Scope, file_id: str) -> UploadFile | None:
    """Return an upload of the workspace."""
    query = select(UploadFile).where(UploadFile.workspace_id == scope.workspace_id, UploadFile.id == file_id)
    return await scope.session.scalar(query)


async def get(scope: Scope, file_id: str) -> UploadFile:
    """Return an upload.

    Raises:
        ApiError: `file_not_found`.
    """
    found = await find(scope, file_id)
    if found is None:
        raise ApiError("file_not_found", "File not found.")
    return found


async def find_anywhere(scope: SystemScope, file_id: str) -> UploadFile | None:
    """Return an upload of whatever workspace, for a signed URL."""
    return await scope.session.scalar(select(UploadFile).where(UploadFile.id == file_id))


async def get_many(scope: Scope, file_ids: Sequence[str]) -> list[UploadFile]:
    """Return uploads in the order of their ids.

    Raises:
        ApiError: `file_not_found` when one is missing.
    """
    query = select(UploadFile).where(UploadFile.workspace_id == scope.workspace_id, UploadFile.id.in_(file_ids))
    found = {file.id: file for file in await scope.session.scalars(query)}
    missing = [file_id for file_id in file_ids if file_id not in found]
    if missing:
        raise ApiError("file_not_found", f"File not found: {missing[0]}.")
    return [found[file_id] for file_id in file_ids]


async def mark_used(scope: Scope, file_ids: Sequence[str]) -> None:
    """Note that uploads are part of something, so that they do not expire."""
    await scope.session.execute(
        update(UploadFile)
        .where(
            UploadFile.workspace_id == scope.workspace_id,
            UploadFile.id.in_(file_ids),
            UploadFile.used_at.is_(None),
        )
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )


async def list_unused(scope: SystemScope, before: datetime, limit: int = 500) -> list[UploadFile]:
    """Return uploads of any workspace that nothing has used since before a moment."""
    query = select(UploadFile).where(UploadFile.used_at.is_(None), UploadFile.created_at < before)
    return list(await scope.session.scalars(query.order_by(UploadFile.created_at).limit(limit)))


async def remove(scope: SystemScope, file_id: str) -> str | None:
    """Forget an upload.

    Returns:
        The hash of bytes that nobody else refers to and that may be deleted; None where some do.
    """
    statement = delete(UploadFile).where(UploadFile.id == file_id).returning(UploadFile.hash)
    removed = await scope.session.scalar(statement)
    if removed is None:
        return None
    others = await scope.session.scalar(select(func.count()).where(UploadFile.hash == removed))
    return None if others else removed
