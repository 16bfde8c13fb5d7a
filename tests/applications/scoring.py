"""What the tests of scoring set up: questions in a world's round, applications that answer them, assessors and their marks."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.applications import queries
from app.applications.commands import choose_lots, start_application, submit_application, write_statement
from app.applications.models import ApplicationAnswer
from app.applications.scoring import commands as scoring
from app.applications.scoring.queries.sheets import applicants
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.scoring import Mark
from app.frameworks.models import Lot, Question, Round, RoundDecisionDate
from app.frameworks.rules import Admission, Answering, Carry, Part, QuestionFacts
from app.organisations.rules import Role
from tests.factories import World, active, provider, questions, seated

REASON = "It names the people, the method and the results."
NOTE = "Read together, the answer is strong on method alone."


SCORED: Final = (
    QuestionFacts(section="Quality", text="How do you work?", carry=Carry.FRESH, weight=60, threshold=3),
    QuestionFacts(section="Quality", text="Who works with you?", carry=Carry.FRESH, weight=40),
)
CODE: Final = QuestionFacts(
    section="Quality",
    text="Do you keep to the code?",
    kind=Answering.YES_NO,
    carry=Carry.FRESH,
    passes=("Yes",),
    lots=(2,),
)


def asks(session: Session, made: World) -> tuple[UUID, UUID]:
    """Give the world's round two scored questions: 60% with a threshold of 3, and 40%. Returns them in order."""
    how, who = questions(session, made, made.round_id, *SCORED)
    return how, who


def admits(session: Session, lot_id: UUID, *, pass_mark: int | None = None, most: int | None = None) -> None:
    """Everybody from a pass mark on, or the best up to a number of members."""
    lot = session.get_one(Lot, lot_id)
    lot.admission, lot.max_members = (Admission.RANKED if most else Admission.PASS_MARK), most
    lot.pass_mark = pass_mark
    session.flush()


def rolls(session: Session, made: World, *days: date) -> None:
    """Make the world's round one that is always open and decides on these days."""
    session.get_one(Round, made.round_id).rolling = True
    session.add_all(RoundDecisionDate(round_id=made.round_id, on=day) for day in days)
    session.flush()


def applied(
    session: Session,
    made: World,
    owner: Actor,
    provider_id: UUID,
    parts: Collection[Part],
    answers: Mapping[UUID, str] | None = None,
) -> UUID:
    """A submitted application for these parts; every scored question of the round has an answer."""
    application_id = start_application(session, owner, made.round_id, provider_id)
    choose_lots(session, owner, application_id, parts)
    write_statement(session, owner, application_id, "We work with families after adoption.")
    asked = session.get_one(Round, made.round_id).question_set_id
    scored = select(Question.id).where(Question.set_id == asked, col(Question.weight).is_not(None))
    given = dict.fromkeys(session.exec(scored), "We work with the whole family.") | dict(answers or {})
    session.add_all(
        ApplicationAnswer(
            application_id=application_id,
            question_id=question_id,
            value=value,
            answered_at=clock.now(session),
            answered_by=owner.known,
        )
        for question_id, value in given.items()
    )
    submit_application(session, owner, application_id)
    return application_id


def newcomer(session: Session, name: str) -> tuple[Actor, UUID]:
    """A third provider, or a fourth, and its owner."""
    provider_id = active(session, provider(session, name))
    return seated(session, provider_id, Role.OWNER, name=f"Owner of {name}"), provider_id


def named(session: Session, made: World, *assessors: Actor) -> None:
    """Named for the world's round, and without an interest in anybody who has applied so far."""
    for assessor in assessors:
        scoring.name_assessor(session, made.lead, made.round_id, assessor.known)
        declared(session, made, assessor)


def declared(session: Session, made: World, assessor: Actor, **interests: UUID) -> None:
    """About everybody who has applied: an interest of this nature in these, none in the others."""
    about = [one.provider_id for one in applicants(session, (made.round_id,))[made.round_id]]
    natures = {provider_id: nature for nature, provider_id in interests.items()}
    scoring.declare_interests(session, assessor, made.round_id, about, natures)


def marked(session: Session, made: World, assessor: Actor, application_id: UUID, marks: Mapping[UUID, int]) -> None:
    """Submitted marks of one application."""
    given = {question: Mark(points, REASON) for question, points in marks.items()}
    scoring.save_marks(session, assessor, made.round_id, application_id, given)
    scoring.submit_marks(session, assessor, made.round_id, application_id)


def agreed(session: Session, made: World, application_id: UUID, marks: Mapping[UUID, int]) -> None:
    """Both of the world's assessors give these marks, and the lead agrees."""
    for assessor in (made.assessor, made.assessor_two):
        marked(session, made, assessor, application_id, marks)
    given = {question: (points, "") for question, points in marks.items()}
    scoring.agree_marks(session, made.lead, made.round_id, application_id, given)


def part(db: Database, application_id: UUID, index: int = 0) -> UUID:
    with db.read() as session:
        return queries.parts_of(session, application_id)[index].id
