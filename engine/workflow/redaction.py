"""Hides secrets from what is told and stored about a node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.workflow.values import Value

HIDDEN = "******"
_SHORTEST = 4


class Redaction:
    """Replaces the values of secret variables wherever they stand."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Takes the secrets of a run.

        Args:
            secrets: the texts to hide; those of less than four characters are no secrets.
        """
        self._secrets = sorted((text for text in secrets if len(text) >= _SHORTEST), key=len, reverse=True)

    def hide(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Returns the values without the secrets."""
        if not self._secrets:
            return dict(values)
        return {name: self._hide(value) for name, value in values.items()}

    def _hide(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, HIDDEN)
            return value
        if isinstance(value, Mapping):
            return {name: self._hide(entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [self._hide(entry) for entry in value]
        return value
