"""The API process: its services, its documents and its handlers, put together once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from engine.embedding.builtin import BuiltinEmbedders
from engine.providers.embedders import WorkspaceEmbedders
from engine.providers.resolution import Models
from foundation.egress import EgressGuard
from foundation.error_table import error_table
from foundation.secrets import Sealer
from foundation.settings import Settings, load_settings
from foundation.storage import FolderStorage
from foundation.telemetry import configure_logging
from handlers import runs
from handlers.call import Services, Tier
from handlers.credentials import AUTHENTICATORS, REFUSALS
from handlers.file_kinds import early_refusal
from handlers.pipeline import BodyLimits, Measurements, build_app, default_rules
from handlers.signed_files import signed_file_routes
from models.database import Database
from parley.bundle import TIERS, bundle
from parley.health import Probe, health_routes
from parley.metrics import metrics_routes
from parley.reference import Document, reference_routes
from workers.event_log import Hub
from workers.queues import Queues
from workers.rq.connection import connect_async
from workers.settled import settled_events

FORM_MARGIN = 1 << 20
"""What the other parts of a form may weigh beside its largest file, in bytes."""


def build_services(settings: Settings) -> Services:
    """Build what every call shares. Nothing is connected yet.

    Args:
        settings: with the addresses of running services.
    """
    database = Database(settings.database_url, settings.database_pool_size, replica_url=settings.database_replica_url)
    sealer = Sealer(settings.secret_key)
    models = Models(settings, sealer)
    return Services(
        settings=settings,
        database=database,
        redis=connect_async(settings.redis_url, pool_size=32),
        queues=Queues(settings.redis_url, database),
        hub=Hub(settings.redis_url, settled_events(database, settings)),
        storage=FolderStorage(settings.files_folder),
        sealer=sealer,
        models=models,
        embedders=WorkspaceEmbedders(database, models, BuiltinEmbedders(settings.models_folder)),
        egress=EgressGuard(settings.ssrf_allow_cidrs),
    )


@asynccontextmanager
async def connected(services: Services) -> AsyncIterator[None]:
    """Hold the services open for as long as the process serves."""
    await services.hub.start()
    await services.models.start()
    try:
        yield
    finally:
        await services.hub.aclose()
        await asyncio.to_thread(services.queues.close)
        await services.models.aclose()
        services.embedders.close()
        await services.egress.close()
        await services.redis.aclose()
        await services.database.close()


def create_app() -> ASGIApp:
    """Return the ASGI application of this process; the ASGI server's factory."""
    settings = load_settings()
    configure_logging("api", settings.logs_folder, settings.log_level)
    services = build_services(settings)
    documents: dict[Tier, Document] = {tier: bundle(tier) for tier in TIERS}

    async def ping_redis() -> None:
        await services.redis.ping()

    origins = frozenset(settings.cors_origins)
    largest = max(
        settings.image_max_bytes, settings.document_max_bytes, settings.audio_max_bytes, settings.video_max_bytes
    )
    probes: dict[str, Probe] = {
        "database": services.database.ping,
        "redis": ping_redis,
    }
    measurements = Measurements()
    outside = [
        *health_routes(probes),
        *metrics_routes(measurements, services, settings.metrics_token),
        *reference_routes(documents),
        *signed_file_routes(services),
    ]
    app: ASGIApp = build_app(
        documents,
        services,
        AUTHENTICATORS,
        error_table(),
        strict=settings.strict_responses,
        refusals=REFUSALS,
        extra_routes=outside,
        lifespan=lambda app: connected(services),
        cors=default_rules(origins, origins),
        limits=BodyLimits(json=settings.json_max_bytes, form=largest + FORM_MARGIN, file=early_refusal(settings)),
        rejoin=runs.rejoin,
        measurements=measurements,
    )
    return app
