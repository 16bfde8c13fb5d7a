"""What people type about each part of a practitioner's record."""

from datetime import date
from typing import Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.providers import rules
from app.providers.forms import Line
from app.web.forms import Form


class NameForm(Form):
    full_name: Line = Field(title="the practitioner’s full name", max_length=200)
    profession: Line = Field(title="their profession", max_length=120)


class RegistrationEntryForm(Form):
    body_slug: str | None = Field(default=None, title="the professional body", max_length=20)
    number: Line = Field(title="the registration number", max_length=40)
    expires_on: date | None = Field(default=None, title="the date on which it expires")


class QualificationForm(Form):
    name: Line = Field(title="the name of the qualification", max_length=200)
    awarding_body: Line = Field(default="", title="who awarded it", max_length=200)
    year: int | None = Field(default=None, title="the year", ge=1940, le=2100)


class TherapyForm(Form):
    therapy: str = Field(title="the therapy", max_length=60)
    ground: UUID = Field(title="the registration or qualification that allows it")
    note: Line = Field(default="", title="what else allows it", max_length=300)


class SupervisionForm(Form):
    supervisor: Line = Field(title="the supervisor’s name", max_length=200)
    body: Line = Field(default="", title="the supervisor’s professional body", max_length=200)
    frequency: rules.Frequency = Field(title="how often they meet")
    last_on: date | None = Field(default=None, title="the date of the last meeting")


class InsuranceForm(Form):
    insurer: Line = Field(title="the insurer", max_length=200)
    policy_number: Line = Field(default="", title="the policy number", max_length=80)
    expires_on: date = Field(title="the date on which it expires")


class DbsForm(Form):
    certificate_number: Line = Field(title="the certificate number", max_length=40)
    issued_on: date = Field(title="the date of issue")
    level: rules.DbsLevel = Field(title="the level")
    workforce: rules.Workforce = Field(title="the workforce")
    children_barred: bool = Field(default=False, title="children’s barred list")
    adults_barred: bool = Field(default=False, title="adults’ barred list")
    update_service: bool = Field(default=False, title="Update Service")
    consented_on: date | None = Field(default=None, title="the date of consent")

    @model_validator(mode="after")
    def _consent_without_service(self) -> Self:
        if self.consented_on and not self.update_service:
            raise ValueError("Tick the Update Service, or leave the date of consent empty")
        return self


FORMS: Final[dict[str, type[Form]]] = {
    "name": NameForm,
    "registration": RegistrationEntryForm,
    "qualification": QualificationForm,
    "therapy": TherapyForm,
    "supervision": SupervisionForm,
    "insurance": InsuranceForm,
    "dbs": DbsForm,
}
