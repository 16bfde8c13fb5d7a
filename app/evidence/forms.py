"""What people type about evidence."""

from datetime import date
from typing import ClassVar, cast
from uuid import UUID

from pydantic import Field, field_validator
from starlette.datastructures import UploadFile

from app.core.money import to_pence
from app.core.segments import Draft
from app.evidence.rules import ItemFacts, Reason
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

    @property
    def draft(self) -> Draft:
        """Where its bytes are: `web.uploads` puts them into one."""
        return cast(Draft, self.file.file)


class VerifyForm(Form):
    how: str = Field(title="what you looked at", max_length=400)
    saw_original: bool = Field(default=False, title="the original")


class ReturnForm(Form):
    reason: Reason = Field(title="a reason")
    fix: str = Field(title="exactly what the provider should do", max_length=1000)
