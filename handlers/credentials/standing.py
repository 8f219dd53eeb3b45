"""Whether a workspace and an app may be used, and how many requests their plan allows."""

from foundation.errors import ApiError
from foundation.settings import Settings
from handlers.callers import DAY, HOUR, MINUTE, Allowance, allowances
from models.account import Workspace
from models.app import App


def require_workspace(workspace: Workspace) -> None:
    """Refuse a workspace that is suspended or archived.

    Raises:
        ApiError: `workspace_suspended`, `forbidden`.
    """
    if workspace.status == "suspended":
        raise ApiError("workspace_suspended", "The workspace is suspended.")
    if workspace.status != "normal":
        raise ApiError("forbidden", "The workspace's status is archived.")


def require_app(app: App | None) -> App:
    """Refuse an app that is gone, out of use, or not open to keys.

    Raises:
        ApiError: `forbidden`.
    """
    if app is None or app.deleted_at is not None:
        raise ApiError("forbidden", "The app no longer exists.")
    if app.status != "normal":
        raise ApiError("forbidden", "The app's status is abnormal.")
    if not app.enable_api:
        raise ApiError("forbidden", "The app's API service has been disabled.")
    return app


def plan_allowances(settings: Settings, workspace: Workspace, subject: str) -> tuple[Allowance, ...]:
    """Return what the workspace's plan allows one key, account or end user."""
    plan = settings.plans[workspace.effective_plan]
    windows = ((MINUTE, plan.per_minute), (HOUR, plan.per_hour), (DAY, plan.per_day))
    return allowances(subject, windows)


def app_allowances(app: App) -> tuple[Allowance, ...]:
    """Return what an app's own limits allow all its keys together."""
    return allowances(f"app:{app.id}", ((MINUTE, app.api_rpm), (HOUR, app.api_rph)))
