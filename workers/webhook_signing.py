"""Signatures of webhooks as https://www.standardwebhooks.com/ describes them: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from foundation.secrets import Sealer

PREFIX = "whsec_"
SECRET_BYTES = 32
OVERLAP_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """A webhook's secret and, for a day after it was changed, the one before; `until` is in unix seconds."""

    current: str
    previous: str | None = None
    until: float = 0.0

    @classmethod
    def new(cls) -> SigningSecrets:
        """Make the first secret of a webhook."""
        return cls(_new_secret())

    @classmethod
    def open(cls, sealer: Sealer, sealed: str) -> SigningSecrets:
        """Read what `seal` wrote.

        Raises:
            foundation.secrets.SealError: it was sealed with another key.
        """
        fields: dict[str, Any] = sealer.open(sealed)
        return cls(fields["current"], fields["previous"], fields["until"])

    def seal(self, sealer: Sealer) -> str:
        """Return the secrets as they are stored."""
        return sealer.seal({"current": self.current, "previous": self.previous, "until": self.until})

    def rotated(self) -> SigningSecrets:
        """Return a new secret beside this one, which signs too until its receiver has had time to change it."""
        return SigningSecrets(_new_secret(), self.current, time.time() + OVERLAP_SECONDS)

    def valid(self) -> tuple[str, ...]:
        """Return the secrets that sign now, the current one first."""
        return (self.current, self.previous) if self.previous and time.time() < self.until else (self.current,)


def signed_headers(valid: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a message.

    Args:
        valid: the secrets to sign with.
        message_id: the same for every attempt at a message.
        timestamp: of this attempt, in unix seconds.
        body: the exact bytes that are sent.
    """
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in valid),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
