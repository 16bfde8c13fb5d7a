"""What an item of evidence is worth on a day, and who may do what with it. Pure.

A day is a London day: what expires on 30 June counts until the end of that day and has expired at 00:00 London on 1 July.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.refusals import Refusal

LONDON: Final = ZoneInfo("Europe/London")
EXPIRES_SOON: Final = timedelta(days=60)
TARGET_DAYS: Final = 10  # working days in which a checker decides
MOST_BYTES: Final = 20 * 1024 * 1024
NARROW: Final = (
    "criminal-offence"  # the sensitivity of DBS files: owner, documents role and its checker alone, each opening told
)

COMMON: Final = (
    "ins_public_liability",
    "ins_professional_indemnity",
    "ins_employers_liability",
    "safeguarding_policy",
    "ico_registration",
    "dbs_enhanced",
    "professional_registration",
    "clinical_supervision",
    "modality_qualification",
    "fmc_accreditation",
)
"""What frameworks ask for most; each framework sets its own list."""


class ScanState(StrEnum):
    QUARANTINED = "quarantined"
    CLEAN = "clean"
    INFECTED = "infected"
    SCAN_FAILED = "scan_failed"


class Outcome(StrEnum):
    VERIFIED = "verified"
    RETURNED = "returned"


class Standing(StrEnum):
    MISSING = "missing"
    PROMISED = "promised"
    AWAITING_CHECK = "awaiting_check"
    RETURNED = "returned"
    VERIFIED = "verified"
    EXPIRED = "expired"


class Reason(StrEnum):
    WRONG_DOCUMENT = "wrong_document"
    UNREADABLE = "unreadable"
    FACTS_DIFFER = "facts_differ"
    WRONG_PERSON = "wrong_person"
    OUT_OF_DATE = "out_of_date"
    COVER_TOO_LOW = "cover_too_low"
    NOT_ON_REGISTER = "not_on_register"
    ORIGINAL_NOT_SEEN = "original_not_seen"


REASONS: Final = {
    Reason.WRONG_DOCUMENT: "This is not the document it should be",
    Reason.UNREADABLE: "The document cannot be read",
    Reason.FACTS_DIFFER: "The facts typed differ from the document",
    Reason.WRONG_PERSON: "The document names somebody else",
    Reason.OUT_OF_DATE: "The document is out of date",
    Reason.COVER_TOO_LOW: "The cover is lower than stated",
    Reason.NOT_ON_REGISTER: "The official register does not show this",
    Reason.ORIGINAL_NOT_SEEN: "The original has not been seen in person",
}

_BEST_FIRST: Final = (
    Standing.VERIFIED,
    Standing.AWAITING_CHECK,
    Standing.PROMISED,
    Standing.RETURNED,
    Standing.EXPIRED,
    Standing.MISSING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What is told about one item. Money in pence; a person's evidence names the practitioner."""

    kind: str
    practitioner_id: UUID | None = None
    issuer: str = ""
    reference: str = ""
    cover_pence: int | None = None
    starts_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What the rules need to know about a kind of evidence."""

    slug: str
    name: str
    holder: str
    category: str
    issuer: str
    reference_label: str
    reference_pattern: str
    expiry_kind: str
    capture: str
    sensitivity: str
    promised_until_award: bool

    @property
    def of_a_person(self) -> bool:
        return self.holder == "person"

    @property
    def insurance(self) -> bool:
        return self.category == "insurance"

    @property
    def narrow(self) -> bool:
        return self.sensitivity == NARROW

    @property
    def wants_document(self) -> bool:
        return self.capture == "file"


def london_day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


def standing(
    *,
    promisable: bool,
    submitted: bool,
    outcome: Outcome | None,
    starts_on: date | None,
    expires_on: date | None,
    on: date,
) -> Standing:
    """What one item is worth on a London day. Verified cover that has not begun yet is still only a promise."""
    if expires_on is not None and on > expires_on:
        return Standing.EXPIRED
    if outcome is Outcome.RETURNED:
        return Standing.RETURNED
    if outcome is Outcome.VERIFIED and (starts_on is None or starts_on <= on):
        return Standing.VERIFIED
    if submitted and outcome is None:
        return Standing.AWAITING_CHECK
    return Standing.PROMISED if promisable else Standing.MISSING


def best(found: Iterable[Standing]) -> Standing:
    """The standing of a kind of evidence, from those of its items."""
    return min(found, key=_BEST_FIRST.index, default=Standing.MISSING)


def expires_soon(expires_on: date | None, on: date) -> bool:
    return expires_on is not None and on <= expires_on < on + EXPIRES_SOON


def reference_warning(kind: KindFacts, reference: str) -> str | None:
    """Published formats change, so a surprising number is pointed out and never refused."""
    if not kind.reference_pattern or not reference:
        return None
    if re.fullmatch(kind.reference_pattern, re.sub(r"\s", "", reference).upper()):
        return None
    if re.fullmatch(kind.reference_pattern, reference):
        return None
    return f"Check this: it does not look like a {kind.reference_label}."


def why_not_facts(kind: KindFacts, facts: ItemFacts) -> Refusal | None:
    """What makes the facts themselves impossible; what is merely missing is asked before sending."""
    if kind.of_a_person and facts.practitioner_id is None:
        return Refusal("practitioner_missing", "Select whose evidence this is")
    if facts.starts_on and facts.expires_on and facts.expires_on < facts.starts_on:
        return Refusal("expires_before_start", "The expiry date must be on or after the start date")
    return None


def _in_a_sentence(label: str) -> str:
    """'Policy number' as 'policy number', but 'DBS number' as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def lacking(kind: KindFacts, facts: ItemFacts) -> tuple[str, ...]:
    """What a checker needs and is not there yet, in words."""
    asked = (
        (not kind.insurance or bool(facts.issuer), "the insurer"),
        (not kind.reference_label or bool(facts.reference), f"the {_in_a_sentence(kind.reference_label)}"),
        (not kind.insurance or facts.cover_pence is not None, "the amount of cover"),
        (kind.expiry_kind != "fixed" or facts.expires_on is not None, "the expiry date"),
    )
    return tuple(words for held, words in asked if not held)


