"""Invitations: somebody who may become a member of a workspace by a link."""

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import ForeignKey, Index, UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from foundation.ids import new_id
from models.account import Account, Role
from models.scope import Scope, SystemScope
from models.table import Created, Id, Identified, Owned, Table, Words, now, one_of


class Invitation(Identified, Created, Owned, Table):
    """A link that makes an account a member, known by the hash of its token; the newest one of an account counts."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("workspace_id", "account_id"),
        UniqueConstraint("token_hash"),
        Index(None, "account_id"),
        one_of("role", get_args(Role)),
    )

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(Words)
    token_hash: Mapped[str]
    expires_at: Mapped[datetime]
    invited_by: Mapped[str | None] = mapped_column(Id)


@dataclass(frozen=True, slots=True)
class Invitee:
    """An account that has been invited and has not come yet."""

    account: Account
    invitation: Invitation


async def renew(
    scope: Scope, account_id: str, role: Role, token_hash: str, expires_at: datetime, invited_by: str | None
) -> None:
    """Invite an account in the place of an earlier invitation, whose link serves no more."""
    changed = {
        "role": role,
        "token_hash": token_hash,
        "expires_at": expires_at,
        "invited_by": invited_by,
        "created_at": now(),
    }
    statement = insert(Invitation).values(
        id=new_id(), workspace_id=scope.workspace_id, account_id=account_id, **changed
    )
    keys = ["workspace_id", "account_id"]
    await scope.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def find_by_token(scope: SystemScope, token_hash: str) -> Invitation | None:
    """Return the invitation behind a token; None where it has expired."""
    query = select(Invitation).where(Invitation.token_hash == token_hash, Invitation.expires_at > now())
    return await scope.session.scalar(query)


async def invitees(scope: Scope) -> list[Invitee]:
    """Return who has been invited to the workspace and has not come yet, oldest first."""
    query = (
        select(Account, Invitation)
        .join(Invitation, Invitation.account_id == Account.id)
        .where(Invitation.workspace_id == scope.workspace_id)
        .order_by(Invitation.created_at, Invitation.id)
    )
    return [Invitee(*row) for row in (await scope.session.execute(query))]


async def issued_by(scope: Scope, inviter_id: str) -> list[str]:
    """Return whom an account has invited to the workspace who has not come yet, always in the same order."""
    query = select(Invitation.account_id).where(
        Invitation.workspace_id == scope.workspace_id, Invitation.invited_by == inviter_id
    )
    return list(await scope.session.scalars(query.order_by(Invitation.account_id)))


async def find(scope: Scope, account_id: str) -> Invitation | None:
    """Return the workspace's invitation of an account and hold it until the transaction ends."""
    query = select(Invitation).where(Invitation.workspace_id == scope.workspace_id, Invitation.account_id == account_id)
    return await scope.session.scalar(query.with_for_update().execution_options(populate_existing=True))


async def withdraw(scope: Scope, account_id: str) -> bool:
    """Take an invitation back. An account that was made for it, and that nothing else holds, goes with it.

    Returns:
        Whether there was one.
    """
    gone = delete(Invitation).where(Invitation.workspace_id == scope.workspace_id, Invitation.account_id == account_id)
    if await scope.session.scalar(gone.returning(Invitation.id)) is None:
        return False
    elsewhere = select(Invitation.id).where(Invitation.account_id == account_id).exists()
    await scope.session.execute(
        delete(Account).where(Account.id == account_id, Account.status == "pending", ~elsewhere)
    )
    return True
