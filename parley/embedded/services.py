"""Which services this installation runs itself, and how they are started and ended together."""

from __future__ import annotations

from pathlib import Path

from foundation.settings import Settings
from parley.embedded.postgres import EmbeddedPostgres
from parley.embedded.redis import EmbeddedRedis
from parley.embedded.service import EmbeddedService


class EmbeddedServices:
    """The services that no setting names: none, Redis, PostgreSQL, or both."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: dict[str, EmbeddedService] = {}

    def start(self) -> Settings:
        """Starts what is missing.

        Returns:
            The settings with the addresses of every service.

        Raises:
            ServiceError: one of them cannot be run here; those already started are stopped.
        """
        settings = self._settings
        try:
            if not settings.redis_url:
                self._start("redis_url", EmbeddedRedis(settings.home / "redis", self._log("redis")))
            if not settings.database_url:
                database = EmbeddedPostgres(
                    settings.home / "postgresql", self._log("postgresql"), fsync=settings.database_fsync
                )
                self._start("database_url", database)
        except BaseException:
            self.stop()
            raise
        return settings.model_copy(update={field: service.url for field, service in self._running.items()})

    def ended(self) -> list[EmbeddedService]:
        """Returns the services whose process has ended although it should run."""
        return [service for service in self._running.values() if not service.running]

    def stop(self) -> None:
        """Ends them all, PostgreSQL first."""
        while self._running:
            _, service = self._running.popitem()
            service.stop(2.0)

    def _start(self, field: str, service: EmbeddedService) -> None:
        service.start()
        self._running[field] = service

    def _log(self, name: str) -> Path:
        return self._settings.logs_folder / f"{name}.log"
