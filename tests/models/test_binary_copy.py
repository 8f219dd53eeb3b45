"""Rows as PostgreSQL's binary COPY wants them."""

import struct

import numpy as np

from models import binary_copy


def test_a_row_counts_its_fields_and_tells_each_ones_size() -> None:
    assert binary_copy.row((b"ab", None)) == b"\x00\x02" + b"\x00\x00\x00\x02ab" + b"\xff\xff\xff\xff"
    assert binary_copy.integer(-2) == b"\xff\xff\xff\xfe"


def test_a_vector_is_its_length_and_its_halves_whatever_holds_the_numbers() -> None:
    numbers = [0.5, -1.0, 0.1]
    expected = struct.pack(">HHeee", 3, 0, *numbers)
    assert binary_copy.halfvec(numbers) == expected
    assert binary_copy.halfvec(np.array(numbers, dtype=np.float32)) == expected
