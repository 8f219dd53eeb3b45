"""What a handler returned, checked against the document and sent."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from foundation.errors import ApiError
from foundation.ids import new_id
from handlers.pipeline.caching import is_fresh
from handlers.pipeline.errors import Errors, crash
from handlers.pipeline.exchange import Exchange
from handlers.pipeline.idempotency import Keeper
from handlers.pipeline.limits import Claim
from handlers.pipeline.measurements import Measurements
from handlers.pipeline.operation import Operation
from handlers.pipeline.outcome import ContractBreach
from handlers.pipeline.sending import CONTENT_JSON, Header, encode_headers, send_bytes, send_file
from handlers.pipeline.sse import send_stream
from handlers.replies import EventStream, FileReply, Reply

log = logging.getLogger("parley.contract")


class Answers:
    """Turns handlers' results into answers.

    `strict` makes a breach of the contract a failure; otherwise it is logged with an incident id and counted by
    operation, and the answer is sent.
    """

    def __init__(self, errors: Errors, keeper: Keeper, measurements: Measurements, strict: bool) -> None:
        self.keeper = keeper
        self._measurements = measurements
        self._errors = errors
        self._strict = strict

    async def send(self, exchange: Exchange, operation: Operation, result: Any, claim: Claim | None) -> None:
        """Send the answer of a handler.

        Args:
            exchange: the request.
            operation: its operation.
            result: what the handler returned.
            claim: the idempotency key that the request owns, if any; it gets the answer.

        Raises:
            ContractBreach: when the answer breaks the contract and this is strict.
            ClientGone: when the client leaves a stream.
        """
        if isinstance(result, EventStream):
            await self._send_stream(exchange, operation, result, claim)
        elif isinstance(result, FileReply):
            breach = operation.responses.check_media(result.status, result.media_type)
            if breach:
                self._breach(exchange, breach)
            if claim is not None:
                await self.keeper.seal(claim)
            await send_file(exchange.send, result, exchange.answer_headers(), head=exchange.is_head)
        elif isinstance(result, Reply):
            headers = encode_headers(result.headers)
            status = result.status or operation.responses.success
            await self._send_value(exchange, operation, status, result.body, headers, claim, result.media_type)
        elif result is None and not operation.responses.takes_null:
            await self._send_value(exchange, operation, 204, None, [], claim)
        else:
            await self._send_value(exchange, operation, operation.responses.success, result, [], claim)

    async def _send_value(
        self,
        exchange: Exchange,
        operation: Operation,
        status: int,
        value: Any,
        headers: list[Header],
        claim: Claim | None,
        media_type: str | None = None,
    ) -> None:
        content_type = CONTENT_JSON
        if value is None and not (operation.responses.takes_null and status == operation.responses.success):
            body, breach = b"", operation.responses.check_media(status, None)
        elif media_type is not None or isinstance(value, bytes):
            media = media_type or operation.responses.media_type(status)
            content_type = (b"content-type", media.encode("latin-1"))
            body = value if isinstance(value, bytes) else str(value).encode()
            breach = operation.responses.check_media(status, media)
        else:
            body, breach = operation.responses.serialise(status, value)
        if breach is not None:
            self._breach(exchange, breach)
        kept = [*headers] if claim is not None else headers
        if operation.cache is not None and status == 200:
            cached = operation.cache.headers_for(body)
            headers += cached
            if is_fresh(exchange.headers.get(b"if-none-match"), cached[0][1]):
                status = 304
        headers += exchange.answer_headers()
        if claim is not None:
            await self._keep(operation, claim, status, kept, body)
        exchange.status = status
        await send_bytes(exchange.send_raw, status, body, headers, content_type, head=exchange.is_head)

    async def _keep(self, operation: Operation, claim: Claim, status: int, headers: list[Header], body: bytes) -> None:
        if not 200 <= status < 300:
            await self.keeper.release(claim)
        elif operation.keeps_secret:
            await self.keeper.seal(claim)
        else:
            await self.keeper.keep(claim, status, headers, body)

    async def _send_stream(
        self, exchange: Exchange, operation: Operation, stream: EventStream, claim: Claim | None
    ) -> None:
        breach = operation.responses.check_media(stream.status, "text/event-stream")
        if breach:
            self._breach(exchange, breach)
        if claim is not None:
            if stream.task_id is not None:
                await self.keeper.keep_stream(claim, stream.task_id)
            else:
                await self.keeper.seal(claim)
        headers = exchange.answer_headers() + encode_headers(stream.headers)

        def explain(error: Exception) -> bytes:
            return self._last_event(exchange, error)

        check = operation.responses.check_event if self._strict else None
        exchange.stream_begins()
        self._measurements.streams += 1
        try:
            await send_stream(stream, headers, exchange.receive, exchange.send, explain=explain, check=check)
        finally:
            self._measurements.streams -= 1

    def _last_event(self, exchange: Exchange, error: Exception) -> bytes:
        failure = error
        if not isinstance(failure, ApiError):
            incident = new_id()
            log.error("incident %s in a stream: %r", incident, error, exc_info=error, extra=exchange.facts())
            failure = crash(incident)
        body = self._errors.body(failure, None)
        event = {"event": "error", "status": body["status"], "code": body["code"], "message": body["message"]}
        return orjson.dumps(event)

    def count_breach(self, exchange: Exchange, what: str) -> None:
        """Log a breach with an incident id, and count it."""
        name = exchange.operation.name if exchange.operation else "-"
        self._measurements.breaches[name] += 1
        log.error("incident %s: %s breaks its contract: %s", new_id(), name, what, extra=exchange.facts())

    def _breach(self, exchange: Exchange, what: str) -> None:
        self.count_breach(exchange, what)
        if self._strict:
            raise ContractBreach(what)
