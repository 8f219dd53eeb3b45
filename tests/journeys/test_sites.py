"""The web page of an app, as its owner changes it and a visitor sees it; and what its models can be told."""

import httpx2

from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app


def visitor(program: Program, code: str) -> httpx2.Response:
    """Ask for a passport by a site's code."""
    with program.client("/api") as anonymous:
        return anonymous.get("/passport", headers={"X-App-Code": code})


def test_what_is_changed_of_a_site_is_what_visitors_see(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    before = console.get(f"/apps/{app_id}").raise_for_status().json()["site"]
    wanted = {"title": "Ask the shop", "default_language": "de-DE", "copyright": "The Shop Ltd.", "prompt_public": None}
    changed = console.post(f"/apps/{app_id}/site", json=wanted).raise_for_status().json()
    assert changed == console.get(f"/apps/{app_id}").raise_for_status().json()["site"]
    given = {name: value for name, value in wanted.items() if value is not None}
    assert {name: changed[name] for name in given} == given
    kept = ("code", "icon", "prompt_public", "customize_token_strategy")
    assert [changed[name] for name in kept] == [before[name] for name in kept]
    with program.client("/api", visitor(program, changed["code"]).json()["access_token"]) as someone:
        site = someone.get("/site").raise_for_status().json()["site"]
    assert {name: site[name] for name in given} == given


def test_a_site_with_another_code_is_not_found_by_the_old_one(program: Program, console: httpx2.Client) -> None:
    app_id = create_app(console)
    old = console.get(f"/apps/{app_id}").raise_for_status().json()["site"]["code"]
    passport = visitor(program, old).raise_for_status().json()["access_token"]
    new = console.post(f"/apps/{app_id}/site/access-token-reset").raise_for_status().json()["code"]
    assert new != old
    assert visitor(program, old).status_code == 404
    with program.client("/api", passport) as someone:
        assert someone.get("/parameters").status_code in (401, 403)
    visitor(program, new).raise_for_status()


def test_the_parameters_of_a_model_are_listed(console: httpx2.Client) -> None:
    path = "/workspaces/current/model-providers/{}/models/parameter-rules"
    asked = {"model": "gpt-4o-mini"}
    rules = console.get(path.format("openai"), params=asked)
    named = {rule["name"]: rule for rule in rules.raise_for_status().json()["data"]}
    assert (named["temperature"]["min"], named["temperature"]["max"], named["temperature"]["type"]) == (0, 2, "float")
    assert console.get(path.format("builtin"), params={"model": "extractive-v1"}).json() == {"data": []}
    assert_uniform(console.get(path.format("nobody"), params=asked), 404, "provider_not_found")
