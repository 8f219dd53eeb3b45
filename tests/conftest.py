"""What tests of every room share: PostgreSQL and Redis, started once for a whole run, and databases on them."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from models import account
from models.account import Account
from models.database import Database
from models.scope import Scope
from tests.contract.sampling import seed
from tests.journeys.program import Program, running
from tests.services import Services, services

NewDatabase = Callable[[], str]

PRIVATE_VARIABLES = (
    "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "LLM_URL", "LLM_MODEL", "LLM_API_KEY",
    "DATABASE_URL", "REDIS_URL", "SSRF_ALLOW_CIDRS",
)  # fmt: skip


def pytest_report_header() -> str:
    """Say what the fuzzing of this run follows from."""
    return f"fuzz: FUZZ_SEED={seed()}"


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_tester() -> Iterator[None]:
    """Keys and addresses in the environment of whoever runs the tests must not reach them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in PRIVATE_VARIABLES:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def shared_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The servers of this run, the same for all of its processes."""
    own: Path = tmp_path_factory.getbasetemp()
    name = os.environ.get("PYTEST_XDIST_WORKER")
    if name is None:
        with services(own) as used:
            yield used
    else:
        workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        with services(own.parent, int(name.removeprefix("gw")), workers) as used:
            yield used


@pytest.fixture(scope="session")
def new_database(shared_services: Services) -> NewDatabase:
    """A function that makes an empty database and returns its URL."""
    return shared_services.new_database


@pytest.fixture(scope="session")
def template(shared_services: Services) -> str:
    """A migrated database without rows, which nobody is connected to."""
    return shared_services.migrated_database()


@pytest.fixture
async def database(shared_services: Services) -> AsyncIterator[Database]:
    """A migrated database of the test's own."""
    opened = Database(shared_services.migrated_database(), pool_size=5)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def owner(database: Database) -> Account:
    """The owner of a workspace, which is current."""
    return await new_owner(database, "ada@example.com")


@pytest.fixture
def workspace_id(owner: Account) -> str:
    """The owner's workspace."""
    assert owner.current_workspace_id
    return owner.current_workspace_id


@pytest.fixture
async def scope(database: Database, workspace_id: str) -> AsyncIterator[Scope]:
    """One transaction in the owner's workspace."""
    async with database.workspace(workspace_id) as opened:
        yield opened


async def new_owner(database: Database, email: str) -> Account:
    """Make an account with a workspace of its own."""
    async with database.system() as system:
        made = await account.create(system, email=email, name="Ada", password_hash=None)
        await account.create_workspace(system, name=f"Workspace of {email}", owner=made)
        return made


@pytest.fixture(scope="session")
def program(shared_services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The whole program on the run's services, one for each process of the run, with no model connected."""
    environment = {
        "DATABASE_URL": shared_services.migrated_database(),
        "REDIS_URL": shared_services.new_redis(),
        "PARLEY_IMAGE_MAX_BYTES": "65536",
    }
    with running(tmp_path_factory.mktemp("program"), **environment) as started:
        yield started
