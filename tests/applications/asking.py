"""A round that asks: questions of every kind and way of carrying, and a lot with a rate card."""

from typing import Final
from uuid import UUID

from sqlmodel import Session

from app.frameworks.models import Lot, LotRate
from app.frameworks.rules import Answering, Carry, Known, Mechanism, PriceUnit, QuestionFacts
from tests.factories import World, questions

QUESTIONS: Final = (
    QuestionFacts(section="Service", text="How do you begin?", max_words=5, carry=Carry.CONFIRM),
    QuestionFacts(section="Service", text="How many families could you see?", kind=Answering.NUMBER, carry=Carry.CARRY),
    QuestionFacts(section="Service", text="We keep to the procedures.", kind=Answering.DECLARATION, carry=Carry.FRESH),
    QuestionFacts(section="Service", text="Which areas do you cover?", known_as=Known.AREAS),
    QuestionFacts(section="Mediation", text="Are your mediators accredited?", kind=Answering.YES_NO, lots=(2,)),
    QuestionFacts(section="Mediation", text="Anything else?", required=False, lots=(2,)),
)
BEGIN, MANY, KEEP, AREAS, ACCREDITED, ELSE = range(6)
HOUR, MILE = PriceUnit.HOUR, PriceUnit.MILE


def asks(session: Session, made: World) -> list[UUID]:
    """The questions of the world's round, by their ids."""
    return questions(session, made, made.round_id, *QUESTIONS)


def rate_card(session: Session, lot_id: UUID) -> None:
    """A session up to £150, an hour up to £80, and a mile for 45p."""
    session.get_one(Lot, lot_id).mechanism = Mechanism.RATE_CARD
    session.add(LotRate(lot_id=lot_id, unit=HOUR, pence=8_000, position=1))
    session.add(LotRate(lot_id=lot_id, unit=MILE, pence=45, is_fixed=True, position=2))
