"""The command line. Each command loads the settings once and hands them to what does the work."""

from __future__ import annotations

import enum
from typing import NoReturn

import typer
from rich.console import Console

from foundation.settings import Settings, SettingsError, load_settings
from foundation.telemetry import configure_logging
from parley.embedded.process import ServiceError

program = typer.Typer(
    name="parley",
    help="Parley: a contract-first server for LLM applications.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="The database.", no_args_is_help=True)
program.add_typer(database, name="db")


class Queue(enum.StrEnum):
    """What a worker works on."""

    GENERATION = "generation"
    INDEXING = "indexing"
    DELIVERIES = "deliveries"


def main() -> None:
    """Runs the command that the process's arguments name; a known failure ends with one message and code 2."""
    from models.migration import MigrationError

    try:
        program()
    except (SettingsError, ServiceError, MigrationError) as error:
        _refuse(str(error))


@program.command()
def up() -> None:
    """Run everything: services where none are given, migration, API and workers. Ctrl-C ends it."""
    from parley import up as whole

    settings = load_settings()
    configure_logging("parley", settings.logs_folder, settings.log_level)
    whole.run(settings)


@program.command()
def api() -> None:
    """Serve the API. Needs DATABASE_URL and REDIS_URL."""
    from parley.serving import serve

    settings = _connected_settings()
    configure_logging("api-server", settings.logs_folder, settings.log_level)
    serve(settings)


@program.command()
def worker(
    queue: Queue, number: int = typer.Option(1, min=1, help="Tells this process from its siblings in the logs.")
) -> None:
    """Answer chats (generation), index documents (indexing) or call webhooks (deliveries).

    Needs DATABASE_URL and REDIS_URL.
    """
    from workers import delivery_pool, pool

    settings = _connected_settings()
    configure_logging(f"{queue}-{number}", settings.logs_folder, settings.log_level)
    if queue is Queue.GENERATION:
        pool.run_generation(settings)
    elif queue is Queue.DELIVERIES:
        delivery_pool.run_deliveries(settings)
    else:
        pool.run_indexing(settings)


@database.command()
def upgrade() -> None:
    """Bring the database to the current schema."""
    from models import migration
    from parley.embedded.services import EmbeddedServices

    settings = load_settings()
    configure_logging("parley", None, settings.log_level)
    if settings.database_url:
        migration.upgrade(settings.database_url)
    else:
        services = EmbeddedServices(settings)
        try:
            migration.upgrade(services.start().database_url)
        finally:
            services.stop()
    Console(stderr=True).print("The database is current.")


@program.command()
def doctor() -> None:
    """Look at this machine and say what Parley would use, and what is missing."""
    from parley.doctor import examine

    raise typer.Exit(0 if examine(load_settings()) else 1)


@program.command()
def demo(
    url: str = typer.Option("", help="The running server; the settings' own address when empty."),
    email: str = typer.Option("owner@example.com", help="The owner, created when the server is new."),
    password: str = typer.Option("parley-demo-2024", help="The owner's password."),
    question: str = typer.Option("How long is the warranty?", help="What to ask."),
) -> None:
    """Run the main job against a running server and print every request as a curl line."""
    from parley.demo import run

    settings = load_settings()
    run(
        (url or settings.url).rstrip("/"),
        settings.owner_email or email,
        settings.owner_password or password,
        question,
        settings.home / "demo",
        settings.init_password,
    )


def _connected_settings() -> Settings:
    settings = load_settings()
    missing = [
        name
        for name, value in (("DATABASE_URL", settings.database_url), ("REDIS_URL", settings.redis_url))
        if not value
    ]
    if missing:
        raise SettingsError(f"This process needs {' and '.join(missing)}; `parley up` runs both services itself.")
    return settings


def _refuse(message: str) -> NoReturn:
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise SystemExit(2)
