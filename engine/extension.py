"""API extensions: an HTTP service of the workspace's own is asked at a point of a run.

A request is `{"point": …, "params": …}` with the service's key as a bearer token; the answer is a JSON object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from foundation.egress import EgressGuard
from foundation.errors import ApiError

Point = Literal["ping", "app.moderation.input", "app.moderation.output", "app.external_data_tool.query"]
_SECONDS = 15.0
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Extension:
    """A service and the way to it."""

    egress: EgressGuard
    name: str
    address: str
    key: str = field(repr=False)

    async def ask(self, point: Point, params: Mapping[str, Any]) -> dict[str, Any]:
        """Asks the service.

        Args:
            point: what is asked for.
            params: what the service needs to know.

        Returns:
            The service's answer.

        Raises:
            ApiError: `completion_request_error`: it must not be asked, cannot be reached, or is not understood.
        """
        try:
            answer = await self.egress.fetch(
                self.address,
                _MOST_BYTES,
                _SECONDS,
                method="POST",
                headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
                content=orjson.dumps({"point": point, "params": params}),
            )
        except ApiError as error:
            raise self._failed(error.message) from error
        if answer.status != 200:
            raise self._failed(f"it answered with status {answer.status}.")
        try:
            said = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise self._failed("its answer is no JSON.") from error
        if not isinstance(said, dict):
            raise self._failed("its answer is no JSON object.")
        return said

    async def ping(self) -> None:
        """Makes sure that the service is one.

        Raises:
            ApiError: `completion_request_error`: it does not answer `ping` with `{"result": "pong"}`.
        """
        if (await self.ask("ping", {})).get("result") != "pong":
            raise self._failed('it does not answer the point `ping` with {"result": "pong"}.')

    def _failed(self, why: str) -> ApiError:
        return ApiError("completion_request_error", f"The API extension {self.name} failed: {why}")
