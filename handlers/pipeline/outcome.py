"""Signals inside the pipeline that are no errors of the domain."""

from __future__ import annotations

from dataclasses import dataclass, field


class ClientGone(Exception):
    """The client closed the connection before its request was read or answered."""


class ContractBreach(Exception):
    """An answer that its own document does not allow."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer of an earlier request: complete, or the run whose stream is joined."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    task_id: str | None = None
