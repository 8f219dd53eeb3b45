"""What every module of faults has: a model that can be held, and processes on services that can be taken away."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.embedded.redis import EmbeddedRedis
from tests.faults.installation import Installation, installation
from tests.faults.model import HeldModel
from tests.services import Services
from tests.workers.peer import served


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a path short enough for unix sockets."""
    with tempfile.TemporaryDirectory(prefix="pf") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def model() -> Iterator[HeldModel]:
    """The model that answers where a workspace has chosen none."""
    with served(HeldModel()) as made:
        made.release()
        yield made


@pytest.fixture
def held(model: HeldModel) -> Iterator[HeldModel]:
    """The model, which waits in each answer until it is released."""
    model.asked = 0
    model.hold()
    yield model
    model.release()


@pytest.fixture(scope="module")
def redis_server(folder: Path) -> Iterator[EmbeddedRedis]:
    """A Redis that only this module uses."""
    server = EmbeddedRedis(folder / "redis", folder / "redis.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def installed(
    folder: Path, shared_services: Services, redis_server: EmbeddedRedis, model: HeldModel
) -> Iterator[Installation]:
    """An installation without processes; the tests start what they need."""
    connected = {"LLM_URL": model.url, "LLM_MODEL": "slow"}
    with installation(folder, shared_services.migrated_database(), redis_server.url, **connected) as made:
        yield made
