"""Speech: texts read aloud and speech written down by OpenAI-compatible endpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from engine.providers.failure import ProviderFailure
from engine.providers.sdk import SdkModel

VOICES: Final = ("alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer")
LONGEST_PIECE: Final = 4_000
"""Characters that a speech model takes at once; OpenAI's limit is 4 096."""
_SENTENCE_ENDS: Final = (". ", "! ", "? ", "。", "\uff01", "\uff1f", "\n")
_CHUNK = 16 * 1024


class OpenAIAudio(SdkModel):
    """A speech model, or one that listens."""

    async def transcribe(self, content: bytes, filename: str, media_type: str) -> str:
        """Returns what is said in an audio file.

        Raises:
            ApiError: the provider refused, failed, or was not understood.
        """
        client = await self.connected()
        with self.failures():
            answer = await client.audio.transcriptions.create(model=self.model, file=(filename, content, media_type))
            text: object = getattr(answer, "text", answer)
            if not isinstance(text, str):
                raise ProviderFailure("malformed", "the transcript has no text")
            return text

    async def speak(self, text: str, voice: str) -> AsyncIterator[bytes]:
        """Yields an MP3 file in which `text` is read by `voice`; empty means the model's first voice.

        Raises:
            ApiError: the provider refused, failed, or was not understood.
        """
        client = await self.connected()
        for piece in pieces(text):
            with self.failures():
                async with client.audio.speech.with_streaming_response.create(
                    model=self.model, voice=voice or VOICES[0], input=piece, response_format="mp3"
                ) as answer:
                    async for chunk in answer.iter_bytes(_CHUNK):
                        yield chunk


def pieces(text: str) -> list[str]:
    """Returns `text` cut into pieces that a speech model takes, after a sentence or a word where there is one."""
    cut: list[str] = []
    rest = text.strip()
    while len(rest) > LONGEST_PIECE:
        head = rest[:LONGEST_PIECE]
        end = max(head.rfind(mark) for mark in _SENTENCE_ENDS)
        end = end if end > LONGEST_PIECE // 2 else head.rfind(" ")
        end = end + 1 if end > 0 else LONGEST_PIECE
        cut.append(rest[:end].strip())
        rest = rest[end:].strip()
    return [*cut, rest] if rest else cut
