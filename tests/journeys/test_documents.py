"""The documents and the reference are served by the program itself."""

import json
import re

import pytest
import yaml

from parley.bundle import bundle
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform

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


@pytest.mark.parametrize("path", ["/docs", *(f"/docs/{tier}" for tier in ALIASES)])
def test_the_reference_needs_no_other_server(program: Program, path: str) -> None:
    with program.client() as client:
        page = client.get(path).raise_for_status()
        assert page.headers["content-type"].startswith("text/html")
        assert all(f'href="/docs/{tier}"' in page.text for tier in ALIASES)
        loaded = re.findall(r'(?:src|spec-url|href)="([^"]*)"', page.text)
        for address in loaded:
            assert address.startswith(("/", "data:")), address
            if address.startswith("/"):
                client.get(address).raise_for_status()
    assert len(loaded) > len(ALIASES)


def test_a_browser_loads_nothing_for_the_reference_from_elsewhere(program: Program) -> None:
    with program.client() as client:
        policy = client.get("/docs/service").raise_for_status().headers["content-security-policy"]
    allowed = {words[0]: set(words[1:]) for part in policy.split(";") if (words := part.split())}
    assert allowed["default-src"] == allowed["frame-ancestors"] == allowed["form-action"] == {"'none'"}
    assert set.union(*allowed.values()) <= {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"}
    assert allowed["script-src"] == allowed["connect-src"] == {"'self'"}


@pytest.mark.parametrize("name", ["nothing.js", "", "%00", "..%2f..%2fapps.py"])
def test_what_is_no_file_of_the_reference_is_refused_like_anything_else(program: Program, name: str) -> None:
    with program.client() as client:
        assert_uniform(client.get(f"/docs/assets/{name}"), 404, "not_found")
        refused = client.post(f"/docs/assets/{name}")
        assert_uniform(refused, 405, "method_not_allowed")
        assert refused.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_healthy_program_says_so(program: Program, path: str) -> None:
    with program.client() as client:
        assert client.get(path).status_code == 200
