"""Settings come from the environment by name, cannot be changed, and are refused in production while unsafe."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.settings import DEVELOPMENT_KEYHOLDER_TOKEN, DEVELOPMENT_SECRET, KeyholderSettings, Settings

SAFE: dict[str, Any] = {
    "environment": "production",
    "database_url": "postgresql+psycopg://portal@database/portal",
    "blob_url": "s3://portal",
    "mail_url": "smtps://portal:secret@mail.example",
    "public_url": "https://portal.example",
    "allowed_hosts": "portal.example",
    "secret_key": "k" * 32,
    "document_keys": "2027:" + "A" * 43 + "=",
    "receipt_keys": "2027:" + "A" * 43 + "=",
    "keyholder_token": "t" * 32,
}

UNSAFE = [
    ({"secret_key": DEVELOPMENT_SECRET}, "PORTAL_SECRET_KEY is the development one"),
    ({"secret_key": "k" * 31}, "PORTAL_SECRET_KEY is shorter than 32 characters"),
    ({"demonstration": True}, "PORTAL_DEMONSTRATION is on"),
    ({"document_keys": Settings().document_keys}, "PORTAL_DOCUMENT_KEYS holds the development one"),
    ({"receipt_keys": Settings().receipt_keys}, "PORTAL_RECEIPT_KEYS holds the development one"),
    ({"keyholder_token": DEVELOPMENT_KEYHOLDER_TOKEN}, "PORTAL_KEYHOLDER_TOKEN is the development one"),
    ({"keyholder_token": "t" * 31}, "PORTAL_KEYHOLDER_TOKEN is shorter than 32 characters"),
    ({"scanner": "development"}, "PORTAL_SCANNER is the development scanner"),
    ({"public_url": "http://portal.example"}, "PORTAL_PUBLIC_URL is not https"),
    ({"allowed_hosts": "*"}, "PORTAL_ALLOWED_HOSTS admits every host"),
    ({"opening_drain_seconds": 59}, "PORTAL_OPENING_DRAIN_SECONDS is under 60"),
    ({"mail_url": "folder:var/mail"}, "PORTAL_MAIL_URL writes mail to a folder"),
]


def test_safe_production_settings_are_accepted() -> None:
    assert Settings(**SAFE).production


@pytest.mark.parametrize(("unsafe", "words"), UNSAFE, ids=lambda part: part if isinstance(part, str) else "")
def test_each_unsafe_setting_is_refused_by_name_and_alone(unsafe: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match="refusing to start in production") as refused:
        Settings(**(SAFE | unsafe))
    named = str(refused.value).partition("in production: ")[2].partition(" [type=")[0]
    assert named == words


def test_the_defaults_are_refused_all_at_once() -> None:
    with pytest.raises(ValueError, match="refusing to start in production") as refused:
        Settings(environment="production")
    for name in ("SECRET_KEY", "PUBLIC_URL", "ALLOWED_HOSTS", "MAIL_URL"):
        assert f"PORTAL_{name}" in str(refused.value)


@pytest.mark.parametrize(("unsafe", "words"), UNSAFE, ids=lambda part: part if isinstance(part, str) else "")
def test_a_newcomer_may_use_every_convenience(unsafe: dict[str, Any], words: str) -> None:
    assert not Settings(**(SAFE | unsafe | {"environment": "development"})).production


@pytest.mark.parametrize(
    "wrong", [{"threads": 0}, {"processes": 65}, {"session_idle_minutes": 1}, {"scanner": "none!"}]
)
def test_a_setting_outside_its_bounds_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_THREADS", "4")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere.db")
    monkeypatch.setenv("PORT", "8123")
    read = Settings()
    assert (read.threads, read.database_url, read.port) == (4, "sqlite:///elsewhere.db", 8123)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().threads = 4  # type: ignore[misc]


def test_a_child_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (Settings(**SAFE, threads=7, port=9001), Settings(demonstration=True, scanner="development")):
        for name, value in given.environment_for_children().items():
            monkeypatch.setenv(name, value)
        assert Settings() == given


KEYHOLDER: dict[str, Any] = {"environment": "production", "master_keys": SAFE["document_keys"], "token": "t" * 32}


@pytest.mark.bar("S3")
@pytest.mark.parametrize(
    ("unsafe", "words"),
    [
        ({"master_keys": KeyholderSettings().master_keys}, "KEYHOLDER_MASTER_KEYS holds the development one"),
        ({"token": DEVELOPMENT_KEYHOLDER_TOKEN}, "KEYHOLDER_TOKEN is the development one"),
        ({"token": "t" * 31}, "KEYHOLDER_TOKEN is shorter than 32 characters"),
        ({"opening_drain_seconds": 59}, "KEYHOLDER_OPENING_DRAIN_SECONDS is under 60"),
    ],
)
def test_the_keyholder_refuses_each_unsafe_setting_in_production_alone(unsafe: dict[str, Any], words: str) -> None:
    assert KeyholderSettings(**KEYHOLDER) and KeyholderSettings(**(KEYHOLDER | unsafe | {"environment": "development"}))
    with pytest.raises(ValueError, match="refusing to start in production: " + words):
        KeyholderSettings(**(KEYHOLDER | unsafe))


@pytest.mark.parametrize("url", ["http://keyholder.example", "http://127.0.0.1.example", "ftp://127.0.0.1"])
def test_the_keyholder_is_never_asked_in_the_open(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(keyholder_url=url)
