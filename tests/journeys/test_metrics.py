"""The figures that Prometheus reads: of requests, from the pipeline; of runs and documents, from the workers."""

import time
from collections.abc import Iterator

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.journeys.program import Program, running
from tests.journeys.resources import add_text, assert_uniform, await_indexing, events
from tests.services import Services

WAIT_SECONDS = 60.0
TOKEN = "only for scrapers"

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def program(shared_services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that only this module asks, so that its figures tell of nothing else."""
    environment = {"DATABASE_URL": shared_services.migrated_database(), "PARLEY_METRICS_TOKEN": TOKEN}
    with running(tmp_path_factory.mktemp("metrics"), **environment) as started:
        yield started


def scrape(program: Program) -> Figures:
    """Return every sample by its name and labels."""
    with program.client(token=TOKEN) as client:
        answer = client.get("/metrics").raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(figures: Figures, name: str, **labels: str) -> float:
    """Return one sample, 0 where it is not there yet."""
    return figures.get((name, tuple(sorted(labels.items()))), 0.0)


def grown(program: Program, before: Figures, name: str, **labels: str) -> float:
    """Return by how much a sample has grown, once it has: workers report every second or two."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := value(scrape(program), name, **labels) - value(before, name, **labels)) == 0:
        assert time.monotonic() < deadline, (name, labels)
        time.sleep(0.2)
    return found


def test_requests_are_counted_by_operation_and_status(program: Program, app_client: httpx2.Client) -> None:
    before = scrape(program)
    for _ in range(3):
        app_client.get("/info").raise_for_status()
    assert app_client.get("/conversations", params={"user": "ada", "limit": 0}).status_code == 400
    listed = {"tier": "service", "operation": "listConversations"}
    assert grown(program, before, "parley_requests_total", **listed, status="400") == 1
    after = scrape(program)

    def difference(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    info = {"tier": "service", "operation": "getAppInfo"}
    assert difference("parley_requests_total", **info, status="200") == 3
    assert difference("parley_request_seconds_count", **info) == 3
    assert difference("parley_request_seconds_bucket", **info, le="+Inf") == 3


def test_a_run_is_counted_with_its_tokens(program: Program, app_client: httpx2.Client) -> None:
    before = scrape(program)
    question = {"inputs": {}, "query": "Hello?", "response_mode": "streaming", "user": "ada"}
    with app_client.stream("POST", "/chat-messages", json=question) as answer:
        end = next(event for event in events(answer) if event["event"] == "message_end")
    assert grown(program, before, "parley_runs_total", mode="chat", status="normal") == 1
    assert grown(program, before, "parley_run_seconds_count", mode="chat") == 1
    counted = {
        labels: number
        for (name, labels), number in scrape(program).items()
        if name == "parley_tokens_total" and ("direction", "completion") in labels
    }
    assert sum(counted.values()) >= end["metadata"]["usage"]["completion_tokens"]
    deadline = time.monotonic() + WAIT_SECONDS
    while value(scrape(program), "parley_streams_open") != 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_documents_queues_and_connections_are_told(
    program: Program, knowledge_client: httpx2.Client, dataset_id: str
) -> None:
    before = scrape(program)
    batch = add_text(knowledge_client, dataset_id, "note.txt", "The kettle is blue.")["batch"]
    assert await_indexing(knowledge_client, dataset_id, batch)["indexing_status"] == "completed"
    assert grown(program, before, "parley_indexed_documents_total", outcome="completed") == 1
    figures = scrape(program)
    for queue in ("generation", "indexing"):
        assert value(figures, "parley_workers", queue=queue) == 1
        assert ("parley_queue_jobs", (("queue", queue), ("state", "waiting"))) in figures
    assert value(figures, "parley_database_connections", state="limit") == 10
    assert value(figures, "parley_redis_up") == 1


def test_a_token_guards_the_figures(program: Program) -> None:
    with program.client() as client:
        assert_uniform(client.get("/metrics"), 401, "unauthorized")
        assert_uniform(client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}s"}), 401, "unauthorized")
        assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
