"""An attempt at a message: its beginning and its end, one statement each, since every run passes both.

What a run reads of other tables when it begins, and writes to them when it ends, stands in the same statement: a round
trip and the building of a statement cost more than the rows do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Boolean, bindparam, column, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from models.message import Message
from models.message_run import EndStatus
from models.provider import SETTINGS, Setting
from models.scope import Scope
from models.table import Id, now

_PLACES = {place.key: place.columns[0] for place in Message.__mapper__.column_attrs}
_COLUMNS = ", ".join(f"claimed.{place.name}" for place in _PLACES.values())

_BEGIN = text(
    f"""
    WITH claimed AS (
        UPDATE message SET status = 'running', attempt = attempt + 1, started_at = :moment, updated_at = :moment
        WHERE workspace_id = :workspace_id AND id = :id AND status = 'queued' AND workflow_run_id IS NULL
        RETURNING *
    )
    SELECT {_COLUMNS},
        EXISTS (
            SELECT FROM message AS earlier
            WHERE earlier.conversation_id = claimed.conversation_id AND earlier.id <> claimed.id
        ),
        EXISTS (
            SELECT FROM annotation_setting
            WHERE annotation_setting.app_id = claimed.app_id AND annotation_setting.enabled
        ),
        (SELECT coalesce(jsonb_agg(to_jsonb(setting) ORDER BY setting.created_at), '[]') FROM ({SETTINGS}) AS setting)
    FROM claimed
    """  # noqa: S608 - made of column names
).bindparams(bindparam("workspace_id", type_=Id), bindparam("id", type_=Id))
_BEGIN_READ = _BEGIN.columns(
    *_PLACES.values(), column("continues", Boolean), column("annotated", Boolean), column("settings", JSONB)
)

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
_END = (
    text(
        f"""
    WITH ended AS (
        UPDATE message SET status = :status, finished_at = :moment, updated_at = :moment,
            {", ".join(f"{_PLACES[key].name} = :{key}" for key in _WRITTEN)}
        WHERE workspace_id = :workspace_id AND id = :id AND attempt = :attempt AND status = 'running'
        RETURNING app_id, conversation_id
    ), named AS (
        UPDATE conversation SET name = :name FROM ended
        WHERE :name <> '' AND conversation.workspace_id = :workspace_id
            AND conversation.id = ended.conversation_id AND conversation.name = ''
        RETURNING conversation.id
    )
    SELECT EXISTS (SELECT FROM named), ARRAY(
        SELECT webhook.id FROM webhook
        WHERE webhook.workspace_id = :workspace_id AND webhook.app_id = ended.app_id AND webhook.enabled
    )
    FROM ended
    """  # noqa: S608 - made of column names
    )
    .bindparams(
        bindparam("workspace_id", type_=Id),
        bindparam("id", type_=Id),
        *(bindparam(key, type_=_PLACES[key].type) for key in _WRITTEN),
    )
    .columns(column("named", Boolean), column("webhooks", ARRAY(Id)))
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
    given = {"workspace_id": scope.workspace_id, "id": message_id, "moment": now()}
    row = (await scope.session.execute(_BEGIN_READ, given)).one_or_none()
    if row is None:
        return None
    *values, continues, annotated, settings = row
    message = Message(**dict(zip(_PLACES, values, strict=True)))
    return Begun(message, continues, annotated, [Setting.read(setting) for setting in settings])


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
    moment = now()
    given = {key: getattr(message, key) for key in _WRITTEN}
    given |= {"workspace_id": scope.workspace_id, "id": message.id, "attempt": message.attempt}
    row = (await scope.session.execute(_END, {**given, "status": status, "moment": moment, "name": name})).one_or_none()
    if row is None:
        return None
    message.status, message.finished_at, message.updated_at = status, moment, moment
    return Ended(row.named, row.webhooks)
