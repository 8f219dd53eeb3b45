"""What a model call costs, and the `usage` object that clients are told.

Prices come from the `genai-prices` catalogue that ships in its package (no network). A price that it does not
know is 0 and marked as unknown, never a guess.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.providers.events import Usage

CURRENCY = "USD"
PRICE_UNIT = Decimal("0.001")
_ZERO = Decimal(0)
_MILLIONTH = Decimal("0.0000001")
_FREE = frozenset({"builtin"})
_CATALOGUE_NAMES = {"openai": "openai", "azure_openai": "azure", "anthropic": "anthropic", "gemini": "google"}


@dataclass(frozen=True, slots=True)
class Charge:
    """The price of one call. Unit prices are for 1 000 tokens; `known` is false where no price is listed."""

    prompt_unit_price: Decimal = _ZERO
    completion_unit_price: Decimal = _ZERO
    prompt_price: Decimal = _ZERO
    completion_price: Decimal = _ZERO
    known: bool = False

    @property
    def total_price(self) -> Decimal:
        """Prompt and completion together."""
        return self.prompt_price + self.completion_price


@dataclass(frozen=True, slots=True)
class Receipt:
    """Tokens, price and times (in seconds) of one answer.

    `tokens_below` and `price_below` are what models took in workflows that were called on the way: they count in the
    totals alone.
    """

    usage: Usage
    charge: Charge
    latency: float
    time_to_first_token: float
    time_to_generate: float
    tokens_below: int = 0
    price_below: Decimal = _ZERO

    @property
    def total_tokens(self) -> int:
        """All tokens, those of called workflows among them."""
        return self.usage.total_tokens + self.tokens_below

    @property
    def total_price(self) -> Decimal:
        """The whole price, that of called workflows with it."""
        return self.charge.total_price + self.price_below

    @classmethod
    def nothing(cls, latency: float = 0.0) -> Receipt:
        """Returns the receipt of an answer that no model was asked for, and that took `latency` seconds."""
        return cls(Usage(), Charge(known=True), latency, 0.0, 0.0)

    def metadata(self) -> dict[str, Any]:
        """Returns what the metadata of an answer say of its cost, `usage` and how far it is known."""
        told: dict[str, Any] = {"usage": self.as_dict()}
        if not self.charge.known:
            told["price_known"] = False
        if self.usage.estimated:
            told["usage_estimated"] = True
        return told

    def as_dict(self) -> dict[str, Any]:
        """Returns the `usage` object of the API: prices are strings, times are numbers."""
        return {
            "prompt_tokens": self.usage.prompt_tokens,
            "prompt_unit_price": decimal_text(self.charge.prompt_unit_price),
            "prompt_price_unit": decimal_text(PRICE_UNIT),
            "prompt_price": decimal_text(self.charge.prompt_price),
            "completion_tokens": self.usage.completion_tokens,
            "completion_unit_price": decimal_text(self.charge.completion_unit_price),
            "completion_price_unit": decimal_text(PRICE_UNIT),
            "completion_price": decimal_text(self.charge.completion_price),
            "total_tokens": self.total_tokens,
            "total_price": decimal_text(self.total_price),
            "currency": CURRENCY,
            "latency": round(self.latency, 3),
            "time_to_first_token": round(self.time_to_first_token, 3),
            "time_to_generate": round(self.time_to_generate, 3),
        }


def price(provider: str, model: str, usage: Usage, base_url: str = "") -> Charge:
    """Returns what `usage` costs at a provider; `base_url` tells who serves a compatible endpoint."""
    if provider in _FREE:
        return Charge(known=True)
    who: dict[str, str] = {}
    if provider in _CATALOGUE_NAMES:
        who["provider_id"] = _CATALOGUE_NAMES[provider]
    elif base_url and provider != "ollama":
        who["provider_api_url"] = base_url
    else:
        return Charge()
    catalogue = importlib.import_module("genai_prices")
    counted = catalogue.Usage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cache_read_tokens=usage.cached_tokens or None,
        cache_write_tokens=usage.cache_write_tokens or None,
    )
    try:
        found = catalogue.calc_price(counted, model, **who)
    except (LookupError, ValueError):
        return Charge()
    return Charge(
        prompt_unit_price=_unit(found.model_price.input_mtok, found.input_price, usage.prompt_tokens),
        completion_unit_price=_unit(found.model_price.output_mtok, found.output_price, usage.completion_tokens),
        prompt_price=_exact(found.input_price),
        completion_price=_exact(found.output_price),
        known=True,
    )


def load_catalogue() -> None:
    """Imports the price catalogue (a third of a second), so that no answer has to wait for it."""
    importlib.import_module("genai_prices")


def decimal_text(value: Decimal) -> str:
    """Returns a decimal without an exponent and without zeros at its end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unit(listed: object, paid: Decimal, tokens: int) -> Decimal:
    """Returns the price of 1 000 tokens: the listed one, or the one paid where the list has several tiers."""
    if isinstance(listed, Decimal):
        return listed / 1000
    return _exact(paid * 1000 / tokens) if tokens else _ZERO


def _exact(value: Decimal | None) -> Decimal:
    return (value or _ZERO).quantize(_MILLIONTH)
