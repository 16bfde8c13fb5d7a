"""What a world's members are asked, and what befalls them: suspensions, variations, prices and restrictions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.frameworks.models import Question, QuestionSet, Round
from app.frameworks.parts import write_questions
from app.frameworks.rules import QuestionFacts
from app.memberships.concerns.commands import agree_decision, propose_decision, raise_concern
from app.memberships.models import Membership
from app.memberships.restriction.commands import agree_restriction, propose_restriction
from app.memberships.rules.concerns import Choice, Kind
from app.memberships.rules.variations import Decliners, Silence
from app.memberships.terms import MemberRate
from app.memberships.variations.commands import approve_variation, propose_variation
from app.providers.rules.restriction import Proposal, RestrictionReason
from tests import NOON
from tests.factories.worlds import World

GROUNDS = Proposal(
    reason=RestrictionReason.SAFEGUARDING,
    words="A referral to the designated officer is being looked into.",
    told="We are looking into a concern and will speak with you this week.",
    contact="leads@hub.example",
)


def questions(session: Session, made: World, round_id: UUID, *facts: QuestionFacts) -> list[UUID]:
    """Frozen questions that this round asks, by their ids."""
    window = session.get_one(Round, round_id)
    asked = QuestionSet(
        framework_id=window.framework_id,
        version=1,
        written_by=made.lead.known,
        frozen_at=NOON - timedelta(days=100),
        frozen_by=made.lead_two.known,
        sha256="0" * 64,
    )
    session.add(asked)
    session.flush()
    write_questions(session, asked, facts)
    window.question_set_id = asked.id
    rows = select(Question.id).where(Question.set_id == asked.id).order_by(col(Question.position))
    return list(session.exec(rows))


def suspension(session: Session, made: World, *, agreed: bool = True) -> tuple[UUID, UUID]:
    """A safeguarding concern about provider A in the first lot and region, and its suspension proposed, or in force."""
    first = session.exec(
        select(Membership.id).where(
            Membership.provider_id == made.provider_a,
            Membership.lot_id == made.lots[0],
            Membership.region_id == made.regions[0],
        )
    ).one()
    concern_id = raise_concern(session, made.lead, first, Kind.SAFEGUARDING, "A visit was made alone.")
    day = NOON.date() + timedelta(days=30)
    decision_id = propose_decision(session, made.lead, concern_id, Choice.SUSPEND, "Until it is looked into.", day)
    if agreed:
        agree_decision(session, made.checker, decision_id)
    return concern_id, decision_id


def variation(session: Session, made: World, *, approved: bool = True, **different: Any) -> UUID:
    """A new version of the agreement, answered for 14 days and in effect after 21: silence agrees, and decliners keep."""
    today = NOON.date()
    facts = {
        "version": "2",
        "text": "We agree.\nWe report each quarter.",
        "reason": "The agencies ask for reports.",
        "answer_by": today + timedelta(days=14),
        "effective_on": today + timedelta(days=21),
        "silence": Silence.AGREES,
        "decliners": Decliners.KEEP,
    }
    made_id = propose_variation(session, made.lead, made.framework_id, **(facts | different))
    if approved:
        approve_variation(session, made.lead_two, made_id)
    return made_id


def asked_rate(session: Session, made: World) -> UUID:
    """A price that the framework's lead has proposed to provider A in the first lot, and that waits for its answer."""
    row = MemberRate(
        provider_id=made.provider_a,
        lot_id=made.lots[0],
        unit="session",
        pence=12_000,
        from_on=NOON.date() + timedelta(days=30),
        by_lead=True,
        proposed_at=NOON,
        proposed_by=made.lead_two.known,
    )
    session.add(row)
    session.flush()
    return row.id


def restricted(session: Session, made: World, provider_id: UUID) -> UUID:
    """A restriction in force: proposed by one lead, agreed by the other."""
    restriction_id = propose_restriction(session, made.lead, provider_id, GROUNDS)
    agree_restriction(session, made.lead_two, restriction_id)
    return restriction_id
