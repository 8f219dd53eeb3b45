"""Previews of how files would be cut into passages; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.ingestion import questions
from engine.ingestion.document import Extract, clean_pages
from engine.ingestion.extract import ExtractionLimits, extract
from engine.ingestion.passages import Passage, cut
from engine.ingestion.rules import AUTOMATIC, LONGEST_LIMIT, ProcessRules, parse_process_rule
from engine.ingestion.unreadable import UnreadableDocument
from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import open_dataset
from handlers.document_sources import uploaded_files
from handlers.documents import open_document
from handlers.rendering.trusted import trusted
from models import document as documents
from models import upload_file
from models.document import Document
from models.scope import Scope
from models.upload_file import UploadFile

SHOWN = 10
AT_ONCE = asyncio.Semaphore(2)
LIMITS = ExtractionLimits(cpu_seconds=60, wall_seconds=90.0)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A file and how it is to be cut."""

    file: UploadFile
    rule: Mapping[str, Any] | None
    form: str
    language: str = "English"


async def of_files(call: Call, body: schemas.IndexingEstimateRequest) -> schemas.IndexingEstimate:
    """Preview how uploaded files would be cut.

    Raises:
        ApiError: `invalid_process_rule`, `file_not_found`, `not_found`, `forbidden`, `unreadable_document`, or the
            failure of the model that makes questions.
    """
    rule: Mapping[str, Any] | None = body["process_rule"]
    parse_process_rule(rule)
    if dataset_id := body.get("dataset_id"):
        async with call.services.database.workspace(call.workspace_id) as scope:
            await open_dataset(call, scope, dataset_id)
    files = await uploaded_files(call, body["info_list"]["file_info_list"]["file_ids"])
    form, language = body.get("doc_form") or "text_model", body.get("doc_language") or "English"
    return await _estimate(call, [_Cut(file, rule, form, language) for file in files])


async def of_documents(
    call: Call, dataset_id: str, *, batch: str | None = None, document_id: str | None = None
) -> schemas.IndexingEstimate:
    """Preview how the documents of a batch, or one document, are cut by their rules.

    Raises:
        ApiError: `not_found`, `forbidden`, `file_not_found` or `unreadable_document`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        if document_id is not None:
            found = [(await open_document(call, scope, dataset_id, document_id))[1]]
        else:
            dataset = await open_dataset(call, scope, dataset_id)
            found = await documents.list_batch(scope, dataset.id, batch or "")
        cuts = [await _cut(scope, document) for document in found]
    return await _estimate(call, cuts)


async def process_rule(call: Call, document_id: str | None) -> schemas.KnownProcessRule:
    """Return the rule that a document is cut by, or the default one.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    mode, rules = "custom", _default_rules()
    if document_id is not None:
        async with call.services.database.workspace(call.workspace_id) as scope:
            document = await documents.load(scope, document_id)
            if document is None:
                raise ApiError("not_found", "Document not found.")
            await open_dataset(call, scope, document.dataset_id)
            rule = await documents.find_rule(scope, document.process_rule_id) if document.process_rule_id else None
        if rule is not None:
            mode, rules = rule.mode, rule.rules or rules
    limits: schemas.ProcessRuleLimits = {"indexing_max_segmentation_tokens_length": LONGEST_LIMIT}
    return {"mode": trusted(mode), "rules": trusted(rules), "limits": limits}


def _default_rules() -> dict[str, Any]:
    return {
        "pre_processing_rules": [
            {"id": "remove_extra_spaces", "enabled": AUTOMATIC.remove_extra_spaces},
            {"id": "remove_urls_emails", "enabled": AUTOMATIC.remove_urls_emails},
        ],
        "segmentation": {
            "separator": AUTOMATIC.separator,
            "max_tokens": AUTOMATIC.max_length,
            "chunk_overlap": AUTOMATIC.overlap,
        },
    }


async def _cut(scope: Scope, document: Document) -> _Cut:
    rule = await documents.find_rule(scope, document.process_rule_id) if document.process_rule_id else None
    file = await upload_file.get(scope, document.upload_file_id or "")
    stored = {"mode": rule.mode, "rules": rule.rules} if rule else None
    return _Cut(file, stored, document.doc_form, document.doc_language or "English")


async def _estimate(call: Call, cuts: Sequence[_Cut]) -> schemas.IndexingEstimate:
    total = tokens = 0
    preview: list[schemas.PreviewSegment] = []
    pairs: list[schemas.PreviewAnswer] = []
    for asked in cuts:
        passages = await _passages(call, asked)
        if asked.form == "qa_model":
            made, each = await _questions(call, passages, asked.language)
            total += len(passages) * each
            pairs += [{"question": pair.content, "answer": pair.answer or ""} for pair in made[: SHOWN - len(pairs)]]
        else:
            total += len(passages)
        tokens += sum(passage.tokens for passage in passages)
        for passage in passages[: SHOWN - len(preview)]:
            children = list(passage.children) if asked.form == "hierarchical_model" else None
            preview.append({"content": passage.content, "child_chunks": children})
    return {
        "total_segments": total,
        "tokens": tokens,
        "total_price": "0",
        "currency": "USD",
        "preview": preview,
        "qa_preview": pairs if any(asked.form == "qa_model" for asked in cuts) else None,
    }


async def _questions(call: Call, passages: Sequence[Passage], language: str) -> tuple[Sequence[Passage], int]:
    """Return the first questions and answers of a document, and how many each of its passages may give."""
    if not passages or passages[0].answer is not None:
        return passages, 1
    async with call.services.database.workspace(call.workspace_id) as scope:
        available = await call.services.models.available(scope)
    chosen = await call.services.models.chat(available)
    made = await questions.make_questions(chosen.model, passages[:1], language)
    return made, max(1, len(made))


async def _passages(call: Call, asked: _Cut) -> list[Passage]:
    path = call.services.storage.path(asked.file.hash)
    if not await asyncio.to_thread(path.is_file):
        raise UnreadableDocument("The uploaded file is no longer there. Upload it again.")
    rules = parse_process_rule(asked.rule)
    async with AT_ONCE:
        extracted = await extract(path, asked.file.name, LIMITS)
    return await asyncio.to_thread(_cut_passages, extracted, rules, asked.form)


def _cut_passages(extracted: Extract, rules: ProcessRules, form: str) -> list[Passage]:
    cleaned = clean_pages(extracted, rules)
    rows = questions.read_rows(cleaned) if form == "qa_model" else None
    return rows or cut(cleaned, rules, form)
