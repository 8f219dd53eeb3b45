"""What a dataset's detail counts: its documents, words and apps."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from models.app import App
from models.dataset import AppDatasetJoin
from models.document import Document
from models.scope import Scope


@dataclass(frozen=True, slots=True)
class DatasetCounts:
    """Counts of one dataset."""

    documents: int = 0
    available_documents: int = 0
    words: int = 0
    apps: int = 0


async def count(scope: Scope, dataset_ids: Sequence[str]) -> dict[str, DatasetCounts]:
    """Return the counts of some datasets, by dataset."""
    available = (Document.indexing_status == "completed") & Document.enabled.is_(True) & Document.archived.is_(False)
    documents = (
        select(
            Document.dataset_id,
            func.count(),
            func.count().filter(available),
            func.coalesce(func.sum(Document.word_count), 0),
        )
        .where(Document.workspace_id == scope.workspace_id, Document.dataset_id.in_(dataset_ids))
        .group_by(Document.dataset_id)
    )
    apps = (
        select(AppDatasetJoin.dataset_id, func.count())
        .join(App, App.id == AppDatasetJoin.app_id)
        .where(
            AppDatasetJoin.workspace_id == scope.workspace_id,
            AppDatasetJoin.dataset_id.in_(dataset_ids),
            App.deleted_at.is_(None),
        )
        .group_by(AppDatasetJoin.dataset_id)
    )
    app_counts = {row[0]: row[1] for row in await scope.session.execute(apps)}
    counted = {row[0]: row for row in await scope.session.execute(documents)}
    return {
        dataset_id: DatasetCounts(
            documents=counted[dataset_id][1] if dataset_id in counted else 0,
            available_documents=counted[dataset_id][2] if dataset_id in counted else 0,
            words=int(counted[dataset_id][3]) if dataset_id in counted else 0,
            apps=app_counts.get(dataset_id, 0),
        )
        for dataset_id in dataset_ids
    }
