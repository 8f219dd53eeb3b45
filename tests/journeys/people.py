"""People of a running program, made in its database as an invitation will make them."""

import asyncio
from dataclasses import dataclass
from itertools import count

import httpx2

from foundation.secrets import hash_password
from models import account
from models.account import Role
from models.database import Database
from tests.journeys.program import Program

PASSWORD = "difference engine 1822"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in.

    Attributes:
        email: the address to sign in with; the password is always `PASSWORD`.
        account_id: whose rows are theirs.
        workspace_id: where they work.
    """

    email: str
    account_id: str
    workspace_id: str

    def console(self, program: Program) -> httpx2.Client:
        """Return a Console client signed in as this person."""
        return program.console(self.email, PASSWORD)


def new_owner(program: Program) -> Person:
    """Make somebody with a workspace of their own, which nobody else uses."""
    return asyncio.run(_make(program.database_url, None, "owner"))


def new_member(program: Program, workspace_id: str, role: Role) -> Person:
    """Make somebody who has a role in a workspace."""
    return asyncio.run(_make(program.database_url, workspace_id, role))


async def _make(database_url: str, workspace_id: str | None, role: Role) -> Person:
    database = Database(database_url, 1)
    email = f"{role}-{next(_NUMBERS)}@example.com"
    try:
        async with database.system() as system:
            made = await account.create(system, email=email, name="Charles", password_hash=hash_password(PASSWORD))
            if workspace_id is None:
                workspace_id = (await account.create_workspace(system, name=f"Workspace of {email}", owner=made)).id
                return Person(email, made.id, workspace_id)
        async with database.workspace(workspace_id) as scope:
            await account.add_member(scope, made.id, role)
        async with database.system() as system:
            await account.switch_workspace(system, made.id, workspace_id)
        return Person(email, made.id, workspace_id)
    finally:
        await database.close()
