"""Members of a workspace: invited, changed, removed; and an account that works in several."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.journeys.people import PASSWORD, Person, new_member, new_owner
from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app

NEW_PASSWORD = "difference engine 1832"
FORM = {"name": "Charles", "interface_language": "en-US", "timezone": "Europe/London"}


@pytest.fixture
def owner(program: Program) -> Person:
    """The owner of a workspace of the test's own."""
    return new_owner(program)


@pytest.fixture
def console(program: Program, owner: Person) -> Iterator[httpx2.Client]:
    """The Console, as the owner sees it."""
    with owner.console(program) as client:
        yield client


@pytest.fixture
def visitor(program: Program) -> Iterator[httpx2.Client]:
    """Somebody who is not signed in."""
    with program.client("/console/api") as client:
        yield client


def invite(console: httpx2.Client, email: str, role: str = "editor") -> dict[str, Any]:
    """Invite one address and return what came of it."""
    answer = console.post("/workspaces/current/members/invite-email", json={"emails": [email], "role": role})
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()["invitation_results"][0]
    return result


def token_of(result: dict[str, Any]) -> str:
    """Return the token of an invitation's link."""
    return parse_qs(urlsplit(result["url"]).query)["token"][0]


def activate(visitor: httpx2.Client, token: str, **fields: Any) -> httpx2.Response:
    visitor.cookies.clear()
    return visitor.post("/activate", json={"token": token, "password": NEW_PASSWORD, **FORM, **fields})


def members(console: httpx2.Client) -> dict[str, dict[str, Any]]:
    """Return the members by their e-mail address."""
    found = console.get("/workspaces/current/members").raise_for_status().json()["accounts"]
    return {member["email"]: member for member in found}


def address(owner: Person, name: str) -> str:
    """Return an address that no other test invites."""
    return f"{name}-{owner.account_id}@example.com"


def test_an_invited_person_comes_by_the_link_and_does_what_the_role_allows(
    program: Program, owner: Person, console: httpx2.Client, visitor: httpx2.Client
) -> None:
    email = address(owner, "charles")
    result = invite(console, email, "normal")
    assert (result["status"], result["email"]) == ("success", email)
    assert members(console)[email]["status"] == "pending"
    token = token_of(result)
    asked = visitor.get("/activate/check", params={"token": token, "email": email}).json()
    assert asked["is_valid"] is True
    assert asked["data"]["workspace_id"] == owner.workspace_id
    tokens = activate(visitor, token).raise_for_status().json()["data"]
    member = members(console)[email]
    assert (member["status"], member["role"], member["name"]) == ("active", "normal", "Charles")
    with program.client("/console/api", tokens["access_token"]) as theirs:
        assert theirs.get("/workspaces/current").json()["role"] == "normal"
        assert_uniform(theirs.post("/apps", json={"name": "Shop", "mode": "chat"}), 403, "forbidden")
        assert_uniform(
            theirs.post("/workspaces/current/members/invite-email", json={"emails": [email]}), 403, "forbidden"
        )
    with program.console(email, NEW_PASSWORD) as theirs:
        assert theirs.get("/account/profile").json()["timezone"] == "Europe/London"


def test_a_link_serves_once_and_only_the_newest(owner: Person, console: httpx2.Client, visitor: httpx2.Client) -> None:
    email = address(owner, "charles")
    older, newer = token_of(invite(console, email)), token_of(invite(console, email, "admin"))
    assert_uniform(activate(visitor, older), 403, "already_activate")
    assert_uniform(activate(visitor, newer, email="eve@example.com"), 403, "already_activate")
    assert activate(visitor, newer, email=email.upper()).status_code == 200
    assert members(console)[email]["role"] == "admin"
    assert_uniform(activate(visitor, newer), 403, "already_activate")
    assert visitor.get("/activate/check", params={"token": newer}).json() == {"is_valid": False}


