"""A dataset and its first documents in one step, from uploaded files."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from engine.ingestion.rules import parse_process_rule
from engine.retrieval import parse_retrieval_model
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import acting_account, check_may_create
from handlers.document_creation import Created, create_from_files
from handlers.document_sources import uploaded_files
from models import dataset as datasets

LONGEST_NAME = 40


async def init(call: Call, body: schemas.KnowledgeInit, created_from: str) -> Created:
    """Make a dataset that is called after its first file, and documents of all the files.

    Args:
        call: the call.
        body: a `KnowledgeInit`.
        created_from: by which way: `api` or `web`.

    Raises:
        ApiError: `forbidden`, `file_not_found`, `invalid_process_rule`; `not_found` for an unknown embedding model.
    """
    check_may_create(call)
    parse_process_rule(body["process_rule"])
    parse_retrieval_model(body.get("retrieval_model"))
    files = await uploaded_files(call, body["data_source"]["info_list"]["file_info_list"]["file_ids"])
    async with call.services.database.workspace(call.workspace_id) as scope:
        name = await datasets.free_name(scope, PurePosixPath(files[0].name).stem[:LONGEST_NAME] or "Knowledge")
        made = await datasets.create(scope, name=name, created_by=await acting_account(call, scope))
    settings: dict[str, Any] = dict(body)
    try:
        return await create_from_files(call, made.id, settings, created_from)
    except BaseException:
        async with call.services.database.workspace(call.workspace_id) as scope:
            await datasets.mark_deleted(scope, made.id)
        raise
