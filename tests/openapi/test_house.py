"""The rules of the house, held against every operation of every document."""

import re
from typing import Any

import pytest

from foundation.error_table import error_table
from parley.bundle import TIERS, bundle, check
from tests.openapi.reading import DOCUMENTS, STATED, Stated, each_operation

FROM_THE_PIPELINE = {"400", "413", "415", "406"}
ERROR_TYPES = {"bad_request", "unauthorized", "forbidden", "not_found", "rate_limit_exceeded", "internal_error"}
ACCESS = {"read", "write", "admin"}
PERMISSIONS = {"chat", "completion", "workflow", "dataset", "app"}


@pytest.mark.parametrize("tier", TIERS)
def test_the_document_is_valid(tier: str) -> None:
    assert check(bundle(tier)) == []


@pytest.mark.parametrize("tier", TIERS)
def test_no_reference_leaves_the_document_and_none_hides_in_an_extension(tier: str) -> None:
    def walk(node: Any, in_extension: bool) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item, in_extension)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key == "$ref":
                    assert not in_extension
                    assert value.startswith("#/components/")
                walk(value, in_extension or key.startswith("x-"))

    walk(bundle(tier), False)


@pytest.mark.parametrize("tier", TIERS)
def test_every_schema_has_a_description(tier: str) -> None:
    schemas = DOCUMENTS[tier]["components"]["schemas"]
    assert [name for name, schema in schemas.items() if "description" not in schema] == []


@pytest.mark.parametrize("tier", TIERS)
def test_every_tag_has_prose_and_is_used(tier: str) -> None:
    document = DOCUMENTS[tier]
    used = {tag for item in document["paths"].values() for op in item.values() if "tags" in op for tag in op["tags"]}
    assert {tag["name"] for tag in document["tags"]} == used
    assert all(len(tag["description"]) > 10 for tag in document["tags"])


@pytest.mark.parametrize("stated", each_operation())
def test_an_operation_says_what_it_is(stated: Stated) -> None:
    operation = stated.operation
    assert re.fullmatch(r"[a-z][a-zA-Z0-9]+", operation["operationId"])
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1


@pytest.mark.parametrize("stated", each_operation())
def test_an_operation_names_each_error_it_can_give(stated: Stated) -> None:
    table = error_table()
    codes = stated.operation["x-errors"]
    assert [code for code in codes if code not in table] == []
    stated_errors = {status for status in stated.operation["responses"] if int(status) >= 400}
    named = {str(table[code].status) for code in codes}
    assert named <= stated_errors, "a code without its response"
    assert stated_errors - named <= FROM_THE_PIPELINE, "a response without its code"


@pytest.mark.parametrize("stated", each_operation())
def test_errors_come_from_the_shared_responses(stated: Stated) -> None:
    for status, response in stated.operation["responses"].items():
        if int(status) >= 400:
            assert response["$ref"].startswith("#/components/responses/")


@pytest.mark.parametrize("stated", each_operation())
def test_an_operation_with_a_body_can_refuse_its_size_and_type(stated: Stated) -> None:
    if "requestBody" in stated.operation:
        assert {"400", "413", "415"} <= set(stated.operation["responses"])


@pytest.mark.parametrize("stated", each_operation())
def test_an_operation_that_is_told_something_can_refuse_it(stated: Stated) -> None:
    if stated.parameters() or "requestBody" in stated.operation:
        assert "invalid_param" in stated.operation["x-errors"]


@pytest.mark.parametrize(
    ("schema", "code"), [("RetrievalModel", "invalid_retrieval_model"), ("ProcessRule", "invalid_process_rule")]
)
@pytest.mark.parametrize("tier", TIERS)
def test_settings_that_may_contradict_themselves_have_a_code_for_it(tier: str, schema: str, code: str) -> None:
    taking = [s for s in STATED if s.tier == tier and schema in s.schemas_of(s.operation.get("requestBody", {}))]
    assert [s.operation["operationId"] for s in taking if code not in s.operation["x-errors"]] == []


@pytest.mark.parametrize("stated", each_operation())
def test_links_lead_to_operations_and_fill_their_parameters(stated: Stated) -> None:
    by_id = {s.operation["operationId"]: s for s in (p.values[0] for p in each_operation()) if s.tier == stated.tier}
    for response in stated.responses().values():
        for link in response.get("links", {}).values():
            link = stated.follow(link)
            assert link["operationId"] in by_id
            known = {parameter["name"] for parameter in by_id[link["operationId"]].parameters()}
            filled = {name.rpartition(".")[2] for name in link.get("parameters", {})}
            assert filled <= known


@pytest.mark.parametrize("stated", each_operation())
def test_an_alias_is_deprecated_and_names_the_canonical_operation(stated: Stated) -> None:
    if "x-alias-of" in stated.operation:
        assert stated.operation["deprecated"] is True


@pytest.mark.parametrize("stated", [p for p in each_operation() if p.values[0].tier == "service"])
def test_a_service_operation_states_what_a_key_needs(stated: Stated) -> None:
    operation = stated.operation
    if operation.get("security") == []:
        return
    assert operation["x-access"] in ACCESS
    assert operation.get("x-permission") in PERMISSIONS | {None}
    assert {"401", "403", "429"} <= set(operation["responses"])


def test_the_error_table_is_complete_and_consistent() -> None:
    for code, row in error_table().items():
        assert re.fullmatch(r"[a-z0-9_-]+", code)
        assert 400 <= row.status <= 599
        assert row.type in ERROR_TYPES
        assert row.message
        assert row.status != 401 or row.type == "unauthorized"
        assert row.status != 429 or row.type == "rate_limit_exceeded"
        assert row.status < 500 or row.type == "internal_error"
