"""A hub, its two framework leads and the whole directory, in which frameworks from files are made and approved."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import Session

import app.evidence.reference
import app.frameworks.reference
import app.organisations.reference
import app.providers.reference
from app.core.actor import Actor
from app.core.database import Database
from app.frameworks import queries
from app.frameworks.commands import approve_framework, create_framework
from app.frameworks.models import Framework
from app.frameworks.rules import FrameworkFacts, Part
from app.organisations.rules import OrganisationKind, Role
from tests import NOON
from tests.factories import organisation, seated

REFERENCE = (
    app.organisations.reference,
    app.providers.reference,
    app.evidence.reference,
    app.frameworks.reference,
)
TODAY = NOON.date()


@dataclass(frozen=True)
class Hub:
    lead_id: UUID
    writer: Actor
    second: Actor


def hub_and_directory(session: Session) -> Hub:
    for room in REFERENCE:
        room.load(session)
    lead_id = organisation(session, OrganisationKind.LEAD, "Northern hub")
    people = [seated(session, lead_id, Role.FRAMEWORK_LEAD) for _ in range(2)]
    return Hub(lead_id, people[0], people[1])


def create(db: Database, made: Hub, facts: FrameworkFacts) -> UUID:
    with db.write() as session:
        return create_framework(session, made.writer, made.lead_id, facts)


def approve(db: Database, made: Hub, framework_id: UUID) -> None:
    with db.write() as session:
        approve_framework(session, made.second, framework_id)


def kept(db: Database, framework_id: UUID) -> FrameworkFacts:
    with db.read() as session:
        return queries.facts_of(session, session.get_one(Framework, framework_id))


def begun_today(facts: FrameworkFacts) -> FrameworkFacts:
    """The same, begun today: a file's own days are in the future."""
    shift = TODAY - facts.starts_on
    return replace(
        facts,
        starts_on=TODAY,
        ends_on=facts.ends_on + shift,
        extendable_to=facts.extendable_to and facts.extendable_to + shift,
        scheme_ends_on=facts.scheme_ends_on and facts.scheme_ends_on + shift,
        call_off=tuple(replace(body, entitled_from=TODAY) for body in facts.call_off),
    )


def parts_of(session: Session, framework_id: UUID, numbers: range) -> list[Part]:
    lots, regions = queries.lots_and_regions(session, framework_id)
    return [(lot.id, region.id) for lot in lots if lot.number in numbers for region in regions]
