"""Rows for these tests: a workspace with one app, and questions to it."""

from dataclasses import dataclass, field
from typing import Any

from foundation.ids import new_id
from models import account as accounts
from models import app as apps
from models import conversation as conversations
from models import message as messages
from models.author import Author
from models.database import Database
from models.message import Message


@dataclass
class Asker:
    """Who asks: an account of a workspace that has one chat app."""

    database: Database
    workspace_id: str
    app_id: str
    account_id: str
    model_config: dict[str, Any] = field(default_factory=dict)

    async def ask(self, query: str = "How high is it?", conversation_id: str | None = None) -> Message:
        """Store a queued question in its own or a given conversation."""
        author = Author(account_id=self.account_id)
        async with self.database.workspace(self.workspace_id) as scope:
            if conversation_id is None:
                begun = conversations.draft(
                    scope, app_id=self.app_id, author=author, mode="chat", invoke_from="debugger", name="", inputs={}
                )
                conversation_id = (await conversations.add(scope, begun)).id
            return await messages.add(
                scope,
                Message(
                    app_id=self.app_id,
                    conversation_id=conversation_id,
                    task_id=new_id(),
                    invoke_from="debugger",
                    mode="chat",
                    query=query,
                    model_config=self.model_config,
                    **author.columns(),
                ),
            )

    async def read(self, message: Message) -> Message:
        """Return a question's row as it is now."""
        async with self.database.workspace(self.workspace_id) as scope:
            found = await messages.load(scope, message.id)
        assert found is not None
        return found


async def asker(database: Database, model_config: dict[str, Any] | None = None) -> Asker:
    """Make a workspace of its own with an account and an app."""
    async with database.system() as scope:
        account = await accounts.create(scope, email=f"{new_id()}@example.com", name="A", password_hash=None)
        workspace = await accounts.create_workspace(scope, name="W", owner=account)
        app = await apps.create(
            scope.within(workspace.id),
            name="App",
            mode="chat",
            site_code=new_id(),
            created_by=account.id,
            model_config=model_config or {},
        )
    return Asker(database, workspace.id, app.id, account.id, model_config or {})
