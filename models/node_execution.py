"""The nodes of a run: what each read and gave. A row is written when its node begins and again when it ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Index, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from models.scope import Scope
from models.table import Created, Id, Identified, Json, Owned, Table, Words, belongs_to, now, one_of
from models.workflow_run import WorkflowRun

NodeStatus = Literal["running", "retry", "paused", "succeeded", "failed", "exception", "stopped"]
GOING_ON = ("running", "retry", "paused")


class NodeExecution(Identified, Created, Owned, Table):
    """One execution of a node; its id stays the same through retries, and through a pause."""

    __tablename__ = "node_execution"
    __table_args__ = (
        belongs_to("app"),
        belongs_to("workflow_run"),
        one_of("status", get_args(NodeStatus)),
        Index(None, "workflow_run_id", "index"),
        Index(None, "app_id", "node_id", "created_at"),
    )

    app_id: Mapped[str] = mapped_column(Id)
    workflow_run_id: Mapped[str] = mapped_column(Id)
    node_id: Mapped[str]
    node_type: Mapped[str]
    title: Mapped[str]
    index: Mapped[int]
    predecessor_node_id: Mapped[str | None]
    status: Mapped[NodeStatus] = mapped_column(Words)
    inputs: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    process_data: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    outputs: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str | None]
    error_type: Mapped[str | None]
    elapsed_time: Mapped[float] = mapped_column(default=0.0)
    execution_metadata: Mapped[Json] = mapped_column(default=dict)
    finished_at: Mapped[datetime | None]


async def write(scope: Scope, run: WorkflowRun, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of a run's nodes, whether they exist or not.

    Args:
        scope: the workspace's transaction.
        run: the nodes' run.
        rows: all columns but those that say whose run it is; each id once.
    """
    if not rows:
        return
    owner = {"workspace_id": scope.workspace_id, "app_id": run.app_id, "workflow_run_id": run.id}
    statement = insert(NodeExecution).values([{**owner, **row} for row in rows])
    changed = {name: statement.excluded[name] for name in rows[0] if name not in ("id", "created_at")}
    await scope.session.execute(statement.on_conflict_do_update(index_elements=[NodeExecution.id], set_=changed))


async def of_run(scope: Scope, run_id: str) -> list[NodeExecution]:
    """Return the nodes of a run in the order in which they began."""
    query = select(NodeExecution).where(
        NodeExecution.workspace_id == scope.workspace_id, NodeExecution.workflow_run_id == run_id
    )
    return list(await scope.session.scalars(query.order_by(NodeExecution.index, NodeExecution.id)))


async def last_of_node(
    scope: Scope, app_id: str, node_id: str, *, debugging: bool = True, whole: bool | None = None
) -> NodeExecution | None:
    """Return the newest execution of a node.

    Args:
        scope: the workspace.
        app_id: the app.
        node_id: the node's id in the graph.
        debugging: whether runs of the editor are wanted, or those of users.
        whole: True wants runs of the whole workflow, False those of the node alone, None both.
    """
    query = (
        select(NodeExecution)
        .join(WorkflowRun, WorkflowRun.id == NodeExecution.workflow_run_id)
        .where(
            NodeExecution.workspace_id == scope.workspace_id,
            NodeExecution.app_id == app_id,
            NodeExecution.node_id == node_id,
        )
    )
    editor = WorkflowRun.invoke_from == "debugger"
    query = query.where(editor if debugging else ~editor)
    if whole is not None:
        query = query.where(WorkflowRun.node_id.is_(None) if whole else WorkflowRun.node_id.is_not(None))
    query = query.order_by(NodeExecution.created_at.desc(), NodeExecution.id.desc()).limit(1)
    return await scope.session.scalar(query)


async def end_all(scope: Scope, run_id: str, status: Literal["failed", "stopped"], reason: str) -> None:
    """End the nodes of a run that nobody works on any more."""
    statement = (
        update(NodeExecution)
        .where(
            NodeExecution.workspace_id == scope.workspace_id,
            NodeExecution.workflow_run_id == run_id,
            NodeExecution.status.in_(GOING_ON),
        )
        .values(status=status, error=reason, finished_at=now())
        .execution_options(synchronize_session=False)
    )
    await scope.session.execute(statement)