def test_an_invitation_can_be_taken_back(owner: Person, console: httpx2.Client, visitor: httpx2.Client) -> None:
    email = address(owner, "charles")
    token = token_of(invite(console, email))
    assert console.delete(f"/workspaces/current/members/{members(console)[email]['id']}").status_code == 200
    assert email not in members(console)
    assert_uniform(activate(visitor, token), 403, "already_activate")


def test_one_invitation_gives_nothing_away_of_another_workspace(
    program: Program, owner: Person, console: httpx2.Client, visitor: httpx2.Client
) -> None:
    email = address(owner, "charles")
    with new_owner(program).console(program) as elsewhere:
        ours, theirs = token_of(invite(console, email, "admin")), token_of(invite(elsewhere, email))
        tokens = activate(visitor, theirs).raise_for_status().json()["data"]
        with program.client("/console/api", tokens["access_token"]) as charles:
            assert len(charles.get("/workspaces").json()["workspaces"]) == 1
            assert members(console)[email]["status"] == "pending"
            # Our link makes the account a member, and opens no session of it: its password is its owner's.
            joined = activate(visitor, ours, name="Eve", password="another password 1").raise_for_status()
            assert joined.json()["data"] is None
            assert "set-cookie" not in joined.headers
            assert charles.get("/account/profile").json()["name"] == "Charles"
            assert len(charles.get("/workspaces").json()["workspaces"]) == 2
    assert members(console)[email]["role"] == "admin"


def test_an_account_without_a_password_gets_one_by_its_session(
    program: Program, owner: Person, console: httpx2.Client, visitor: httpx2.Client
) -> None:
    email = address(owner, "charles")
    tokens = activate(visitor, token_of(invite(console, email)), password=None).raise_for_status().json()["data"]
    with program.client("/console/api", tokens["access_token"]) as charles:
        assert charles.get("/account/profile").json()["is_password_set"] is False
        wanted = {"new_password": NEW_PASSWORD, "repeat_new_password": NEW_PASSWORD}
        assert charles.post("/account/password", json=wanted).json()["is_password_set"] is True
    with program.console(email, NEW_PASSWORD) as charles:
        assert charles.get("/workspaces/current").json()["role"] == "editor"


def test_somebody_with_an_account_joins_at_once_and_switches(
    program: Program, owner: Person, console: httpx2.Client
) -> None:
    charles = new_owner(program)
    app_id = create_app(console)
    with charles.console(program) as theirs:
        assert_uniform(
            theirs.post("/workspaces/switch", json={"tenant_id": owner.workspace_id}), 400, "account_not_link_tenant"
        )
        assert invite(console, charles.email)["url"].endswith("/signin")
        listed = {each["id"]: each["current"] for each in theirs.get("/workspaces").json()["workspaces"]}
        assert listed == {charles.workspace_id: True, owner.workspace_id: False}
        assert theirs.get(f"/apps/{app_id}").status_code == 404
        own_app = create_app(theirs)
        switched = theirs.post("/workspaces/switch", json={"tenant_id": owner.workspace_id}).json()["new_tenant"]
        assert (switched["id"], switched["role"]) == (owner.workspace_id, "editor")
        assert theirs.get(f"/apps/{app_id}").status_code == 200
        assert theirs.get(f"/apps/{own_app}").status_code == 404
        assert theirs.get("/workspaces/current").json()["role"] == "editor"


def test_a_removed_member_loses_the_workspace_at_once(program: Program, owner: Person, console: httpx2.Client) -> None:
    charles, app_id = new_owner(program), create_app(console)
    invite(console, charles.email, "admin")
    with charles.console(program) as theirs:
        theirs.post("/workspaces/switch", json={"tenant_id": owner.workspace_id}).raise_for_status()
        assert theirs.get(f"/apps/{app_id}").status_code == 200
        gone = console.delete(f"/workspaces/current/members/{charles.account_id}")
        assert gone.json() == {"result": "success", "tenant_id": owner.workspace_id}
        assert theirs.get(f"/apps/{app_id}").status_code == 404
        assert theirs.get("/workspaces/current").json()["id"] == charles.workspace_id
        assert_uniform(
            theirs.post("/workspaces/switch", json={"tenant_id": owner.workspace_id}), 400, "account_not_link_tenant"
        )
    assert charles.email not in members(console)
    again = console.delete(f"/workspaces/current/members/{charles.account_id}")
    assert_uniform(again, 404, "member-not-found")


