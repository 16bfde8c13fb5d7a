"""What people type about a provider and its practitioners."""

import re
from datetime import date
from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticKnownError

from app.providers import rules
from app.providers.rules.duplicates import Outcome
from app.providers.rules.sites import SiteFacts, StepFree, Use, tidy_postcode
from app.web.forms import Form

WEBSITE_MOST: Final = 200


def _one_line(typed: str) -> str:
    """Line breaks and control characters become one space: a name at the top of a mail is never two lines of it."""
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", typed).strip()
    if not line:
        raise PydanticKnownError("missing")
    return line


Line = Annotated[str, BeforeValidator(_one_line)]


class AboutForm(Form):
    name: Line = Field(title="the name of the provider", max_length=200)
    summary: str = Field(title="a summary of what you do", max_length=2000)
    telephone: Line = Field(default="", title="telephone number", max_length=40)
    website: Line = Field(default="", title="website address", max_length=WEBSITE_MOST)

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

    def about(self) -> rules.About:
        return rules.About(**self.model_dump())


def _number(known: rules.Identifier) -> BeforeValidator:
    """As it is stored: in one line, tidy, and no longer than the column."""

    def tidied(typed: str) -> str:
        tidy = known.tidy(_one_line(typed))
        if len(tidy) > known.most:
            label = rules.short_label(known.field)
            raise ValueError(f"{label[0].upper()}{label[1:]} must be {known.most} characters or fewer")
        return tidy

    return BeforeValidator(tidied)


CompanyNumber = Annotated[str, _number(rules.IDENTIFIERS["company_number"])]
CharityNumber = Annotated[str, _number(rules.IDENTIFIERS["charity_number"])]


class NumbersForm(Form):
    company_number: CompanyNumber | None = Field(default=None, title="company number")
    charity_number: CharityNumber | None = Field(default=None, title="charity number")
    ppon: Annotated[str, _number(rules.IDENTIFIERS["ppon"])] | None = Field(default=None, title="PPON")
    ofsted_urn: Annotated[str, _number(rules.IDENTIFIERS["ofsted_urn"])] | None = Field(default=None, title="URN")
    ico_number: Annotated[str, _number(rules.IDENTIFIERS["ico_number"])] | None = Field(default=None, title="number")
    share_code: Annotated[str, _number(rules.SHARE_CODE)] | None = Field(default=None, title="share code")
    current: bool = Field(default=False, title="your record being current")

    def numbers(self) -> rules.Numbers:
        return rules.Numbers(**self.model_dump(exclude={"current"}))


class RegistrationForm(Form):
    """The short first page: the rest is asked on the task list. `none_of_these`: the likely doubles were looked at."""

    WORDS: ClassVar[dict[str, str]] = {"terms": "Accept the terms to register"}

    kind: rules.ProviderKind = Field(title="what kind of provider you are")
    name: Line = Field(title="the name of the provider", max_length=200)
    company_number: CompanyNumber | None = Field(default=None, title="company number")
    charity_number: CharityNumber | None = Field(default=None, title="charity number")
    terms: Literal["true"] = Field(title="the terms")
    none_of_these: bool = Field(default=False, title="none of these")

    def registration(self) -> rules.Registration:
        return rules.Registration(**self.model_dump(exclude={"terms", "none_of_these"}))


class SiteForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"step_free": "Select whether it is step-free", "uses": "Tick what happens there"}

    name: Line = Field(title="a name for the site", max_length=120)
    address: str = Field(title="the address", max_length=500)
    postcode: Line = Field(title="the postcode", max_length=10)
    uses: list[Use] = Field(title="what happens there")
    step_free: StepFree = Field(title="whether it is step-free")
    access: str = Field(default="", title="access notes", max_length=500)
    parking: str = Field(default="", title="parking", max_length=500)
    transport: str = Field(default="", title="public transport", max_length=500)

    def facts(self) -> SiteFacts:
        told = self.model_dump() | {"postcode": tidy_postcode(self.postcode)}
        return SiteFacts(**told | {"uses": tuple(use for use in Use if use in self.uses)})


class ConsortiumForm(Form):
    name: Line = Field(title="a name for the consortium", max_length=200)


class MemberForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"known_as": "Enter the provider’s name, or one of its official numbers"}

    known_as: Line = Field(title="the provider’s name or number", max_length=200)


class JoinForm(Form):
    WORDS: ClassVar[dict[str, str]] = {
        "known_as": "Enter the provider’s name, or one of its official numbers",
        "words": "Say who you are, so that an owner knows you",
    }

    known_as: Line = Field(title="the provider’s name or number", max_length=200)
    words: str = Field(title="what you say to its owners", max_length=1000)


class SettleForm(Form):
    outcome: Outcome = Field(title="whether they are one")


class PauseForm(Form):
    until: date | None = Field(default=None, title="the day you return")


class ArchiveForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"sure": "Tick the box to say that you are sure"}

    sure: Literal["true"] = Field(title="that you are sure")


class PractitionerForm(Form):
    full_name: Line = Field(title="the practitioner’s full name", max_length=200)
    profession: Line = Field(title="their profession", max_length=120)
    body_slug: str | None = Field(default=None, title="the professional body", max_length=20)
    registration_number: Line = Field(default="", title="registration number", max_length=40)


class TherapiesForm(Form):
    therapies: list[str] = Field(default=[], title="the therapies you offer")


class AreasForm(Form):
    """`regions` are the regions ticked as a whole, `were` those whose box was ticked when the page was made."""

    areas: list[UUID] = Field(default=[], title="the areas you cover")
    regions: list[str] = Field(default=[], title="whole regions")
    were: list[str] = Field(default=[], title="whole regions before")
