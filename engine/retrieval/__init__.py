"""Finding passages: `retrieve` answers a question from datasets, as its `RetrievalOptions` ask; `Knowledge` does so for
hit tests and apps.
"""

from engine.retrieval.hit import Hit
from engine.retrieval.knowledge import Asker, Knowledge
from engine.retrieval.options import RetrievalOptions, parse_dataset_configs, parse_retrieval_model
from engine.retrieval.search import retrieve

__all__ = [
    "Asker",
    "Hit",
    "Knowledge",
    "RetrievalOptions",
    "parse_dataset_configs",
    "parse_retrieval_model",
    "retrieve",
]
