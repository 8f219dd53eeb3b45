"""The request pipeline as one connexion middleware.

    request id, trace id, access log → CORS → route → credentials → rate limit → idempotency
        → validate request → handler → validate response → serialise

`add_api` compiles every operation once; a request only follows what was compiled.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from connexion.middleware import SpecMiddleware
from connexion.spec import Specification
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.errors import ApiError, ErrorDetail
from foundation.ids import new_id
from handlers.call import Call, RequestHead, Services, Tier
from handlers.callers import claimant_of, subject_of
from handlers.pipeline.answers import Answers
from handlers.pipeline.body import ABSENT, BodyLimits, ReadBody
from handlers.pipeline.cors import CorsRule
from handlers.pipeline.document import Document
from handlers.pipeline.errors import Errors, crash
from handlers.pipeline.exchange import Exchange
from handlers.pipeline.idempotency import Keeper, make_claim, read_record
from handlers.pipeline.limits import Claim, Limiter
from handlers.pipeline.measurements import Measurements
from handlers.pipeline.operation import Operation, TierContext
from handlers.pipeline.outcome import ClientGone, ContractBreach, Replay
from handlers.pipeline.resolver import HandlerResolver, ResolvedTier
from handlers.pipeline.routing import Methods, Routes
from handlers.pipeline.schemas import Schemas
from handlers.pipeline.security import Authenticator, Refusal
from handlers.pipeline.sending import send_bytes
from handlers.pipeline.trace import log_access, trace_id_in
from handlers.replies import EventStream
from models.database import DATABASE_AWAY
from workers.rq.connection import REDIS_AWAY

Rejoin = Callable[[Call, str], Awaitable[EventStream]]

CLIENT_LEFT = 499
AWAY = (*DATABASE_AWAY, *REDIS_AWAY)
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

log = logging.getLogger("parley.pipeline")
access_log = logging.getLogger("parley.access")


class Pipeline(SpecMiddleware):  # type: ignore[misc]
    """Everything between the server and the handlers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        services: Services,
        tiers: Mapping[str, Tier],
        resolved: Mapping[Tier, ResolvedTier],
        authenticators: Mapping[Tier, Mapping[str, Authenticator]],
        refusals: Mapping[Tier, Refusal],
        errors: Errors,
        cors: Mapping[Tier, CorsRule],
        limits: BodyLimits,
        extra_routes: Sequence[BaseRoute],
        rejoin: Rejoin | None,
        measurements: Measurements,
        strict: bool,
    ) -> None:
        self._app = app
        self._services = services
        self._tiers = tiers
        self._resolved = resolved
        self._authenticators = authenticators
        self._refusals = refusals
        self._errors = errors
        self._cors = cors
        self._limits = limits
        self._extra = Router(routes=list(extra_routes), redirect_slashes=False)
        self._rejoin = rejoin
        self._limiter = Limiter(services.redis)
        self._measurements = measurements
        self._answers = Answers(errors, Keeper(services.redis), measurements, strict)
        self._routes: Routes[Operation] = Routes()
        self._bases = sorted(((base + "/", tier) for base, tier in tiers.items()), key=lambda pair: -len(pair[0]))

    def add_api(self, specification: Specification, *, base_path: str | None = None, **options: Any) -> None:
        """Compile every operation of one document.

        Args:
            specification: the document, as connexion loaded and checked it.
            base_path: where its tier is served.
            options: connexion's other options; the resolver is one of them.

        Raises:
            ValueError: when an operation asks for what this pipeline does not read.
        """
        base = base_path if base_path is not None else specification.base_path
        tier = self._tiers[base]
        document = Document(specification.raw)
        schemas = Schemas(document)
        resolved = self._resolved[tier]
        resolver = HandlerResolver(document, resolved)
        context = TierContext(
            tier,
            document,
            schemas,
            self._authenticators.get(tier, {}),
            self._limits,
            resolved.renamed,
            self._refusals.get(tier),
        )
        for path, method, _ in document.operations():
            operation = specification.operation_cls.from_spec(
                specification, path=path, method=method, resolver=resolver
            )
            try:
                self._routes.add(base + path, method.upper(), Operation(context, operation))
            except ValueError as error:
                raise ValueError(f"{tier} {method.upper()} {path}: {error}") from error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is no HTTP request is passed on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        try:
            await self._serve(exchange)
        except ApiError as error:
            await self._refuse(exchange, error)
        except (ClientGone, ClientDisconnect):
            await self._broken_off(exchange)
        except Exception as error:
            await self._crashed(exchange, error)
        finally:
            self._measurements.count(exchange.operation, exchange.status, exchange.nanoseconds())
            if access_log.isEnabledFor(logging.INFO):
                self._log_access(exchange)

    async def _serve(self, exchange: Exchange) -> None:
        scope = exchange.scope
        path, method = scope["path"], scope["method"]
        methods, values = self._routes.find(path, scope.get("raw_path"))
        if methods is None:
            await self._serve_extra(exchange)
            return
        operation = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
        if operation is None:
            await self._other_method(exchange, methods)
            return
        exchange.operation = operation
        exchange.tier = operation.tier
        if b"origin" in exchange.headers:
            exchange.cors = self._cors[operation.tier].headers_for(exchange.headers[b"origin"].decode("latin-1"))
        await self._run(exchange, operation, values)

    async def _run(self, exchange: Exchange, operation: Operation, path_values: list[str]) -> None:
        services, headers = self._services, exchange.headers
        head = RequestHead(exchange.scope, operation.tier)
        caller = exchange.caller = await operation.security.caller(head, services)
        key = headers.get(b"idempotency-key") if operation.is_idempotent else None
        errors: list[ErrorDetail] = []
        arguments: dict[str, Any] = {}
        body: ReadBody = ABSENT
        claim: Claim | None = None
        replay: Replay | None = None
        try:
            counted = key is None or headers.get(b"content-type", b"").startswith(b"multipart/")
            if counted:
                await self._count(exchange)
            try:
                body = await self._read(exchange, operation, path_values, arguments, errors)
            except ApiError:
                if not counted:
                    await self._count(exchange)
                raise
            if key is not None:
                claim, replay = await self._claim(exchange, key, body, valid=not errors, counted=counted)
            if errors:
                raise operation.refusal(errors)
            call = Call(services, caller, operation.tier, exchange.trace, operation.name, head)
            if replay is not None:
                await self._replay(exchange, operation, call, replay)
                return
            try:
                result = await operation.function(call, **operation.arguments(arguments, body))
                await self._answers.send(exchange, operation, result, claim)
            except BaseException:
                if claim is not None and exchange.status == 0:
                    await self._answers.keeper.release(claim)
                raise
        finally:
            body.close()

    async def _read(
        self,
        exchange: Exchange,
        operation: Operation,
        path_values: list[str],
        arguments: dict[str, Any],
        errors: list[ErrorDetail],
    ) -> ReadBody:
        headers = exchange.headers
        errors += operation.parameters.read(path_values, exchange.query_string, headers, arguments)
        if operation.body is None:
            return ABSENT
        try:
            body = await operation.body.read(headers, exchange.receive, errors)
        except ApiError as error:
            if errors:
                error.details = [*errors, *error.details]
            raise
        if not exchange.trace_named and body.present:
            named = trace_id_in(body.value if body.form is None else body.form.values)
            if named is not None:
                exchange.rename_trace(named)
        return body

    async def _count(self, exchange: Exchange) -> None:
        """Count a request whose Idempotency-Key is not looked at, or not yet: a form is refused before it is read."""
        if exchange.caller is not None and exchange.caller.allowances:
            exchange.window = (await self._limiter.admit(exchange.caller.allowances, None)).headers

    async def _claim(
        self, exchange: Exchange, key: bytes, body: ReadBody, *, valid: bool, counted: bool
    ) -> tuple[Claim | None, Replay | None]:
        """Claim an Idempotency-Key, and count the request in the same round trip where that has not been done."""
        assert exchange.caller is not None
        claim: Claim | None = None
        if valid:
            claimant, method = claimant_of(exchange.caller), exchange.scope["method"]
            claim = await make_claim(key, claimant, method, exchange.path, exchange.query_string, body)
        admission = await self._limiter.admit(() if counted else exchange.caller.allowances, claim)
        exchange.window = exchange.window or admission.headers
        if claim is not None and admission.earlier is not None:
            return None, read_record(admission.earlier, claim)
        return claim, None

    async def _replay(self, exchange: Exchange, operation: Operation, call: Call, replay: Replay) -> None:
        if replay.task_id is None:
            headers = [(n, v) for n, v in replay.headers if n not in (b"content-type", b"content-length")]
            headers += exchange.answer_headers()
            headers.append((b"idempotent-replayed", b"true"))
            await send_bytes(exchange.send, replay.status, replay.body, headers)
        elif self._rejoin is None:
            raise ApiError("idempotency_key_in_use", "This request was answered by a stream, which cannot be joined.")
        else:
            stream = await self._rejoin(call, replay.task_id)
            await self._answers.send(exchange, operation, stream, None)

    async def _other_method(self, exchange: Exchange, methods: Methods[Operation]) -> None:
        exchange.tier = next(iter(methods.values())).tier
        allow = methods.allow()
        origin = exchange.headers.get(b"origin")
        if origin is not None:
            rule, text = self._cors[exchange.tier], origin.decode("latin-1")
            asks = b"access-control-request-method" in exchange.headers
            exchange.cors = rule.preflight(text, allow) if asks else rule.headers_for(text)
        if exchange.scope["method"] == "OPTIONS":
            headers = [*exchange.answer_headers(), (b"allow", allow.encode())]
            await send_bytes(exchange.send, 204, b"", headers)
            return
        message = f"{exchange.scope['method']} is not allowed here; the path answers {allow}."
        raise ApiError("method_not_allowed", message, headers={"Allow": allow})

    @staticmethod
    def _log_access(exchange: Exchange) -> None:
        if exchange.status == 200 and exchange.operation is None and exchange.path in PROBES:
            return
        name = exchange.operation.name if exchange.operation is not None else None
        subject = subject_of(exchange.caller) if exchange.caller is not None else None
        log_access(exchange.scope, exchange.status, exchange.started, name, subject, exchange.trace)

    async def _serve_extra(self, exchange: Exchange) -> None:
        scope = exchange.scope
        exchange.tier = next((tier for base, tier in self._bases if scope["path"].startswith(base)), None)
        partial: BaseRoute | None = None
        for route in self._extra.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                await route.handle(scope, exchange.receive, exchange.send_with_headers)
                return
            if match is Match.PARTIAL and partial is None:
                partial = route
        if partial is not None:
            allow = ", ".join(sorted(getattr(partial, "methods", None) or {"GET"}))
            message = f"{scope['method']} is not allowed here; the path answers {allow}."
            raise ApiError("method_not_allowed", message, headers={"Allow": allow})
        raise ApiError("not_found", f"There is nothing at {scope['method']} {scope['path'][:200]}.")

    async def _refuse(self, exchange: Exchange, error: ApiError) -> None:
        """Send a failure, unless the answer has begun."""
        if exchange.status:
            log.error("a failure came after the answer had begun: %s", error, extra=exchange.facts())
            return
        try:
            rendered = self._errors.render(error, exchange.tier)
        except LookupError as unknown:
            await self._crashed(exchange, unknown)
            return
        given = {name for name, _ in rendered.headers}
        headers = rendered.headers + [(n, v) for n, v in exchange.answer_headers() if n not in given]
        if exchange.operation is not None and not exchange.operation.responses.declares(rendered.status):
            self._answers.count_breach(exchange, f"the status {rendered.status} ({error.code}) is not declared")
        await send_bytes(exchange.send, rendered.status, rendered.body, headers, head=exchange.is_head)

    async def _broken_off(self, exchange: Exchange) -> None:
        """Answer a request that ended too early: a client that has not left sent what is no body in HTTP."""
        if exchange.status == 0:
            failure = ApiError("bad_request", "The request's body broke off, or is not what its headers say.")
            rendered = self._errors.render(failure, exchange.tier)
            headers = rendered.headers + exchange.answer_headers()
            await send_bytes(exchange.send_raw, rendered.status, rendered.body, headers)
        exchange.status = CLIENT_LEFT

    async def _crashed(self, exchange: Exchange, error: Exception) -> None:
        """Log a crash under an incident id and answer with that id and nothing of the inside; a service away is 503."""
        if isinstance(error, AWAY) and not exchange.status:
            log.warning("a service is away: %r", error, extra=exchange.facts())
            await self._refuse(exchange, ApiError("service_unavailable", "The server cannot answer now. Please retry."))
            return
        incident = new_id()
        log.error("incident %s: %r", incident, error, exc_info=error, extra=exchange.facts())
        if exchange.status:
            raise error
        failure = crash(incident)
        if isinstance(error, ContractBreach):
            failure = ApiError("internal_server_error", f"The answer breaks its contract: {error}")
        rendered = self._errors.render(failure, exchange.tier, incident)
        headers = rendered.headers + exchange.answer_headers()
        await send_bytes(exchange.send, rendered.status, rendered.body, headers, head=exchange.is_head)
