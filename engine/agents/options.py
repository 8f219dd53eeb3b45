"""How an agent reasons: `agent_mode` of a model configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Strategy = Literal["function_call", "react"]

DEFAULT_ITERATIONS = 10
MOST_ITERATIONS = 99
_REACT = frozenset({"react", "cot", "react_router", "chain-of-thought"})


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """The strategy (None: whichever the model can do) and how often tools may be asked for."""

    strategy: Strategy | None = None
    iterations: int = DEFAULT_ITERATIONS


def read_options(agent_mode: Mapping[str, Any] | None) -> AgentOptions:
    """Returns the options of an app; what is left out or unknown takes its default."""
    said = agent_mode or {}
    named = str(said.get("strategy") or "").lower()
    strategy: Strategy | None = "react" if named in _REACT else "function_call" if named else None
    wanted = said.get("max_iteration")
    wanted = wanted if isinstance(wanted, int) and not isinstance(wanted, bool) else DEFAULT_ITERATIONS
    return AgentOptions(strategy, max(1, min(MOST_ITERATIONS, wanted)))
