"""What documents are made of: the texts and files that are stored for them, and the rules they are worked on by."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from foundation.errors import ApiError
from handlers.call import Call
from handlers.file_kinds import FILE_TYPES
from handlers.uploads import CheckedUpload, keep_text
from models import document as documents
from models import document_indexing, upload_file
from models.author import Author
from models.document import Document, RuleMode
from models.scope import Scope
from models.upload_file import UploadFile

TEXT_EXTENSIONS = frozenset({"txt", "md", "markdown", "html", "htm"})


@dataclass(frozen=True, slots=True)
class Source:
    """The content of a document, stored a moment ago or uploaded before, and what the document is called."""

    name: str
    upload: CheckedUpload | UploadFile


async def text_source(call: Call, name: str, text: str) -> Source:
    """Store a text as a file that is called like its document."""
    stored = await keep_text(call.services.storage, text)
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    if extension not in TEXT_EXTENSIONS:
        extension = "txt"
    file_name = name if name.lower().endswith(f".{extension}") else f"{name}.{extension}"
    upload = CheckedUpload(file_name, extension, FILE_TYPES[extension], stored, len(text))
    return Source(name, upload)


async def uploaded_files(call: Call, file_ids: Sequence[str]) -> list[UploadFile]:
    """Return files that were uploaded before, each once.

    Raises:
        ApiError: `file_not_found` for one that is not there, or belongs to a person who asks an app.
    """
    wanted = list(dict.fromkeys(file_id.lower() for file_id in file_ids))
    async with call.services.database.workspace(call.workspace_id) as scope:
        files = await upload_file.get_many(scope, wanted)
    if strange := [file.id for file in files if file.app_id is not None]:
        raise ApiError("file_not_found", f"File not found: {strange[0]}.")
    return files


async def recorded(scope: Scope, source: Source, acting: str | None) -> UploadFile:
    """Return the row of a document's file, which is in use from now on."""
    upload = source.upload
    row = await upload.record(scope, Author(account_id=acting)) if isinstance(upload, CheckedUpload) else upload
    await upload_file.mark_used(scope, [row.id])
    return row


async def replace_content(scope: Scope, document: Document, upload: UploadFile) -> None:
    """Put a file into the place of the one that a document had, which goes where nothing else uses it."""
    former = document.upload_file_id
    document.upload_file_id, document.doc_type = upload.id, upload.extension
    document.data_source_info = {"upload_file_id": upload.id}
    await scope.session.flush()
    if former and former != upload.id:
        await upload_file.discard(scope, [former])


async def requeue(scope: Scope, document: Document) -> None:
    """Let a document wait for its indexing again, in a batch of its own."""
    document.batch = new_batch()
    await scope.session.flush()
    await document_indexing.requeue(scope, [document.id])


async def rule_for(scope: Scope, dataset_id: str, settings: Mapping[str, Any], acting: str | None) -> str:
    """Return the rule for a new document: the one that is sent, else the dataset's last, else a new automatic one."""
    sent = rule_of(settings)
    if not sent and (latest := await documents.latest_rule(scope, dataset_id)) is not None:
        return latest.id
    mode: RuleMode = (sent or {}).get("mode") or "automatic"
    rules = (sent or {}).get("rules") if mode != "automatic" else None
    return (await documents.add_rule(scope, dataset_id, mode, rules, acting)).id


def rule_of(settings: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the rule that a request sends, under its name or the older one."""
    rule: Mapping[str, Any] | None = settings.get("process_rule") or settings.get("text_preprocessing_rule")
    return rule


def new_batch() -> str:
    """Return the name of a batch: the second, and six digits."""
    return f"{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.randbelow(900_000) + 100_000}"
