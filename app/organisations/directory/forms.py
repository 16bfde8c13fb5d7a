"""What an administrator types to record a change of agencies, or who signs for one."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from app.organisations.directory.rules import ChangeFacts
from app.organisations.rules import LegalForm
from app.web.forms import Form


class ChangeForm(Form):
    WORDS: ClassVar[dict[str, str]] = {
        "effective_on": "Enter the day from which this is so, like 1 4 2027",
        "source": "Enter where this can be read, such as the address of a page",
    }

    agencies: list[UUID] = Field(default=[], title="the agencies")
    authorities: list[UUID] = Field(default=[], title="the authorities")
    into: UUID | None = Field(default=None, title="the agency they go to")
    new_name: str = Field(default="", title="the name of the new agency", max_length=200, validate_default=True)
    effective_on: date
    source: str = Field(max_length=500)

    @field_validator("new_name")
    @classmethod
    def _one_of_two(cls, new_name: str, given: ValidationInfo) -> str:
        if bool(new_name) == bool(given.data.get("into")):
            raise ValueError("Choose an agency from the list or enter the name of a new one, one of the two")
        return new_name

    def facts(self) -> ChangeFacts:
        return ChangeFacts(
            agencies=frozenset(self.agencies),
            authorities=frozenset(self.authorities),
            into=self.into,
            new_name=self.new_name,
            effective_on=self.effective_on,
            source=self.source,
        )


class SignerForm(Form):
    WORDS: ClassVar[dict[str, str]] = {
        "form": "Select what kind of body it is",
        "valid_from": "Enter the day from which it signs, like 1 4 2027",
        "source": "Enter where this can be read, such as the address of a page",
    }

    name: str = Field(title="the name of the body that signs", max_length=200)
    form: LegalForm
    valid_from: date
    source: str = Field(max_length=500)
