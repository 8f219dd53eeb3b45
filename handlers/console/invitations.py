"""What somebody does who has opened the link of an invitation."""

from __future__ import annotations

import asyncio

from foundation.errors import ApiError
from foundation.secrets import hash_password, hash_token
from handlers.call import Call
from handlers.contract import schemas
from handlers.credentials.recent import forget_all
from handlers.credentials.sessions import IssuedSession, issue_session
from handlers.credentials.standing import require_workspace
from handlers.periods import check_zone
from handlers.replies import Reply
from handlers.signing_in import cookies_of, tokens_of
from models import account as accounts
from models import invitation as invitations
from models.account import Account
from models.invitation import Invitation
from models.scope import SystemScope


async def check_invitation(
    call: Call, *, token: str, workspace_id: str | None = None, email: str | None = None
) -> schemas.InvitationCheck:
    """Tell whether an invitation still serves, and what it is for."""
    async with call.services.database.system() as scope:
        invitation = await invitations.find_by_token(scope, hash_token(token))
        if invitation is None:
            return {"is_valid": False}
        person = await accounts.get(scope, invitation.account_id)
        workspace = await accounts.get_workspace(scope.within(invitation.workspace_id))
    if workspace.status != "normal" or not _is_for(invitation, person, workspace_id, email):
        return {"is_valid": False}
    return {
        "is_valid": True,
        "data": {"workspace_name": workspace.name, "workspace_id": workspace.id, "email": person.email},
    }


async def accept_invitation(call: Call, *, body: schemas.ActivationRequest) -> Reply[schemas.ActivationResult]:
    """Make an invited account a member; one that has no password yet is set up by it, and signed in."""
    async with call.services.database.system() as scope:
        if await invitations.find_by_token(scope, hash_token(body["token"])) is None:
            raise _refusal()  # before anything that costs much: anybody may call this
    await check_zone(call, body["timezone"])
    password = body.get("password")
    password_hash = await asyncio.to_thread(hash_password, password) if password else None
    async with call.services.database.system() as scope:
        issued = await _accept(call, scope, body, password_hash)
    forget_all(call.services.database)
    if issued is None:
        return Reply({"result": "success", "data": None})
    return Reply({"result": "success", "data": tokens_of(issued)}, headers=cookies_of(call, "console", issued))


async def _accept(
    call: Call, scope: SystemScope, body: schemas.ActivationRequest, password_hash: str | None
) -> IssuedSession | None:
    token_hash = hash_token(body["token"])
    found = await invitations.find_by_token(scope, token_hash)
    if found is None:
        raise _refusal()
    workspace = scope.within(found.workspace_id)
    await accounts.lock_members(workspace)
    person = await accounts.hold(scope, found.account_id)
    invitation = await invitations.find(workspace, found.account_id)
    if person is None or invitation is None or invitation.token_hash != token_hash:
        raise _refusal()
    if not _is_for(invitation, person, body.get("workspace_id"), body.get("email")):
        raise _refusal()
    if person.status in ("banned", "closed"):
        raise ApiError("account_banned", f"The account is {person.status}.")
    require_workspace(await accounts.get_workspace(workspace))
    joined = [each.workspace.id for each in await accounts.memberships(scope, person.id)]
    # Whoever invites holds the link: it opens no account that somebody has a password to, or that is used elsewhere.
    is_new = person.password_hash is None and set(joined) <= {workspace.workspace_id}
    if workspace.workspace_id not in joined:
        await accounts.add_member(workspace, person.id, invitation.role, invited_by=invitation.invited_by)
    await scope.session.delete(invitation)
    if not is_new:
        return None
    _set_up(person, body, password_hash)
    person.current_workspace_id = workspace.workspace_id
    await accounts.record_login(scope, person, call.head.address or None)
    return await issue_session(call.services, scope, person.id, "console")


def _refusal() -> ApiError:
    return ApiError("already_activate", "The invitation is unknown, has been used, or has expired.")


def _set_up(person: Account, body: schemas.ActivationRequest, password_hash: str | None) -> None:
    person.name = body["name"]
    person.interface_language = body["interface_language"]
    person.timezone = body["timezone"]
    person.password_hash = password_hash
    person.status = "active"


def _is_for(invitation: Invitation, person: Account, workspace_id: str | None, email: str | None) -> bool:
    """Tell whether what a link says beside its token belongs to the token."""
    if workspace_id and workspace_id.lower() != invitation.workspace_id:
        return False
    return not email or email.strip().lower() == person.email.lower()
