"""Speech written down and answers read aloud, as every tier offers them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from engine.providers.audio import OpenAIAudio
from foundation.errors import ApiError
from handlers.call import Call
from handlers.contract import schemas
from handlers.effective_config import config_of
from handlers.replies import FileReply, UploadedFile
from models import app as apps
from models import message as messages
from models.author import Author

SPOKEN: Final = {
    "mp3": "audio/mpeg",
    "mpga": "audio/mpeg",
    "mpeg": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "audio/mp4",
    "wav": "audio/wav",
    "webm": "audio/webm",
    "amr": "audio/amr",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
}


async def transcribe(call: Call, app_id: str, file: UploadedFile) -> schemas.Transcript:
    """Return what is said in an audio file.

    Raises:
        ApiError: `filename_not_exists_error`, `unsupported_audio_type`, `audio_too_large`, `no_audio_uploaded` for an
            empty file, `invalid_param` where the app does not listen, or the provider's failure.
    """
    config = await _config(call, app_id)
    if not (config.get("speech_to_text") or {}).get("enabled"):
        raise _switched_off("speech_to_text", "Speech to text is not enabled for this app.")
    media_type = _checked(call, file)
    model = await _model(call, "speech2text")
    text = await model.transcribe(await file.read(), file.filename, media_type)
    return {"text": text}


async def speak(call: Call, app_id: str, body: schemas.SpeechRequest, author: Author | None) -> FileReply:
    """Read a text or a message's answer aloud.

    Args:
        call: the call.
        app_id: the app.
        body: what is read, and by which voice.
        author: whose message it must be; None admits anybody's.

    Raises:
        ApiError: `not_found`, `invalid_param` where the app does not speak, `nothing_to_read`, or the provider's
            failure.
    """
    config = await _config(call, app_id)
    setting = config.get("text_to_speech") or {}
    if not setting.get("enabled"):
        raise _switched_off("text_to_speech", "Text to speech is not enabled for this app.")
    text = body.get("text") or ""
    if message_id := body.get("message_id"):
        async with call.services.database.workspace(call.workspace_id) as scope:
            text = (await messages.get(scope, app_id, message_id, author)).answer
    if not text.strip():
        raise ApiError(
            "nothing_to_read", "There is nothing to read: send a `text`, or the id of a message with an answer."
        )
    model = await _model(call, "tts")
    sound = model.speak(text, str(body.get("voice") or setting.get("voice") or ""))
    return FileReply(await _begun(sound), media_type="audio/mpeg", filename="speech.mp3")


async def _config(call: Call, app_id: str) -> Mapping[str, Any]:
    async with call.services.database.workspace(call.workspace_id) as scope:
        return await config_of(scope, await apps.get(scope, app_id))


async def _model(call: Call, model_type: Literal["speech2text", "tts"]) -> OpenAIAudio:
    async with call.services.database.workspace(call.workspace_id) as scope:
        available = await call.services.models.available(scope)
    found = call.services.models.audio(available, model_type)
    if found is None and model_type == "speech2text":
        message = "No model provider of this workspace writes down speech. Connect one that does, such as OpenAI."
        raise ApiError("provider_not_support_speech_to_text", message)
    if found is None:
        message = "No model provider of this workspace reads texts aloud. Connect one that does, such as OpenAI."
        raise ApiError("provider_not_initialize", message)
    return found


def _checked(call: Call, file: UploadedFile) -> str:
    if not file.filename:
        raise ApiError("filename_not_exists_error", "The specified filename does not exist.")
    media_type = SPOKEN.get(PurePosixPath(file.filename).suffix.lower().lstrip("."))
    if media_type is None:
        raise ApiError("unsupported_audio_type", f"An audio file is one of: {', '.join(SPOKEN)}.")
    limit = call.services.settings.audio_max_bytes
    if file.size > limit:
        raise ApiError("audio_too_large", f"The file has {file.size} bytes; speech may have {limit}.")
    if not file.size:
        raise ApiError("no_audio_uploaded", "The audio file is empty.")
    return media_type


def _switched_off(feature: str, message: str) -> ApiError:
    return ApiError("invalid_param", message, details=[{"field": feature, "type": "value", "message": message}])


async def _begun(sound: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Wait for the first bytes, so that a refusal is an error of its own and no broken file."""
    first = await anext(sound, b"")

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for chunk in sound:
            yield chunk

    return whole()
