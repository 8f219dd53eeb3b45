"""People and the workspaces they work in: accounts, workspaces, memberships."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ForeignKey, Index, UniqueConstraint, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.errors import ApiError
from foundation.ids import new_id
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Json, Owned, Table, Updated, Words, now, one_of

AccountStatus = Literal["pending", "uninitialized", "active", "banned", "closed"]
WorkspaceStatus = Literal["normal", "archived", "suspended"]
Plan = Literal["sandbox", "professional", "team", "enterprise"]
Role = Literal["owner", "admin", "editor", "normal", "dataset_operator"]


class Account(Identified, Created, Updated, Table):
    """A person who can sign in."""

    __tablename__ = "account"
    __table_args__ = (
        one_of("status", get_args(AccountStatus)),
        Index("uq_account_email", text("lower(email)"), unique=True),
    )

    name: Mapped[str]
    email: Mapped[str]
    password_hash: Mapped[str | None]
    avatar: Mapped[str | None]
    interface_language: Mapped[str] = mapped_column(default="en-US")
    interface_theme: Mapped[str] = mapped_column(default="light")
    timezone: Mapped[str] = mapped_column(default="UTC")
    status: Mapped[AccountStatus] = mapped_column(Words, default="active")
    current_workspace_id: Mapped[str | None] = mapped_column(Id, ForeignKey("workspace.id", ondelete="SET NULL"))
    last_login_at: Mapped[datetime | None]
    last_login_ip: Mapped[str | None]
    last_active_at: Mapped[datetime | None]


class Workspace(Identified, Created, Updated, Table):
    """A tenant: everything else belongs to one."""

    __tablename__ = "workspace"
    __table_args__ = (one_of("status", get_args(WorkspaceStatus)), one_of("plan", get_args(Plan)))

    name: Mapped[str]
    plan: Mapped[Plan] = mapped_column(Words, default="enterprise")
    status: Mapped[WorkspaceStatus] = mapped_column(Words, default="normal")
    trial_end_at: Mapped[datetime | None]
    custom_config: Mapped[Json] = mapped_column(default=dict)

    @property
    def in_trial(self) -> bool:
        """Tell whether a trial is running."""
        return self.trial_end_at is not None and self.trial_end_at > now()

    @property
    def effective_plan(self) -> Plan:
        """Return the plan that counts: an ended trial falls back to the sandbox."""
        ended = self.trial_end_at is not None and self.trial_end_at <= now()
        return "sandbox" if ended else self.plan


class Membership(Identified, Created, Updated, Owned, Table):
    """An account's role in a workspace."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("workspace_id", "account_id"),
        Index(None, "account_id"),
        one_of("role", get_args(Role)),
    )

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(Words)
    invited_by: Mapped[str | None] = mapped_column(Id)


@dataclass(frozen=True, slots=True)
class JoinedWorkspace:
    """A workspace as one of its members sees it."""

    workspace: Workspace
    membership: Membership


@dataclass(frozen=True, slots=True)
class Member:
    """An account as its workspace sees it."""

    account: Account
    membership: Membership


async def find_by_email(scope: SystemScope, email: str) -> Account | None:
    """Return the account with an e-mail address, whatever its case."""
    query = select(Account).where(func.lower(Account.email) == email.strip().lower())
    return await scope.session.scalar(query)


async def get(scope: SystemScope, account_id: str) -> Account:
    """Return an account.

    Raises:
        ApiError: `not_found`.
    """
    found = await scope.session.get(Account, account_id)
    if found is None:
        raise ApiError("not_found", "Account not found.")
    return found


async def create(
    scope: SystemScope,
    *,
    email: str,
    name: str,
    password_hash: str | None,
    status: AccountStatus = "active",
    interface_language: str = "en-US",
) -> Account:
    """Make an account; its e-mail address must be new."""
    made = Account(
        email=email.strip(),
        name=name,
        password_hash=password_hash,
        status=status,
        interface_language=interface_language,
    )
    scope.session.add(made)
    await scope.session.flush()
    return made


async def ensure(scope: SystemScope, email: str, *, name: str, interface_language: str) -> Account:
    """Return the account with an e-mail address, and hold it until the transaction ends.

    Args:
        scope: the installation.
        email: whose account; one that is not there yet is made, `pending` and without a password.
        name: what a new account is called.
        interface_language: the language of a new account.

    Raises:
        ApiError: `conflict` where the account is deleted at the same time.
    """
    at = now()
    made = insert(Account).values(
        id=new_id(),
        email=email.strip(),
        name=name,
        status="pending",
        interface_language=interface_language,
        interface_theme="light",
        timezone="UTC",
        created_at=at,
        updated_at=at,
    )
    await scope.session.execute(made.on_conflict_do_nothing())
    query = select(Account).where(func.lower(Account.email) == email.strip().lower())
    found = await scope.session.scalar(query.with_for_update())
    if found is None:
        raise ApiError("conflict", "The account was changed at the same time. Try again.")
    return found


async def hold(scope: SystemScope, account_id: str) -> Account | None:
    """Return an account as it is now, and let nobody else change it until the transaction ends."""
    query = select(Account).where(Account.id == account_id).with_for_update()
    return await scope.session.scalar(query.execution_options(populate_existing=True))


