"""One turn of a chat or completion app: retrieve, compose the prompt, stream the answer.

It holds no database session and knows no queue: what it needs comes in with the turn, what it tells is events.
"""

from engine.chat.events import ChatEvent, Delta, Finished, Replaced, Retrieved
from engine.chat.inputs import check_inputs
from engine.chat.naming import conversation_name, suggest_name
from engine.chat.run import Retrieve, run
from engine.chat.turn import Exchange, Picture, Turn

__all__ = [
    "ChatEvent",
    "Delta",
    "Exchange",
    "Finished",
    "Picture",
    "Replaced",
    "Retrieve",
    "Retrieved",
    "Turn",
    "check_inputs",
    "conversation_name",
    "run",
    "suggest_name",
]
