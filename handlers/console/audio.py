"""Speech written down, texts read aloud."""

from __future__ import annotations

from engine.providers.audio import VOICES
from handlers import speech
from handlers.call import Call
from handlers.contract import schemas
from handlers.replies import FileReply, UploadedFile
from models import app as apps


async def create_transcript(
    call: Call, *, app_id: str, file: UploadedFile, user: str | None = None
) -> schemas.Transcript:
    """Write down what is said."""
    return await speech.transcribe(call, app_id, file)


async def create_speech(call: Call, *, app_id: str, body: schemas.SpeechRequest) -> FileReply:
    """Read a text or anybody's answer aloud."""
    return await speech.speak(call, app_id, body, None)


async def list_voices(call: Call, *, app_id: str, language: str | None = None) -> schemas.VoiceList:
    """List the voices; each speaks every language."""
    async with call.services.database.workspace(call.workspace_id) as scope:
        await apps.get(scope, app_id)
    return [{"name": voice.capitalize(), "value": voice} for voice in VOICES]
