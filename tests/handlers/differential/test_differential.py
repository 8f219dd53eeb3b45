"""Every request that a document gives as an example, through this pipeline and through stock connexion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.handlers.differential.apps import Received, ours, stock
from tests.handlers.differential.deviations import DEVIATIONS
from tests.handlers.differential.exchanges import Example, each_example
from tests.openapi.reading import DOCUMENTS, STATED

OURS = "ours"


class Pair:
    """The two applications, and what their handlers were last called with."""

    def __init__(self, replace: pytest.MonkeyPatch) -> None:
        self._received: Received = []
        self._apps = {tier: stock(tier, self._received, _adapt) for tier in DOCUMENTS}
        self._apps[OURS] = ours(self._received, replace)

    async def ask(self, name: str, example: Example) -> tuple[httpx2.Response, list[dict[str, Any]]]:
        """Send a request to one of them; return the answer and the arguments of each call of a handler."""
        self._received.clear()
        transport = httpx2.ASGITransport(app=self._apps[name], raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.request(
                example.stated.method, example.path, params=example.query, headers=example.headers, **example.body
            )
        return answer, list(self._received)


def _adapt(document: dict[str, Any]) -> None:
    for deviation in DEVIATIONS:
        if deviation.document is not None:
            deviation.document(document)


def _media_type(answer: httpx2.Response) -> str:
    return answer.headers["content-type"].partition(";")[0]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with pytest.MonkeyPatch.context() as patch:
        yield Pair(patch)


@pytest.mark.parametrize("example", [pytest.param(example, id=example.id) for example in each_example()])
async def test_a_valid_request_gets_the_same_answer(pair: Pair, example: Example) -> None:
    answer, received = await pair.ask(OURS, example)
    expected, expected_received = await pair.ask(example.stated.tier, example)

    assert answer.status_code == expected.status_code, (answer.text, expected.text)
    assert answer.is_success, answer.text
    assert answer.content == expected.content or answer.json() == expected.json()
    if expected.content:
        assert _media_type(answer) == _media_type(expected)
    for deviation in DEVIATIONS:
        if deviation.ours is not None:
            received = [deviation.ours(example, arguments) for arguments in received]
        if deviation.stocks is not None:
            expected_received = [deviation.stocks(example, arguments) for arguments in expected_received]
    assert received == expected_received


def test_every_operation_has_a_request() -> None:
    asked = {(example.stated.tier, example.stated.operation["operationId"]) for example in each_example()}
    assert asked == {(stated.tier, stated.operation["operationId"]) for stated in STATED}
    assert all("{" not in example.path for example in each_example()), "a path parameter without an example"
