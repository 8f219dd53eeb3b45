"""Files that links lead to, fetched through the egress guard for a run."""

from __future__ import annotations

from foundation.egress import EgressFailed, EgressGuard, EgressTooLarge
from foundation.errors import ApiError


async def fetch_file(egress: EgressGuard, url: str, max_bytes: int, seconds: float, noun: str = "file") -> bytes:
    """Return the bytes that a link leads to.

    Args:
        egress: the way out.
        url: the link.
        max_bytes: how much is taken.
        seconds: how long it may take.
        noun: what messages call it.

    Raises:
        ApiError: `egress_denied` for a link into the private network; `remote_file_error` where it gives no such file.
    """
    try:
        answer = await egress.fetch(url, max_bytes, seconds)
    except (EgressFailed, EgressTooLarge) as failed:
        raise ApiError("remote_file_error", f"The {noun} at {url} could not be fetched. {failed.message}") from failed
    if answer.status != 200:
        raise ApiError("remote_file_error", f"The {noun} at {url} could not be fetched: HTTP {answer.status}.")
    return answer.body
