"""Splitting: limits, separators, overlap, pages."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from engine.ingestion.document import Extract
from engine.ingestion.passages import split_pages
from engine.ingestion.rules import ProcessRules
from engine.ingestion.split import split


def pieces(text: str, rules: ProcessRules) -> list[str]:
    return [text[start:end] for start, end in split(text, rules)]


def test_custom_rules_cut_at_every_separator_and_drop_it() -> None:
    rules = ProcessRules(mode="custom", separator="###", max_length=50, overlap=0)
    assert pieces("one###two\n###  ###three", rules) == ["one", "two", "three"]


def test_automatic_rules_fill_passages_with_neighbouring_sentences() -> None:
    sentence = "The pump needs oil every week. "
    found = pieces(sentence * 10, ProcessRules(max_length=100, overlap=0))
    assert found == [(sentence * 3).strip()] * 3 + [sentence.strip()]


def test_a_passage_repeats_the_end_of_the_one_before() -> None:
    text = "。".join(f"第{number}句话说的是水泵的油" for number in range(40))
    found = pieces(text, ProcessRules(max_length=60, overlap=20))
    assert all(after[:5] in before for before, after in itertools.pairwise(found))


def test_text_without_boundaries_is_cut_with_the_overlap() -> None:
    found = pieces("x" * 250, ProcessRules(mode="custom", separator="\n", max_length=100, overlap=20))
    assert all(len(piece) <= 100 for piece in found)
    assert sum(map(len, found)) == 250 + 20 * (len(found) - 1)


@given(
    st.text(alphabet="ab .\n。，", max_size=600),
    st.integers(50, 120),
    st.integers(0, 49),
    st.sampled_from(["automatic", "custom"]),
)
def test_no_passage_is_too_long_and_no_word_is_lost(text: str, limit: int, overlap: int, mode: str) -> None:
    rules = ProcessRules(mode=mode, separator="\n", max_length=limit, overlap=overlap)  # type: ignore[arg-type]
    spans = split(text, rules)
    assert all(0 < end - start <= limit for start, end in spans)
    covered = {place for start, end in spans for place in range(start, end)}
    assert all(place in covered for place, character in enumerate(text) if not character.isspace())


def test_a_passage_names_the_page_that_it_begins_on() -> None:
    extract = Extract("pdf", ("First page.", "", "Third page."))
    found = split_pages(extract, ProcessRules(mode="custom", separator="\n\n", max_length=50))
    assert [(passage.content, passage.page) for passage in found] == [("First page.", 1), ("Third page.", 3)]
