import stat
from pathlib import Path

import pytest

from foundation.settings import Settings, SettingsError, load_settings, variable_names


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path / "home"))


def test_an_unknown_setting_is_an_error_that_names_it_and_the_likely_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_PROT", "5001")
    with pytest.raises(SettingsError, match=r"Unknown setting PARLEY_PROT\. Did you mean PARLEY_PORT\?"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PARLEY_PORT", "many", "PARLEY_PORT: .*integer"),
        ("PARLEY_PORT", "70000", "PARLEY_PORT: .*65535"),
        ("DATABASE_URL", "sqlite:///x.db", "DATABASE_URL: must be a PostgreSQL address"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL: must be a Redis address"),
        ("PARLEY_SECRET_KEY", "short", "PARLEY_SECRET_KEY: must have at least 16"),
        ("PARLEY_PUBLIC_URL", "example.com", "PARLEY_PUBLIC_URL: must start with http"),
        ("PARLEY_LOG_LEVEL", "loud", "PARLEY_LOG_LEVEL: "),
        ("SSRF_ALLOW_CIDRS", "10.0.0.0/99", "SSRF_ALLOW_CIDRS: "),
        ("PARLEY_PLUGIN_CATALOG_DIR", "/no/such/folder", "PARLEY_PLUGIN_CATALOG_DIR: must name a folder"),
        ("PARLEY_PLANS", '{"gold": {}}', "PARLEY_PLANS: unknown plan 'gold'"),
        ("PARLEY_PLANS", '{"sandbox"', "PARLEY_PLANS: must be JSON"),
        ("PARLEY_PLANS", '{"sandbox": {"per_minut": 5}}', r"PARLEY_PLANS: sandbox\.per_minut: "),
        ("PARLEY_PLANS", '{"sandbox": {"per_minute": -5}}', r"PARLEY_PLANS: sandbox\.per_minute: .*0"),
        ("PARLEY_CORS_ORIGINS", "https://a.example,b.example", "PARLEY_CORS_ORIGINS: 'b.example' is no origin"),
        ("PARLEY_CORS_ORIGINS", "https://a.example/app", "PARLEY_CORS_ORIGINS: .* is no origin"),
        ("PARLEY_OWNER_EMAIL", "ada@example.com", "PARLEY_OWNER_EMAIL and PARLEY_OWNER_PASSWORD"),
        ("PARLEY_OWNER_EMAIL", "ada", "PARLEY_OWNER_EMAIL: must be an email address"),
        ("PARLEY_OWNER_PASSWORD", "p" * 513, "PARLEY_OWNER_PASSWORD: .*512"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_settings()
    assert len(first.secret_key) >= 32
    assert load_settings().secret_key == first.secret_key
    file = tmp_path / "home" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(secret_key="k" * 20, owner_password="hunter22", openai_api_key="sk-1"))
    assert "hunter22" not in shown
    assert "kkkk" not in shown
    assert "sk-1" not in shown


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_CORS_ORIGINS", "https://a.example, https://b.example:8443/,")
    assert load_settings().cors_origins == ("https://a.example", "https://b.example:8443")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("http://box:9000/", "http://box:9000"),
        ("box:9000", "http://box:9000"),
    ],
)
def test_ollama_is_found_by_what_ollama_itself_accepts(given: str, address: str) -> None:
    assert Settings(ollama_host=given).ollama_host == address


def test_a_plan_can_be_changed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_PLANS", '{"sandbox": {"per_minute": 5}}')
    plans = load_settings().plans
    assert plans["sandbox"].per_minute == 5
    assert plans["team"].per_hour == 30_000


def test_every_setting_says_what_it_does() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert len(set(variable_names().values())) == len(Settings.model_fields)
