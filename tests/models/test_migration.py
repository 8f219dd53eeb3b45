"""Migrations and models describe the same schema."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from models.migration import MigrationError, upgrade
from models.partition import is_described
from models.schema import load_tables
from tests.conftest import NewDatabase


def test_migrations_make_what_the_models_describe(template: str) -> None:
    with create_engine(template, poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_described})
        assert compare_metadata(context, load_tables()) == []


def test_migrations_make_the_models_constraints_and_indexes(template: str, new_database: NewDatabase) -> None:
    created = new_database()
    engine = create_engine(created, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION vector"))
        load_tables().create_all(connection)
    migrated = create_engine(template, poolclass=NullPool)
    with engine.connect() as from_models, migrated.connect() as from_migrations:
        assert _definitions(from_migrations) == _definitions(from_models)


def test_an_upgrade_may_be_repeated_and_run_twice_at_once(new_database: NewDatabase) -> None:
    url = new_database()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, [url] * 3))
    upgrade(url)


def test_an_old_pgvector_is_refused(new_database: NewDatabase) -> None:
    url = new_database()
    upgrade(url)
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'"))
    with pytest.raises(MigrationError, match=r"pgvector 0\.7\.4.*0\.8 or later"):
        upgrade(url)


def _definitions(connection: Connection) -> set[tuple[Any, ...]]:
    constraints = connection.execute(
        text(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'"
        )
    )
    indexes = connection.execute(
        text(
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename <> 'alembic_version'"
            " AND schemaname = 'public'"
        )
    )
    return {tuple(row) for row in [*constraints, *indexes]}
