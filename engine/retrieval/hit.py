"""A passage that was found."""

from dataclasses import dataclass

from models.dataset import Dataset
from models.document import Document
from models.segment import ChildChunk, Segment


@dataclass(frozen=True, slots=True)
class FoundChild:
    """A child chunk of a segment that was found, with its own score from 0 to 1."""

    chunk: ChildChunk
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment and what it belongs to, at a `position` from 1, with a `score` from 0 to 1.

    `children` are those of its child chunks that match the question best, best first.
    """

    position: int
    score: float
    segment: Segment
    document: Document
    dataset: Dataset
    children: tuple[FoundChild, ...] = ()

    @property
    def segment_id(self) -> str:
        """The segment's id."""
        return self.segment.id

    @property
    def document_id(self) -> str:
        """The document's id."""
        return self.document.id

    @property
    def dataset_id(self) -> str:
        """The dataset's id."""
        return self.dataset.id

    @property
    def document_name(self) -> str:
        """What the document is called."""
        return self.document.name

    @property
    def dataset_name(self) -> str:
        """What the dataset is called."""
        return self.dataset.name

    @property
    def content(self) -> str:
        """The passage; in a dataset of questions and answers, both."""
        if self.segment.answer:
            return f"question:{self.segment.content} answer:{self.segment.answer}"
        return self.segment.content

    @property
    def page(self) -> int | None:
        """The page of the document that the passage begins on, where the format has pages."""
        page = self.segment.metadata_.get("page")
        return page if isinstance(page, int) else None
