"""Finds the passages of a workspace's knowledge bases that answer a question, by words, by meaning or by
both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text

from engine.embedding.embedder import Embedders
from engine.providers.model import EmbeddingModel
from engine.retrieval.analysis import analyse
from engine.retrieval.hit import FoundChild, Hit
from engine.retrieval.options import RetrievalOptions, SearchMethod, parse_retrieval_model
from foundation.errors import ApiError
from models import child_index, segment_index
from models import dataset as datasets
from models import segment as segments
from models.database import Database
from models.dataset import Dataset
from models.document import Document
from models.metadata_filter import matching_documents
from models.scope import Scope
from models.segment import Segment

_LEAST_CANDIDATES = 50
_CANDIDATES_FOR_EACH = 4
_MOST_TERMS = 256
_CHILDREN_FOR_EACH = 4
_CHILDREN_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Meaning:
    """The question as a vector of one embedding, and the datasets whose vectors it can be compared with."""

    embedding: str
    vector: Sequence[float]
    dataset_ids: Sequence[str]
    with_children: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    terms: Sequence[int]
    word_datasets: Sequence[str]
    meanings: Sequence[_Meaning]
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

    No transaction is open while the question is embedded.

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
    async with database.workspace(workspace_id) as scope:
        searched = await datasets.get_many(scope, list(dict.fromkeys(dataset_ids)))
        documents = None
        if options.filter is not None:
            documents = await matching_documents(scope, [dataset.id for dataset in searched], options.filter)
    if not searched or not query.strip() or documents == []:
        return []
    options = replace(options, search_method=options.search_method or _agreed_method(searched))
    question = await _question(embedders, workspace_id, searched, query, options)
    question = replace(question, document_ids=documents)
    async with database.workspace(workspace_id) as scope:
        await scope.session.execute(text("SET LOCAL jit = off"))
        hits = await _best(scope, searched, question, options)
        if any(meaning.with_children for meaning in question.meanings):
            hits = await _shown_by_children(scope, hits, question)
    return hits


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


async def _question(
    embedders: Embedders,
    workspace_id: str,
    searched: Sequence[Dataset],
    query: str,
    options: RetrievalOptions,
) -> _Question:
    """Returns what each dataset is asked; datasets without vectors are always asked by words."""
    groups: dict[tuple[str | None, str | None], list[str]] = {}
    by_words: list[str] = []
    for dataset in searched:
        if dataset.indexing_technique == "economy" or options.search_method == "full_text_search":
            by_words.append(dataset.id)
            continue
        names = (dataset.embedding_model_provider or None, dataset.embedding_model or None)
        groups.setdefault(names, []).append(dataset.id)
        if options.search_method == "hybrid_search":
            by_words.append(dataset.id)
    meanings = []
    for (provider, model), members in groups.items():
        embedder = await embedders.embedder(workspace_id, provider, model)
        vector = (await embedder.embed([query]))[0]
        meanings.append(_Meaning(embedding_name(embedder), vector, members, _with_children(searched, members)))
    terms = list(analyse(query).frequencies)[:_MOST_TERMS] if by_words else []
    return _Question(terms, by_words, meanings)


async def _best(scope: Scope, searched: Sequence[Dataset], question: _Question, options: RetrievalOptions) -> list[Hit]:
    """Ranks ever more candidates until enough of them may be shown, or there are no more."""
    limit = max(_LEAST_CANDIDATES, _CANDIDATES_FOR_EACH * options.top_k)
    while True:
        scores, complete = await _scores(scope, question, options, limit)
        shown = await segment_index.readable(scope, list(scores))
        if complete or len(shown) >= min(options.top_k, limit):
            return _hits(scores, shown, {dataset.id: dataset for dataset in searched}, options)
        limit *= _CANDIDATES_FOR_EACH


async def _scores(
    scope: Scope, question: _Question, options: RetrievalOptions, limit: int
) -> tuple[dict[str, float], bool]:
    """Returns the scores of the best candidates, and whether there are no others."""
    words = await segment_index.rank_by_words(
        scope, question.word_datasets, question.terms, limit, question.document_ids
    )
    complete = len(words.ranked) < limit
    cosines: dict[str, float] = {}
    for meaning in question.meanings:
        ranked = await segment_index.rank_by_vector(
            scope, meaning.dataset_ids, meaning.embedding, meaning.vector, limit, question.document_ids
        )
        complete = complete and len(ranked) < limit
        cosines.update((entry.segment_id, entry.score) for entry in ranked)
        if meaning.with_children:
            complete = await _add_children(scope, question, meaning, cosines, limit) and complete
        unknown = [entry.segment_id for entry in words.ranked if entry.segment_id not in cosines]
        if unknown:
            cosines.update(await segment_index.cosines(scope, unknown, meaning.embedding, meaning.vector))
            if meaning.with_children:
                cosines.update(await child_index.best_cosines(scope, unknown, meaning.embedding, meaning.vector))
    return _combined(words, cosines, options), complete


async def _add_children(
    scope: Scope, question: _Question, meaning: _Meaning, cosines: dict[str, float], limit: int
) -> bool:
    """Lets child chunks lead to their segments, each by its best one; returns whether there are no others."""
    ranked = await child_index.rank(
        scope,
        meaning.with_children,
        meaning.embedding,
        meaning.vector,
        limit * _CHILDREN_FOR_EACH,
        question.document_ids,
    )
    for child in ranked:
        cosines[child.segment_id] = max(child.score, cosines.get(child.segment_id, child.score))
    return len(ranked) < limit * _CHILDREN_FOR_EACH


async def _shown_by_children(scope: Scope, hits: Sequence[Hit], question: _Question) -> list[Hit]:
    """Returns the hits with the child chunks that match best."""
    vectors = {meaning.embedding: meaning.vector for meaning in question.meanings}
    best: dict[str, list[child_index.RankedChild]] = {}
    for child in await child_index.cosines(scope, [hit.segment_id for hit in hits], vectors):
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


def _with_children(searched: Sequence[Dataset], members: Sequence[str]) -> list[str]:
    """Returns those of the members whose documents are found by their child chunks."""
    return [one.id for one in searched if one.id in members and one.doc_form == "hierarchical_model"]


def _combined(
    words: segment_index.WordRanking, cosines: Mapping[str, float], options: RetrievalOptions
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


def _hits(
    scores: Mapping[str, float],
    shown: Mapping[str, tuple[Segment, Document]],
    searched: Mapping[str, Dataset],
    options: RetrievalOptions,
) -> list[Hit]:
    least = options.score_threshold or 0.0
    ordered = sorted(
        (key for key in shown if scores[key] >= least and scores[key] > 0), key=lambda key: (-scores[key], key)
    )
    return [
        Hit(position, scores[key], shown[key][0], shown[key][1], searched[shown[key][0].dataset_id])
        for position, key in enumerate(ordered[: options.top_k], start=1)
    ]


def _share(score: float) -> float:
    return min(max(score, 0.0), 1.0)
