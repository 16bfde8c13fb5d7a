"""What people type about a provider and its practitioners."""

import re
from dataclasses import asdict
from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticKnownError

from app.providers import rules
from app.web.forms import Form

WEBSITE_MOST: Final = 200


def _one_line(typed: str) -> str:
    """Line breaks and control characters become one space: a name at the top of a mail is never two lines of it."""
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", typed).strip()
    if not line:
        raise PydanticKnownError("missing")
    return line


Line = Annotated[str, BeforeValidator(_one_line)]


class ProfileForm(Form):
    name: Line = Field(title="the name of the provider", max_length=200)
    summary: str = Field(title="a summary of what you do", max_length=2000)
    telephone: Line = Field(default="", title="telephone number", max_length=40)
    website: Line = Field(default="", title="website address", max_length=WEBSITE_MOST)
    company_number: Line | None = Field(default=None, title="company number")
    charity_number: Line | None = Field(default=None, title="charity number")

    @field_validator("telephone")
    @classmethod
    def _telephone(cls, typed: str) -> str:
        if len(re.sub(r"\D", "", typed)) < 10 or re.search(r"[^\d\s+()-]", typed):
            raise ValueError("Enter a telephone number, like 01632 960 001 or +44 1632 960 001")
        return typed

    @field_validator("website")
    @classmethod
    def _website(cls, typed: str) -> str:
        full = typed if "://" in typed else f"https://{typed}"
        if not re.fullmatch(r"https?://[\w-]+(\.[\w-]+)+(/\S*)?", full):
            raise ValueError("Enter a website address, like www.example.org")
        if len(full) > WEBSITE_MOST:
            raise ValueError(f"Website address must be {WEBSITE_MOST} characters or fewer, with its https://")
        return full

    @field_validator("company_number")
    @classmethod
    def _company_number(cls, typed: str) -> str:
        tidy = rules.tidy_company_number(typed)
        if len(tidy) > 8:
            raise ValueError("Company number must be 8 characters or fewer")
        return tidy

    @field_validator("charity_number")
    @classmethod
    def _charity_number(cls, typed: str) -> str:
        tidy = rules.tidy_charity_number(typed)
        if len(tidy) > 10:
            raise ValueError("Charity number must be 10 characters or fewer")
        return tidy

    def facts(self) -> rules.Facts:
        return rules.Facts(**{name: getattr(self, name) for name in ProfileForm.model_fields})


class RegistrationForm(ProfileForm):
    WORDS: ClassVar[dict[str, str]] = {"terms": "Accept the terms to register"}

    kind: rules.ProviderKind = Field(title="what kind of provider you are")
    terms: Literal["true"] = Field(title="the terms")

    def registration(self) -> rules.Registration:
        return rules.Registration(**asdict(self.facts()), kind=self.kind)


class PractitionerForm(Form):
    full_name: Line = Field(title="the practitioner’s full name", max_length=200)
    profession: Line = Field(title="their profession", max_length=120)
    body_slug: str | None = Field(default=None, title="the professional body", max_length=20)
    registration_number: Line = Field(default="", title="registration number", max_length=40)


class TherapiesForm(Form):
    therapies: list[str] = Field(default=[], title="the therapies you offer")


class AreasForm(Form):
    areas: list[UUID] = Field(default=[], title="the areas you cover")
