"""The built-in model: it quotes, it says when it found nothing, and it says what it is."""

from __future__ import annotations

import pytest

from engine.providers.builtin import ExtractiveModel, words
from engine.providers.events import End, Text
from engine.providers.extractive import extract, split_sentences
from engine.providers.messages import Grounding, Passage, Tool, UserMessage
from foundation.errors import ApiError

KNOWLEDGE = (
    Passage(
        "refunds.md",
        "Customers may request a refund within 30 days of purchase. Refunds are paid"
        " to the original payment method within 5 business days. Gift cards cannot be refunded.",
    ),
    Passage(
        "shipping.md",
        "# Shipping\n\n- Standard shipping takes 3 to 5 working days inside the EU.\n- Express shipping costs"
        " 12.50 euros and arrives the next working day.\n- We ship to 42 countries.",
    ),
    Passage(
        "security.md",
        "All data is encrypted at rest with AES-256. Backups are kept for 35 days in Frankfurt. "
        "Administrators can force two-factor authentication for every member of a workspace.",
    ),
    Passage("政策.md", "我们的退款政策：购买后三十天内可以申请退款。标准配送需要三到五个工作日。"),
)


async def reply(query: str, passages: tuple[Passage, ...] | None = KNOWLEDGE) -> str:
    context = None if passages is None else Grounding(query, passages)
    events = [event async for event in ExtractiveModel().stream([UserMessage(query)], {}, context=context)]
    end = events[-1]
    assert isinstance(end, End)
    assert end.usage.estimated
    return "".join(event.text for event in events if isinstance(event, Text))


@pytest.mark.parametrize(
    ("query", "words_of_the_answer", "source"),
    [
        ("How long do I have to request a refund?", "30 days", "refunds.md"),
        ("Can gift cards be refunded?", "Gift cards cannot", "refunds.md"),
        ("How much does express shipping cost?", "12.50 euros", "shipping.md"),
        ("how many countries do you ship to", "42", "shipping.md"),
        ("Is data encrypted?", "AES-256", "security.md"),
        ("Who can force two-factor authentication?", "Administrators", "security.md"),
        ("购买后多久可以申请退款？", "三十天", "政策.md"),
        ("标准配送需要多久？", "三到五个工作日", "政策.md"),
    ],
)
async def test_an_answer_quotes_the_document_and_names_it(query: str, words_of_the_answer: str, source: str) -> None:
    said = await reply(query)
    assert words_of_the_answer in said
    assert f"[{source}]" in said
    assert said.startswith(("No language model is connected.", "尚未连接语言模型。"))


@pytest.mark.parametrize(
    "query", ["Who is the CEO of the company?", "Write a poem about the sea", "Do you take Bitcoin?"]
)
async def test_what_is_not_in_the_documents_is_not_answered(query: str) -> None:
    assert "did not find this" in await reply(query)


async def test_a_chinese_question_without_an_answer_gets_a_chinese_reply() -> None:
    assert "没有找到" in await reply("公司的首席执行官叫什么名字？")


async def test_nothing_found_is_told_from_no_knowledge_base() -> None:
    assert "did not find this" in await reply("What is your refund policy?", ())
    assert "OPENAI_API_KEY" in await reply("What is your refund policy?", None)


async def test_tools_are_refused_rather_than_faked() -> None:
    with pytest.raises(ApiError) as caught:
        async for _ in ExtractiveModel().stream([UserMessage("x")], {}, [Tool("t", "")]):
            pass
    assert caught.value.code == "model_currently_not_support"


@pytest.mark.parametrize("text", ["Hello there,\n\nyou [a.md]", "退款政策。No 模型 ok  ", "", "한국어 日本語"])
def test_pieces_add_up_to_the_reply(text: str) -> None:
    assert "".join(words(text)) == text
    assert not words(text) or len(words(text)) > 1


def test_sentences_are_not_cut_at_abbreviations_and_decimals() -> None:
    text = "Dr. Smith paid 12.50 euros. The U.S. Army came later! 第一句。第二句。"
    assert split_sentences(text) == [
        "Dr. Smith paid 12.50 euros.",
        "The U.S. Army came later!",
        "第一句。",
        "第二句。",
    ]


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    found = extract(
        "Which colour was the lighthouse painted?",
        [Passage("a", "The tower stood. It was a lighthouse painted in a red colour.")],
    )
    assert found.quotes[0].text == "The tower stood. It was a lighthouse painted in a red colour."


def test_thousands_of_sentences_are_read_in_a_moment() -> None:
    assert extract("refund days", [Passage("a", KNOWLEDGE[0].text * 500)]).quotes
