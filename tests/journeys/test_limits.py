"""How many requests a key may make."""

import httpx2

from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key


def test_a_key_past_its_apps_limit_is_told_when_to_return(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    console.put(f"/apps/{app_id}", json={"api_rpm": 3}).raise_for_status()
    with program.service(create_app_key(console, app_id)) as client:
        for remaining in ("2", "1", "0"):
            answer = client.get("/info").raise_for_status()
            assert answer.headers["x-ratelimit-limit"] == "3"
            assert answer.headers["x-ratelimit-remaining"] == remaining
            assert 0 < int(answer.headers["x-ratelimit-reset"]) <= 60
        late = client.get("/info")
    assert_uniform(late, 429, "rate_limit_exceeded")
    assert 0 < int(late.headers["retry-after"]) <= 60
    assert late.headers["x-ratelimit-remaining"] == "0"
    assert late.json()["error"]["type"] == "rate_limit_exceeded"


def test_a_key_without_a_limit_is_told_none(app_client: httpx2.Client) -> None:
    answer = app_client.get("/info").raise_for_status()
    assert not any(name.startswith("x-ratelimit") for name in answer.headers)
