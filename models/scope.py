"""What a query may see: one workspace, or the installation."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

Borrow = Callable[[str], AbstractAsyncContextManager[Any]]
"""Lends the driver's connection for one statement, which errors name; see `models.driver.borrowed`."""


class Scope:
    """One short transaction that sees the rows of one workspace."""

    __slots__ = ("_session", "workspace_id")

    def __init__(self, session: AsyncSession, workspace_id: str) -> None:
        """Take a session whose transaction has begun, or begins with its first query."""
        self._session: AsyncSession | None = session
        self.workspace_id = workspace_id

    @property
    def session(self) -> AsyncSession:
        """The session whose transaction this is."""
        assert self._session is not None
        return self._session

    @property
    def borrow(self) -> Borrow | None:
        """How a statement for the driver gets a connection of its own; None where it belongs to the transaction."""
        return None


class StatementScope(Scope):
    """One workspace's rows, for statements that stand alone. A session is opened when somebody asks for it."""

    __slots__ = ("_borrow", "_open")

    def __init__(self, open_session: Callable[[], AsyncSession], borrow: Borrow, workspace_id: str) -> None:
        """Take what opens a session, and what lends a connection where there is none."""
        self._session = None
        self._open, self._borrow = open_session, borrow
        self.workspace_id = workspace_id

    @property
    def session(self) -> AsyncSession:
        """A session without a transaction, the same each time."""
        if self._session is None:
            self._session = self._open()
        return self._session

    @property
    def borrow(self) -> Borrow | None:
        """What lends a connection; None once there is a session, which may hold one: two at a time are too many."""
        return self._borrow if self._session is None else None

    async def aclose(self) -> None:
        """Close the session if there is one."""
        if self._session is not None:
            await self._session.__aexit__(None, None, None)


@dataclass(frozen=True, slots=True)
class SystemScope:
    """One short transaction for what belongs to no workspace, or does not know its workspace yet."""

    session: AsyncSession

    def within(self, workspace_id: str) -> Scope:
        """Return the same transaction, narrowed to one workspace."""
        return Scope(self.session, workspace_id)
