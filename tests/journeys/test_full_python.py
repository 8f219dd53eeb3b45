"""A code node in CPython itself, in a program whose operator chose it."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.workflow import examine_cpython
from foundation.settings import SettingsError
from tests.journeys.graphs import code, end, graph, published_app, start
from tests.journeys.people import new_owner
from tests.journeys.program import Program, running
from tests.journeys.resources import create_app_key
from tests.services import Services

PRICES = """
from __future__ import annotations
import csv, io
from dataclasses import asdict, dataclass
from statistics import median

class Priced:
    def total(self) -> float:
        return self.amount * self.price

@dataclass
class Line(Priced):
    name: str
    amount: int
    price: float

def lines(text):
    for row in csv.DictReader(io.StringIO(text)):
        yield Line(row["name"], int(row["amount"]), float(row["price"]))

def main(order: str) -> dict:
    found = list(lines(order))
    return {"total": sum(line.total() for line in found), "median": median(line.price for line in found),
            "first": asdict(found[0])}
"""
ESCAPE = """
import os, socket
def main(order: str) -> dict:
    told = dict(os.environ)
    for attempt in (lambda: open("/etc/passwd"), lambda: socket.socket(socket.AF_UNIX), os.fork):
        try:
            attempt()
        except OSError:
            continue
        told["open"] = "yes"
    return {"told": told}
"""
ORDER = "name,amount,price\nkettle,2,40\nmug,4,8.5\nteapot,1,30\n"


@pytest.fixture(scope="module")
def full_python(shared_services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    try:
        examine_cpython()
    except SettingsError as lacking:
        pytest.skip(str(lacking))
    environment = {
        "DATABASE_URL": shared_services.migrated_database(),
        "REDIS_URL": shared_services.new_redis(),
        "CODE_PYTHON": "sandlock",
    }
    with running(tmp_path_factory.mktemp("python"), **environment) as started:
        yield started


def test_a_code_node_has_the_whole_language_and_no_way_out(full_python: Program) -> None:
    drawn = graph(
        [
            start("order"),
            code("price", PRICES, {"total": "number", "median": "number", "first": "object"}, order=["start", "order"]),
            code("escape", ESCAPE, {"told": "object"}, order=["start", "order"]),
            end(
                total=["price", "total"], median=["price", "median"], first=["price", "first"], told=["escape", "told"]
            ),
        ],
        "start>price",
        "price>escape",
        "escape>end",
    )
    asked: dict[str, Any] = {"inputs": {"order": ORDER}, "user": "ada", "response_mode": "blocking"}
    with new_owner(full_python).console(full_python) as console:
        app_id = published_app(console, "workflow", drawn)
        with full_python.service(create_app_key(console, app_id)) as client:
            run = client.post("/workflows/run", json=asked).raise_for_status().json()["data"]
            assert run["status"] == "succeeded", run["error"]
            assert run["outputs"] == {
                "total": 144.0,
                "median": 30.0,
                "first": {"name": "kettle", "amount": 2, "price": 40.0},
                "told": {},
            }
