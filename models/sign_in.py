"""Sign-ins and their refresh tokens: each token serves once, and the reuse of an old one ends its sign-in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.account import Account, Membership, Role, Workspace
from models.scope import SystemScope
from models.table import Created, Id, Identified, Table, Words, now, one_of

Tier = Literal["console", "web"]


class SignIn(Identified, Created, Table):
    """One sign-in of an account: the family of its refresh tokens."""

    __tablename__ = "sign_in"
    __table_args__ = (one_of("tier", get_args(Tier)), Index(None, "account_id"))

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id", ondelete="CASCADE"))
    tier: Mapped[Tier] = mapped_column(Words)
    app_id: Mapped[str | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None]


class RefreshToken(Identified, Created, Table):
    """One refresh token, known by its hash."""

    __tablename__ = "refresh_token"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "sign_in_id"))

    sign_in_id: Mapped[str] = mapped_column(Id, ForeignKey("sign_in.id", ondelete="CASCADE"))
    token_hash: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a sign-in speaks for: the account and, where it has one, its current workspace and role."""

    account: Account
    workspace: Workspace | None
    role: Role | None


async def begin(
    scope: SystemScope,
    account_id: str,
    tier: Tier,
    token_hash: str,
    expires_at: datetime,
    app_id: str | None = None,
) -> SignIn:
    """Begin a sign-in with its first refresh token.

    Args:
        scope: the installation.
        account_id: who signs in.
        tier: where it counts.
        token_hash: the hash of the refresh token.
        expires_at: when that token stops being accepted.
        app_id: the app that a sign-in of the web tier was made for.
    """
    made = SignIn(account_id=account_id, tier=tier, app_id=app_id)
    scope.session.add(made)
    await scope.session.flush()
    scope.session.add(RefreshToken(sign_in_id=made.id, token_hash=token_hash, expires_at=expires_at))
    await scope.session.flush()
    return made


async def rotate(scope: SystemScope, tier: Tier, old_hash: str, new_hash: str, expires_at: datetime) -> SignIn | None:
    """Replace a refresh token by the next one, in this transaction.

    A token that has served already ends its whole sign-in. That must be kept although nothing is issued, so a refusal
    is returned, and the caller raises after the transaction.

    Returns:
        The sign-in; it is ended (`ended_at`) where the token had served already or belongs to an ended
        one. None where the token is unknown or has expired.
    """
    query = (
        select(RefreshToken, SignIn)
        .join(SignIn, SignIn.id == RefreshToken.sign_in_id)
        .where(RefreshToken.token_hash == old_hash, SignIn.tier == tier)
        .with_for_update()
    )
    row = (await scope.session.execute(query)).first()
    if row is None:
        return None
    token, sign_in = row
    if token.used_at is not None:
        sign_in.ended_at = sign_in.ended_at or now()
        await scope.session.flush()
        return sign_in
    if sign_in.ended_at is not None:
        return sign_in
    if token.expires_at <= now():
        return None
    token.used_at = now()
    scope.session.add(RefreshToken(sign_in_id=sign_in.id, token_hash=new_hash, expires_at=expires_at))
    await scope.session.flush()
    return sign_in


async def end(scope: SystemScope, sign_in_id: str) -> None:
    """End one sign-in: its tokens serve no more."""
    await scope.session.execute(
        update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).values(ended_at=now())
    )


async def end_all(scope: SystemScope, account_id: str, *, but: str | None = None) -> None:
    """End an account's sign-ins, for one that changed its password all but the one that did."""
    statement = update(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
    if but is not None:
        statement = statement.where(SignIn.id != but)
    await scope.session.execute(statement.values(ended_at=now()))


async def identify(scope: SystemScope, sign_in_id: str) -> Identity | None:
    """Return who a running sign-in speaks for; None when it has ended or never was."""
    query = (
        select(Account, Workspace, Membership.role)
        .join(SignIn, SignIn.account_id == Account.id)
        .outerjoin(
            Membership,
            (Membership.account_id == Account.id) & (Membership.workspace_id == Account.current_workspace_id),
        )
        .outerjoin(Workspace, Workspace.id == Membership.workspace_id)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
    )
    row = (await scope.session.execute(query)).first()
    return Identity(row[0], row[1], row[2]) if row else None
