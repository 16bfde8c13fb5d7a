"""When a framework and a round are open, and what they need before they may be. Pure."""

from collections.abc import Collection
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal

ROUND_OPENS: Final = time(9)
ROUND_CLOSES: Final = time(12)

Part = tuple[UUID, UUID]
"""One lot in one region: (lot_id, region_id)."""


class Service(StrEnum):
    TRAINING = "training"
    SPECIALIST_ASSESSMENT = "specialist_assessment"
    MEDIATION = "mediation"
    THERAPEUTIC_INTERVENTION = "therapeutic_intervention"
    SHORT_BREAKS = "short_breaks"


class PriceUnit(StrEnum):
    HOUR = "hour"
    SESSION = "session"
    ASSESSMENT = "assessment"
    DAY = "day"
    PLACE = "place"


class Phase(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    LIVE = "live"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class RoundPhase(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


def phase(
    *, approved_at: datetime | None, withdrawn_at: datetime | None, starts_on: date, ends_on: date, on: date
) -> Phase:
    """Where a framework stands on a day in London; its last day is a full day of it."""
    if withdrawn_at:
        return Phase.WITHDRAWN
    if not approved_at:
        return Phase.DRAFT
    if on > ends_on:
        return Phase.ENDED
    return Phase.LIVE if on >= starts_on else Phase.APPROVED


def round_phase(*, opens_at: datetime, closes_at: datetime, now: datetime) -> RoundPhase:
    """By the clock alone: open from its first moment until just before its last."""
    if now < opens_at:
        return RoundPhase.PLANNED
    return RoundPhase.OPEN if now < closes_at else RoundPhase.CLOSED


def why_not_approve(
    *,
    phase: Phase,
    writer: bool,
    lots: int,
    lots_without_evidence: Collection[str],
    regions: int,
    call_off: int,
    weights: Collection[tuple[int, int]],
    agreement: str,
    years: float,
    max_years: int | None,
) -> Refusal | None:
    """`weights` are the criteria's (least, most); `years` is the term, `max_years` the cap of the rule set, if it has one.

    Source: Procurement Act 2023 s45(5) for what a framework must state; the cap is data of the rule set (s47, s49).
    """
    least, most = sum(low for low, _ in weights), sum(high for _, high in weights)
    missing = (
        (phase is not Phase.DRAFT, "not_a_draft", "Only a draft can be approved."),
        (writer, "second_person", "The person who wrote a framework cannot approve it. Ask a colleague."),
        (not lots, "no_lots", "The framework has no lots."),
        (
            bool(lots_without_evidence),
            "no_evidence",
            f"No evidence is required for {', '.join(sorted(lots_without_evidence))}.",
        ),
        (not regions, "no_regions", "The framework has no regions."),
        (not call_off, "no_call_off", "No agency is named that may call off from the framework."),
        (not weights, "no_criteria", "The framework has no criteria for its briefs to use."),
        (not least <= 100 <= most, "weights", "The ranges of the criteria cannot add up to 100%."),
        (not agreement.strip(), "no_agreement", "The framework has no agreement for its members to sign."),
        (
            max_years is not None and years > max_years,
            "term",
            f"The term is longer than the {max_years} years that its rule set allows.",
        ),
    )
    return next((Refusal(code, words) for wrong, code, words in missing if wrong), None)


def why_not_open_round(
    *, phase: Phase, opens_at: datetime, closes_at: datetime, now: datetime, scope: int, overlaps: str | None
) -> Refusal | None:
    """`scope` counts lots x regions; `overlaps` names a round that is open at the same time on one of them."""
    if phase not in (Phase.APPROVED, Phase.LIVE):
        return Refusal("framework_not_approved", f"A round needs an approved framework; this one is {phase}.")
    if closes_at <= opens_at:
        return Refusal("window", "A round must close after it opens.")
    if closes_at <= now:
        return Refusal("past", "A round must close in the future.")
    if not scope:
        return Refusal("no_scope", "Choose at least one lot and one region.")
    if overlaps:
        return Refusal("overlap", f"“{overlaps}” is open at the same time for one of these lots and regions.")
    return None
