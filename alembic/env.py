"""Runs migrations: on the connection that models.migration hands over, or by hand on DATABASE_URL."""

import os
from typing import Any, Literal

from sqlalchemy import Connection, create_engine

from alembic import context
from models.database import driver_url
from models.partition import is_described
from models.schema import load_tables
from models.table import Id, Words


def _render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write the project's column types into migrations as the plain types that they are in the database."""
    if isinstance(item, Id):
        return "sa.Uuid(as_uuid=False)"
    return "sa.Text()" if isinstance(item, Words) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=load_tables(),
        compare_server_default=True,
        render_item=_render,
        include_name=is_described,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with create_engine(driver_url(os.environ["DATABASE_URL"])).connect() as opened:
        _run(opened)
        opened.commit()
