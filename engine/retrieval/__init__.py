"""Finding passages: `retrieve` answers a question from datasets, as its `RetrievalOptions` ask."""

from engine.retrieval.hit import Hit
from engine.retrieval.options import RetrievalOptions, parse_dataset_configs, parse_retrieval_model
from engine.retrieval.search import retrieve

__all__ = ["Hit", "RetrievalOptions", "parse_dataset_configs", "parse_retrieval_model", "retrieve"]
