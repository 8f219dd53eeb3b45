"""Addresses that callers choose: the server follows none into its own network."""

import httpx2
import pytest

from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key

QUESTION = {"query": "What is this?", "user": "ada", "inputs": {}}
PRIVATE = [
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:5432/",
    "http://localhost/",
    "http://[::1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://10.0.0.1/picture.png",
    "http://ada:secret@example.com/picture.png",
]


def link(url: str) -> dict[str, str]:
    return {"type": "image", "transfer_method": "remote_url", "url": url}


@pytest.mark.parametrize("url", PRIVATE)
def test_a_link_into_the_private_network_is_refused(app_client: httpx2.Client, url: str) -> None:
    public = link("http://192.0.2.256.example/picture.png")
    refused = app_client.post("/chat-messages", json={**QUESTION, "files": [public, link(url)]})
    body = assert_uniform(refused, 400, "egress_denied")
    assert [detail["field"] for detail in body["details"]] == ["files[1].url"]


def test_every_way_to_ask_refuses_it(program: Program, console: httpx2.Client, app_id: str) -> None:
    asked = {**QUESTION, "files": [link(PRIVATE[0])]}
    assert_uniform(console.post(f"/apps/{app_id}/chat-messages", json=asked), 400, "egress_denied")
    key = create_app_key(console, create_app(console, mode="completion"))
    with program.service(key) as client:
        assert_uniform(client.post("/completion-messages", json=asked), 400, "egress_denied")
    with program.client("/api", create_app_key(console, app_id)) as client:
        assert_uniform(client.post("/chat-messages", json=asked), 400, "egress_denied")
