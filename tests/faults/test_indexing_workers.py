"""An indexing worker that is killed while it works on a document."""

from collections.abc import Iterator

import httpx2
import pytest

from models.document import WORKING
from tests.faults.installation import Installation, kill, wait_until
from tests.journeys.people import new_owner
from tests.journeys.program import Program
from tests.journeys.resources import add_text, create_dataset, create_knowledge_key

PARAGRAPHS = 12_000


@pytest.fixture(scope="module")
def api(installed: Installation) -> Program:
    """One API process, in whose data folder the uploads are."""
    return installed.api()


@pytest.fixture(scope="module")
def client(api: Program) -> Iterator[httpx2.Client]:
    """A Service client with a knowledge key."""
    with new_owner(api).console(api) as console, api.service(create_knowledge_key(console)) as made:
        yield made


def test_a_document_whose_worker_was_killed_is_indexed_once_by_another(
    installed: Installation, api: Program, client: httpx2.Client
) -> None:
    def row(columns: str) -> tuple[object, ...]:
        return installed.rows(f"SELECT {columns} FROM document WHERE id = %s", document_id)[0]

    doomed = installed.worker("indexing", PARLEY_HOME=str(api.home))
    dataset_id = create_dataset(client)
    text = "\n\n".join(
        f"Paragraph {n} says that kettle number {n} boils in {n % 90} seconds." for n in range(PARAGRAPHS)
    )
    document_id = add_text(client, dataset_id, "Kettles", text)["document"]["id"]
    wait_until(lambda: row("indexing_status")[0] in WORKING)
    kill(doomed)
    assert row("indexing_status")[0] in WORKING
    installed.worker("indexing", PARLEY_HOME=str(api.home))
    wait_until(lambda: row("indexing_status")[0] not in WORKING, 180)
    assert row("indexing_status, attempt, error") == ("completed", 2, None)
    [(segments, positions)] = installed.rows(
        "SELECT count(*), count(DISTINCT position) FROM segment WHERE document_id = %s", document_id
    )
    assert segments == positions > 0
