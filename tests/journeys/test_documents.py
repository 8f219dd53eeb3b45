"""The documents and the reference are served by the program itself."""

import json

import pytest
import yaml

from parley.bundle import bundle
from tests.journeys.program import Program

ALIASES = {"service": "/v1/openapi.json", "console": "/console/api/spec/swagger.json", "web": "/api/openapi.json"}


@pytest.mark.parametrize("tier", list(ALIASES))
def test_a_document_is_served_as_it_was_written(program: Program, tier: str) -> None:
    with program.client() as client:
        served = client.get(f"/{tier}/openapi.json").raise_for_status()
        alias = client.get(ALIASES[tier]).raise_for_status()
        text = client.get(f"/{tier}/openapi.yaml").raise_for_status()
    assert served.headers["content-type"].startswith("application/json")
    assert served.json()["paths"] == json.loads(json.dumps(bundle(tier)))["paths"]
    assert alias.json() == served.json()
    assert yaml.safe_load(text.text) == served.json()


def test_the_reference_needs_no_other_server(program: Program) -> None:
    with program.client() as client:
        page = client.get("/docs", follow_redirects=True).raise_for_status()
    assert page.headers["content-type"].startswith("text/html")
    assert 'src="http' not in page.text
    assert 'href="https://cdn' not in page.text
    assert all(tier in page.text for tier in ALIASES)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_healthy_program_says_so(program: Program, path: str) -> None:
    with program.client() as client:
        assert client.get(path).status_code == 200
