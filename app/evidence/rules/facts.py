"""What is told about an item of evidence, and when it is enough to be sent to a checker. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal
from app.core.words import listed
from app.evidence.rules.documents import ScanState
from app.evidence.rules.ofsted import Answer, Rating

NARROW: Final = (
    "criminal-offence"  # the sensitivity of DBS files: owner, documents role and its checker alone, each opening told
)


class KindAudience(StrEnum):
    """Who may open the documents of a kind, where their provider asks for nothing narrower."""

    PRIVATE = "private"
    RELYING = "relying"


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


OF_SEVERAL: Final = frozenset({"professional_registration", "modality_qualification"})
"""Of these a person holds one from each body: a newer one takes the place of an older from the same issuer alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What is told about one item. Money in pence; a person's evidence names the practitioner, and what of theirs it proves.

    `answer`, `rating` and `inspected_on` are told of a registration with Ofsted alone. A
    `confidential_reason` keeps the documents from colleagues who do not keep them.
    """

    kind: str
    practitioner_id: UUID | None = None
    issuer: str = ""
    reference: str = ""
    cover_pence: int | None = None
    starts_on: date | None = None
    expires_on: date | None = None
    answer: Answer | None = None
    rating: Rating | None = None
    inspected_on: date | None = None
    confidential_reason: str = ""
    registration_id: UUID | None = None
    qualification_id: UUID | None = None


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
    how_checked: str = ""
    audience: KindAudience = KindAudience.PRIVATE

    @property
    def of_a_person(self) -> bool:
        return self.holder == "person"

    @property
    def four_answers(self) -> bool:
        return self.slug == "ofsted_asa"

    @property
    def insurance(self) -> bool:
        return self.category == "insurance"

    @property
    def narrow(self) -> bool:
        return self.sensitivity == NARROW

    @property
    def wants_document(self) -> bool:
        return self.capture == "file"


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
        (not kind.four_answers or facts.answer is not None, "the answer about Ofsted"),
        (not _wants_reference(kind, facts) or bool(facts.reference), f"the {_in_a_sentence(kind.reference_label)}"),
        (not _inspected(facts) or facts.rating is not None, "the rating"),
        (
            not _inspected(facts) or facts.rating is Rating.NOT_INSPECTED or facts.inspected_on is not None,
            "the date of the inspection",
        ),
        (not kind.insurance or facts.cover_pence is not None, "the amount of cover"),
        (kind.expiry_kind != "fixed" or facts.expires_on is not None, "the expiry date"),
    )
    return tuple(words for held, words in asked if not held)


def _wants_reference(kind: KindFacts, facts: ItemFacts) -> bool:
    """Only who is registered with Ofsted has a number there."""
    return bool(kind.reference_label) and (not kind.four_answers or facts.answer is Answer.REGISTERED)


def _inspected(facts: ItemFacts) -> bool:
    return facts.answer is Answer.REGISTERED


def why_not_change(*, submitted: bool) -> Refusal | None:
    """Once sent, an item is what the checker saw: a correction is a new item, which takes its place."""
    if not submitted:
        return None
    return Refusal(
        "already_sent", "This has been sent for checking and can no longer be changed. Add a newer one instead."
    )


def ending(reference: str) -> str:
    """The end of a certificate's number, for whoever must know which it is and not read it."""
    return f"Ends in {reference[-4:]}" if reference else ""


def why_not_submit(
    kind: KindFacts, facts: ItemFacts, scans: Collection[ScanState], *, on: date, recorded: bool
) -> Refusal | None:
    """Why this item cannot go to a checker yet. `scans` are the states of its documents, `recorded` whether a record is told.

    The file of a DBS certificate goes within months, so that its record has to be there before it is checked.
    """
    missing = lacking(kind, facts)
    if missing:
        return Refusal("facts_missing", f"Before a checker can look, add {listed(missing)}.")
    if kind.narrow and not recorded:
        return Refusal("record_missing", "Before a checker can look, write the record of what the certificate covers.")
    if facts.expires_on is not None and on > facts.expires_on:
        return Refusal("expired", "This has already expired. Add the one that is current.")
    if ScanState.QUARANTINED in scans or ScanState.SCAN_FAILED in scans:
        return Refusal("not_scanned", "A document has not been scanned for viruses yet. Nobody can open it until then.")
    if kind.wants_document and ScanState.CLEAN not in scans:
        return Refusal("no_document", "Upload the document before you send this for checking.")
    return None
