"""An attempt at a message: its beginning and its end, one statement each, since every run passes both.

What a run reads of other tables when it begins, and writes to them when it ends, stands in the same statement: a round
trip and the building of a statement cost more than the rows do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.direct import fetch
from models.message import Message
from models.message_run import EndStatus
from models.parameters import sender
from models.provider import SETTINGS, Setting
from models.scope import Scope
from models.table import Id, known_id, now, without_nul

_PLACES = {place.key: place.columns[0] for place in Message.__mapper__.column_attrs}


def _read(place: Any) -> str:
    return f"claimed.{place.name}::text" if isinstance(place.type, Id) else f"claimed.{place.name}"


_BEGIN = f"""
    WITH claimed AS (
        UPDATE message SET status = 'running', attempt = attempt + 1, started_at = %(moment)s, updated_at = %(moment)s
        WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND status = 'queued' AND workflow_run_id IS NULL
        RETURNING *
    )
    SELECT {", ".join(map(_read, _PLACES.values()))},
        EXISTS (
            SELECT FROM message AS earlier
            WHERE earlier.conversation_id = claimed.conversation_id AND earlier.id <> claimed.id
        ),
        EXISTS (
            SELECT FROM annotation_setting
            WHERE annotation_setting.app_id = claimed.app_id AND annotation_setting.enabled
        ),
        (
            SELECT coalesce(jsonb_agg(to_jsonb(setting) ORDER BY setting.created_at), '[]')
            FROM ({SETTINGS.format(workspace_id="%(workspace_id)s")}) AS setting
        )
    FROM claimed
"""  # noqa: S608 - made of column names

_WRITTEN = (
    "answer",
    "error_code",
    "error_message",
    "files",
    "metadata_",
    "model_provider",
    "model_id",
    "message_tokens",
    "answer_tokens",
    "message_unit_price",
    "answer_unit_price",
    "price_unit",
    "total_price",
    "currency",
    "provider_response_latency",
)
_SENDERS = {key: sender(_PLACES[key]) for key in _WRITTEN}
_LISTENING = (
    "FROM webhook WHERE webhook.workspace_id = %(workspace_id)s AND webhook.app_id = {app_id} AND webhook.enabled"
)
_ENDED = f"""
    WITH ended AS (
        UPDATE message SET status = %(status)s, finished_at = %(moment)s, updated_at = %(moment)s,
            {", ".join(f"{_PLACES[key].name} = %({key})s" for key in _WRITTEN)}
        WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND attempt = %(attempt)s AND status = 'running'
            {{condition}}
        RETURNING app_id, conversation_id
    ), named AS (
        UPDATE conversation SET name = %(name)s FROM ended
        WHERE %(name)s::text <> '' AND conversation.workspace_id = %(workspace_id)s
            AND conversation.id = ended.conversation_id AND conversation.name = ''
        RETURNING conversation.id
    )
    SELECT EXISTS (SELECT FROM named), {{webhooks}} FROM ended
"""  # noqa: S608 - made of column names
_END = _ENDED.format(
    condition="", webhooks=f"ARRAY(SELECT webhook.id::text {_LISTENING.format(app_id='ended.app_id')})"
)
_END_UNHEARD = _ENDED.format(
    condition=f"AND NOT EXISTS (SELECT {_LISTENING.format(app_id='message.app_id')})", webhooks="ARRAY[]::text[]"
)


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that has just begun.

    Attributes:
        message: the message, running; it belongs to no session.
        continues: whether its conversation has other messages.
        annotated: whether annotations may answer in its app.
        settings: what its workspace may use of models.
    """

    message: Message
    continues: bool
    annotated: bool
    settings: Sequence[Setting]


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of an attempt's end.

    Attributes:
        named: whether its conversation got its name now.
        webhooks: the ids of those that are to be told.
    """

    named: bool
    webhooks: Sequence[str]


async def begin(scope: Scope, message_id: str) -> Begun | None:
    """Begin a queued message's next attempt.

    Returns:
        The attempt; None if the message is not queued any more, or is written by a workflow's run.
    """
    given = {"workspace_id": scope.workspace_id, "id": known_id(message_id), "moment": now()}
    rows = await fetch(scope, _BEGIN, given)
    if not rows:
        return None
    *values, continues, annotated, settings = rows[0]
    held = {key: value for key, value in zip(_PLACES, values, strict=True) if value is not None}
    return Begun(Message(**held), continues, annotated, [Setting.read(setting) for setting in settings])


async def end(scope: Scope, message: Message, status: EndStatus, name: str) -> Ended | None:
    """End an attempt: write what its message holds now, and name its conversation if that has no name yet.

    Args:
        scope: the workspace's transaction.
        message: as `begin` gave it, with its answer, its cost and its error; it holds the new status afterwards.
        status: how the attempt ended.
        name: what a conversation without a name is called from now on; empty leaves it without one.

    Returns:
        What came of it; None if the run is no longer this attempt's.
    """
    return await _end(scope, _END, message, status, name)


async def end_unheard(scope: Scope, message: Message, status: EndStatus, name: str) -> Ended | None:
    """End an attempt, as `end` does, if no webhook is to be told: then one statement without a transaction is enough.

    Returns:
        What came of it; None if the run is no longer this attempt's, or there are webhooks: then nothing was written.
    """
    return await _end(scope, _END_UNHEARD, message, status, name)


async def _end(scope: Scope, statement: str, message: Message, status: EndStatus, name: str) -> Ended | None:
    moment = now()
    given: dict[str, Any] = {"workspace_id": scope.workspace_id, "id": message.id, "attempt": message.attempt}
    for key, send in _SENDERS.items():
        value = getattr(message, key)
        given[key] = None if value is None else send(value)
    given |= {"status": status, "moment": moment, "name": without_nul(name)}
    rows = await fetch(scope, statement, given)
    if not rows:
        return None
    message.status, message.finished_at, message.updated_at = status, moment, moment
    return Ended(*rows[0])