def test_a_member_with_no_other_workspace_is_shut_out(program: Program, owner: Person, console: httpx2.Client) -> None:
    editor = new_member(program, owner.workspace_id, "editor")
    with editor.console(program) as theirs:
        assert theirs.get("/apps").status_code == 200
        console.delete(f"/workspaces/current/members/{editor.account_id}").raise_for_status()
        assert_uniform(theirs.get("/apps"), 403, "forbidden")


def test_a_role_counts_from_the_next_request_on(program: Program, owner: Person, console: httpx2.Client) -> None:
    member = new_member(program, owner.workspace_id, "normal")
    place = f"/workspaces/current/members/{member.account_id}/update-role"
    with member.console(program) as theirs:
        assert_uniform(theirs.post("/apps", json={"name": "Shop", "mode": "chat"}), 403, "forbidden")
        assert console.put(place, json={"role": "editor"}).json() == {"result": "success"}
        assert theirs.post("/apps", json={"name": "Shop", "mode": "chat"}).status_code == 201
        assert_uniform(theirs.put(place, json={"role": "owner"}), 403, "forbidden")
    operators = console.get("/workspaces/current/dataset-operators").json()["accounts"]
    assert operators == []
    console.put(place, json={"role": "dataset_operator"}).raise_for_status()
    operators = console.get("/workspaces/current/dataset-operators").json()["accounts"]
    assert [each["id"] for each in operators] == [member.account_id]


def test_the_ownership_is_handed_over_and_never_lost(program: Program, owner: Person, console: httpx2.Client) -> None:
    email, heir = address(owner, "pending"), new_member(program, owner.workspace_id, "admin")
    invite(console, email)
    places = [f"/workspaces/current/members/{one}" for one in (owner.account_id, members(console)[email]["id"])]
    assert_uniform(console.delete(places[0]), 400, "cannot-operate-self")
    assert_uniform(console.put(f"{places[0]}/update-role", json={"role": "admin"}), 400, "cannot-operate-self")
    too_early = console.put(f"{places[1]}/update-role", json={"role": "owner"})
    assert_uniform(too_early, 400, "account_not_initialized")
    place = f"/workspaces/current/members/{heir.account_id}/update-role"
    console.put(place, json={"role": "owner"}).raise_for_status()
    roles = {member["role"] for member in members(console).values()}
    assert [member["role"] for member in members(console).values()].count("owner") == 1, roles
    assert_uniform(console.put(place, json={"role": "editor"}), 403, "forbidden")
    with heir.console(program) as theirs:
        assert theirs.get("/workspaces/current").json()["role"] == "owner"


def test_an_account_without_a_password_is_not_made_the_owner(
    owner: Person, console: httpx2.Client, visitor: httpx2.Client
) -> None:
    email = address(owner, "charles")
    activate(visitor, token_of(invite(console, email)), password=None).raise_for_status()
    place = f"/workspaces/current/members/{members(console)[email]['id']}/update-role"
    assert_uniform(console.put(place, json={"role": "owner"}), 400, "account_not_initialized")
    assert {email: member["role"] for email, member in members(console).items()}[owner.email] == "owner"


@pytest.mark.parametrize("loss", ["removed", "demoted"])
def test_who_may_invite_no_more_leaves_no_link_that_serves(
    program: Program, owner: Person, console: httpx2.Client, visitor: httpx2.Client, loss: str
) -> None:
    admin = new_member(program, owner.workspace_id, "admin")
    with admin.console(program) as theirs:
        given = token_of(invite(theirs, address(owner, "eve"), "admin"))
    kept = token_of(invite(console, address(owner, "charles")))
    place = f"/workspaces/current/members/{admin.account_id}"
    if loss == "removed":
        console.delete(place).raise_for_status()
    else:
        console.put(f"{place}/update-role", json={"role": "editor"}).raise_for_status()
    assert address(owner, "eve") not in members(console)
    assert_uniform(activate(visitor, given), 403, "already_activate")
    assert activate(visitor, kept).status_code == 200


