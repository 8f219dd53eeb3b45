"""The bundled sentence model, opened once in an indexing worker and shared with the children that it forks.

Opening takes a tenth of a second, which every small document would pay for; and the children's memory is the
parent's. A session on one thread keeps no thread of its own, so that nothing is lost in a fork.
"""

from pathlib import Path

from engine.embedding.minilm import MiniLM

_opened: list[MiniLM] = []


def load(folder: Path) -> None:
    """Open the model, unless this was done, as soon as a job has built its graph into `folder`.

    An installation that never embeds with it never opens it, and the graph is never built here: that takes the memory
    of a job.
    """
    if not _opened and (model := MiniLM.reopen(folder)) is not None:
        _opened.append(model)


def loaded() -> MiniLM | None:
    """Return the model, in the process that opened it and in its children; None where it is not open."""
    return _opened[0] if _opened else None
