"""What a query may see: one workspace, or the installation."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Scope:
    """One short transaction that sees the rows of one workspace."""

    session: AsyncSession
    workspace_id: str


@dataclass(frozen=True, slots=True)
class SystemScope:
    """One short transaction for what belongs to no workspace, or does not know its workspace yet."""

    session: AsyncSession

    def within(self, workspace_id: str) -> Scope:
        """Return the same transaction, narrowed to one workspace."""
        return Scope(self.session, workspace_id)
