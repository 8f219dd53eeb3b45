"""What one piece of code or one template may cost."""

from __future__ import annotations

from dataclasses import dataclass

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """Seconds, bytes of memory, and the characters of what comes out; `jobs` is how often a child is used again."""

    seconds: float = 5.0
    python_bytes: int = 64 * _MEBIBYTE
    script_bytes: int = 64 * _MEBIBYTE
    child_bytes: int = 256 * _MEBIBYTE
    output: int = 400_000
    wire_bytes: int = 8 * _MEBIBYTE
    jobs: int = 200
    children: int = 2
