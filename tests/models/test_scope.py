"""No query without a scope: the rule that keeps workspaces apart."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import FunctionType

import pytest

import models
from foundation.errors import ApiError
from models import app, conversation, dataset
from models.account import Account
from models.author import Author
from models.database import Database
from tests.conftest import new_owner

WITHOUT_QUERIES = {
    "author",
    "binary_copy",
    "database",
    "driver",
    "migration",
    "page",
    "parameters",
    "partition",
    "schema",
    "scope",
    "table",
}


def _queries() -> Iterator[tuple[str, FunctionType]]:
    for module in pkgutil.iter_modules(models.__path__):
        if module.name in WITHOUT_QUERIES:
            continue
        loaded = importlib.import_module(f"models.{module.name}")
        for name, found in vars(loaded).items():
            if inspect.isfunction(found) and found.__module__ == loaded.__name__ and name[0] != "_":
                yield f"{module.name}.{name}", found


@pytest.mark.parametrize(("name", "query"), list(_queries()), ids=[name for name, _ in _queries()])
def test_a_query_takes_its_scope_first(name: str, query: FunctionType) -> None:
    parameters = list(inspect.signature(query).parameters.values())
    assert parameters, name
    assert parameters[0].name == "scope", name
    annotation = parameters[0].annotation
    shown = annotation if isinstance(annotation, str) else annotation.__name__
    assert shown in {"Scope", "SystemScope"}, name


async def test_a_workspace_does_not_see_anothers_rows(database: Database, owner: Account) -> None:
    stranger = await new_owner(database, "eve@example.com")
    assert owner.current_workspace_id
    assert stranger.current_workspace_id
    async with database.workspace(owner.current_workspace_id) as scope:
        made = await app.create(scope, name="Help", mode="chat", site_code="abc", created_by=owner.id)
        known = await dataset.create(scope, name="Handbook", created_by=owner.id)
    async with database.workspace(stranger.current_workspace_id) as scope:
        assert await app.find(scope, made.id) is None
        assert (await app.page(scope)).items == []
        with pytest.raises(ApiError):
            await app.change(scope, made.id, {"name": "Mine"}, stranger.id)
        with pytest.raises(ApiError):
            await dataset.get(scope, known.id)
        await dataset.link_app(scope, made.id, [known.id])
        assert await dataset.related_apps(scope, known.id) == []


async def test_the_database_refuses_a_child_of_another_workspaces_parent(database: Database, owner: Account) -> None:
    stranger = await new_owner(database, "eve@example.com")
    assert owner.current_workspace_id
    assert stranger.current_workspace_id
    async with database.workspace(owner.current_workspace_id) as scope:
        made = await app.create(scope, name="Help", mode="chat", site_code="abc", created_by=owner.id)
    of_stranger = Author(account_id=stranger.id)
    with pytest.raises(ApiError) as refused:
        async with database.workspace(stranger.current_workspace_id) as scope:
            await conversation.add(
                scope,
                conversation.draft(
                    scope, app_id=made.id, author=of_stranger, mode="chat", invoke_from="debugger", name="", inputs={}
                ),
            )
    assert refused.value.code == "not_found"
    assert "fk_conversation_workspace_id_app_id" in str(refused.value.__cause__)
