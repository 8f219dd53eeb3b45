"""The commands of the log, packed by hand."""

import hiredis
import pytest

from workers.event_log.appends import MAX_ENTRIES, TRIMMED_EVERY, Appends
from workers.event_log.entries import EntryId, channel, published, stream_key, text_after


@pytest.mark.parametrize("value", [b"t", b"tword ", b"t\r\n$5\r\n\x00", "tgrüße ".encode(), b"t" + b"x" * 20_000])
@pytest.mark.parametrize("sequence", [1, 9, 10, TRIMMED_EVERY - 1, TRIMMED_EVERY + 1])
def test_an_entry_is_appended_and_shown(value: bytes, sequence: int) -> None:
    entry_id = b"3-%d" % sequence
    append = hiredis.pack_command(("XADD", stream_key("task"), entry_id, b"d", value))
    publish = hiredis.pack_command(("PUBLISH", channel("task"), published(entry_id, value)))
    assert Appends("task", 3).pack(sequence, value) == append + publish


def test_a_log_is_trimmed_now_and_then() -> None:
    entry_id = b"3-%d" % TRIMMED_EVERY
    append = hiredis.pack_command(("XADD", stream_key("task"), "MAXLEN", "~", MAX_ENTRIES, entry_id, b"d", b"t"))
    assert Appends("task", 3).pack(TRIMMED_EVERY, b"t").startswith(append)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (b"2-8|tword", b"word"),
        (b"2-8|t", b""),
        (b"2-8|e{}", None),
        (b"2-9|tword", None),
        (b"2-7|tword", None),
        (b"2-80|tword", None),
        (b"12-8|tword", None),
        (b"", None),
    ],
)
def test_only_the_text_that_comes_next_is_taken_as_it_is(message: bytes, text: bytes | None) -> None:
    assert text_after(message, EntryId(2, 7)) == text
