"""Uploaded files: their names and owners; the bytes lie in the file storage under their hash.

An upload is discarded with the last document or message that refers to it. Its bytes are deleted later, by whoever
takes their hash from `DiscardedContent`, so that no crash leaves bytes that nobody knows of.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Index, Text, cast, column, delete, exists, func, select, table, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from models.author import Author, Authored
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Owned, Table, addressable, belongs_to, now

PURGE_LOCK = 0x7061726C65790002


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


class DiscardedContent(Table):
    """The hash of bytes that an upload referred to, until they are deleted or referred to again."""

    __tablename__ = "discarded_content"
    __table_args__ = (Index(None, "discarded_at"),)

    hash: Mapped[str] = mapped_column(primary_key=True)
    discarded_at: Mapped[datetime]


_documents = table("document", column("upload_file_id", Id))
_messages = table("message", column("workspace_id", Id), column("files", JSONB))
_apps = table("app", column("icon", Text))
_sites = table("site", column("icon", Text))


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
    """Return uploads of any workspace that nothing has used since before a moment.

    Uploads to an app wait for their message as long as the app does, and an icon is used by its id alone.
    """
    as_icon = exists().where(_apps.c.icon == cast(UploadFile.id, Text)) | exists().where(
        _sites.c.icon == cast(UploadFile.id, Text)
    )
    query = select(UploadFile).where(
        UploadFile.used_at.is_(None), UploadFile.app_id.is_(None), UploadFile.created_at < before, ~as_icon
    )
    return list(await scope.session.scalars(query.order_by(UploadFile.created_at).limit(limit)))


async def discard(scope: Scope, file_ids: Sequence[str]) -> None:
    """Forget those of some uploads that no document and no message refers to, and let their bytes be deleted."""
    if not file_ids:
        return
    in_document = exists().where(_documents.c.upload_file_id == UploadFile.id)
    named = func.jsonb_build_array(func.jsonb_build_object("upload_file_id", cast(UploadFile.id, Text)))
    in_message = exists().where(
        _messages.c.workspace_id == UploadFile.workspace_id,
        text("message.files <> '[]'::jsonb"),
        _messages.c.files.contains(named),
    )
    statement = (
        delete(UploadFile)
        .where(
            UploadFile.workspace_id == scope.workspace_id,
            UploadFile.id.in_(set(file_ids)),
            ~in_document,
            ~in_message,
        )
        .returning(UploadFile.hash)
        .execution_options(synchronize_session=False)
    )
    await _note_discarded(scope, await scope.session.scalars(statement))


async def discard_of_app(scope: Scope, app_id: str, limit: int) -> int:
    """Forget some uploads to an app that is going, whatever refers to them, and return how many."""
    chosen = select(UploadFile.id).where(UploadFile.workspace_id == scope.workspace_id, UploadFile.app_id == app_id)
    statement = delete(UploadFile).where(UploadFile.id.in_(chosen.limit(limit))).returning(UploadFile.hash)
    removed = list(await scope.session.scalars(statement.execution_options(synchronize_session=False)))
    await _note_discarded(scope, removed)
    return len(removed)


async def lock_purging(scope: Scope) -> bool:
    """Take the lock of who deletes for good, for this transaction; False if another process holds it."""
    return bool(await scope.session.scalar(select(func.pg_try_advisory_xact_lock(PURGE_LOCK))))


async def discarded(scope: SystemScope, limit: int) -> dict[str, bool]:
    """Return hashes whose bytes wait to be deleted, oldest first, and whether an upload refers to them again."""
    again = exists().where(UploadFile.hash == DiscardedContent.hash)
    query = select(DiscardedContent.hash, again).order_by(DiscardedContent.discarded_at).limit(limit)
    return {row[0]: row[1] for row in (await scope.session.execute(query)).all()}


async def settle_discarded(scope: SystemScope, hashes: Sequence[str]) -> None:
    """Note that nothing remains to be done about some hashes."""
    await scope.session.execute(delete(DiscardedContent).where(DiscardedContent.hash.in_(hashes)))


async def postpone_discarded(scope: SystemScope, hashes: Sequence[str]) -> None:
    """Let some hashes wait behind all others."""
    statement = update(DiscardedContent).where(DiscardedContent.hash.in_(hashes)).values(discarded_at=now())
    await scope.session.execute(statement)


async def _note_discarded(scope: Scope, hashes: Iterable[str]) -> None:
    rows = [{"hash": removed, "discarded_at": now()} for removed in set(hashes)]
    if rows:
        await scope.session.execute(insert(DiscardedContent).values(rows).on_conflict_do_nothing())
