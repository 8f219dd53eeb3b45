"""The application: documents, handlers, authenticators and services put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import connexion
from connexion.middleware.lifespan import Lifespan, LifespanMiddleware
from starlette.routing import BaseRoute

from foundation.error_table import ErrorRow
from handlers.call import Services, Tier
from handlers.pipeline.body import BodyLimits
from handlers.pipeline.cors import CorsRule, default_rules
from handlers.pipeline.document import Document
from handlers.pipeline.errors import Errors
from handlers.pipeline.measurements import Measurements
from handlers.pipeline.middleware import Pipeline, Rejoin
from handlers.pipeline.resolver import ContractMismatch, HandlerResolver, resolve_tier
from handlers.pipeline.security import Authenticator, Refusal

BASE_PATHS: Mapping[Tier, str] = {"service": "/v1", "console": "/console/api", "web": "/api"}


def build_app(
    documents: Mapping[Tier, dict[str, Any]],
    services: Services,
    authenticators: Mapping[Tier, Mapping[str, Authenticator]],
    errors_table: Mapping[str, ErrorRow],
    *,
    strict: bool,
    refusals: Mapping[Tier, Refusal] | None = None,
    extra_routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
    cors: Mapping[Tier, CorsRule] | None = None,
    limits: BodyLimits | None = None,
    rejoin: Rejoin | None = None,
    measurements: Measurements | None = None,
    package: str = "handlers",
) -> connexion.AsyncApp:
    """Build the ASGI application.

    Args:
        documents: the bundled document of each tier that is served.
        services: what the handlers use.
        authenticators: for each tier, the function of each security scheme.
        errors_table: the rows of openapi/shared/errors.yaml.
        strict: whether an answer that breaks its contract fails (tests) or is logged, counted and sent.
        refusals: for each tier, what it answers where none of an operation's credentials was sent.
        extra_routes: what stands outside the documents: health, reference pages, the documents themselves, files.
        lifespan: what runs from start to end of the application.
        cors: the rules for browsers of other origins; `default_rules()` where left out.
        limits: the largest bodies that are read.
        rejoin: opens the stream of a run again for the repeat of an idempotent request.
        measurements: where requests are counted; its own, which nobody reads, where left out.
        package: the package that holds one package of handlers for each tier.

    Raises:
        ContractMismatch: when operations lack functions, or functions operations; the message lists all of them.
    """
    resolved = {tier: resolve_tier(tier, Document(raw), package) for tier, raw in documents.items()}
    differences = [line for found in resolved.values() for line in found.differences]
    if differences:
        raise ContractMismatch(differences)
    pipeline = partial(
        Pipeline,
        services=services,
        tiers={BASE_PATHS[tier]: tier for tier in documents},
        resolved=resolved,
        authenticators=authenticators,
        refusals=refusals or {},
        errors=Errors(errors_table),
        cors=cors or default_rules(),
        limits=limits or BodyLimits(),
        extra_routes=extra_routes,
        rejoin=rejoin,
        measurements=measurements or Measurements(),
        strict=strict,
    )
    app = connexion.AsyncApp("handlers", lifespan=lifespan, middlewares=[pipeline, LifespanMiddleware])
    for tier, raw in documents.items():
        resolver = HandlerResolver(Document(raw), resolved[tier])
        app.add_api(raw, base_path=BASE_PATHS[tier], name=tier, resolver=resolver)
    return app