def why_not_change(*, submitted: bool) -> Refusal | None:
    """Once sent, an item is what the checker saw: a correction is a new item, which takes its place."""
    if not submitted:
        return None
    return Refusal(
        "already_sent", "This has been sent for checking and can no longer be changed. Add a newer one instead."
    )


def _listed(words: tuple[str, ...]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def why_not_submit(kind: KindFacts, facts: ItemFacts, scans: Collection[ScanState], *, on: date) -> Refusal | None:
    """Why this item cannot go to a checker yet. `scans` are the states of its documents."""
    missing = lacking(kind, facts)
    if missing:
        return Refusal("facts_missing", f"Before a checker can look, add {_listed(missing)}.")
    if facts.expires_on is not None and on > facts.expires_on:
        return Refusal("expired", "This has already expired. Add the one that is current.")
    if ScanState.QUARANTINED in scans or ScanState.SCAN_FAILED in scans:
        return Refusal("not_scanned", "A document has not been scanned for viruses yet. Nobody can open it until then.")
    if kind.wants_document and ScanState.CLEAN not in scans:
        return Refusal("no_document", "Upload the document before you send this for checking.")
    return None


def why_not_check(*, provider_id: UUID, organisations: Collection[UUID]) -> Refusal | None:
    """Nobody checks an organisation in which they hold a seat. Source: state machine 5, 'not own organisation'."""
    if provider_id not in organisations:
        return None
    return Refusal("own_organisation", "You belong to this provider, so somebody else must check its evidence.")


def why_not_verify(kind: KindFacts, *, expires_on: date | None, on: date, saw_original: bool) -> Refusal | None:
    """A DBS certificate is seen in person: a copy or a video is no check. Source: DBS employer guide, January 2026."""
    if expires_on is not None and on > expires_on:
        return Refusal("expired", "This has expired since it was sent. Return it, so that the current one is added.")
    if kind.narrow and not saw_original:
        return Refusal(
            "original_not_seen", "Confirm that you saw the original in person. A copy is not enough for a DBS check."
        )
    return None


WAITING: Final = (ScanState.QUARANTINED, ScanState.SCAN_FAILED)

SCAN_MOVES: Final = {
    (state, verdict): verdict
    for state in WAITING
    for verdict in (ScanState.CLEAN, ScanState.INFECTED, ScanState.SCAN_FAILED)
    if verdict is not state
}
"""A verdict is given once; only a failed scan is tried again."""


def may_serve(state: ScanState) -> bool:
    """Invariant 6: a file is served when its scan found nothing, and in no other state."""
    return state is ScanState.CLEAN


def working_days(since: date, until: date) -> int:
    """Weekdays after `since`, up to and with `until`. Bank holidays are counted as weekdays here."""
    days = (since + timedelta(n) for n in range(1, (until - since).days + 1))
    return sum(day.weekday() < 5 for day in days)
