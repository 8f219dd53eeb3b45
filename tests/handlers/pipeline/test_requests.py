"""What is read from a request: routes, parameters, bodies, forms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.handlers.pipeline.sample.service import files
from tests.handlers.pipeline.sample.service.items import ID, created

Client = httpx2.AsyncClient


def fields(response: httpx2.Response) -> dict[str, str]:
    return {d["field"]: d["type"] for d in response.json()["details"]}


async def test_a_static_path_wins_over_a_template(client: Client) -> None:
    assert (await client.get("/v1/items/latest")).json()["latest"] is True


async def test_a_wrong_method_lists_every_method_of_the_path(client: Client) -> None:
    response = await client.patch("/v1/items")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.json()["code"] == "method_not_allowed"


async def test_head_answers_like_get_without_content(client: Client) -> None:
    response = await client.head(f"/v1/items/{ID}")
    assert response.status_code == 200
    assert response.content == b""
    assert int(response.headers["content-length"]) > 10


@pytest.mark.parametrize("path", ["/v1/nothing", "/v2/items", "/", "/v1/items/", "/console/api/none", "/%ff"])
async def test_an_unknown_path_is_404_in_the_uniform_shape(client: Client, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert {"code", "message", "status"} <= response.json().keys()


async def test_an_encoded_slash_belongs_to_the_parameter(client: Client) -> None:
    response = await client.get("/v1/providers/langgenius%2Fopenai/models")
    assert response.json() == {"provider": "langgenius/openai"}


async def test_what_stands_outside_the_documents_is_served(client: Client) -> None:
    assert (await client.get("/healthz")).json() == {"ok": True}
    assert (await client.get("/v1/openapi.json")).json() == {"ok": True}
    assert (await client.post("/healthz")).status_code == 405


async def test_parameters_arrive_coerced_and_with_defaults(client: Client) -> None:
    response = await client.get(
        "/v1/items?label=1&label=2&csv=a,b&pinned=true&either=7&filter=%7B%22a%22%3A1%7D&unknown=x",
        headers={"X-Depth": "3", "Cookie": "theme=dark"},
    )
    assert response.json() == {
        "limit": 20,
        "label": [1, 2],
        "csv": ["a", "b"],
        "pinned": True,
        "either": 7,
        "filter": {"a": 1},
        "x_depth": 3,
        "theme": "dark",
    }


@pytest.mark.parametrize(
    ("query", "field", "rule"),
    [
        ("limit=1_0", "limit", "type"),
        ("limit=%201", "limit", "type"),
        ("limit=+1", "limit", "type"),
        ("limit=0", "limit", "minimum"),
        ("limit=101", "limit", "maximum"),
        ("limit=", "limit", "type"),
        ("limit=1&limit=2", "limit", "duplicate"),
        ("limit=99999999999999999999", "limit", "type"),
        ("pinned=yes", "pinned", "type"),
        ("since=2026-01-01", "since", "format"),
        ("mail=nobody", "mail", "format"),
        ("link=nowhere", "link", "format"),
        ("last_id=7", "last_id", "format"),
        ("label=x", "label[0]", "type"),
        ("label=1&label=2&label=3&label=4", "label", "maxItems"),
        ("filter=%7B%7D", "filter.a", "required"),
        ("filter=%7B", "filter", "type"),
        ("mail=%00", "mail", "nul"),
        ("csv=%ff", "query", "encoding"),
        pytest.param("other=1&" * 1_000, "query", "too_many", id="1001 parameters"),
        pytest.param("other=%31&" * 1_000, "query", "too_many", id="1001 encoded parameters"),
    ],
)
async def test_a_wrong_query_is_400_and_named(client: Client, query: str, field: str, rule: str) -> None:
    response = await client.get(f"/v1/items?{query}")
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_param"
    assert response.json()["params"] == field
    assert fields(response)[field] == rule


async def test_a_wrong_header_and_cookie_are_400(client: Client) -> None:
    response = await client.get("/v1/items", headers={"X-Depth": "9", "Cookie": "theme=blue"})
    assert fields(response) == {"X-Depth": "maximum", "theme": "enum"}


async def test_a_malformed_cookie_is_passed_over(client: Client) -> None:
    response = await client.get("/v1/items", headers={"Cookie": ';;="=a; \x01=b'})
    assert response.status_code == 200


async def test_a_blank_value_passes_where_the_schema_allows_it(client: Client) -> None:
    assert (await client.get("/v1/items?last_id=&pinned=")).json() == {"limit": 20}


async def test_an_id_that_is_no_uuid_is_400(client: Client) -> None:
    response = await client.get("/v1/items/seven")
    assert response.status_code == 400
    assert "a UUID such as" in response.json()["message"]


async def test_a_body_is_validated_whole_and_named_field_by_field(client: Client) -> None:
    body = {"name": "", "count": 12, "size": "huge", "parent": {"name": 3, "secret": "s"}}
    response = await client.post("/v1/items", json=body)
    assert response.status_code == 400
    assert fields(response) == {
        "secret": "required",
        "name": "minLength",
        "count": "maximum",
        "size": "enum",
        "parent.name": "type",
    }
    assert response.json()["error"]["type"] == "bad_request"


async def test_defaults_are_filled_in_and_read_only_fields_not_required(client: Client) -> None:
    response = await client.post("/v1/items", json={"name": "kettle", "secret": "s", "options": {}, "files": None})
    assert response.status_code == 201
    assert created[-1] == {"name": "kettle", "secret": "s", "options": {"deep": True}, "files": None, "size": "small"}


async def test_null_passes_where_a_nullable_wrapper_allows_it(client: Client) -> None:
    response = await client.post("/v1/items", json={"name": "kettle", "secret": "s", "parent": None})
    assert response.status_code == 201


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"name": "\\ud800"}', b"nan", b'{"a":1} x'])
async def test_a_body_that_is_no_json_is_400(client: Client, body: bytes) -> None:
    response = await client.post("/v1/items", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["details"][0]["field"] == "body"


async def test_a_nul_character_in_a_body_is_400(client: Client) -> None:
    response = await client.post("/v1/items", json={"name": "a\0b", "secret": "s"})
    assert response.status_code == 400
    assert fields(response) == {"body": "nul"}
    escaped = await client.post("/v1/items", content=b'{"name": "a\\\\u0000", "secret": "s"}')
    assert escaped.status_code == 201


async def test_a_chunked_body_without_content_type_is_read_as_json(client: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"name": "ket'
        yield b'tle", "secret": "s"}'

    response = await client.post("/v1/items", content=chunks())
    assert response.status_code == 201


async def test_a_charset_that_is_slow_to_read_is_not_read(client: Client) -> None:
    for charset in ("punycode", "IDNA"):
        headers = {"Content-Type": f"application/json; charset={charset}"}
        response = await client.post("/v1/items", content=b"{}", headers=headers)
        assert response.status_code == 415, charset
        assert "send UTF-8" in response.json()["message"]


async def test_another_charset_is_understood(client: Client) -> None:
    body = '{"name": "thé", "secret": "s"}'.encode("latin-1")
    response = await client.post(
        "/v1/items", content=body, headers={"Content-Type": "application/json; charset=latin-1"}
    )
    assert response.json()["name"] == "thé"


async def test_another_media_type_is_415(client: Client) -> None:
    response = await client.post("/v1/items", content=b"<a/>", headers={"Content-Type": "text/xml"})
    assert response.status_code == 415
    assert "application/json" in response.json()["message"]


async def test_a_compressed_body_is_415(client: Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert (await client.post("/v1/items", content=b"x", headers=headers)).status_code == 415


async def test_bodies_of_get_and_delete_are_tolerated(client: Client) -> None:
    assert (await client.request("DELETE", f"/v1/items/{ID}", json={"user": "x"})).status_code == 204
    assert (await client.request("GET", f"/v1/items/{ID}", content=b"junk")).status_code == 200


async def test_an_optional_body_may_be_absent(client: Client) -> None:
    assert (await client.post("/v1/shapes")).json() == {"shape": None}
    assert (await client.put("/v1/raw", content=b"")).json() == {"size": 0}
    assert (await client.put("/v1/raw", content=b"12345")).json() == {"size": 5}


async def test_a_discriminator_chooses_the_form_that_errors_speak_of(client: Client) -> None:
    response = await client.post("/v1/shapes", json={"kind": "circle", "radius": 0})
    assert fields(response) == {"radius": "exclusiveMinimum"}
    response = await client.post("/v1/shapes", json={"kind": "star"})
    assert fields(response) == {"kind": "enum"}
    response = await client.post("/v1/shapes", json={"kind": "square", "side": 2})
    assert response.json()["shape"]["colour"] == "red"


FILE = ("notes.txt", b"hello", "text/plain")


async def test_a_form_arrives_by_name(client: Client) -> None:
    data = {"data": '{"name": "x"}', "count": "3", "labels": ["1", "2"]}
    response = await client.post("/v1/files", data=data, files={"file": FILE})
    assert response.status_code == 201
    assert response.json() == {
        "name": "notes.txt",
        "type": "text/plain",
        "size": 5,
        "read": 5,
        "kind": "plain",
        "data": {"name": "x"},
        "count": 3,
        "labels": [1, 2],
    }
    assert files.last[0].file.closed


async def test_a_json_part_sent_as_a_blob_is_read_as_text(client: Client) -> None:
    parts = {"file": FILE, "data": ("blob", b'{"name": "x"}', "application/json")}
    assert (await client.post("/v1/files", files=parts)).json()["data"] == {"name": "x"}


async def test_every_wrong_part_is_named(client: Client) -> None:
    parts: Any = {"data": (None, "{"), "count": (None, "x"), "labels": (None, "y"), "more": (None, "z")}
    response = await client.post("/v1/files", files=parts)
    assert response.status_code == 400
    assert {"file", "data", "count", "labels[0]", "more"} <= fields(response).keys()


async def test_a_text_where_a_file_belongs_is_400(client: Client) -> None:
    response = await client.post("/v1/files", files={"file": (None, "text")})
    assert fields(response) == {"file": "file"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"x"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx',
        ),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\n\xff\r\n--b--\r\n',
        ),
        ("multipart/form-data; boundary=" + "b" * 300, b"x"),
    ],
)
async def test_a_broken_multipart_body_is_400(client: Client, content_type: str, body: bytes) -> None:
    response = await client.post("/v1/files", content=body, headers={"Content-Type": content_type})
    assert response.status_code == 400


async def test_a_body_beyond_its_limit_is_413_before_it_is_read(client: Client) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for chunk in [head, *[b"x" * 100_000] * 50]:
            sent += len(chunk)
            yield chunk

    response = await client.post(
        "/v1/files", content=chunks(), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert response.status_code == 413
    assert response.json()["code"] == "request_entity_too_large"
    announced = await client.post("/v1/files", files={"file": ("a", b"x" * 400_000, "text/plain")})
    assert announced.status_code == 413


async def test_an_urlencoded_form_and_json_are_both_read(client: Client) -> None:
    assert (await client.post("/v1/forms", data={"name": "a b", "age": "7"})).json() == {
        "body": None,
        "name": "a b",
        "age": 7,
    }
    assert (await client.post("/v1/forms", json={"name": "x"})).json()["body"] == {"name": "x"}
    assert (await client.post("/v1/forms", data={"age": "x"})).status_code == 400
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await client.post("/v1/forms", content=b"name=%ff", headers=headers)).status_code == 400


async def test_parameter_and_body_faults_are_told_together(client: Client) -> None:
    headers = {"Idempotency-Key": "k"}
    response = await client.post("/v1/items?x=1", json={"name": 1}, headers=headers)
    assert fields(response).keys() == {"name", "secret"}
