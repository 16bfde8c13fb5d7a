"""The only module that reads the environment: one frozen Settings, refused when it would be unsafe in production."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only-secret-never-use-in-production"  # noqa: S105 - refused in production below
DEVELOPMENT_MASTER_KEYS = "development:a2V5aG9sZGVyLW9ubHktbmV2ZXItcHJvZHVjdGlvbiE="
DEVELOPMENT_RECEIPT_KEYS = "development:cmVjZWlwdHMtb25seS1uZXZlci1pbi1wcm9kdWN0aW8="
DEVELOPMENT_KEYHOLDER_TOKEN = "development-only-token-never-use-in-production"  # noqa: S105 - as above
DEVELOPMENT_DOCUMENT_KEYS = "development:ZGV2ZWxvcG1lbnQtb25seS1uZXZlci1wcm9kdWN0aW8="


SAFE_ADDRESS = r"^(https://|http://(127\.0\.0\.1|\[::1\]|localhost)(:|/|$))"
"""Encrypted on its way, or on this machine."""


class Settings(BaseSettings):
    """Settings by name in the environment, each with the prefix PORTAL_ unless an alias is given.

    Raises `ValueError` at start when `environment` is production and a development convenience is still on.
    """

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, populate_by_name=True)

    environment: Literal["development", "test", "production"] = "development"
    database_url: str = Field(
        default="sqlite:///var/portal.db", validation_alias=AliasChoices("DATABASE_URL", "PORTAL_DATABASE_URL")
    )
    blob_url: str = "file:var/blobs"
    mail_url: str = "folder:var/mail"
    mail_from: str = "Adoption support portal <no-reply@portal.example>"
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, validation_alias=AliasChoices("PORT", "PORTAL_PORT"))
    allowed_hosts: str = "*"
    forwarded_by: str = "127.0.0.1"
    secret_key: str = DEVELOPMENT_SECRET
    document_keys: str = DEVELOPMENT_DOCUMENT_KEYS
    receipt_keys: str = DEVELOPMENT_RECEIPT_KEYS
    keyholder_url: str = Field(default="http://127.0.0.1:8001", pattern=SAFE_ADDRESS)
    keyholder_token: str = DEVELOPMENT_KEYHOLDER_TOKEN
    demonstration: bool = False
    companies_house_key: str = ""
    companies_house_url: str = "https://api.company-information.service.gov.uk"
    scanner: str = Field(default="none", pattern=r"^(none|development|clamd://[^/:\s]+:\d+|clamd\+unix:///\S+)$")
    upload_seconds: int = Field(default=600, ge=1)
    threads: int = Field(default=8, ge=1, le=200)
    processes: int = Field(default=1, ge=1, le=64)
    session_idle_minutes: int = Field(default=60, ge=5)
    session_hours: int = Field(default=12, ge=1)
    public_pages_per_minute: int = Field(default=60, ge=1)
    opening_drain_seconds: int = Field(default=60, ge=0)

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def root(self) -> Path:
        """The folder that holds app/, templates/, static/ and migrations/."""
        return Path(__file__).resolve().parents[1]

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if not self.production:
            return self
        wrong = [
            words
            for unsafe, words in (
                (self.secret_key == DEVELOPMENT_SECRET, "PORTAL_SECRET_KEY is the development one"),
                (len(self.secret_key) < 32, "PORTAL_SECRET_KEY is shorter than 32 characters"),
                (DEVELOPMENT_DOCUMENT_KEYS in self.document_keys, "PORTAL_DOCUMENT_KEYS holds the development one"),
                (DEVELOPMENT_RECEIPT_KEYS in self.receipt_keys, "PORTAL_RECEIPT_KEYS holds the development one"),
                (len(self.keyholder_token) < 32, "PORTAL_KEYHOLDER_TOKEN is shorter than 32 characters"),
                (self.keyholder_token == DEVELOPMENT_KEYHOLDER_TOKEN, "PORTAL_KEYHOLDER_TOKEN is the development one"),
                (self.demonstration, "PORTAL_DEMONSTRATION is on"),
                (self.scanner == "development", "PORTAL_SCANNER is the development scanner"),
                (not self.public_url.startswith("https://"), "PORTAL_PUBLIC_URL is not https"),
                (self.allowed_hosts == "*", "PORTAL_ALLOWED_HOSTS admits every host"),
                (self.opening_drain_seconds < 60, "PORTAL_OPENING_DRAIN_SECONDS is under 60"),
                (self.mail_url.startswith("folder:"), "PORTAL_MAIL_URL writes mail to a folder"),
            )
            if unsafe
        ]
        if wrong:
            raise ValueError("refusing to start in production: " + "; ".join(wrong))
        return self

    def environment_for_children(self) -> dict[str, str]:
        """This process's environment with these settings written into it, for a child that is to read the same."""
        own = {
            f"PORTAL_{name.upper()}": "" if value is None else str(value) for name, value in self.model_dump().items()
        }
        return {**os.environ, **own, "DATABASE_URL": self.database_url, "PORT": str(self.port)}


class KeyholderSettings(BaseSettings):
    """Those of the keyholder, a process of its own, each with the prefix KEYHOLDER_: no other process is given its master keys.

    Raises `ValueError` as `Settings` does.
    """

    model_config = SettingsConfigDict(env_prefix="KEYHOLDER_", frozen=True, populate_by_name=True)

    environment: Literal["development", "test", "production"] = Field(
        default="development", validation_alias=AliasChoices("KEYHOLDER_ENVIRONMENT", "PORTAL_ENVIRONMENT")
    )
    database_url: str = Field(
        default="sqlite:///var/portal.db", validation_alias=AliasChoices("KEYHOLDER_DATABASE_URL", "DATABASE_URL")
    )
    master_keys: str = DEVELOPMENT_MASTER_KEYS
    token: str = DEVELOPMENT_KEYHOLDER_TOKEN
    host: str = "127.0.0.1"
    port: int = 8001
    opening_drain_seconds: int = Field(
        default=60,
        ge=0,
        validation_alias=AliasChoices("KEYHOLDER_OPENING_DRAIN_SECONDS", "PORTAL_OPENING_DRAIN_SECONDS"),
    )

    @model_validator(mode="after")
    def _safe(self) -> Self:
        wrong = [
            words
            for unsafe, words in (
                (DEVELOPMENT_MASTER_KEYS in self.master_keys, "KEYHOLDER_MASTER_KEYS holds the development one"),
                (self.token == DEVELOPMENT_KEYHOLDER_TOKEN, "KEYHOLDER_TOKEN is the development one"),
                (len(self.token) < 32, "KEYHOLDER_TOKEN is shorter than 32 characters"),
                (self.opening_drain_seconds < 60, "KEYHOLDER_OPENING_DRAIN_SECONDS is under 60"),
            )
            if unsafe
        ]
        if self.environment == "production" and wrong:
            raise ValueError("refusing to start in production: " + "; ".join(wrong))
        return self


@lru_cache
def settings() -> Settings:
    return Settings()
