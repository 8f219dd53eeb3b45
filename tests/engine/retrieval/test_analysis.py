"""Terms: what a question and a passage must share to meet."""

import pytest

from engine.retrieval.analysis import analyse, cjk_share, keywords, terms


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("Which pumps were oiled?", "oil the pump"),
        ("ＰＵＭＰ", "pump"),
        ("臺灣的資料庫", "台湾数据库资料"),
        ("どこで会議を", "会議は東京で"),
        ("the director’s report", "the director's reports"),
    ],
)
def test_different_writings_of_a_word_meet(question: str, passage: str) -> None:
    assert set(terms(question)) & set(terms(passage))


def test_words_without_meaning_are_left_out() -> None:
    assert terms("what is the of and") == []
    assert "的" not in terms("我们的文档")


def test_pairs_stop_at_characters_that_join_words() -> None:
    assert {"库和", "和文"}.isdisjoint(found := terms("数据库和文档"))
    assert {"据库", "文档"} <= set(found)
    assert "成都" in terms("成都的天气")


def test_an_analysis_counts_every_term() -> None:
    analysis = analyse("oil oil pump")
    assert sorted(analysis.frequencies.values()) == [1, 2]
    assert analysis.length == 3


def test_the_cjk_share_counts_letters_only() -> None:
    assert cjk_share("中文, ab!") == 0.5
    assert cjk_share("… 12") == 0.0
    assert cjk_share("") == 0.0


def test_keywords_are_words_that_people_read() -> None:
    assert keywords("The pumps, the pumps and the valves", 1) == ["pumps"]
