"""What the console asks about a dataset beside the dataset itself: its questions, its apps, its members."""

from __future__ import annotations

from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import open_dataset
from handlers.rendering.datasets import render_query_list, render_related_apps
from models import dataset as datasets


async def check(call: Call, dataset_id: str) -> None:
    """See that the caller may use a dataset.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        await open_dataset(call, scope, dataset_id)


async def queries(call: Call, dataset_id: str, page: int, limit: int) -> schemas.DatasetQueryList:
    """Return one page of the questions that were put to a dataset, newest first.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        return render_query_list(await datasets.queries(scope, dataset.id, page=page, limit=limit))


async def related_apps(call: Call, dataset_id: str) -> schemas.RelatedAppList:
    """Return the apps that answer from a dataset.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        return render_related_apps(await datasets.related_apps(scope, dataset.id))


async def use(call: Call, dataset_id: str) -> schemas.DatasetUse:
    """Say whether an app answers from a dataset.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        dataset = await open_dataset(call, scope, dataset_id)
        return {"is_using": bool(await datasets.related_apps(scope, dataset.id))}


async def members(call: Call, dataset_id: str) -> schemas.DatasetMembers:
    """Return the accounts that are named beside `partial_members`.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        return {"data": (await open_dataset(call, scope, dataset_id)).partial_members}


async def set_api_access(call: Call, dataset_id: str, enabled: bool) -> schemas.Result:
    """Open a dataset to keys, or close it.

    Raises:
        ApiError: `not_found` or `forbidden`.
    """
    async with call.services.database.workspace(call.workspace_id) as scope:
        (await open_dataset(call, scope, dataset_id)).enable_api = enabled
    return {"result": "success"}
