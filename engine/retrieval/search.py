"""Finds the passages of a workspace's knowledge bases that answer a question, by words, by meaning or by both."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.embedding.embedder import Embedders
from engine.providers.model import EmbeddingModel
from engine.retrieval.analysis import analyse
from engine.retrieval.hit import FoundChild, Hit
from engine.retrieval.options import RetrievalOptions, SearchMethod, parse_retrieval_model
from foundation.errors import ApiError
from models import child_index, segment_index, word_index
from models import dataset as datasets
from models import segment as segments
from models.database import REPLICA_FAILED, Database
from models.dataset import Dataset
from models.metadata_filter import matching_documents
from models.nearest import VectorSearch
from models.scope import Scope

log = logging.getLogger(__name__)

_LEAST_CANDIDATES = 50
_CANDIDATES_FOR_EACH = 4
_MOST_TERMS = 256
_SPARE_ROWS = 4
_CHILDREN_FOR_EACH = 4
_CHILDREN_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Meaning:
    """The question as a vector of one embedding, for the datasets whose vectors it can be compared with, and for those
    of them whose documents are found by their child chunks.
    """

    search: VectorSearch
    children: VectorSearch | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    terms: Sequence[int]
    word_datasets: Sequence[str]
    meanings: Sequence[_Meaning] = ()
    document_ids: Sequence[str] | None = None


async def retrieve(
    database: Database,
    embedders: Embedders,
    workspace_id: str,
    dataset_ids: Sequence[str],
    query: str,
    options: RetrievalOptions,
) -> list[Hit]:
    """Returns the best passages, best first, and counts that they were found; see `find`."""
    hits = await find(database, embedders, workspace_id, dataset_ids, query, options)
    if hits:
        async with database.workspace(workspace_id) as scope:
            await segments.count_hits(scope, [hit.segment_id for hit in hits])
    return hits


async def find(
    database: Database,
    embedders: Embedders,
    workspace_id: str,
    dataset_ids: Sequence[str],
    query: str,
    options: RetrievalOptions,
) -> list[Hit]:
    """Returns the best passages, best first, by the index alone: reranking is left to `Knowledge`.

    A replica is read where there is one, and the database itself where that fails: also one that is too far behind to
    have all tables yet. Words are searched while the question is embedded; no connection waits for the embedding.

    Args:
        database: where the datasets are.
        embedders: finds the models that the datasets' vectors are made with.
        workspace_id: the workspace; datasets of others do not exist for it.
        dataset_ids: the datasets to search, as one collection.
        query: the question.
        options: how to rank and what to leave out.

    Raises:
        ApiError: the model of a dataset's vectors cannot be had.
    """
    if database.replica is not None:
        try:
            return await _find(database.replica, embedders, workspace_id, dataset_ids, query, options)
        except REPLICA_FAILED as error:
            log.warning("the replica was not searched: %s", error)
    return await _find(database, embedders, workspace_id, dataset_ids, query, options)


async def _find(
    database: Database,
    embedders: Embedders,
    workspace_id: str,
    dataset_ids: Sequence[str],
    query: str,
    options: RetrievalOptions,
) -> list[Hit]:
    embedding: asyncio.Task[list[_Meaning]] | None = None
    try:
        async with database.reading(workspace_id) as scope:
            searched = await datasets.get_many(scope, list(dict.fromkeys(dataset_ids)))
            documents = None
            if options.filter is not None:
                documents = await matching_documents(scope, [dataset.id for dataset in searched], options.filter)
            if not searched or not query.strip() or documents == []:
                return []
            options = replace(options, search_method=options.search_method or _agreed_method(searched))
            embedding = asyncio.create_task(_meanings(embedders, workspace_id, searched, query, options, documents))
            question = _question(searched, query, options, documents)
            words = await _words(scope, question, _candidates(options))
        question = replace(question, meanings=await embedding)
    except BaseException:
        if embedding is not None:
            embedding.cancel()
            await asyncio.gather(embedding, return_exceptions=True)
        raise
    async with database.reading(workspace_id) as scope:
        hits = await _best(scope, searched, question, options, words)
        if hits and any(meaning.children for meaning in question.meanings):
            hits = await _shown_by_children(scope, hits, question)
        switched = not hits and bool(question.meanings) and await _has_switched(scope, searched)
    if switched:
        return await _find(database, embedders, workspace_id, dataset_ids, query, options)
    return hits


async def _has_switched(scope: Scope, searched: Sequence[Dataset]) -> bool:
    """Returns whether a dataset has changed to another embedding since it was read, so that its vectors were missed."""

    def embeddings(found: Sequence[Dataset]) -> set[tuple[str, str | None, str | None]]:
        return {(one.id, one.embedding_model_provider, one.embedding_model) for one in found}

    scope.session.expunge_all()
    return embeddings(await datasets.get_many(scope, [one.id for one in searched])) != embeddings(searched)


def embedding_name(model: EmbeddingModel) -> str:
    """Returns the name under which a model's vectors are indexed."""
    return f"{model.provider}/{model.model}"


