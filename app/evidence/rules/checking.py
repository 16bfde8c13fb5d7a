"""Who may check what, with which outcome and for which reason. Pure."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal
from app.core.working_days import after_working_days
from app.evidence.rules.facts import KindFacts

TARGET_DAYS: Final = 10  # working days in which a checker decides


class Outcome(StrEnum):
    VERIFIED = "verified"
    RETURNED = "returned"
    REFUSED = "refused"


class Reason(StrEnum):
    WRONG_DOCUMENT = "wrong_document"
    UNREADABLE = "unreadable"
    FACTS_DIFFER = "facts_differ"
    WRONG_PERSON = "wrong_person"
    OUT_OF_DATE = "out_of_date"
    COVER_TOO_LOW = "cover_too_low"
    NOT_ON_REGISTER = "not_on_register"
    ORIGINAL_NOT_SEEN = "original_not_seen"
    NOT_GENUINE = "not_genuine"
    NOT_QUALIFIED = "not_qualified"


REASONS: Final = {
    Reason.WRONG_DOCUMENT: "This is not the document it should be",
    Reason.UNREADABLE: "The document cannot be read",
    Reason.FACTS_DIFFER: "The facts typed differ from the document",
    Reason.WRONG_PERSON: "The document names somebody else",
    Reason.OUT_OF_DATE: "The document is out of date",
    Reason.COVER_TOO_LOW: "The cover is lower than stated",
    Reason.NOT_ON_REGISTER: "The official register does not show this",
    Reason.ORIGINAL_NOT_SEEN: "The original has not been seen in person",
    Reason.NOT_GENUINE: "The document does not seem to be genuine",
    Reason.NOT_QUALIFIED: "The person is not registered or qualified for this",
}


def why_not_check(*, provider_id: UUID, organisations: Collection[UUID]) -> Refusal | None:
    """Nobody checks an organisation in which they hold a seat. Source: state machine 5, 'not own organisation'."""
    if provider_id not in organisations:
        return None
    return Refusal("own_organisation", "You belong to this provider, so somebody else must check its evidence.")


def why_not_verify(
    kind: KindFacts, *, expires_on: date | None, on: date, saw_original: bool, needs_new: bool = False
) -> Refusal | None:
    """A DBS certificate is seen in person: a copy or a video is no check. Source: DBS employer guide, January 2026."""
    if expires_on is not None and on > expires_on:
        return Refusal("expired", "This has expired since it was sent. Return it, so that the current one is added.")
    if needs_new:
        return Refusal(
            "needs_new",
            "Its status check says that a new certificate is needed. Return it, so that the new one is added.",
        )
    if kind.narrow and not saw_original:
        return Refusal(
            "original_not_seen", "Confirm that you saw the original in person. A copy is not enough for a DBS check."
        )
    return None


def due_on(submitted_on: date) -> date:
    """The last day on which a decision is within the target."""
    return after_working_days(submitted_on, TARGET_DAYS)
