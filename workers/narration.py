"""An answer read aloud while it is written, sentence by sentence."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
from collections.abc import Callable, Mapping

from engine.providers.audio import OpenAIAudio
from engine.providers.available import WorkspaceModels
from foundation.errors import ApiError
from models.message import Message
from models.workflow_run import WorkflowRun
from workers.process import GenerationProcess

log = logging.getLogger(__name__)

SENTENCE_SECONDS = 20.0
TAIL_SECONDS = 60.0
MOST_FAILURES = 3
_LEAST = 12
_END = re.compile(r"[.!?](?=\s)|[\u3002\uff01\uff1f\n]")


class Sentences:
    """Cuts a text that grows into whole sentences."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, text: str) -> list[str]:
        """Add a piece and return the sentences that are whole now; very short ones go with the next."""
        self._rest += text
        cut: list[str] = []
        start = 0
        for end in _END.finditer(self._rest):
            if end.end() - start >= _LEAST:
                cut.append(self._rest[start : end.end()].strip())
                start = end.end()
        self._rest = self._rest[start:]
        return [sentence for sentence in cut if sentence]

    def rest(self) -> str:
        """Return what has no end yet, and forget it."""
        rest, self._rest = self._rest.strip(), ""
        return rest


class Narration:
    """Reads an answer aloud; what cannot be read is left out, and the answer does not suffer from it.

    After `MOST_FAILURES` sentences in a row that could not be read, it reads no more.
    """

    def __init__(self, model: OpenAIAudio, voice: str, give: Callable[[str], None], said: str = "") -> None:
        """Begin to read, on the running event loop.

        Args:
            model: who reads.
            voice: with which voice.
            give: takes each piece of sound, an MP3 as base64.
            said: what was read already, before a pause.
        """
        self._model = model
        self._voice = voice
        self._give = give
        self._said = said
        self._sentences = Sentences()
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._read())

    def add(self, text: str) -> None:
        """Add a piece of the answer."""
        for sentence in self._sentences.feed(text):
            self._waiting.put_nowait(sentence)

    def restart(self, text: str) -> None:
        """Take this text for the whole answer; where it begins with what was read already, go on after that."""
        self._sentences.rest()
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self.add(_after(text, self._said))

    async def finish(self) -> None:
        """Read what is left; returns when all is read, was abandoned, or could not be read in time."""
        if rest := self._sentences.rest():
            self._waiting.put_nowait(rest)
        self._waiting.put_nowait(None)
        await asyncio.wait([self._task], timeout=TAIL_SECONDS)
        if not self._task.done():
            self._task.cancel()
            log.warning("an answer was not read to its end in %.0f seconds", TAIL_SECONDS)

    def abandon(self) -> None:
        """Read no more."""
        self._task.cancel()

    async def _read(self) -> None:
        failures = 0
        while failures < MOST_FAILURES and (sentence := await self._waiting.get()) is not None:
            self._said += sentence
            sound = bytearray()
            try:
                async with asyncio.timeout(SENTENCE_SECONDS):
                    async for chunk in self._model.speak(sentence, self._voice):
                        sound += chunk
            except (ApiError, TimeoutError) as error:
                failures += 1
                log.warning("a sentence of an answer cannot be read aloud: %s", str(error) or "not within its time")
                continue
            failures = 0
            self._give(base64.b64encode(sound).decode())


def _after(text: str, said: str) -> str:
    """Return what follows in a text on what was said, whatever the spaces; all of it where it begins otherwise."""
    left = iter("".join(said.split()))
    awaited = next(left, None)
    for place, character in enumerate(text):
        if awaited is None:
            return text[place:]
        if character.isspace():
            continue
        if character != awaited:
            return text
        awaited = next(left, None)
    return "" if awaited is None else text


def narration(
    process: GenerationProcess,
    written: Message | WorkflowRun,
    available: WorkspaceModels | None,
    give: Callable[[str], None],
    said: str = "",
) -> Narration | None:
    """Begin to read what is written where its app reads by itself; None where it does not or cannot.

    Args:
        process: the parts of this process.
        written: the message whose answer is read, or the run whose text is.
        available: what its workspace may use of models.
        give: takes each piece of sound.
        said: what was read already, before a pause.
    """
    features = written.features if isinstance(written, WorkflowRun) else written.model_config
    setting = (features or {}).get("text_to_speech")
    if not isinstance(setting, Mapping) or not setting.get("enabled") or setting.get("autoPlay") != "enabled":
        return None
    if available is None:
        return None
    try:
        model = process.models.audio(available, "tts")
    except ApiError as error:
        log.warning("answers of app %s cannot be read aloud: %s", written.app_id, error.message)
        return None
    return Narration(model, str(setting.get("voice") or ""), give, said) if model else None
