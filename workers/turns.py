"""What a run needs before its model is called, read in short transactions; and what its row says afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from engine.chat import Exchange, Retrieve, Turn
from engine.chat.file_rules import picture_detail
from engine.chat.prompt import compose
from engine.providers.available import WorkspaceModels
from engine.providers.events import Usage
from engine.providers.model import ChatModel
from engine.providers.pricing import CURRENCY, PRICE_UNIT, Receipt
from engine.providers.tokens import estimate_usage
from engine.retrieval.hit import Hit
from foundation.errors import ApiError
from models import message as messages
from models import provider as providers
from models import upload_file as uploads
from models.message import Message
from models.message_attempt import Begun
from models.provider import Setting
from models.scope import Scope
from models.upload_file import UploadFile
from workers.enclosures import enclosures
from workers.knowledge import AppKnowledge
from workers.pictures import pictures, sees
from workers.process import GenerationProcess

NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Answering:
    """A turn with the model that answers it and the way to its sources."""

    turn: Turn
    model: ChatModel
    retrieve: Retrieve | None


@dataclass(frozen=True, slots=True)
class Background:
    """What a run needs of the database.

    Attributes:
        history: what was said before, oldest first.
        files: those that the question came with, by id.
        available: what its workspace may use of models.
        refusal: why its models cannot be had.
        annotated: whether annotations may answer in its app.
    """

    history: Sequence[Exchange]
    files: Mapping[str, UploadFile]
    available: WorkspaceModels | None
    refusal: ApiError | None = None
    annotated: bool = True


async def read(process: GenerationProcess, scope: Scope, message: Message) -> Background:
    """Read what a run needs for the message that it writes."""
    return await _background(process, scope, message, await providers.settings(scope))


async def read_begun(process: GenerationProcess, scope: Scope, begun: Begun) -> Background:
    """Read what an attempt needs that its beginning has not told already; mostly there is no such thing."""
    told = begun.settings
    return await _background(process, scope, begun.message, told, begun.continues, begun.annotated)


async def _background(
    process: GenerationProcess,
    scope: Scope,
    message: Message,
    settings: Iterable[Setting],
    continues: bool = True,
    annotated: bool = True,
) -> Background:
    earlier = await messages.history(scope, message) if continues else []
    history = [Exchange(past.query, past.answer) for past in earlier]
    files = await _uploaded(scope, message.files)
    try:
        return Background(history, files, process.models.opened(settings), None, annotated)
    except ApiError as error:
        return Background(history, files, None, error, annotated)


async def prepare(
    process: GenerationProcess,
    message: Message,
    background: Background,
    *,
    query: str | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> Answering:
    """Make a turn of a message, with no transaction open.

    Args:
        process: the process's parts.
        message: whose turn.
        background: what was read of it.
        query: what stands for the message's question.
        inputs: what stands for the message's inputs.

    Raises:
        ApiError: the app's model cannot be used; the message says why.
    """
    if background.available is None:
        raise background.refusal or ApiError("provider_not_initialize", "The workspace's models cannot be read.")
    chosen = await process.models.chat(background.available, message.model_config.get("model"))
    seen = sees(chosen.model)
    detail = picture_detail(message.model_config)
    turn = Turn(
        mode=cast("Literal['chat', 'agent-chat', 'completion']", message.mode),
        config=message.model_config,
        query=message.query if query is None else query,
        inputs=message.inputs if inputs is None else inputs,
        history=background.history,
        pictures=await pictures(process, message.files, background.files, detail) if seen else (),
        unseen=() if seen else [str(file.get("filename") or "") for file in message.files if file["type"] == "image"],
        enclosures=await enclosures(process, message.files, background.files),
    )
    return Answering(turn, chosen.model, _retriever(process, message, turn, chosen.model))


def receipt(receipt: Receipt, model: ChatModel) -> dict[str, Any]:
    """Return what a row says about the cost of its answer."""
    return {
        "model_provider": model.provider,
        "model_id": model.model,
        "message_tokens": receipt.usage.prompt_tokens,
        "answer_tokens": receipt.usage.completion_tokens,
        "message_unit_price": receipt.charge.prompt_unit_price,
        "answer_unit_price": receipt.charge.completion_unit_price,
        "price_unit": PRICE_UNIT,
        "total_price": receipt.total_price,
        "currency": CURRENCY,
        "provider_response_latency": receipt.latency,
    }


def estimate(answering: Answering, answer: str, latency: float, first: float, spent: Usage = NOTHING) -> Receipt:
    """Return what an answer that broke off has cost: the provider tells nothing, so tokens are estimated.

    Args:
        answering: what was asked of whom.
        answer: what came of the answer.
        latency: seconds until it broke off.
        first: seconds until the first text.
        spent: what earlier calls of the same run are known to have cost, all their text included.
    """
    prompt = compose(answering.turn, None, answering.model.context_size)
    usage = estimate_usage(prompt, "" if spent.total_tokens else answer)
    usage = Usage(
        spent.prompt_tokens + usage.prompt_tokens, spent.completion_tokens + usage.completion_tokens, estimated=True
    )
    return Receipt(usage, answering.model.price(usage), latency, first, latency - first)


def _retriever(process: GenerationProcess, message: Message, turn: Turn, model: ChatModel) -> Retrieve | None:
    if not turn.dataset_ids:
        return None
    knowledge = AppKnowledge(process, message.workspace_id, message.app_id, message.author, model)

    async def search(query: str) -> Sequence[Hit]:
        return await knowledge.search(turn.dataset_ids, query, turn.config.get("dataset_configs"))

    return search


async def _uploaded(scope: Scope, files: Sequence[Mapping[str, Any]]) -> dict[str, UploadFile]:
    ids = [str(file["upload_file_id"]) for file in files if file.get("upload_file_id")]
    return {file.id: file for file in await uploads.get_many(scope, ids)} if ids else {}
