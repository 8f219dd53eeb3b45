import pickle

from foundation.errors import ApiError


def test_an_error_crosses_a_process_border_with_everything_it_carries() -> None:
    error = ApiError(
        "invalid_param",
        "limit must be at least 1.",
        details=[{"field": "limit", "type": "minimum", "message": "0 is less than 1"}],
        reason="out_of_range",
        headers={"Retry-After": "3"},
    )
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, copy.message, copy.reason) == ("invalid_param", "limit must be at least 1.", "out_of_range")
    assert copy.details == error.details
    assert copy.headers == {"Retry-After": "3"}
