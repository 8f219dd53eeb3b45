import base64

import pytest

from foundation.secrets import (
    Sealer,
    SealError,
    TokenError,
    hash_password,
    hash_token,
    issue_jwt,
    new_token,
    read_jwt,
    sign,
    signature_matches,
    verify_password,
)

KEY = "an installation's secret key"


def test_a_password_is_known_by_its_hash_alone() -> None:
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first != second
    assert verify_password(first, "correct horse")
    assert not verify_password(first, "Correct horse")
    assert not verify_password("not a hash", "correct horse")


def test_tokens_are_long_random_and_prefixed() -> None:
    made = {new_token("app-") for _ in range(100)}
    assert len(made) == 100
    assert all(token.startswith("app-") and len(token) == 28 and token[4:].isalnum() for token in made)
    assert len(hash_token(next(iter(made)))) == 64


def test_a_sealed_value_opens_with_its_key_only() -> None:
    sealed = Sealer(KEY).seal({"api_key": "sk-1"})
    assert "sk-1" not in sealed
    assert Sealer(KEY).open(sealed) == {"api_key": "sk-1"}
    with pytest.raises(SealError, match="PARLEY_SECRET_KEY"):
        Sealer(KEY + "!").open(sealed)


def test_a_changed_sealed_value_does_not_open() -> None:
    raw = bytearray(base64.urlsafe_b64decode(Sealer(KEY).seal({"a": 1})))
    raw[-1] ^= 1
    for broken in (base64.urlsafe_b64encode(bytes(raw)).decode(), "", "AAAA", "§"):
        with pytest.raises(SealError):
            Sealer(KEY).open(broken)


def test_a_jwt_serves_one_purpose_until_it_expires() -> None:
    token = issue_jwt(KEY, "console", {"sub": "ada"}, 60)
    assert read_jwt(KEY, "console", token)["sub"] == "ada"
    for key, purpose, wrong in (
        (KEY, "web", token),
        (KEY + "!", "console", token),
        (KEY, "console", token[:-4] + "AAAA"),
        (KEY, "console", "not.a.token"),
        (KEY, "console", ""),
    ):
        with pytest.raises(TokenError):
            read_jwt(key, purpose, wrong)
    with pytest.raises(TokenError, match="expired"):
        read_jwt(KEY, "console", issue_jwt(KEY, "console", {}, -10))


def test_an_unsigned_jwt_is_refused() -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(b'{"sub":"ada","aud":"console","exp":9999999999}').rstrip(b"=").decode()
    with pytest.raises(TokenError):
        read_jwt(KEY, "console", f"{head}.{body}.")


def test_a_signature_belongs_to_its_text() -> None:
    signature = sign(KEY, "files/1?until=5")
    assert signature_matches(KEY, "files/1?until=5", signature)
    assert not signature_matches(KEY, "files/2?until=5", signature)
    assert not signature_matches(KEY, "files/1?until=5", "é")
