"""Who wrote something: an end user of an app, or an account."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Mapped, mapped_column

from models.table import Id


class Authored:
    """Mixin: the end user or the account that a row comes from."""

    end_user_id: Mapped[str | None] = mapped_column(Id)
    account_id: Mapped[str | None] = mapped_column(Id)


@dataclass(frozen=True, slots=True)
class Author:
    """An end user, or an account; exactly one of them."""

    end_user_id: str | None = None
    account_id: str | None = None

    @property
    def role(self) -> str:
        """Return the contract's word for what the author is."""
        return "end_user" if self.end_user_id else "account"

    def wrote(self, table: type[Authored]) -> ColumnElement[bool]:
        """Return the condition that rows come from this author."""
        if self.end_user_id is not None:
            return table.end_user_id == self.end_user_id
        return and_(table.end_user_id.is_(None), table.account_id == self.account_id)

    def columns(self) -> dict[str, Any]:
        """Return the values for a new row."""
        return {"end_user_id": self.end_user_id, "account_id": self.account_id}
