"""The frame decoder's limits."""

from __future__ import annotations

import pytest

from engine.providers.failure import redact, retry_after
from engine.providers.sse import FrameTooLong, SseDecoder


def test_a_line_without_end_is_refused() -> None:
    decoder = SseDecoder()
    decoder.feed(b"x" * 16 * 1024 * 1024)
    with pytest.raises(FrameTooLong):
        decoder.feed(b"x")


def test_the_event_name_belongs_to_one_frame() -> None:
    frames = SseDecoder().feed(b"event: error\ndata: a\n\ndata: b\n\n")
    assert frames == [(b"error", b"a"), (b"", b"b")]


@pytest.mark.parametrize(
    "text",
    ["key sk-proj-abc123def456 bad", "Bearer abcdef", "AIzaSyA1234567890abc", "api_key=12345", "http://u:p@host/x"],
)
def test_what_looks_like_a_key_is_hidden(text: str) -> None:
    assert "[hidden]" in redact(text)
    assert not any(secret in redact(text) for secret in ("abc123", "abcdef", "1234567890", "12345", "u:p"))


def test_retry_after_is_read_in_every_form() -> None:
    assert retry_after({"retry-after": "3"}) == 3
    assert retry_after({"retry-after-ms": "1500"}) == 1.5
    assert (retry_after({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}) or 0) > 1000
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None
