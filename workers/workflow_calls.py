"""Workflows that a run or an agent calls as tools: each is a run of its own, with its own rows, in its caller's job."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.tools import ToolFailure, ToolResult
from engine.tools.workflow_tool import parameters_schema
from engine.workflow import Limits, Outcome
from engine.workflow.values import as_text, files_in, to_json
from foundation.ids import new_id
from models import workflow as workflows
from models import workflow_run as runs
from models import workflow_run_state as state
from models.author import Author
from models.message import InvokeFrom
from models.table import now
from models.tool_provider import WorkflowToolProvider
from models.workflow import Workflow
from models.workflow_run import SYSTEM_PREFIX, WorkflowRun
from workers import workflow_backgrounds
from workers.persistence import persistently
from workers.process import GenerationProcess
from workers.rq.interruption import STOP
from workers.workflow_backgrounds import RunBackground, seal_state
from workers.workflow_files import RunFiles, entry_of

HUMAN_INPUT = "human-input"


@dataclass(frozen=True, slots=True)
class Calling:
    """Who calls workflows.

    Attributes:
        workspace_id: the workspace of both.
        author: whom the runs belong to.
        invoke_from: by which way the caller was begun.
        user: `sys.user_id` of the runs.
        task_id: the task in whose job the caller runs.
        trace_id: the caller's trace.
        depth: how many workflows called each other down to those that are called.
        files: the caller's files, some of which it may pass on.
    """

    workspace_id: str
    author: Author
    invoke_from: InvokeFrom
    user: str
    task_id: str
    trace_id: str | None
    depth: int
    files: RunFiles | None = None

    @classmethod
    def of_run(cls, run: WorkflowRun, depth: int, files: RunFiles) -> Calling:
        """Return a run as one that calls workflows, so many calls deep."""
        return cls(
            run.workspace_id,
            run.author,
            run.invoke_from,
            str(run.system.get("user_id") or ""),
            run.within_task_id or run.task_id,
            run.trace_id,
            depth,
            files,
        )


@dataclass(frozen=True, slots=True)
class WorkflowCaller:
    """Calls workflows for one caller; `complete` does what the job of a claimed run does."""

    process: GenerationProcess
    calling: Calling
    complete: Callable[[GenerationProcess, WorkflowRun, RunBackground], Awaitable[Outcome | None]]

    async def __call__(self, tool: WorkflowToolProvider, arguments: Mapping[str, Any]) -> ToolResult:
        """Run a workflow to its end; whoever cancels this stops the run.

        Raises:
            ToolFailure: it cannot be called, failed, or was stopped.
            ApiError: `file_not_found`: a file among the arguments is not the caller's.
        """
        deepest = Limits().call_depth
        if self.calling.depth > deepest:
            raise ToolFailure(f"Workflows may call each other {deepest} deep; this call is deeper.")
        given = _fitting(tool, arguments)
        for file in files_in(given):
            if self.calling.files is None:
                raise ToolFailure("Files cannot be passed to this workflow from here.")
            await self.calling.files.check(file)

        async def begin() -> tuple[WorkflowRun, RunBackground]:
            return await self._begin(tool, given)

        run, background = await persistently(begin)
        job = asyncio.ensure_future(self.complete(self.process, run, background))
        try:
            outcome = await asyncio.shield(job)
        except asyncio.CancelledError:
            job.cancel(STOP)
            await asyncio.gather(job, return_exceptions=True)
            raise
        return _result(tool, outcome)

    async def _begin(self, tool: WorkflowToolProvider, given: Mapping[str, Any]) -> tuple[WorkflowRun, RunBackground]:
        """Write the row of a run and claim it, so that no queue sees it."""
        calling, process = self.calling, self.process
        async with process.database.workspace(calling.workspace_id) as scope:
            workflow = await workflows.find_version(scope, tool.app_id, tool.version)
            workflow = workflow or await workflows.find_published(scope, tool.app_id)
            if workflow is None:
                raise ToolFailure(f"The workflow of the tool {tool.name} has not been published.")
            if asks_people(workflow.graph):
                raise ToolFailure(f"The workflow of the tool {tool.name} asks people, so that it cannot be a tool.")
            run = await runs.add(scope, self._row(workflow, given))
            claimed = await state.claim(scope, run.id)
            assert claimed is not None
            return claimed, await workflow_backgrounds.read(process, scope, claimed)

    def _row(self, workflow: Workflow, given: Mapping[str, Any]) -> WorkflowRun:
        calling, moment, run_id = self.calling, now(), new_id()
        system = {
            "files": [],
            "user_id": calling.user,
            "app_id": workflow.app_id,
            "workflow_id": workflow.id,
            "workflow_run_id": run_id,
            "timestamp": int(moment.timestamp()),
        }
        return WorkflowRun(
            id=run_id,
            app_id=workflow.app_id,
            workflow_id=workflow.id,
            version=workflow.version,
            mode="workflow",
            invoke_from=calling.invoke_from,
            task_id=new_id(),
            graph=workflow.graph,
            features=workflow.features,
            inputs={**given, **{f"{SYSTEM_PREFIX}{name}": value for name, value in system.items()}},
            files=[entry_of(file) for file in files_in(given)],
            sealed=seal_state(self.process.sealer, workflow),
            call_depth=calling.depth,
            within_task_id=calling.task_id,
            queued_at=moment,
            trace_id=calling.trace_id,
            **calling.author.columns(),
        )


def asks_people(graph: Mapping[str, Any]) -> bool:
    """Tell whether a graph has a node that waits for a person, which nobody who calls a tool can do."""
    datas = (node.get("data") for node in graph.get("nodes") or () if isinstance(node, Mapping))
    return any(isinstance(data, Mapping) and data.get("type") == HUMAN_INPUT for data in datas)


def _fitting(tool: WorkflowToolProvider, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return those arguments that the workflow asks for; numbers and truth values where it wants text become text."""
    declared = parameters_schema(tool.variables, tool.parameters)["properties"]
    return {
        name: as_text(value) if declared[name]["type"] == "string" and isinstance(value, int | float) else value
        for name, value in arguments.items()
        if name in declared
    }


def _result(tool: WorkflowToolProvider, outcome: Outcome | None) -> ToolResult:
    if outcome is None:
        raise ToolFailure(f"The run of the workflow {tool.label} was given up.")
    if outcome.status not in ("succeeded", "partial-succeeded"):
        reason = outcome.error or "It did not come to its end."
        raise ToolFailure(f"The workflow {tool.label} {outcome.status}: {reason}")
    outputs = dict(outcome.outputs)
    return ToolResult(
        to_json(outputs),
        (outputs,),
        kept=tuple(files_in(outputs)),
        tokens=outcome.spent.tokens,
        price=outcome.spent.price,
    )
