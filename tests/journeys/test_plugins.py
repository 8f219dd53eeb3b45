"""Plugins: what comes with the server, and an MCP server that a workspace installs out of the catalogue."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform
from tests.tool_peers import KEY, Peer, mcp_peer

CURRENT = "/workspaces/current"
SECRET = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with mcp_peer() as started:
        yield started


class Shop:
    """One plugin in the catalogue of a program, and the workspace of somebody who looks at it."""

    def __init__(self, program: Program, console: httpx2.Client, url: str) -> None:
        self.program, self.console, self.url = program, console, url
        self.name = f"weather-{uuid4().hex[:12]}"

    def offer(self, version: str = "1.0.0", **server: Any) -> str:
        """Put the plugin into the catalogue and return its identifier."""
        folder = self.program.home / "plugins"
        manifest = {
            "author": "acme",
            "name": self.name,
            "version": version,
            "label": f"Weather {self.name[-12:]}",
            "icon": "🌦️",
            "tags": ["weather"],
            "server": {"url": self.url, "headers": SECRET, **server},
        }
        unfinished = folder / f"{self.name}.new"
        unfinished.write_text(json.dumps(manifest))
        unfinished.rename(folder / f"{self.name}.json")
        return str(self.shown()["plugin_unique_identifier"])

    def withdraw(self) -> None:
        """Take the plugin out of the catalogue."""
        (self.program.home / "plugins" / f"{self.name}.json").unlink()

    def shown(self) -> dict[str, Any]:
        """Return the plugin as the workspace sees it."""
        [found] = self.listed(search=self.name)["plugins"]
        return dict(found)

    def listed(self, **query: Any) -> dict[str, Any]:
        """Return a page of the catalogue."""
        return dict(self.console.get(f"{CURRENT}/plugins", params=query).raise_for_status().json())

    def install(self, identifier: str, **more: Any) -> httpx2.Response:
        """Ask for the installation of what an identifier names."""
        body = {"plugin_unique_identifier": identifier, **more}
        return self.console.post(f"{CURRENT}/plugins/install", json=body)

    def install_from(self, source: str, body: dict[str, Any]) -> httpx2.Response:
        """Ask for an installation as front ends of the real system do: from `pkg`, `marketplace` or `github`."""
        return self.console.post(f"{CURRENT}/plugin/install/{source}", json=body)

    def tasks(self) -> list[dict[str, Any]]:
        """Return the installations of this plugin."""
        listed = self.console.get(f"{CURRENT}/plugin/tasks").raise_for_status().json()
        assert listed["total"] == len(listed["tasks"])
        return [task for task in listed["tasks"] if task["plugins"][0]["plugin_id"] == f"acme/{self.name}"]

    def uninstall(self, installation_id: str) -> httpx2.Response:
        """Ask for the end of an installation."""
        return self.console.post(f"{CURRENT}/plugin/uninstall", json={"plugin_installation_id": installation_id})

    def servers(self) -> list[dict[str, Any]]:
        """Return the tool providers that the plugin is."""
        return [
            server
            for server in self.console.get(f"{CURRENT}/tools/mcp").raise_for_status().json()
            if server["server_identifier"] == self.name
        ]


@pytest.fixture
def shop(open_program: Program, owner: httpx2.Client, peer: Peer) -> Shop:
    return Shop(open_program, owner, peer.url)


def test_what_comes_with_the_server_is_installed_and_stays(console: httpx2.Client) -> None:
    listed = console.get(f"{CURRENT}/plugins", params={"category": "tool", "page_size": 100}).raise_for_status().json()
    clock = next(plugin for plugin in listed["plugins"] if plugin["plugin_id"] == "parley/time")
    assert (clock["installed"], clock["verified"]) == (True, True)
    assert clock["current_version"] == clock["latest_version"] == clock["version"]
    body = {"plugin_unique_identifier": clock["plugin_unique_identifier"]}
    done = console.post(f"{CURRENT}/plugins/install", json=body).raise_for_status().json()
    assert (done["result"], done["all_installed"]) == ("success", True)
    assert done["plugin"]["install_id"] == clock["installation_id"]
    gone = console.post(f"{CURRENT}/plugin/uninstall", json={"plugin_installation_id": clock["installation_id"]})
    assert_uniform(gone, 400, "plugin_built_in")


def test_the_list_is_searched_and_cut_into_pages(shop: Shop) -> None:
    whole = shop.listed(category="model", page_size=100)
    assert {plugin["category"] for plugin in whole["plugins"]} == {"model"}
    assert whole["total"] == len(whole["plugins"]) > 2
    second = shop.listed(category="model", page=2, page_size=1)
    assert (second["plugins"], second["total"]) == (whole["plugins"][1:2], whole["total"])
    assert [plugin["plugin_id"] for plugin in shop.listed(search="OPENAI")["plugins"]][:1] != []
    assert shop.listed(search="no such plugin") == {"plugins": [], "total": 0}


def test_an_installed_server_is_a_tool_provider_and_its_uninstallation_ends_it(shop: Shop, peer: Peer) -> None:
    identifier = shop.offer()
    assert (shop.shown()["installed"], shop.shown()["install_count"]) == (False, 0)
    done = shop.install(identifier).raise_for_status().json()
    [server] = shop.servers()
    assert server["id"] == done["plugin"]["install_id"]
    assert server["is_team_authorization"]
    assert "forecast" in [tool["name"] for tool in server["tools"]]
    assert KEY not in json.dumps(server)
    shown = shop.shown()
    assert (shown["installed"], shown["install_count"], shown["verified"]) == (True, 1, False)
    assert shown["installation_id"] == server["id"]
    assert shop.uninstall(server["id"]).raise_for_status().json() == {"success": True}
    assert shop.servers() == []
    assert_uniform(shop.uninstall(server["id"]), 404, "not_found")


def test_installing_twice_is_installing_once(shop: Shop) -> None:
    identifier = shop.offer()
    first, second = (shop.install(identifier).raise_for_status().json() for _ in range(2))
    assert first == second
    assert len(shop.servers()) == 1


def test_a_stale_identifier_is_refused_and_the_new_one_takes_the_place(shop: Shop) -> None:
    old = shop.offer()
    installed = shop.install(old).raise_for_status().json()["plugin"]
    new = shop.offer("1.1.0", timeout=9)
    shown = shop.shown()
    assert (shown["current_version"], shown["latest_version"]) == ("1.0.0", "1.1.0")
    assert new in assert_uniform(shop.install(old), 409, "plugin_changed")["message"]
    again = shop.install(new).raise_for_status().json()["plugin"]
    assert (again["install_id"], again["version"]) == (installed["install_id"], "1.1.0")
    assert shop.servers()[0]["timeout"] == 9
    assert_uniform(shop.install("acme/nothing:1.0.0@00"), 404, "not_found")


def test_what_the_catalogue_no_longer_holds_stays_installed(shop: Shop) -> None:
    identifier = shop.offer()
    done = shop.install(identifier).raise_for_status().json()["plugin"]
    shop.withdraw()
    shown = shop.shown()
    assert (shown["installed"], shown["version"], shown["author"]) == (True, "1.0.0", "acme")
    assert_uniform(shop.install(identifier), 404, "not_found")
    shop.uninstall(done["install_id"]).raise_for_status()
    assert shop.listed(search=shop.name)["total"] == 0


def test_a_workspace_gives_its_own_key(shop: Shop) -> None:
    identifier = shop.offer(headers={})
    assert_uniform(shop.install(identifier), 400, "credentials_validation_failed")
    assert shop.servers() == []
    shop.install(identifier, headers=SECRET).raise_for_status()
    [server] = shop.servers()
    assert list(server["masked_headers"]) == ["Authorization"]
    assert KEY not in json.dumps(server)


def test_a_server_that_does_not_answer_is_not_installed(shop: Shop) -> None:
    shop.url = shop.url.replace("/mcp", "/nothing")
    assert_uniform(shop.install(shop.offer()), 400, "tool_provider_unreachable")
    assert shop.servers() == []


def test_an_installation_is_of_one_workspace(shop: Shop, open_program: Program) -> None:
    done = shop.install(shop.offer()).raise_for_status().json()["plugin"]
    with new_owner(open_program).console(open_program) as stranger:
        [seen] = stranger.get(f"{CURRENT}/plugins", params={"search": shop.name}).raise_for_status().json()["plugins"]
        assert (seen["installed"], seen["installation_id"], seen["install_count"]) == (False, None, 1)
        body = {"plugin_installation_id": done["install_id"]}
        assert_uniform(stranger.post(f"{CURRENT}/plugin/uninstall", json=body), 404, "not_found")
    assert len(shop.servers()) == 1


def test_a_server_that_was_added_by_hand_is_no_plugin(shop: Shop) -> None:
    body = {"server_url": shop.url, "name": "By hand", "server_identifier": shop.name, "headers": SECRET}
    added = shop.console.post(f"{CURRENT}/tool-provider/mcp", json=body).raise_for_status().json()
    assert_uniform(shop.uninstall(added["id"]), 404, "not_found")
    assert_uniform(shop.install(shop.offer()), 400, "tool_provider_exists")


def asked(source: str, identifier: str) -> dict[str, Any]:
    """Return the body by which a source is asked for a plugin."""
    if source == "github":
        release = {"repo": "acme/weather", "version": "v1.0.0", "package": "weather.difypkg"}
        return {**release, "plugin_unique_identifier": identifier}
    return {"plugin_unique_identifiers": [identifier]}


@pytest.mark.parametrize("source", ["pkg", "marketplace", "github"])
def test_every_source_is_the_catalogue(shop: Shop, source: str) -> None:
    identifier = shop.offer()
    first, second = (shop.install_from(source, asked(source, identifier)).raise_for_status().json() for _ in range(2))
    assert first == second == {**first, "result": "success", "all_installed": True}
    [server], [plugin] = shop.servers(), first["plugins"]
    assert (plugin["install_id"], plugin["plugin_unique_identifier"]) == (server["id"], identifier)
    beside = shop.install(identifier).raise_for_status().json()
    assert (beside["plugin"], beside["task_id"]) == (plugin, first["task_id"])
    shop.uninstall(server["id"]).raise_for_status()


@pytest.mark.parametrize("source", ["pkg", "marketplace", "github"])
def test_what_is_not_in_the_catalogue_is_installed_from_nowhere(shop: Shop, source: str) -> None:
    unknown = shop.install_from(source, asked(source, "langgenius/openai:0.2.7@ab12"))
    assert "downloads none" in assert_uniform(unknown, 404, "not_found")["message"]
    stale = shop.install_from(source, asked(source, shop.offer() + "0"))
    assert_uniform(stale, 409, "plugin_changed")
    assert (shop.servers(), shop.tasks()) == ([], [])


def test_several_plugins_are_installed_together_or_not_at_all(shop: Shop, owner: httpx2.Client, peer: Peer) -> None:
    other = Shop(shop.program, owner, peer.url.replace("/mcp", "/nothing"))
    clock = next(each for each in shop.listed(search="time")["plugins"] if each["plugin_id"] == "parley/time")
    wanted = [clock["plugin_unique_identifier"], shop.offer(), other.offer()]
    body = {"plugin_unique_identifiers": wanted}
    assert_uniform(shop.install_from("pkg", body), 400, "tool_provider_unreachable")
    assert (shop.servers(), other.servers()) == ([], [])
    other.url = peer.url
    wanted[2] = other.offer()
    done = shop.install_from("pkg", body).raise_for_status().json()
    assert [plugin["plugin_unique_identifier"] for plugin in done["plugins"]] == wanted
    assert done["plugins"][0]["install_id"] == clock["installation_id"]
    assert done["task_id"] == shop.servers()[0]["id"] == done["plugins"][1]["install_id"]
    assert other.servers()[0]["id"] == done["plugins"][2]["install_id"]
    only = shop.install_from("pkg", {"plugin_unique_identifiers": wanted[:1]}).raise_for_status().json()
    assert (only["all_installed"], only["task_id"]) == (True, "")


def test_an_installation_is_a_finished_task_of_its_workspace(shop: Shop, open_program: Program) -> None:
    identifier = shop.offer()
    task_id = shop.install(identifier).raise_for_status().json()["task_id"]
    task = shop.console.get(f"{CURRENT}/plugin/tasks/{task_id}").raise_for_status().json()["task"]
    assert shop.tasks() == [task]
    assert (task["id"], task["status"], task["total_plugins"], task["completed_plugins"]) == (task_id, "success", 1, 1)
    assert task["plugins"][0]["plugin_unique_identifier"] == identifier
    page = shop.console.get(f"{CURRENT}/plugin/tasks", params={"page": 1, "page_size": 1}).raise_for_status().json()
    assert page["tasks"] == [task]
    with new_owner(open_program).console(open_program) as stranger:
        assert stranger.get(f"{CURRENT}/plugin/tasks").raise_for_status().json() == {"tasks": [], "total": 0}
        assert_uniform(stranger.get(f"{CURRENT}/plugin/tasks/{task_id}"), 404, "not_found")
    shop.uninstall(task_id).raise_for_status()
    assert shop.tasks() == []
    assert_uniform(shop.console.get(f"{CURRENT}/plugin/tasks/{task_id}"), 404, "not_found")


def test_the_list_of_what_is_installed_holds_nothing_else(shop: Shop) -> None:
    def installed(**query: Any) -> dict[str, Any]:
        return dict(shop.console.get(f"{CURRENT}/plugin/list", params=query).raise_for_status().json())

    def entry() -> list[dict[str, Any]]:
        return [plugin for plugin in installed()["plugins"] if plugin["name"] == shop.name]

    old = shop.offer()
    assert entry() == []
    done = shop.install(old).raise_for_status().json()["plugin"]
    new = shop.offer("1.1.0")
    [found] = entry()
    assert (found["installation_id"], found["tenant_id"]) == (done["install_id"], done["tenant_id"])
    assert (found["plugin_unique_identifier"], found["version"], found["checksum"]) == (old, "1.0.0", old[-64:])
    assert (found["latest_unique_identifier"], found["latest_version"]) == (new, "1.1.0")
    assert (found["runtime_type"], found["declaration"]["verified"]) == ("remote", False)
    whole = installed()
    assert whole["total"] == len(whole["plugins"])
    assert {each["runtime_type"] for each in whole["plugins"] if each["declaration"]["verified"]} == {"local"}
    assert installed(page=2, page_size=1)["plugins"] == whole["plugins"][1:2]
    shop.withdraw()
    assert entry()[0]["plugin_unique_identifier"] == old