def test_a_stranger_is_no_member_to_change(program: Program, console: httpx2.Client) -> None:
    stranger = new_owner(program)
    place = f"/workspaces/current/members/{stranger.account_id}"
    assert_uniform(console.put(f"{place}/update-role", json={"role": "admin"}), 404, "member-not-found")
    assert_uniform(console.delete(place), 404, "member-not-found")
    with stranger.console(program) as theirs:
        assert theirs.get("/workspaces/current").json()["role"] == "owner"


def test_a_workspace_is_renamed_by_those_who_run_it(program: Program, owner: Person, console: httpx2.Client) -> None:
    renamed = console.post("/workspaces/info", json={"name": "Kettles & Co."}).json()
    assert renamed["tenant"]["name"] == "Kettles & Co."
    with new_member(program, owner.workspace_id, "editor").console(program) as theirs:
        assert_uniform(theirs.post("/workspaces/info", json={"name": "Mine"}), 403, "forbidden")
        assert theirs.get("/workspaces/current").json()["name"] == "Kettles & Co."


def test_an_account_is_changed_by_its_person(console: httpx2.Client) -> None:
    for place, field, value in (
        ("name", "name", "Countess"),
        ("interface-language", "interface_language", "zh-Hans"),
        ("interface-theme", "interface_theme", "dark"),
        ("timezone", "timezone", "Asia/Shanghai"),
    ):
        changed = console.post(f"/account/{place}", json={field: value})
        assert changed.json()[field] == value, changed.text
        assert console.get("/account/profile").json()[field] == value
    assert_uniform(console.post("/account/timezone", json={"timezone": "Mars/Olympus"}), 400, "invalid_param")


def test_a_picture_is_an_own_upload_or_an_address(program: Program, owner: Person, console: httpx2.Client) -> None:
    linked = console.post("/account/avatar", json={"avatar": "https://example.com/ada.png"}).json()
    assert linked["avatar_url"] == "https://example.com/ada.png"
    with new_member(program, owner.workspace_id, "admin").console(program) as other:
        theirs = other.post("/files/upload", files={"file": ("a.png", PNG, "image/png")}).raise_for_status().json()
    assert_uniform(console.post("/account/avatar", json={"avatar": theirs["id"]}), 404, "file_not_found")
    own = console.post("/files/upload", files={"file": ("a.png", PNG, "image/png")}).raise_for_status().json()
    shown = console.post("/account/avatar", json={"avatar": own["id"]}).json()
    with program.client() as anybody:
        assert anybody.get(urlsplit(shown["avatar_url"])._replace(scheme="", netloc="").geturl()).content == PNG
    assert console.post("/account/avatar", json={"avatar": ""}).json()["avatar"] is None


def test_a_new_password_ends_the_other_sessions(program: Program, owner: Person, console: httpx2.Client) -> None:
    with owner.console(program) as other:
        assert other.get("/account/profile").status_code == 200
        wanted = {"password": PASSWORD, "new_password": NEW_PASSWORD, "repeat_new_password": NEW_PASSWORD}
        unlike = console.post("/account/password", json={**wanted, "repeat_new_password": "another one 1"})
        assert_uniform(unlike, 400, "repeat_password_not_match")
        wrong = console.post("/account/password", json={**wanted, "password": "guess"})
        assert_uniform(wrong, 400, "current_password_incorrect")
        assert console.post("/account/password", json=wanted).status_code == 200
        assert_uniform(other.get("/account/profile"), 401, "unauthorized")
    assert console.get("/account/profile").status_code == 200
    with program.console(owner.email, NEW_PASSWORD) as again:
        assert again.get("/account/profile").status_code == 200


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f0005000" + "1ff56c7d2b40000000049454e44ae426082"
)
