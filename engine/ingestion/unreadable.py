"""A document that gives no text, and why, in words for the person who uploaded it."""

from foundation.errors import ApiError


class UnreadableDocument(ApiError):
    """The document cannot be read; `message` says why and, where there is a way, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__("unreadable_document", message)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.message,))