def _agreed_method(searched: Sequence[Dataset]) -> SearchMethod:
    """Returns the method that all datasets are set to, else the hybrid one."""
    methods = set()
    for dataset in searched:
        try:
            methods.add(parse_retrieval_model(dataset.retrieval_model).search_method)
        except ApiError:
            methods.add("hybrid_search")
    return methods.pop() or "hybrid_search" if len(methods) == 1 else "hybrid_search"


def _question(
    searched: Sequence[Dataset], query: str, options: RetrievalOptions, documents: Sequence[str] | None
) -> _Question:
    """Returns what is asked by words; datasets without vectors are always asked by them."""
    by_words = [
        dataset.id for dataset in searched if options.search_method != "semantic_search" or not _has_vectors(dataset)
    ]
    terms = list(analyse(query).frequencies)[:_MOST_TERMS] if by_words else []
    return _Question(terms, by_words, document_ids=documents)


async def _meanings(
    embedders: Embedders,
    workspace_id: str,
    searched: Sequence[Dataset],
    query: str,
    options: RetrievalOptions,
    documents: Sequence[str] | None,
) -> list[_Meaning]:
    """Returns the question as a vector of each model that datasets are indexed with."""
    if options.search_method == "full_text_search":
        return []
    groups: dict[tuple[str | None, str | None], list[Dataset]] = {}
    for dataset in searched:
        if _has_vectors(dataset):
            names = (dataset.embedding_model_provider or None, dataset.embedding_model or None)
            groups.setdefault(names, []).append(dataset)
    meanings = []
    for (provider, model), members in groups.items():
        embedder = await embedders.embedder(workspace_id, provider, model)
        vector = (await embedder.embed([query]))[0]
        meanings.append(_meaning(embedding_name(embedder), vector, members, documents))
    return meanings


def _has_vectors(dataset: Dataset) -> bool:
    return dataset.indexing_technique != "economy"


def _meaning(
    embedding: str, vector: Sequence[float], members: Sequence[Dataset], documents: Sequence[str] | None
) -> _Meaning:
    indexed = frozenset(dataset.id for dataset in members if dataset.vector_index == embedding)
    search = VectorSearch(embedding, vector, [dataset.id for dataset in members], indexed, documents)
    parents = [dataset.id for dataset in members if dataset.doc_form == "hierarchical_model"]
    return _Meaning(search, replace(search, dataset_ids=parents) if parents else None)


async def _best(
    scope: Scope,
    searched: Sequence[Dataset],
    question: _Question,
    options: RetrievalOptions,
    words: word_index.WordRanking,
) -> list[Hit]:
    """Ranks ever more candidates until enough of them may be shown, or there are no more."""
    limit = _candidates(options)
    while True:
        scores, complete = await _scores(scope, question, options, words, limit)
        wanted = {key: score for key, score in scores.items() if score > 0 and score >= (options.score_threshold or 0)}
        hits = await _hits(scope, wanted, {dataset.id: dataset for dataset in searched}, options.top_k)
        if complete or len(hits) >= options.top_k or len(wanted) < len(scores):
            return hits
        limit *= _CANDIDATES_FOR_EACH
        words = await _words(scope, question, limit)


def _candidates(options: RetrievalOptions) -> int:
    return max(_LEAST_CANDIDATES, _CANDIDATES_FOR_EACH * options.top_k)


async def _words(scope: Scope, question: _Question, limit: int) -> word_index.WordRanking:
    return await word_index.rank(scope, question.word_datasets, question.terms, limit, question.document_ids)


