"""What people type about evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field, create_model, field_validator
from starlette.datastructures import UploadFile

from app.accounts.forms import EmailAddress
from app.core.money import to_pence
from app.evidence.rules import Answer, Found, ItemFacts, Point, Rating, Reason, Tick, unanswered
from app.evidence.rules.dbs import DbsFacts, Level, StatusResult, Workforce
from app.providers.forms import Line
from app.web.forms import Form, Posted


class ItemForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"practitioner_id": "Select whose evidence this is"}

    practitioner_id: UUID | None = Field(default=None, title="whose evidence this is")
    issuer: Line = Field(default="", title="the issuer", max_length=200)
    reference: Line = Field(default="", title="the reference", max_length=80)
    cover: int | None = Field(default=None, title="the amount of cover")
    starts_on: date | None = Field(default=None, title="start date")
    expires_on: date | None = Field(default=None, title="expiry date")
    answer: Answer | None = Field(default=None, title="the answer that is true today")
    rating: Rating | None = Field(default=None, title="the rating")
    inspected_on: date | None = Field(default=None, title="the date of the inspection")
    confidential_reason: Line = Field(default="", title="why it is confidential", max_length=300)
    registration_id: UUID | None = Field(default=None, title="the registration")
    qualification_id: UUID | None = Field(default=None, title="the qualification")

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
            answer=self.answer,
            rating=self.rating,
            inspected_on=self.inspected_on,
            confidential_reason=self.confidential_reason,
            registration_id=self.registration_id,
            qualification_id=self.qualification_id,
        )


class SettleForm(Form):
    right: Literal["evidence", "profile"] = Field(title="which of the two is right")


class UploadForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"file": "Select a file"}

    file: UploadFile = Field(title="a file")


class VerifyForm(Form):
    """With a box for each point of the checklist, and one for why a point does not apply: `verify_form` makes them."""

    how: str = Field(title="what you looked at", max_length=400)
    saw_original: bool = Field(default=False, title="the original")
    seen: list[str] = Field(default=[], title="what you saw")


def ticks(typed: Mapping[str, Any], points: Iterable[Point]) -> dict[str, Tick]:
    """Each point as its checker left it, from a form as it was typed."""
    return {p.key: Tick(p.key in typed.get("seen", ()), typed.get(unfit_of(p.key), "")) for p in points}


def name_unanswered(form: Posted[VerifyForm], points: Iterable[Point], told: Mapping[str, Tick]) -> Posted[VerifyForm]:
    """The form with an error at each point that is neither ticked nor said not to apply, before its other errors."""
    left = {
        unfit_of(point.key): f"Tick this, or say why it does not apply: {point.words}"
        for point in unanswered(points, told)
    }
    return replace(form, errors=left | form.errors)


def unfit_of(key: str) -> str:
    """The name of the box that says why a point does not apply."""
    return f"unfit_{key}"


def verify_form(points: Iterable[Point]) -> type[VerifyForm]:
    boxes: dict[str, Any] = {
        unfit_of(point.key): (Annotated[str, Field(title="why it does not apply", max_length=200)], "")
        for point in points
    }
    return create_model("VerifyForm", __base__=VerifyForm, **boxes)


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


class CorrectionForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"result": "Select what the status check really said"}

    result: Literal[StatusResult.CLEAR, StatusResult.CURRENT] = Field(title="what the status check really said")
    reason: Line = Field(title="why it was written down wrongly", min_length=3, max_length=500)


class HoldForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"provider_id": "Select a provider"}

    provider_id: UUID = Field(title="a provider")
    reason: Line = Field(title="why its files must be kept", min_length=3, max_length=500)


class LiftForm(Form):
    lifted_reason: Line = Field(title="why the hold ends", min_length=3, max_length=500)


class RefuseForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"refuse_reason": "Select a reason"}

    refuse_reason: Reason = Field(title="a reason")
    words: str = Field(title="why it is refused", max_length=1000)


class NoteForm(Form):
    note: str = Field(title="why you do not confirm it", max_length=1000)


class SecondLookForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"agrees": "Select whether you agree"}

    agrees: Literal["yes", "no"] = Field(title="whether you agree")
    disagreement: str = Field(default="", title="what is wrong", max_length=1000)


class TakeForm(Form):
    over: bool = Field(default=False, title="taking it over")


class RegisterForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"result": "Select what the register shows"}

    looked_on: date = Field(title="the day on which you looked")
    result: Found = Field(title="what the register shows")
    note: str = Field(default="", title="your note", max_length=1000)
    capture: UploadFile | None = Field(default=None, title="a capture")
