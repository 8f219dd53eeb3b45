"""Accounts, members and workspaces, as the Console shows them."""

from __future__ import annotations

from foundation.settings import Settings
from foundation.signed_links import signed_url
from handlers.contract import schemas
from handlers.rendering.times import unix
from models.account import Account, Role, Workspace

ADDRESSES = ("http://", "https://")


def render_account(settings: Settings, person: Account) -> schemas.Account:
    """Return the account of somebody who looks at it themselves."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "avatar": person.avatar,
        "avatar_url": _avatar_url(settings, person),
        "is_password_set": person.password_hash is not None,
        "interface_language": person.interface_language,
        "interface_theme": person.interface_theme,
        "timezone": person.timezone,
        "last_login_at": unix(person.last_login_at),
        "last_login_ip": person.last_login_ip,
        "created_at": unix(person.created_at),
    }


def render_member(settings: Settings, person: Account, role: Role, *, came: bool) -> schemas.Member:
    """Return an account as the others of its workspace see it.

    Args:
        settings: for the address of its picture.
        person: the account.
        role: what it may do in the workspace.
        came: False while it has only been invited.
    """
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "avatar": person.avatar,
        "avatar_url": _avatar_url(settings, person),
        "role": role,
        "status": person.status if came else "pending",
        "created_at": unix(person.created_at),
        "last_login_at": unix(person.last_login_at) if came else None,
        "last_active_at": unix(person.last_active_at) if came else None,
    }


def render_workspace(workspace: Workspace, role: Role) -> schemas.Workspace:
    """Return a workspace as a member with a role sees it."""
    return {
        "id": workspace.id,
        "name": workspace.name,
        "plan": workspace.effective_plan,
        "status": shown_status(workspace),
        "created_at": unix(workspace.created_at),
        "role": role,
        "in_trial": workspace.in_trial,
        "trial_end_at": unix(workspace.trial_end_at),
        "trial_end_reason": None,
    }


def shown_status(workspace: Workspace) -> schemas.WorkspaceStatus:
    """Return a workspace's status; one that is in use and on trial is told as such."""
    return "trial" if workspace.status == "normal" and workspace.in_trial else workspace.status


def _avatar_url(settings: Settings, person: Account) -> str | None:
    """Return where a picture can be seen: its own address, or for a while that of an upload."""
    if not person.avatar or person.avatar.startswith(ADDRESSES):
        return person.avatar
    return signed_url(settings, person.avatar)
