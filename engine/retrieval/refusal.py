"""What is said of a `retrieval_model` that makes no sense."""

from foundation.errors import ApiError


def refusal(field: str, message: str) -> ApiError:
    """Returns the error for a field of a `retrieval_model`, by its path within it."""
    place = f"retrieval_model.{field}"
    return ApiError(
        "invalid_retrieval_model",
        f"{place} {message}.",
        details=[{"field": place, "type": "value", "message": message}],
    )
