"""The two commands that append an entry and show it to who follows live, as Redis reads them.

Every token of every answer is one such pair; packed here, it costs a fifth of what packing each argument does.
"""

from __future__ import annotations

from workers.event_log.entries import channel, stream_key

MAX_ENTRIES = 100_000
TRIMMED_EVERY = 512
"""A log may hold so many entries more than it should, until it is trimmed again."""

REPLIES = 2


class Appends:
    """Makes the commands for one attempt at one task."""

    __slots__ = ("_append", "_attempt", "_publish", "_trim")

    def __init__(self, task_id: str, attempt: int) -> None:
        """Pack what all commands of a log begin with."""
        key, live = stream_key(task_id).encode(), channel(task_id).encode()
        self._attempt = attempt
        self._append = b"*5" + _strings(b"XADD", key)
        self._trim = b"*8" + _strings(b"XADD", key, b"MAXLEN", b"~", b"%d" % MAX_ENTRIES)
        self._publish = b"\r\n*3" + _strings(b"PUBLISH", live)

    def pack(self, sequence: int, value: bytes) -> bytes:
        """Return the commands for an entry, which have `REPLIES` replies.

        Args:
            sequence: the entry's place in the log, from 1.
            value: what is stored.
        """
        entry_id = b"%d-%d" % (self._attempt, sequence)
        return b"%b\r\n$%d\r\n%b\r\n$1\r\nd\r\n$%d\r\n%b%b\r\n$%d\r\n%b|%b\r\n" % (
            self._append if sequence % TRIMMED_EVERY else self._trim,
            len(entry_id),
            entry_id,
            len(value),
            value,
            self._publish,
            len(entry_id) + 1 + len(value),
            entry_id,
            value,
        )


def _strings(*values: bytes) -> bytes:
    return b"".join(b"\r\n$%d\r\n%b" % (len(value), value) for value in values)
