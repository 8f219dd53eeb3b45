"""What one run may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a run: node starts, seconds, nodes at the same time, calls of workflows by workflows, sizes.

    `variable_bytes` bounds a variable that is assigned (environment, conversation, loop); `output_bytes` bounds
    all that one node gives. Times are in seconds.
    """

    steps: int = 500
    seconds: float = 1200.0
    node_seconds: float = 600.0
    parallel_nodes: int = 10
    call_depth: int = 5
    loop_rounds: int = 100
    variable_bytes: int = 200 * 1024
    output_bytes: int = 4 * 1024 * 1024
    retries: int = 10
    retry_seconds: float = 60.0
