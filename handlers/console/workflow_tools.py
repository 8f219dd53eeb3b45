"""Published workflows that agents and other workflows call as tools."""

from __future__ import annotations

from handlers import workflow_tools
from handlers.call import Call
from handlers.contract import schemas
from handlers.rendering.tools import render_workflow, render_workflow_tool, render_workflow_tools
from models import tool_provider as providers
from models import workflow as workflows
from models.tool_provider import WorkflowToolProvider

SUCCESS: schemas.Result = {"result": "success"}


async def list_workflow_tool_providers(call: Call) -> list[schemas.ToolProvider]:
    """List the workspace's workflows that are tools."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        rows = await providers.list_all(scope, WorkflowToolProvider)
    return [render_workflow(row) for row in rows]


async def create_workflow_tool_provider(
    call: Call, *, body: schemas.WorkflowToolRequest
) -> schemas.WorkflowToolCreated:
    """Make the version that an app runs now a tool."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        workflow = await workflow_tools.callable_workflow(scope, body["workflow_app_id"])
        columns = workflow_tools.columns(body, workflow)
        made = WorkflowToolProvider(app_id=workflow.app_id, **columns, created_by=call.account.account_id)
        row = await providers.add(scope, made)
    return {"result": "success", "workflow_tool_id": row.id}


async def update_workflow_tool_provider(call: Call, *, body: schemas.WorkflowToolUpdate) -> schemas.Result:
    """Put new values in the place of a tool's old ones, and move it to the version that its app runs now."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.get(scope, WorkflowToolProvider, body["workflow_tool_id"])
        workflow = await workflow_tools.callable_workflow(scope, row.app_id)
        await providers.change(scope, row, workflow_tools.columns(body, workflow))
    return SUCCESS


async def delete_workflow_tool_provider(call: Call, *, body: schemas.WorkflowToolReference) -> schemas.Result:
    """Make a workflow a tool no longer."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await providers.remove(scope, WorkflowToolProvider, body["workflow_tool_id"])
    return SUCCESS


async def get_workflow_tool_provider(
    call: Call, *, workflow_tool_id: str | None = None, workflow_app_id: str | None = None
) -> schemas.WorkflowTool:
    """Show a workflow that is a tool."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await workflow_tools.find(scope, workflow_tool_id, workflow_app_id)
        current = await workflows.find_published(scope, row.app_id)
    return render_workflow_tool(row, synced=current is not None and current.version == row.version)


async def list_tools_of_workflow_provider(call: Call, *, workflow_tool_id: str) -> list[schemas.Tool]:
    """List the one tool that a workflow is."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        row = await providers.get(scope, WorkflowToolProvider, workflow_tool_id)
    return render_workflow_tools(row)
