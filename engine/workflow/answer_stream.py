"""The text of a run as it is streamed: in the order of the templates, as early as it is certain.

Each response (answer, end) has a session from the moment that it is certain to run. One session speaks at a time,
the others queue. A session waits at a variable until its node streams or ends; literal text goes out when it is
reached.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.workflow.events import Event, TextChunk, TextReplaced
from engine.workflow.references import Reference
from engine.workflow.scope import Scope
from engine.workflow.values import as_text


@dataclass(slots=True)
class _Buffer:
    """What a node has streamed into one output; `closed` when it has ended."""

    chunks: list[str] = field(default_factory=list)
    closed: bool = False


@dataclass(slots=True)
class _Session:
    """How far a response has come: the segment, the chunks taken of it, and where its text began.

    `settled` is set when the response itself runs: what is not known by then is empty.
    """

    scope: Scope
    node_id: str
    segment: int = 0
    taken: int = 0
    began: int = 0
    settled: bool = False


class AnswerStream:
    """The sessions of a run, over all of its scopes."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        """Begins with no text.

        Args:
            tell: takes the events.
        """
        self._tell = tell
        self._queue: deque[_Session] = deque()
        self._buffers: dict[tuple[str, str, str], _Buffer] = {}
        self._sent: list[str] = []

    @property
    def text(self) -> str:
        """Everything that was streamed and not replaced."""
        return "".join(self._sent)

    def open(self, scope: Scope, node_id: str) -> None:
        """Queues the session of a response that is certain to run."""
        self._queue.append(_Session(scope, node_id))

    def chunk(self, scope: Scope, node_id: str, name: str, text: str) -> None:
        """Takes a piece of an output."""
        self._buffers.setdefault((scope.key, node_id, name), _Buffer()).chunks.append(text)
        self.flush()

    def close(self, scope: Scope, node_id: str) -> None:
        """Notes that a node has ended and streams no more."""
        for key, buffer in self._buffers.items():
            if key[0] == scope.key and key[1] == node_id:
                buffer.closed = True

    def reset(self, scope: Scope, node_id: str, reason: str) -> None:
        """Forgets what a failed node streamed, and takes back what of it was sent."""
        dropped = [key for key in self._buffers if key[0] == scope.key and key[1] == node_id]
        for key in dropped:
            del self._buffers[key]
        if not dropped or not self._queue:
            return
        session = self._queue[0]
        if session.taken and self._source(session) in dropped:
            del self._sent[session.began :]
            session.taken = 0
            self._tell(TextReplaced(self.text, reason))

    def settle(self, scope: Scope, node_id: str) -> None:
        """Notes that a response runs itself: nothing it shows will come later."""
        for session in self._queue:
            if session.scope is scope and session.node_id == node_id:
                session.settled = True
        self.flush()

    def leave(self, scope: Scope) -> None:
        """Ends the sessions of a scope that is over: those of responses that ran say the rest, others nothing."""
        for session in [session for session in self._queue if session.scope is scope]:
            if scope.states.get(session.node_id) in ("succeeded", "exception"):
                session.settled = True
            else:
                self._queue.remove(session)
        self.flush()

    def flush(self) -> None:
        """Sends everything that can be sent now."""
        while self._queue and self._advance(self._queue[0]):
            self._queue.popleft()

    def _advance(self, session: _Session) -> bool:
        text = session.scope.graph.texts[session.node_id]
        while session.segment < len(text):
            piece = text[session.segment]
            if session.taken == 0:
                session.began = len(self._sent)
            if isinstance(piece, Reference):
                if not self._show(session, piece):
                    return False
            else:
                self._send(session, piece, None)
            session.segment += 1
            session.taken = 0
        return True

    def _show(self, session: _Session, reference: Reference) -> bool:
        """Sends what is known of a variable, and returns whether that is all there will be."""
        selector = reference.selector
        owner = session.scope.owner(selector[0])
        buffer = self._buffers.get((owner.key, *selector)) if owner is not None and len(selector) == 2 else None
        if buffer is not None:
            while session.taken < len(buffer.chunks):
                self._send(session, buffer.chunks[session.taken], reference)
                session.taken += 1
            return buffer.closed or session.settled
        value = session.scope.pool.get(selector)
        if value is not None:
            self._send(session, as_text(value), reference)
            return True
        if owner is None or session.settled:
            return True
        return owner.states.get(selector[0]) not in (None, "ready", "running", "paused")

    def _send(self, session: _Session, text: str, reference: Reference | None) -> None:
        if text:
            self._sent.append(text)
            selector = reference.selector if reference is not None else None
            self._tell(TextChunk(text, selector, session.node_id, session.scope.place))

    def _source(self, session: _Session) -> tuple[str, ...] | None:
        piece = session.scope.graph.texts[session.node_id][session.segment]
        owner = session.scope.owner(piece.selector[0]) if isinstance(piece, Reference) else None
        return (owner.key, *piece.selector) if owner is not None and isinstance(piece, Reference) else None

    def dump(self) -> dict[str, Any]:
        """Returns the state as JSON."""
        return {
            "sent": list(self._sent),
            "sessions": [
                [entry.scope.key, entry.node_id, entry.segment, entry.taken, entry.began, entry.settled]
                for entry in self._queue
            ],
            "buffers": [[*key, buffer.chunks, buffer.closed] for key, buffer in self._buffers.items()],
        }

    def load(self, state: Mapping[str, Any], scopes: Mapping[str, Scope]) -> None:
        """Takes up a dumped state."""
        self._sent = list(state["sent"])
        self._queue = deque(_Session(scopes[key], *rest) for key, *rest in state["sessions"])
        self._buffers = {
            (scope, node_id, name): _Buffer(list(chunks), closed)
            for scope, node_id, name, chunks, closed in state["buffers"]
        }
