from foundation.ids import is_id, new_id


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(1_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_only_canonical_uuids_are_ids() -> None:
    assert is_id(new_id())
    assert is_id("3FA85F64-5717-4562-B3FC-2C963F66AFA6")
    for other in ("", "abc", "3fa85f6457174562b3fc2c963f66afa6", "{3fa85f64-5717-4562-b3fc-2c963f66afa}", "x" * 36):
        assert not is_id(other)
