"""What an agent tells on its way. A thought is one turn of the model with the tools it asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.agents.toolbox import Outcome, Request
from engine.chat.events import Delta, Finished, Replaced, Retrieved
from engine.providers.events import Usage


@dataclass(frozen=True, slots=True)
class ThoughtBegun:
    """The model is about to be asked for the thought at this position, from 1."""

    position: int


@dataclass(frozen=True, slots=True)
class ThoughtSaid:
    """What the model said and which tools it wants; `spent` are the tokens of the run so far."""

    position: int
    thought: str
    requests: tuple[Request, ...]
    spent: Usage


@dataclass(frozen=True, slots=True)
class ThoughtObserved:
    """What the tools answered, in the order of the requests."""

    position: int
    outcomes: tuple[Outcome, ...]


AgentEvent: TypeAlias = ThoughtBegun | ThoughtSaid | ThoughtObserved | Retrieved | Delta | Replaced | Finished
