"""The way of documents into a dataset, as clients of pipelines ask for it."""

from __future__ import annotations

from typing import NoReturn

from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.datasets import open_dataset
from handlers.document_creation import create_from_files
from handlers.rendering.pipelines import FILES, render_run


async def list_datasource_plugins(
    call: Call, *, dataset_id: str, is_published: bool = True
) -> list[schemas.DatasourcePlugin]:
    """List the start nodes of a dataset's pipeline."""
    await _check_dataset(call, dataset_id)
    return [FILES]


async def run_datasource_node(
    call: Call, *, dataset_id: str, node_id: str, body: schemas.DatasourceNodeRun
) -> schemas.Result:
    """Refuse to look into a source, for there is none yet that can be looked into."""
    await _check_dataset(call, dataset_id)
    _check_node(node_id)
    _refuse(body["datasource_type"])


async def run_pipeline(call: Call, *, dataset_id: str, body: schemas.PipelineRun) -> schemas.PipelineRunResult:
    """Make documents of uploaded files."""
    await _check_dataset(call, dataset_id)
    _check_node(body["start_node_id"])
    if body["datasource_type"] != "local_file":
        _refuse(body["datasource_type"])
    file_ids = [file["related_id"] for file in body["datasource_info_list"]]
    chosen = {"data_source_type": "upload_file", "file_info_list": {"file_ids": file_ids}}
    return render_run(await create_from_files(call, dataset_id, {"data_source": {"info_list": chosen}}))


async def _check_dataset(call: Call, dataset_id: str) -> None:
    async with call.services.database.workspace(call.workspace_id) as scope:
        await open_dataset(call, scope, dataset_id)


def _check_node(node_id: str) -> None:
    if node_id != FILES["node_id"]:
        raise ApiError("not_found", f"The pipeline has no start node {node_id}; it has {FILES['node_id']}.")


def _refuse(kind: str) -> NoReturn:
    raise ApiError("unsupported_data_source", f"Documents of {kind} cannot be looked into here yet.")