async def create_workspace(scope: SystemScope, *, name: str, owner: Account, plan: Plan = "enterprise") -> Workspace:
    """Make a workspace with its owner, and make it the owner's current one.

    Args:
        scope: the installation.
        name: what it is called.
        owner: whose it is.
        plan: how many requests its keys may make.
    """
    made = Workspace(name=name, plan=plan)
    scope.session.add(made)
    await scope.session.flush()
    scope.session.add(Membership(workspace_id=made.id, account_id=owner.id, role="owner"))
    owner.current_workspace_id = made.id
    await scope.session.flush()
    return made


async def memberships(scope: SystemScope, account_id: str) -> list[JoinedWorkspace]:
    """Return the workspaces that an account is a member of, oldest first."""
    query = (
        select(Workspace, Membership)
        .join(Membership, Membership.workspace_id == Workspace.id)
        .where(Membership.account_id == account_id)
        .order_by(Membership.created_at, Membership.id)
    )
    return [JoinedWorkspace(*row) for row in (await scope.session.execute(query))]


async def switch_workspace(scope: SystemScope, account_id: str, workspace_id: str) -> JoinedWorkspace:
    """Make another workspace the account's current one.

    Raises:
        ApiError: `account_not_link_tenant` where the account is no member of it or it is not in use.
    """
    account = await get(scope, account_id)
    for joined in await memberships(scope, account_id):
        if joined.workspace.id == workspace_id and joined.workspace.status == "normal":
            account.current_workspace_id = workspace_id
            await scope.session.flush()
            return joined
    raise ApiError("account_not_link_tenant", "Workspace not found, or you are not a member of it.")


async def knows_zone(scope: SystemScope, name: str) -> bool:
    """Tell whether the database can reckon in a time zone."""
    query = text("SELECT 1 FROM pg_timezone_names WHERE name = :name")
    return await scope.session.scalar(query.bindparams(bindparam("name", name, Words))) is not None


async def record_login(scope: SystemScope, account: Account, address: str | None) -> None:
    """Note when and from where an account signed in."""
    account.last_login_at = account.last_active_at = now()
    account.last_login_ip = address
    await scope.session.flush()


async def get_workspace(scope: Scope) -> Workspace:
    """Return the scope's workspace.

    Raises:
        ApiError: `not_found`.
    """
    found = await scope.session.get(Workspace, scope.workspace_id)
    if found is None:
        raise ApiError("not_found", "Workspace not found.")
    return found


async def find_owner(scope: Scope) -> Account | None:
    """Return the owner of the scope's workspace; of several, the first."""
    query = (
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.workspace_id == scope.workspace_id, Membership.role == "owner")
        .order_by(Membership.created_at)
        .limit(1)
    )
    return await scope.session.scalar(query)


async def members(scope: Scope) -> list[Member]:
    """Return the workspace's members, oldest first."""
    query = (
        select(Account, Membership)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.workspace_id == scope.workspace_id)
        .order_by(Membership.created_at, Membership.id)
    )
    return [Member(*row) for row in (await scope.session.execute(query))]


async def find_member(scope: Scope, account_id: str) -> Member | None:
    """Return one member of the workspace."""
    query = (
        select(Account, Membership)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.workspace_id == scope.workspace_id, Account.id == account_id)
    )
    row = (await scope.session.execute(query)).first()
    return Member(*row) if row else None


async def add_member(scope: Scope, account_id: str, role: Role, invited_by: str | None = None) -> Membership:
    """Give an account a role in the workspace."""
    made = Membership(workspace_id=scope.workspace_id, account_id=account_id, role=role, invited_by=invited_by)
    scope.session.add(made)
    await scope.session.flush()
    return made


async def lock_members(scope: Scope) -> None:
    """Let only this transaction change who belongs to the workspace, until it ends."""
    query = select(Workspace.id).where(Workspace.id == scope.workspace_id)
    await scope.session.execute(query.with_for_update(key_share=True))


async def remove_member(scope: Scope, account_id: str) -> None:
    """Take an account out of the workspace; its other workspaces stay."""
    await scope.session.execute(
        delete(Membership).where(Membership.workspace_id == scope.workspace_id, Membership.account_id == account_id)
    )
    await scope.session.execute(
        update(Account)
        .where(Account.id == account_id, Account.current_workspace_id == scope.workspace_id)
        .values(current_workspace_id=None)
    )


async def names(scope: Scope, account_ids: set[str]) -> dict[str, str]:
    """Return the names of those of the accounts that are members of the workspace."""
    query = (
        select(Account.id, Account.name)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.workspace_id == scope.workspace_id, Account.id.in_(account_ids))
    )
    return {row.id: row.name for row in await scope.session.execute(query)}


async def people(scope: Scope, account_ids: set[str]) -> dict[str, Account]:
    """Return those of the accounts that are members of the workspace, by their id."""
    query = (
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.workspace_id == scope.workspace_id, Account.id.in_(account_ids))
    )
    return {person.id: person for person in await scope.session.scalars(query)}
