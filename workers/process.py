"""What a worker process builds once and all its jobs share.

RQ names a job by its function and hands it ids alone; the rest is found here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from foundation.egress import EgressGuard
from foundation.secrets import Sealer
from foundation.settings import Settings
from foundation.storage import FileStorage
from models.database import Database
from workers.event_log import Publisher
from workers.naming import Namer
from workers.partials import PartialAnswers
from workers.queues import Queues
from workers.tallies import Tallies
from workers.workflow_watch import WorkflowWatch

if TYPE_CHECKING:
    from engine.embedding.embedder import Embedders
    from engine.providers.resolution import Models
    from engine.workflow import Sandbox


@dataclass(frozen=True, slots=True)
class GenerationProcess:
    """The parts that a generation job uses."""

    loop: asyncio.AbstractEventLoop
    settings: Settings
    database: Database
    storage: FileStorage
    models: Models
    embedders: Embedders
    publisher: Publisher
    partials: PartialAnswers
    queues: Queues
    egress: EgressGuard
    sealer: Sealer
    namer: Namer
    sandbox: Sandbox
    watch: WorkflowWatch
    tallies: Tallies = field(default_factory=Tallies)


_settings: list[Settings] = []
_installed: list[GenerationProcess] = []


def use_settings(settings: Settings) -> None:
    """Make the settings known to this process's jobs, and to the children it forks for them."""
    _settings[:] = [settings]


def settings() -> Settings:
    """Return the settings of this worker process.

    Raises:
        RuntimeError: this is no worker process.
    """
    if not _settings:
        raise RuntimeError("jobs run in a worker process only")
    return _settings[0]


def install(process: GenerationProcess) -> None:
    """Make a process's parts known to its jobs."""
    _installed[:] = [process]


def current() -> GenerationProcess:
    """Return this process's parts.

    Raises:
        RuntimeError: this is no generation process.
    """
    if not _installed:
        raise RuntimeError("generation jobs run in a generation worker only")
    return _installed[0]
