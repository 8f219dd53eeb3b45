"""Runs of workflows and their nodes as the Console lists them."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.settings import Settings
from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from handlers.rendering.workflow_runs import fresh, render_account, render_end_user
from handlers.run_authors import RunAuthors
from models.node_execution import NodeExecution
from models.page import CursorPage
from models.workflow_run import WorkflowRun


def render_run_summary_list(page: CursorPage[WorkflowRun], authors: RunAuthors) -> schemas.RunSummaryList:
    """Render a `RunSummaryList`."""
    return {
        "limit": page.limit,
        "has_more": page.has_more,
        "data": [_summary(run, authors) for run in page.items],
    }


def render_run_detail(run: WorkflowRun, authors: RunAuthors, settings: Settings) -> schemas.RunDetail:
    """Render a `RunDetail`; files among its values get an address that can be fetched now."""
    return {
        "id": run.id,
        "version": run.version,
        "graph": trusted(run.graph),
        "inputs": fresh(run.inputs, settings),
        "status": run.status,
        "outputs": fresh(run.outputs, settings),
        "error": run.error,
        "elapsed_time": run.elapsed_time,
        "total_tokens": run.total_tokens,
        "total_steps": run.total_steps,
        "created_by_role": trusted(run.author.role),
        "created_by_account": render_account(authors.accounts.get(run.account_id or "")),
        "created_by_end_user": render_end_user(authors.end_users.get(run.end_user_id or "")),
        "created_at": unix(run.created_at),
        "finished_at": unix(run.finished_at),
        "exceptions_count": run.exceptions_count,
    }


def render_node_execution(
    node: NodeExecution, run: WorkflowRun, authors: RunAuthors, settings: Settings
) -> schemas.NodeExecution:
    """Render a `NodeExecution` of a run; files among its values get an address that can be fetched now."""
    return {
        "id": node.id,
        "index": node.index,
        "predecessor_node_id": node.predecessor_node_id,
        "node_id": node.node_id,
        "node_type": node.node_type,
        "title": node.title,
        "inputs": fresh(node.inputs, settings),
        "inputs_truncated": False,
        "process_data": fresh(node.process_data, settings),
        "process_data_truncated": False,
        "outputs": fresh(node.outputs, settings),
        "outputs_truncated": False,
        "status": node.status,
        "error": node.error,
        "elapsed_time": node.elapsed_time,
        "execution_metadata": trusted(node.execution_metadata),
        "extras": {},
        "created_at": unix(node.created_at),
        "created_by_role": trusted(run.author.role),
        "created_by_account": render_account(authors.accounts.get(run.account_id or "")),
        "created_by_end_user": render_end_user(authors.end_users.get(run.end_user_id or "")),
        "finished_at": unix(node.finished_at),
    }


def render_node_execution_list(
    nodes: Sequence[NodeExecution], run: WorkflowRun, authors: RunAuthors, settings: Settings
) -> schemas.NodeExecutionList:
    """Render a `NodeExecutionList`."""
    return {"data": [render_node_execution(node, run, authors, settings) for node in nodes]}


def _summary(run: WorkflowRun, authors: RunAuthors) -> schemas.RunSummary:
    return {
        "id": run.id,
        "version": run.version,
        "status": run.status,
        "error": run.error,
        "elapsed_time": run.elapsed_time,
        "total_tokens": run.total_tokens,
        "total_steps": run.total_steps,
        "created_by_account": render_account(authors.accounts.get(run.account_id or "")),
        "created_by_end_user": render_end_user(authors.end_users.get(run.end_user_id or "")),
        "created_at": unix(run.created_at),
        "finished_at": unix(run.finished_at),
        "exceptions_count": run.exceptions_count,
        "retry_index": 0,
        "conversation_id": run.conversation_id,
        "message_id": run.message_id,
    }
