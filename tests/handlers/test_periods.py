"""Moments that fit the contract's pattern, and whether a calendar has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from foundation.errors import ApiError
from handlers.periods import read_moment


def test_a_moment_without_an_offset_is_in_utc() -> None:
    assert read_moment("created_at__after", "2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert read_moment("created_at__after", "") is None


def test_a_day_that_no_calendar_has_is_refused() -> None:
    with pytest.raises(ApiError) as refused:
        read_moment("created_at__after", "2026-02-31")
    assert refused.value.code == "invalid_param"
    assert [detail["field"] for detail in refused.value.details] == ["created_at__after"]
