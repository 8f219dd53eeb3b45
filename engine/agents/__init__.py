"""Agents: a model that decides by itself which tools to use on its way to the answer.

As with `engine.chat`: no database session, no queue; what is needed comes in with the turn, what happens is events.
"""

from engine.agents.events import AgentEvent, ThoughtBegun, ThoughtObserved, ThoughtSaid
from engine.agents.options import AgentOptions, read_options
from engine.agents.run import run
from engine.agents.toolbox import Outcome, Request, Toolbox

__all__ = [
    "AgentEvent",
    "AgentOptions",
    "Outcome",
    "Request",
    "ThoughtBegun",
    "ThoughtObserved",
    "ThoughtSaid",
    "Toolbox",
    "read_options",
    "run",
]
