"""Why applications fail: the reason codes of refused parts and of applicants' evidence that came back, counted together."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.applications import rules
from app.applications.models import Application, ApplicationLot
from app.applications.rules import Decision, Review
from app.core.actor import Actor
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.rules import REASONS, Outcome
from app.frameworks.models import Framework, Lot, Round
from app.organisations.policy import lead_ids
from app.organisations.rules import Role

TOP: Final = 10


@dataclass(frozen=True, slots=True)
class WhyFail:
    """A reason, how often and with how many applicants; `most_of` is the lot or the kind of evidence it was most often about."""

    reason: str
    times: int
    applicants: int
    most_of: str


def why_fail(session: Session, actor: Actor) -> list[WhyFail]:
    """The ten most frequent reasons in the frameworks that this person leads, in two queries. Counts alone, and no names."""
    led = col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD))
    stands = func.coalesce(ApplicationLot.review_outcome, "") != Review.OVERTURNED
    parts = (
        select(ApplicationLot.reason_code, Application.provider_id, Lot.name, func.count())
        .join(Application, col(Application.id) == ApplicationLot.application_id)
        .join(Lot, col(Lot.id) == ApplicationLot.lot_id)
        .join(Framework, col(Framework.id) == Lot.framework_id)
        .where(led, ApplicationLot.decision == Decision.REFUSED, stands)
        .group_by(ApplicationLot.reason_code, col(Application.provider_id), Lot.name)
        .order_by(Lot.name)
    )
    applicants = (
        select(Application.provider_id)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .where(led)
    )
    evidence = (
        select(Verification.reason_code, EvidenceItem.provider_id, EvidenceKind.name, func.count())
        .join(EvidenceItem, col(EvidenceItem.id) == Verification.item_id)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .where(
            col(EvidenceItem.provider_id).in_(applicants),
            col(Verification.outcome).in_((Outcome.RETURNED, Outcome.REFUSED)),
        )
        .group_by(Verification.reason_code, col(EvidenceItem.provider_id), EvidenceKind.name)
        .order_by(EvidenceKind.name)
    )
    refused = {code.value: words for code, words in rules.REASONS.items()}
    came_back = {code.value: words for code, words in REASONS.items()}
    found = [*_counted(session, parts, refused), *_counted(session, evidence, came_back)]
    return sorted(found, key=lambda why: (-why.times, -why.applicants, why.reason))[:TOP]


def _counted(session: Session, rows: Any, words: dict[str, str]) -> list[WhyFail]:
    """Rows of code, provider, what it was about and a count, brought together by code."""
    applicants: dict[str, set[UUID]] = {}
    about: dict[str, dict[str, int]] = {}
    for code, provider_id, name, count in session.execute(rows):
        applicants.setdefault(code, set()).add(provider_id)
        about.setdefault(code, {}).setdefault(name, 0)
        about[code][name] += count
    return [
        WhyFail(words[code], sum(names.values()), len(applicants[code]), max(names, key=lambda name: names[name]))
        for code, names in about.items()
    ]
