"""What models reached through the openai SDK share: one client, imported when first used, and its failures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2

from engine.providers.endpoints import Endpoint
from engine.providers.failure import ProviderFailure, redact, refused
from engine.providers.outbound import ProviderHttp
from foundation.egress import EgressRefused

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class SdkModel:
    """A model of an OpenAI-compatible endpoint."""

    def __init__(self, provider: str, model: str, where: Endpoint, http: ProviderHttp) -> None:
        """Takes who serves the model, where, and the way there."""
        self.provider = provider
        self.model = model
        self._where = where
        self._http = http
        self._client: AsyncOpenAI | None = None

    async def aclose(self) -> None:
        """Ends the connections."""
        if self._client is not None:
            await self._client.close()

    async def connected(self) -> AsyncOpenAI:
        """Returns the client."""
        if self._client is None:
            openai = await asyncio.to_thread(__import__, "openai")
            headers: Mapping[str, str] = self._where.headers
            timeouts = self._http.timeouts
            self._client = openai.AsyncOpenAI(
                api_key=self._where.api_key or "none",
                base_url=self._where.base_url,
                max_retries=1,
                timeout=httpx2.Timeout(timeouts.stall, connect=timeouts.connect),
                http_client=self._http.sdk_client(),
                default_headers={name: value for name, value in headers.items() if name != "Authorization"},
                default_query=dict(self._where.query),
            )
        return self._client

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turns what the SDK raises into what a caller is told.

        Raises:
            ApiError: the provider refused, failed, or was not understood.
        """
        import openai

        key = self._where.api_key
        try:
            try:
                yield
            except openai.APIStatusError as error:
                said = error.response.text if error.response.is_stream_consumed else ""
                raise refused(error.status_code, error.response.headers, said, key) from error
            except (openai.APITimeoutError, httpx2.TimeoutException) as error:
                raise ProviderFailure("timeout", "the answer did not arrive in time") from error
            except (json.JSONDecodeError, openai.APIResponseValidationError) as error:
                raise ProviderFailure("malformed", "the answer is not valid") from error
            except EgressRefused as error:
                raise ProviderFailure("connection", error.message) from error
            except (openai.APIError, httpx2.TransportError, OSError) as error:
                said = redact(str(error) or type(error).__name__, key)
                raise ProviderFailure("connection", f"the connection failed ({said})") from error
        except ProviderFailure as failure:
            raise failure.error(self.provider, self.model) from failure
