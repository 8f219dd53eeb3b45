"""Prices are exact, and unknown ones are never invented."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.providers.events import Usage
from engine.providers.pricing import Receipt, decimal_text, price


@pytest.mark.parametrize(
    ("provider", "model", "url"),
    [
        ("openai", "gpt-4o-mini", ""),
        ("azure_openai", "gpt-4o", ""),
        ("anthropic", "claude-haiku-4-5", ""),
        ("gemini", "gemini-2.5-flash", ""),
        ("openai_api_compatible", "deepseek-chat", "https://api.deepseek.com/v1/chat/completions"),
    ],
)
def test_a_listed_price_is_charged_for_prompt_and_completion(provider: str, model: str, url: str) -> None:
    charge = price(provider, model, Usage(1000, 1000), url)
    assert charge.known
    assert charge.prompt_price == charge.prompt_unit_price
    assert charge.completion_price == charge.completion_unit_price
    assert charge.total_price == charge.prompt_price + charge.completion_price > 0


@pytest.mark.parametrize(
    ("provider", "model", "url"),
    [
        ("openai", "no-such-model", ""),
        ("ollama", "qwen3:4b", "http://localhost:11434/v1/chat/completions"),
        ("openai_api_compatible", "gpt-4o", "http://10.0.0.7:8000/v1/chat/completions"),
    ],
)
def test_an_unknown_price_is_zero_and_marked(provider: str, model: str, url: str) -> None:
    charge = price(provider, model, Usage(1000, 1000), url)
    assert charge.total_price == 0
    assert not charge.known


def test_the_built_in_model_is_known_to_cost_nothing() -> None:
    assert price("builtin", "extractive-v1", Usage(10, 10)).known


def test_cached_tokens_cost_less() -> None:
    assert (
        price("openai", "gpt-4o-mini", Usage(1000, 0, cached_tokens=900)).total_price
        < price("openai", "gpt-4o-mini", Usage(1000, 0)).total_price
    )


def test_usage_has_the_fields_that_clients_read() -> None:
    usage = Usage(1000, 10)
    told = Receipt(usage, price("openai", "gpt-4o-mini", usage), 1.23456, 0.2, 1.03456).as_dict()
    assert told == {
        "prompt_tokens": 1000,
        "prompt_unit_price": "0.00015",
        "prompt_price_unit": "0.001",
        "prompt_price": "0.00015",
        "completion_tokens": 10,
        "completion_unit_price": "0.0006",
        "completion_price_unit": "0.001",
        "completion_price": "0.000006",
        "total_tokens": 1010,
        "total_price": "0.000156",
        "currency": "USD",
        "latency": 1.235,
        "time_to_first_token": 0.2,
        "time_to_generate": 1.035,
    }


def test_decimals_are_written_without_exponents() -> None:
    assert [decimal_text(Decimal(text)) for text in ("0E-7", "1.50", "100", "1E-7")] == ["0", "1.5", "100", "0.0000001"]
