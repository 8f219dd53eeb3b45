"""Passwords, tokens, signatures and sealed values. Nothing secret is stored as it was given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import string
import time
from typing import Any

import argon2
import jwt
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ALPHABET = string.ascii_letters + string.digits
_TOKEN_LENGTH = 24
_NONCE_LENGTH = 12
_ALGORITHM = "HS256"
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class SealError(Exception):
    """A sealed value does not open: it was changed, or sealed with another secret key."""


class TokenError(Exception):
    """A signed token is malformed, forged, expired, or meant for another purpose."""


def hash_password(password: str) -> str:
    """Returns the argon2id hash of `password`. Takes tens of milliseconds: call it in a thread."""
    return _HASHER.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Tells whether `password` is the one behind `password_hash`. Call it in a thread."""
    try:
        return _HASHER.verify(password_hash, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def hash_token(token: str) -> str:
    """Returns the SHA-256 of `token` in hex: for long random tokens (keys), never for passwords."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token(prefix: str = "") -> str:
    """Returns `prefix` followed by 24 random ASCII letters and digits (142 bits)."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_TOKEN_LENGTH))


def sign(secret: str, text: str) -> str:
    """Returns the HMAC-SHA-256 of `text` as URL-safe text without padding."""
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def signature_matches(secret: str, text: str, signature: str) -> bool:
    """Tells, in constant time, whether `signature` is what `sign` gives for `text`."""
    return hmac.compare_digest(sign(secret, text).encode(), signature.encode())


def issue_jwt(secret: str, purpose: str, claims: dict[str, Any], lifetime: float) -> str:
    """Signs a token.

    Args:
        secret: the installation's secret key.
        purpose: the audience; a token for one purpose is not accepted for another.
        claims: what the token says (JSON values).
        lifetime: seconds until it expires.

    Returns:
        The compact JWT.
    """
    now = int(time.time())
    payload = {**claims, "aud": purpose, "iat": now, "exp": now + int(lifetime)}
    return jwt.encode(payload, _signing_key(secret), algorithm=_ALGORITHM)


def read_jwt(secret: str, purpose: str, token: str) -> dict[str, Any]:
    """Verifies a token of `issue_jwt` and returns its claims.

    Raises:
        TokenError: it is malformed, forged, expired, or was issued for another purpose.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _signing_key(secret),
            algorithms=[_ALGORITHM],
            audience=purpose,
            options={"require": ["exp", "aud"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenError("The token has expired.") from error
    except jwt.PyJWTError as error:
        raise TokenError("The token is not valid.") from error
    return claims


class Sealer:
    """Encrypts small JSON values at rest (provider credentials) with AES-256-GCM."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(_derive(secret_key, "seal"))

    def seal(self, value: dict[str, Any]) -> str:
        """Returns `value` encrypted and authenticated, as text."""
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, orjson.dumps(value), None)).decode()

    def open(self, sealed: str) -> dict[str, Any]:
        """Returns the value behind `sealed`.

        Raises:
            SealError: the text was changed, or was sealed with another secret key.
        """
        try:
            raw = base64.urlsafe_b64decode(sealed.encode())
            value: dict[str, Any] = orjson.loads(self._cipher.decrypt(raw[:_NONCE_LENGTH], raw[_NONCE_LENGTH:], None))
        except (ValueError, InvalidTag) as error:
            message = "A stored secret does not open: PARLEY_SECRET_KEY is not the key that it was sealed with."
            raise SealError(message) from error
        return value


def _derive(secret: str, purpose: str) -> bytes:
    """Gives each use of the secret key 32 bytes of its own."""
    return hashlib.sha256(f"parley/{purpose}/{secret}".encode()).digest()


def _signing_key(secret: str) -> bytes:
    return _derive(secret, "jwt")
