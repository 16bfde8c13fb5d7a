"""The application of the scenario: a third provider's, with changes asked for, scored by two."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from app.applications import commands as applications
from app.applications.models import Application, ApplicationLot
from app.applications.scoring import commands as scoring
from app.core.actor import Actor
from app.core.database import Database
from app.frameworks.models import Question, Round
from app.frameworks.rules import Known, QuestionFacts
from app.organisations.rules import Role
from tests import NOON, factories
from tests.applications.scoring import CODE, SCORED, admits, marked, named, rolls


def application_of_c(db: Database, world: factories.World) -> tuple[Actor, UUID, UUID, list[UUID]]:
    """A third provider's application, answered, waits for decisions, and for changes of its statement and its answer."""
    with db.write() as session:
        asked = QuestionFacts(
            section="Service", text="How do you begin?", required=False, known_as=Known.AREAS, reason="So."
        )
        scored = [replace(one, required=False) for one in (*SCORED, CODE)]
        question, *_ = factories.questions(session, world, world.round_id, asked, *scored)
        provider_id = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, provider_id, Role.OWNER, name="Cleo Owner")
        application = applications.start_application(session, owner, world.round_id, provider_id)
        applications.choose_lots(session, owner, application, [(world.lots[0], world.regions[0])])
        applications.write_statement(session, owner, application, "We would be glad to join this lot.")
        applications.answer_section(session, owner, application, 1, {1: "With a first talk."}, confirm=False)
        applications.submit_application(session, owner, application)
        part = session.exec(select(ApplicationLot.id).where(ApplicationLot.application_id == application)).one()
        words = "Say how many families you can see."
        returned = [
            applications.request_change(session, world.lead, application, item, words)
            for item in ("statement", f"question:{question}")
        ]
    return owner, application, part, returned


def scored(db: Database, world: factories.World, application: UUID) -> None:
    """Its round is always open, and takes the best three; two have scored it, and a third assessor has an interest."""
    with db.write() as session:
        asked = session.get_one(Round, world.round_id).question_set_id
        weighed = select(Question.id).where(Question.set_id == asked, col(Question.weight).is_not(None))
        marks = dict.fromkeys(session.exec(weighed), 4)
        rolls(session, world, NOON.date())
        for lot_id in world.lots:
            admits(session, lot_id, most=3)
        provider_id = session.get_one(Application, application).provider_id
        colleague = factories.seated(session, world.raa_id, Role.ASSESSOR, name="Corin Colleague")
        named(session, world, world.assessor, colleague)
        scoring.name_assessor(session, world.lead, world.round_id, world.assessor_two.known)
        interests = {provider_id: "A colleague of mine"}
        scoring.declare_interests(session, world.assessor_two, world.round_id, [provider_id], interests)
        for assessor in (world.assessor, colleague):
            marked(session, world, assessor, application, marks)
