"""Apps as their makers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from foundation.settings import Settings
from handlers.app_config import CONFIGURED_MODES
from handlers.contract import schemas
from handlers.rendering.times import unix
from handlers.rendering.trusted import trusted
from models.app import App, Site
from models.page import Page
from models.tag import Tag
from models.workflow import Workflow


def render_app_summary(
    app: App, author_name: str | None, tags: Sequence[Tag], workflow: Workflow | None
) -> schemas.ConsoleAppSummary:
    """Render a `ConsoleAppSummary`; `workflow` is the version that the app's users run."""
    return {
        "id": app.id,
        "name": app.name,
        "description": app.description,
        "mode": app.mode,
        "status": trusted(app.status),
        "icon_type": trusted(app.icon_type),
        "icon": app.icon,
        "icon_background": app.icon_background,
        "icon_url": _icon_url(app),
        "enable_site": app.enable_site,
        "enable_api": app.enable_api,
        "api_rpm": app.api_rpm,
        "api_rph": app.api_rph,
        "is_demo": False,
        "max_active_requests": app.max_active_requests,
        "model_config": _model_config(app),
        "workflow": _workflow(workflow),
        "use_icon_as_answer_icon": app.use_icon_as_answer_icon,
        "tags": [{"id": tag.id, "name": tag.name, "type": tag.type} for tag in tags],
        "access_mode": None,
        "create_user_name": author_name,
        "author_name": author_name,
        "created_by": app.created_by,
        "created_at": unix(app.created_at),
        "updated_by": app.updated_by,
        "updated_at": unix(app.updated_at),
    }


def render_app_list(
    page: Page[App],
    author_names: Mapping[str, str],
    tags: Mapping[str, Sequence[Tag]],
    workflows: Mapping[str, Workflow],
) -> schemas.ConsoleAppList:
    """Render a `ConsoleAppList`."""
    return {
        "data": [
            render_app_summary(app, author_names.get(app.created_by or ""), tags[app.id], workflows.get(app.id))
            for app in page.items
        ],
        "has_more": page.has_more,
        "limit": page.limit,
        "total": page.total,
        "page": page.page,
    }


def render_app(
    app: App,
    site: Site,
    author_name: str | None,
    tags: Sequence[Tag],
    workflow: Workflow | None,
    settings: Settings,
) -> schemas.ConsoleApp:
    """Render a `ConsoleApp`; `workflow` is the version that the app's users run."""
    return {
        **render_app_summary(app, author_name, tags, workflow),
        "site": render_site(site, settings),
        "api_base_url": f"{settings.url}/v1",
        "deleted_tools": [],
        "tracing": None,
    }


def render_site(site: Site, settings: Settings) -> schemas.AppSite:
    """Render an `AppSite`."""
    return {
        "access_token": site.code,
        "code": site.code,
        "title": site.title,
        "icon_type": trusted(site.icon_type),
        "icon": site.icon,
        "icon_background": site.icon_background,
        "icon_url": _icon_url(site),
        "description": site.description,
        "default_language": site.default_language,
        "chat_color_theme": site.chat_color_theme,
        "chat_color_theme_inverted": site.chat_color_theme_inverted,
        "customize_domain": site.customize_domain,
        "copyright": site.copyright,
        "privacy_policy": site.privacy_policy,
        "custom_disclaimer": site.custom_disclaimer,
        "customize_token_strategy": trusted(site.customize_token_strategy),
        "prompt_public": site.prompt_public,
        "app_base_url": settings.url,
        "show_workflow_steps": site.show_workflow_steps,
        "use_icon_as_answer_icon": site.use_icon_as_answer_icon,
        "created_by": site.created_by,
        "created_at": unix(site.created_at),
        "updated_by": site.updated_by,
        "updated_at": unix(site.updated_at),
    }


def _model_config(app: App) -> schemas.ModelConfig:
    """Show what an app runs with, and its model once more in the older form."""
    if app.mode not in CONFIGURED_MODES:
        return None
    model = app.model_config.get("model") or {}
    config: schemas.ModelConfigValue = trusted(app.model_config)
    return {
        **config,
        "provider": model.get("provider"),
        "model_id": model.get("name"),
        "configs": model.get("completion_params") or {},
        "created_by": app.created_by,
        "created_at": unix(app.created_at),
        "updated_by": app.model_config_updated_by,
        "updated_at": unix(app.model_config_updated_at),
    }


def _workflow(workflow: Workflow | None) -> schemas.AppWorkflow:
    if workflow is None:
        return None
    return {
        "id": workflow.id,
        "created_by": workflow.created_by,
        "created_at": unix(workflow.created_at),
        "updated_by": workflow.updated_by,
        "updated_at": unix(workflow.updated_at),
    }


def _icon_url(of: App | Site) -> str | None:
    return of.icon if of.icon_type == "link" else None
