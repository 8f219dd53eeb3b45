"""Who belongs to a workspace: members, those who are invited, and what each may do."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from foundation.errors import ApiError
from foundation.secrets import hash_token, new_token
from handlers.call import Call
from handlers.console.setup import DEFAULT_LANGUAGE
from handlers.contract import schemas
from handlers.credentials.recent import forget_all
from handlers.rendering.accounts import render_member
from models import account as accounts
from models import dataset as datasets
from models import invitation as invitations
from models.account import Account, Role
from models.scope import Scope, SystemScope
from models.table import now

LONGEST_NAME = 30
PREFIX = "inv-"
INVITING = ("owner", "admin")
NO_MEMBER = "There is no such member in the workspace."


async def list_members(call: Call) -> schemas.MemberList:
    """List who belongs to the workspace, then who is invited."""
    return {"accounts": await _members(call)}


async def list_dataset_operators(call: Call) -> schemas.MemberList:
    """List the members who look after knowledge only."""
    return {"accounts": [member for member in await _members(call) if member["role"] == "dataset_operator"]}


async def invite_members(call: Call, *, body: schemas.InviteRequest) -> schemas.InviteResult:
    """Invite each address; what fails for one does not keep the others from being invited."""
    language = body.get("language") or DEFAULT_LANGUAGE
    addresses = {email.strip().lower(): email.strip() for email in body["emails"]}
    results = [await _invite(call, email, body["role"], language) for email in addresses.values()]
    forget_all(call.services.database)
    return {"result": "success", "invitation_results": results, "tenant_id": call.workspace_id}


async def remove_member(call: Call, *, member_id: str) -> schemas.MemberRemoved:
    """Take a member out of the workspace, with the invitations that are the member's own, or an invitation back."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await _begin(call, scope, member_id)
        if await accounts.find_member(scope, member_id) is not None:
            await accounts.remove_member(scope, member_id)
            await datasets.forget_member(scope, member_id)
            await _take_back_of(scope, member_id)
        elif not await invitations.withdraw(scope, member_id):
            raise ApiError("member-not-found", NO_MEMBER)
    forget_all(call.services.database)
    return {"result": "success", "tenant_id": call.workspace_id}


async def update_member_role(call: Call, *, member_id: str, body: schemas.RoleChange) -> schemas.Result:
    """Change a member's role, or that of an invitation; a new owner takes the place of the one who asks."""
    role: Role = body["role"]
    async with call.services.database.workspace(call.workspace_id) as scope:
        asking = await _begin(call, scope, member_id)
        member = await accounts.find_member(scope, member_id)
        if member is not None:
            if role == "owner":
                _require_password(member.account)
                asking.role = "admin"
            member.membership.role = role
            if role not in INVITING:
                await _take_back_of(scope, member_id)
        elif (invited := await invitations.find(scope, member_id)) is None:
            raise ApiError("member-not-found", NO_MEMBER)
        elif role == "owner":
            raise ApiError("account_not_initialized", "Only somebody who has accepted can be the owner.")
        else:
            invited.role = role
        await scope.session.flush()
    forget_all(call.services.database)
    return {"result": "success"}


async def _members(call: Call) -> list[schemas.Member]:
    settings = call.services.settings
    async with call.services.database.workspace(call.workspace_id) as scope:
        members = await accounts.members(scope)
        invited = await invitations.invitees(scope)
    return [
        *(render_member(settings, each.account, each.membership.role, came=True) for each in members),
        *(render_member(settings, each.account, each.invitation.role, came=False) for each in invited),
    ]


async def _begin(call: Call, scope: Scope, member_id: str) -> accounts.Membership:
    """Let nobody else change the members, and return the membership of the owner who asks, as it is now."""
    if member_id.lower() == call.account.account_id:
        raise ApiError("cannot-operate-self", "You cannot change your own membership.")
    await accounts.lock_members(scope)
    asking = await accounts.find_member(scope, call.account.account_id)
    if asking is None or asking.membership.role != "owner":
        raise ApiError("forbidden", "Only the owner may do this.")
    await accounts.hold(SystemScope(scope.session), member_id)
    return asking.membership


def _require_password(person: Account) -> None:
    """Refuse an owner without a password: each admin could open such an account by inviting it again."""
    if person.password_hash is None:
        raise ApiError("account_not_initialized", "Only somebody with a password can be the owner.")


async def _take_back_of(scope: Scope, inviter_id: str) -> None:
    """Take the invitations back of somebody who may invite no more, and who knows their links."""
    for account_id in await invitations.issued_by(scope, inviter_id):
        await accounts.hold(SystemScope(scope.session), account_id)
        await invitations.withdraw(scope, account_id)


async def _invite(call: Call, email: str, role: Role, language: str) -> schemas.InvitationResult:
    name = email.partition("@")[0][:LONGEST_NAME]
    try:
        async with call.services.database.system() as system:
            scope = system.within(call.workspace_id)
            await accounts.lock_members(scope)
            asking = await accounts.find_member(scope, call.account.account_id)
            if asking is None or asking.membership.role not in INVITING:
                raise ApiError("forbidden", "You may invite nobody any more.")
            person = await accounts.ensure(system, email, name=name, interface_language=language)
            link = await _admit(call, system, scope, person, role)
    except ApiError as refusal:
        return {"status": "failed", "email": email, "message": refusal.message}
    return {"status": "success", "email": email, "url": link}


async def _admit(call: Call, system: SystemScope, scope: Scope, person: Account, role: Role) -> str:
    """Make somebody who can sign in a member; invite whoever cannot. Return the link that leads on."""
    settings = call.services.settings
    console = settings.console_web_url or settings.url
    if person.status in ("banned", "closed"):
        raise ApiError("account_banned", f"The account is {person.status}.")
    joined = await accounts.memberships(system, person.id)
    if person.password_hash is not None or any(each.workspace.id != scope.workspace_id for each in joined):
        if all(each.workspace.id != scope.workspace_id for each in joined):
            await invitations.withdraw(scope, person.id)
            await accounts.add_member(scope, person.id, role, invited_by=call.account.account_id)
        return f"{console}/signin"
    token = new_token(PREFIX)
    expires_at = now() + timedelta(seconds=settings.invitation_seconds)
    await invitations.renew(scope, person.id, role, hash_token(token), expires_at, call.account.account_id)
    return f"{console}/activate?{urlencode({'email': person.email, 'token': token})}"
