"""Speech written down, texts read aloud."""

from __future__ import annotations

from handlers import speech
from handlers.authors import author_of
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import FileReply, UploadedFile


async def create_transcript(call: Call, *, file: UploadedFile, user: str | None = None) -> schemas.Transcript:
    """Write down what is said."""
    return await speech.transcribe(call, call.app_id, file)


async def create_speech(call: Call, *, body: schemas.SpeechRequest) -> FileReply:
    """Read a text or an answer aloud."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        author = await author_of(call, scope, body.get("user"))
    return await speech.speak(call, call.app_id, body, author)
