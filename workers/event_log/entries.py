"""What stands in the event log: keys, ids, and entries that are one event each.

Text is the bulk of a run, so an entry of text holds the text alone; its event is built from the run's envelope when it
is read. Every other entry holds its whole event as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

FIELD = b"d"
TEXT, EVENT, LAST = b"t", b"e", b"z"

_ID = re.compile(r"(\d{1,12})-(\d{1,15})")


class EntryId(NamedTuple):
    """`<attempt>-<sequence>`: appends done twice do not duplicate, and a dead attempt's are refused."""

    attempt: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.attempt}-{self.sequence}"

    @classmethod
    def parse(cls, text: str | bytes | None) -> EntryId:
        """Read an id; anything else means the beginning of the log."""
        if isinstance(text, bytes):
            text = text.decode("ascii", "replace")
        match = _ID.fullmatch(text.strip()) if text else None
        return cls(int(match[1]), int(match[2])) if match else START

    def follows(self, other: EntryId) -> bool:
        """Tell whether nothing can stand between `other` and this entry."""
        return self.attempt == other.attempt and self.sequence == other.sequence + 1


START = EntryId(0, 0)


class Entry(NamedTuple):
    """One event of the log. `kind` is TEXT, EVENT or LAST; `data` is text in UTF-8 or the event's JSON."""

    id: EntryId
    kind: bytes
    data: bytes

    @classmethod
    def read(cls, entry_id: bytes, value: bytes) -> Entry:
        """Read an entry as it is stored. Every token passes here, so its id is not looked at closely."""
        attempt, _, sequence = entry_id.partition(b"-")
        return cls(EntryId(int(attempt), int(sequence)), value[:1], value[1:])


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every event of a run carries, and the rest of the event that a piece of its text becomes."""

    common: dict[str, Any]
    text_event: dict[str, Any]

    def encode(self) -> bytes:
        """Return the envelope as it is stored beside the log."""
        return orjson.dumps({"common": self.common, "text_event": self.text_event})

    @classmethod
    def decode(cls, data: bytes) -> Envelope:
        """Read what `encode` wrote."""
        fields = orjson.loads(data)
        return cls(fields["common"], fields["text_event"])

    def text_prefix(self) -> bytes:
        """Return the JSON of a text event up to its `answer`."""
        return orjson.dumps({**self.text_event, **self.common})[:-1] + b',"answer":'

    def event(self, name: str, **fields: Any) -> dict[str, Any]:
        """Return an event of the run."""
        return {"event": name, **self.common, **fields}


def stream_key(task_id: str) -> str:
    """Return the key of a task's log."""
    return f"gen:{{{task_id}}}:log"


def envelope_key(task_id: str) -> str:
    """Return the key of a task's envelope."""
    return f"gen:{{{task_id}}}:envelope"


def channel(task_id: str) -> str:
    """Return the channel on which a task's entries are published as they are appended."""
    return f"gen:{{{task_id}}}:live"


def published(entry_id: bytes, value: bytes) -> bytes:
    """Return an entry as it is published: its id, a bar, its stored value."""
    return entry_id + b"|" + value


def read_published(message: bytes) -> Entry:
    """Read what `published` made."""
    entry_id, _, value = message.partition(b"|")
    return Entry.read(entry_id, value)


def text_after(message: bytes, last: EntryId) -> bytes | None:
    """Return the text of a published entry that comes right after `last`; None where it is anything else.

    Nearly every message is that, so this takes no entry apart.
    """
    head = b"%d-%d|t" % (last.attempt, last.sequence + 1)
    return message[len(head) :] if message.startswith(head) else None


def payloads(entries: Iterable[Entry], text_prefix: bytes) -> Iterator[tuple[str, bytes, bool]]:
    """Turn entries into events, joining neighbouring text into one: whoever lags catches up in few frames.

    Yields:
        The id after which a reader continues, the event's JSON, and whether it is the last.
    """
    text: list[bytes] = []
    text_id = START
    for entry in entries:
        if entry.kind == TEXT:
            text.append(entry.data)
            text_id = entry.id
            continue
        if text:
            yield str(text_id), text_payload(b"".join(text), text_prefix), False
            text = []
        yield str(entry.id), entry.data, entry.kind == LAST
    if text:
        yield str(text_id), text_payload(b"".join(text), text_prefix), False


def text_payload(text: bytes, text_prefix: bytes) -> bytes:
    """Return the JSON of a piece of text, which is UTF-8; see `Envelope.text_prefix`."""
    return text_prefix + orjson.dumps(text.decode()) + b"}"
