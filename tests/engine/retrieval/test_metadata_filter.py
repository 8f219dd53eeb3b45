"""Conditions on metadata: every operator, on a real database."""

from typing import Any

import pytest

from engine.retrieval.metadata import parse_filter
from engine.retrieval.options import parse_dataset_configs, parse_retrieval_model
from foundation.errors import ApiError
from models import dataset as datasets
from models import document as documents
from models.account import Account
from models.document import Document
from models.metadata_filter import OPERATORS, matching_documents
from models.scope import Scope

KETTLE, PUMP, BLANK = "kettle 100%.txt", "pump.txt", "blank.txt"
VALUES: dict[str, dict[str, Any] | None] = {
    KETTLE: {"product": "Meridian K2", "year": 2024, "made": 1_700_000_000},
    PUMP: {"product": "Pump", "year": 2019.5, "made": 1_600_000_000},
    BLANK: None,
}


@pytest.fixture
async def dataset_id(scope: Scope, owner: Account) -> str:
    dataset = await datasets.create(scope, name="Products", created_by=None)
    made = [
        Document(batch="b", name=name, doc_metadata=values, created_by=owner.id if name == PUMP else None)
        for name, values in VALUES.items()
    ]
    await documents.create_batch(scope, dataset.id, made)
    return dataset.id


async def found(scope: Scope, dataset_id: str, *conditions: tuple[str, str, Any], joined: str = "and") -> set[str]:
    listed = [{"name": name, "comparison_operator": operator, "value": value} for name, operator, value in conditions]
    wanted = parse_filter({"logical_operator": joined, "conditions": listed})
    assert wanted is not None
    ids = await matching_documents(scope, [dataset_id], wanted)
    names = {document.id: document.name for document in await documents.get_many(scope, ids)}
    return {names[one] for one in ids}


CASES: list[tuple[str, str, Any, set[str]]] = [
    ("product", "contains", "K2", {KETTLE}),
    ("document_name", "contains", "0%", {KETTLE}),
    ("product", "not contains", "K2", {PUMP, BLANK}),
    ("product", "start with", "Meri", {KETTLE}),
    ("product", "end with", "ump", {PUMP}),
    ("product", "is", "Pump", {PUMP}),
    ("year", "is", "2024", {KETTLE}),
    ("product", "is not", "Pump", {KETTLE, BLANK}),
    ("product", "in", ["Pump", "Lamp"], {PUMP}),
    ("product", "in", "Pump, Lamp", {PUMP}),
    ("product", "not in", ["Pump"], {KETTLE, BLANK}),
    ("product", "empty", None, {BLANK}),
    ("product", "not empty", None, {KETTLE, PUMP}),
    ("year", "=", 2024, {KETTLE}),
    ("year", "≠", 2024, {PUMP, BLANK}),
    ("year", ">", 2019, {KETTLE, PUMP}),
    ("year", "<", "2020", {PUMP}),
    ("year", "≥", 2024, {KETTLE}),
    ("year", "≤", 2019.5, {PUMP}),
    ("made", "before", "2022-01-01", {PUMP}),
    ("made", "after", 1_650_000_000, {KETTLE}),
    ("product", ">", 3, set()),
    ("source", "is", "upload_file", {KETTLE, PUMP, BLANK}),
    ("uploader", "is", "Ada", {PUMP}),
    ("upload_date", "after", "2020-01-01T00:00:00Z", {KETTLE, PUMP, BLANK}),
    ("last_update_date", "before", 1_000, set()),
    ("unheard of", "empty", None, {KETTLE, PUMP, BLANK}),
]


@pytest.mark.parametrize(("name", "operator", "value", "expected"), CASES)
async def test_an_operator(
    scope: Scope, dataset_id: str, name: str, operator: str, value: Any, expected: set[str]
) -> None:
    assert await found(scope, dataset_id, (name, operator, value)) == expected


def test_every_operator_is_tried() -> None:
    assert {operator for _, operator, _, _ in CASES} == set(OPERATORS)


async def test_conditions_are_joined(scope: Scope, dataset_id: str) -> None:
    both = [("product", "is", "Pump"), ("year", "=", 2024)]
    assert await found(scope, dataset_id, *both) == set()
    assert await found(scope, dataset_id, *both, joined="or") == {KETTLE, PUMP}
    assert await found(scope, dataset_id, ("product", "is", ""), ("year", "=", 2024)) == {KETTLE}


@pytest.mark.parametrize(
    "condition",
    [
        {"name": "", "comparison_operator": "is"},
        {"name": "year", "comparison_operator": "resembles"},
        {"name": "year", "comparison_operator": ">", "value": "soon"},
    ],
)
def test_conditions_that_make_no_sense_are_refused(condition: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        parse_retrieval_model({"metadata_filtering_conditions": {"conditions": [condition]}})
    assert refused.value.code == "invalid_retrieval_model"


def test_conditions_of_an_app_count_in_the_manual_mode_only() -> None:
    conditions = {"conditions": [{"name": "year", "comparison_operator": "=", "value": 1}]}
    for mode, expected in (("manual", True), ("disabled", False), ("automatic", False), (None, False)):
        configs = {"metadata_filtering_mode": mode, "metadata_filtering_conditions": conditions}
        assert (parse_dataset_configs(configs).filter is not None) is expected
