"""What the one eligibility function answered, kept with what was decided by it; a refusal, too, though its change is undone."""

from collections.abc import Iterable

from sqlmodel import Session, select

from app.core import audit, clock, together
from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.core.rows import new_id
from app.evidence.news import PeopleForgotten
from app.memberships.models import EligibilityAnswer
from app.memberships.rules.answers import Answered, Ineligible


def keep_answer(session: Session, actor: Actor, *answers: Answered) -> None:
    """Keep them in the transaction of what was decided by them, with when that was."""
    for one in answers:
        row = {
            "id": new_id(),
            "provider_id": one.provider_id,
            "lot_id": one.lot_id,
            "region_id": one.region_id,
            "about_id": one.about_id,
            "moment": one.moment,
            "practitioner": one.practitioner,
            "asked_for": one.at,
            "asked_by": actor.known,
            "reasons": _told(one.reasons),
        }
        together.insert(session, EligibilityAnswer, row, answered_at=clock.MOMENT)


def keep_refused(session: Session, actor: Actor, refused: Refused) -> None:
    """Keep the answer of a change that was refused and undone, if eligibility was asked for it."""
    if isinstance(refused, Ineligible):
        keep_answer(session, actor, refused.answered)


def forget_people(session: Session, forgotten: PeopleForgotten) -> None:
    """Take whom a closed provider's bids named, and the words of the reasons, which may name people; their codes stay."""
    for row in session.exec(select(EligibilityAnswer).where(EligibilityAnswer.provider_id == forgotten.provider_id)):
        row.practitioner = audit.NO_LONGER_NAMED if row.practitioner else ""
        row.reasons = [[code, ""] for code, _ in row.reasons]


def _told(reasons: Iterable[Refusal]) -> list[list[str]]:
    return [[reason.code, reason.words] for reason in reasons]