async def _scores(
    scope: Scope, question: _Question, options: RetrievalOptions, words: word_index.WordRanking, limit: int
) -> tuple[dict[str, float], bool]:
    """Returns the scores of the best candidates, and whether there are no others."""
    complete = len(words.ranked) < limit
    by_words = [entry.segment_id for entry in words.ranked]
    cosines: dict[str, float] = {}
    for meaning in question.meanings:
        found = await segment_index.rank_by_vector(scope, meaning.search, limit, by_words)
        complete = complete and len(found.ranked) < limit
        cosines.update((entry.segment_id, entry.score) for entry in found.ranked)
        others = found.cosines
        if meaning.children is not None:
            children = await child_index.rank(scope, meaning.children, limit * _CHILDREN_FOR_EACH, by_words)
            complete = complete and len(children.ranked) < limit * _CHILDREN_FOR_EACH
            for child in children.ranked:
                cosines[child.segment_id] = max(child.score, cosines.get(child.segment_id, child.score))
            others = others | children.best
        cosines = others | cosines
    return _combined(words, cosines, options), complete


async def _shown_by_children(scope: Scope, hits: Sequence[Hit], question: _Question) -> list[Hit]:
    """Returns the hits with the child chunks that match best."""
    searches = [meaning.children for meaning in question.meanings if meaning.children]
    best: dict[str, list[child_index.RankedChild]] = {}
    for child in await child_index.cosines(scope, searches, [hit.segment_id for hit in hits]):
        if len(of_segment := best.setdefault(child.segment_id, [])) < _CHILDREN_SHOWN:
            of_segment.append(child)
    chunks = await segments.child_chunks(scope, list(best))
    known = {chunk.id: chunk for of_segment in chunks.values() for chunk in of_segment}
    return [
        replace(
            hit,
            children=tuple(
                FoundChild(known[child.child_chunk_id], _share(child.score))
                for child in best.get(hit.segment_id, ())
                if child.child_chunk_id in known
            ),
        )
        for hit in hits
    ]


def _combined(
    words: word_index.WordRanking, cosines: Mapping[str, float], options: RetrievalOptions
) -> dict[str, float]:
    """Returns one score from 0 to 1 for each candidate.

    BM25 counts relative to what a passage made of nothing but the question would reach, so that a threshold means
    the same for every question. In a hybrid search it is the order that comes of BM25 relative to the best candidate:
    this ranks better. All scores are then lowered by one factor, to where the best weighted sum would stand.
    """
    hybrid = options.search_method == "hybrid_search" and bool(cosines)
    best = words.ranked[0].score if words.ranked else 1.0
    by_words = {entry.segment_id: entry.score / (best if hybrid else words.ideal) for entry in words.ranked}
    if not hybrid:
        return {key: _share(score) for key, score in {**by_words, **cosines}.items()}
    share_of_ideal = best / words.ideal if words.ideal else 1.0
    scores, sums = {}, [0.0]
    for key in by_words.keys() | cosines.keys():
        word_score = _share(by_words.get(key, 0.0))
        by_meaning = options.vector_weight * _share(cosines[key]) if key in cosines else 0.0
        weight = options.keyword_weight if key in cosines else 1.0
        scores[key] = by_meaning + weight * word_score
        sums.append(by_meaning + weight * word_score * share_of_ideal)
    highest = max(scores.values(), default=0.0)
    factor = max(sums) / highest if highest else 1.0
    return {key: _share(score * factor) for key, score in scores.items()}


async def _hits(scope: Scope, scores: Mapping[str, float], searched: Mapping[str, Dataset], top_k: int) -> list[Hit]:
    """Returns the best candidates that may be shown; only as many rows are read as it takes."""
    ordered = sorted(scores, key=lambda key: (-scores[key], key))
    hits: list[Hit] = []
    done, step = 0, top_k + _SPARE_ROWS
    while done < len(ordered) and len(hits) < top_k:
        keys = ordered[done : done + step]
        shown = await segment_index.readable(scope, keys, top_k - len(hits))
        for key in (key for key in keys if key in shown):
            segment, document = shown[key]
            hits.append(Hit(len(hits) + 1, scores[key], segment, document, searched[segment.dataset_id]))
        done, step = done + step, step * _CANDIDATES_FOR_EACH
    return hits


def _share(score: float) -> float:
    return min(max(score, 0.0), 1.0)
