"""What people type about evidence."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field, field_validator
from starlette.datastructures import UploadFile

from app.accounts.forms import EmailAddress
from app.core.money import to_pence
from app.evidence.rules import ItemFacts, Reason
from app.evidence.rules.dbs import DbsFacts, Level, StatusResult, Workforce
from app.providers.forms import Line
from app.web.forms import Form


class ItemForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"practitioner_id": "Select whose evidence this is"}

    practitioner_id: UUID | None = Field(default=None, title="whose evidence this is")
    issuer: Line = Field(default="", title="the issuer", max_length=200)
    reference: Line = Field(default="", title="the reference", max_length=80)
    cover: int | None = Field(default=None, title="the amount of cover")
    starts_on: date | None = Field(default=None, title="start date")
    expires_on: date | None = Field(default=None, title="expiry date")

    @field_validator("cover", mode="before")
    @classmethod
    def _pence(cls, typed: str) -> int:
        try:
            return to_pence(typed)
        except ValueError:
            raise ValueError("The amount of cover must be an amount of money, like £5,000,000") from None

    def facts(self, kind: str) -> ItemFacts:
        return ItemFacts(
            kind=kind,
            practitioner_id=self.practitioner_id,
            issuer=self.issuer,
            reference=self.reference,
            cover_pence=self.cover,
            starts_on=self.starts_on,
            expires_on=self.expires_on,
        )


class UploadForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"file": "Select a file"}

    file: UploadFile = Field(title="a file")


class VerifyForm(Form):
    how: str = Field(title="what you looked at", max_length=400)
    saw_original: bool = Field(default=False, title="the original")


class ReturnForm(Form):
    reason: Reason = Field(title="a reason")
    fix: str = Field(title="exactly what the provider should do", max_length=1000)


class ReminderAddressForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"practitioner_id": "Select a practitioner"}

    practitioner_id: UUID = Field(title="a practitioner")
    email: EmailAddress | None = None


class DbsForm(Form):
    WORDS: ClassVar[dict[str, str]] = {
        "level": "Select the level of the certificate",
        "workforce": "Select the workforce",
    }

    level: Level = Field(title="the level")
    workforce: Workforce = Field(title="the workforce")
    children_barred: bool = Field(default=False, title="the children’s barred list")
    adults_barred: bool = Field(default=False, title="the adults’ barred list")
    seen_by: Line = Field(default="", title="who saw the original", max_length=200)
    seen_on: date | None = Field(default=None, title="the day the original was seen")
    update_service: bool = Field(default=False, title="the consent")
    status_checked_on: date | None = Field(default=None, title="the day of the last status check")
    status_result: StatusResult | None = Field(default=None, title="the result of the last status check")

    def facts(self) -> DbsFacts:
        return DbsFacts(**self.model_dump())


class HoldForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"provider_id": "Select a provider"}

    provider_id: UUID = Field(title="a provider")
    reason: Line = Field(title="why its files must be kept", min_length=3, max_length=500)


class LiftForm(Form):
    lifted_reason: Line = Field(title="why the hold ends", min_length=3, max_length=500)


class SwitchForm(Form):
    asked: bool = False
