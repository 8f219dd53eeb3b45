"""Apps as files: what is written of an app, and what of a file the workspace does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from engine.app_file import CURRENT_VERSION, write_app_file
from engine.providers.catalogue import canonical, providers
from engine.tools.references import ToolReference, read_references
from engine.tools.shelf import read_shelf
from engine.tools.tool import ProviderType
from foundation.secrets import Sealer
from handlers.call import Call
from models import dataset as datasets
from models import workflow as workflows
from models.app import App
from models.scope import Scope
from models.table import Json
from models.workflow import SEALED, Workflow

TOOL_KINDS = frozenset({"builtin", "api", "mcp", "workflow"})


async def missing(scope: Scope, graph: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    """Return the providers of models and tools that an app names and the workspace does not have, in order.

    Args:
        scope: the workspace.
        graph: its graph, or {}.
        config: its configuration, or {}.
    """
    named = [*_model_providers(graph), *_model_providers(config)]
    gone = [name for name in named if canonical(name) not in providers()]
    references = [*_tools_of(graph), *read_references(config.get("agent_mode"))]
    references = [each for each in references if each.provider_type in TOOL_KINDS]
    shelf = await read_shelf(scope, references)
    gone += [each.provider_id for each in references if shelf.missing([each])]
    return list(dict.fromkeys(gone))


async def without_unknown_datasets(scope: Scope, graph: Json) -> tuple[Json, list[str]]:
    """Return a graph without the knowledge bases that the workspace does not have, and the ids of those."""
    named = [dataset_id for data in _node_data(graph) for dataset_id in _dataset_ids(data)]
    known = {found.id for found in await datasets.get_many(scope, named)} if named else set()
    gone = [dataset_id for dataset_id in dict.fromkeys(named) if dataset_id.lower() not in known]
    if not gone:
        return graph, []
    nodes = []
    for node in graph["nodes"]:
        data = node.get("data")
        if isinstance(data, Mapping) and _dataset_ids(data):
            kept = [dataset_id for dataset_id in _dataset_ids(data) if dataset_id.lower() in known]
            node = {**node, "data": {**data, "dataset_ids": kept}}
        nodes.append(node)
    return {**graph, "nodes": nodes}, gone


async def to_export(scope: Scope, app: App, workflow_id: str | None) -> Workflow | None:
    """Return the workflow that an app's file holds, or None for an app with a prompt.

    Raises:
        ApiError: `not_found` or `draft_workflow_not_exist`.
    """
    if app.mode not in ("workflow", "advanced-chat"):
        return None
    if workflow_id:
        return await workflows.version(scope, workflow_id, app_id=app.id)
    return await workflows.draft(scope, app.id)


def written(call: Call, app: App, workflow: Workflow | None, *, include_secret: bool) -> str:
    """Return the file of an app. It takes a moment for large graphs: call it in a thread.

    Args:
        call: the call.
        app: the app.
        workflow: its draft or a version; None for an app with a prompt.
        include_secret: whether values of secret variables are part of it.
    """
    file: dict[str, Any] = {
        "app": {
            "description": app.description,
            "icon": app.icon or "",
            "icon_background": app.icon_background,
            "icon_type": app.icon_type,
            "mode": app.mode,
            "name": app.name,
            "use_icon_as_answer_icon": app.use_icon_as_answer_icon,
        },
        "dependencies": [],
        "kind": "app",
        "version": CURRENT_VERSION,
    }
    if workflow is None:
        file["model_config"] = app.model_config
    else:
        sealer = call.services.sealer if include_secret else None
        file["workflow"] = {
            "conversation_variables": [_variable(each, "conversation") for each in workflow.conversation_variables],
            "environment_variables": [_environment(each, sealer) for each in workflow.environment_variables],
            "features": workflow.features,
            "graph": _without_credentials(workflow.graph),
        }
    return write_app_file(file)


def _variable(variable: Json, owner: str) -> Json:
    return {**variable, "selector": [owner, variable["name"]]}


def _environment(variable: Json, sealer: Sealer | None) -> Json:
    value = variable.get("value")
    if variable.get(SEALED):
        value = Workflow.value_of(variable, sealer) if sealer is not None else ""
    plain = {key: part for key, part in variable.items() if key != SEALED}
    return _variable({**plain, "value": value}, "env")


def _without_credentials(graph: Json) -> Json:
    nodes = []
    for node in graph.get("nodes") or []:
        data = node.get("data")
        if isinstance(data, Mapping) and "credential_id" in data:
            node = {**node, "data": {key: part for key, part in data.items() if key != "credential_id"}}
        nodes.append(node)
    return {**graph, "nodes": nodes}


def _node_data(graph: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for node in graph.get("nodes") or []:
        data = node.get("data") if isinstance(node, Mapping) else None
        if isinstance(data, Mapping):
            yield data


def _dataset_ids(data: Mapping[str, Any]) -> list[str]:
    named = data.get("dataset_ids") if data.get("type") == "knowledge-retrieval" else None
    return [each for each in named if isinstance(each, str)] if isinstance(named, list) else []


def _model_providers(of: Mapping[str, Any]) -> Iterator[str]:
    """Yield the providers of the models that nodes, or a configuration, name."""
    for holder in (of, *_node_data(of)):
        model = holder.get("model")
        name = model.get("provider") if isinstance(model, Mapping) else None
        if isinstance(name, str) and name:
            yield name


def _tools_of(graph: Mapping[str, Any]) -> Sequence[ToolReference]:
    found = []
    for data in _node_data(graph):
        kind, provider, name = data.get("provider_type"), data.get("provider_id"), data.get("tool_name")
        if data.get("type") == "tool" and kind in TOOL_KINDS and isinstance(provider, str) and isinstance(name, str):
            own = provider if kind == "builtin" else provider.lower()
            found.append(ToolReference(cast(ProviderType, kind), own, name))
    return found
