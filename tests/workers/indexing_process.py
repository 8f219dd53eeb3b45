"""A forking indexing worker in a process of its own, as `parley worker indexing` starts it.

STOP_AT names a step of the document's life (`parsing`, `cleaning`, `splitting`, `indexing`, `embedding`, `completed`),
or of indexing a dataset anew (`aside`, `switching`, `switched`), at which the job, having written it, does nothing
more, so that a test can kill it there. The file HELD is made then.
"""

import asyncio
import os
from pathlib import Path
from typing import Any

from foundation.settings import Settings
from models import document_indexing as steps
from models import embedding_change as changes
from models import embedding_switch as vectors
from workers import indexing, pool
from workers.segment_writing import PassageWriter


def main() -> None:
    """Run the worker until it is killed."""
    if os.environ.get("STOP_AT"):
        _hold_at(os.environ["STOP_AT"], Path(os.environ["HELD"]))
    pool.run_indexing(Settings())


def _hold_at(stop: str, held: Path) -> None:
    put_aside, put_in_place, drop = changes.put_aside, vectors.put_in_place, changes.drop_vectors
    advance, report, start = steps.advance, steps.report_progress, steps.start_attempt

    async def hold(step: str) -> None:
        if step == stop:
            await asyncio.to_thread(held.touch)
            await asyncio.sleep(3600)

    class Held(PassageWriter):
        async def write(self, latency: float) -> bool:
            ended = await super().write(latency)
            await hold("completed" if ended else "")
            return ended

    async def slow_report(scope: Any, document_id: str, attempt: int, done: int, planned: int) -> bool:
        known = await report(scope, document_id, attempt, done, planned)
        if 0 < done < planned:
            await scope.session.commit()
            await hold("embedding")
        return known

    async def slow_advance(scope: Any, document_id: str, attempt: int, status: Any, columns: Any = None) -> bool:
        known = await advance(scope, document_id, attempt, status, columns)
        if status != "completed":
            await scope.session.commit()
            await hold(status)
        else:
            await hold("writing")
        return known

    async def slow_start(scope: Any, document_id: str) -> Any:
        document = await start(scope, document_id)
        await scope.session.commit()
        await hold("parsing")
        return document

    async def slow_aside(scope: Any, change: Any, vectors: Any, missing: int) -> None:
        await put_aside(scope, change, vectors, missing)
        await scope.session.commit()
        await hold("aside")

    async def slow_place(scope: Any, change: Any) -> bool:
        done = await put_in_place(scope, change)
        await hold("switching" if done else "")
        return done

    async def slow_drop(scope: Any, change_id: str) -> None:
        await drop(scope, change_id)
        await scope.session.commit()
        await hold("switched")

    changes.put_aside, vectors.put_in_place, changes.drop_vectors = slow_aside, slow_place, slow_drop
    steps.advance, steps.report_progress, steps.start_attempt = slow_advance, slow_report, slow_start
    vars(indexing)["PassageWriter"] = Held


if __name__ == "__main__":
    main()
