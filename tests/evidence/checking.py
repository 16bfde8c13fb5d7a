"""A world for checkers: a provider, its owner, three checkers of two hubs, and items sent for checking."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

from sqlmodel import Session, select

from app.core.actor import Actor
from app.core.database import Database
from app.evidence import commands, queries, reference
from app.evidence.models import EvidenceItem
from app.evidence.queries import Tab
from app.evidence.rules import Reason, Standing, Tick, looked_at_again
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner
from tests import NOON, factories


@dataclass
class Hubs:
    provider_id: UUID
    other_id: UUID
    practitioner_id: UUID
    owner: Actor
    cara: Actor
    chris: Actor
    cleo: Actor
    lead: Actor
    commissioner: Actor


def hubs(session: Session) -> Hubs:
    reference.load(session)
    provider_id, other_id = factories.provider(session, "Alder Therapy"), factories.provider(session, "Birch Therapy")
    one, two = (factories.organisation(session, OrganisationKind.LEAD, name) for name in ("Test hub", "Second hub"))
    return Hubs(
        provider_id,
        other_id,
        session.exec(select(Practitioner.id).where(Practitioner.provider_id == provider_id)).one(),
        factories.seated(session, provider_id, Role.OWNER, name="Olive Owner"),
        factories.seated(session, one, Role.CHECKER, name="Cara Checker"),
        factories.seated(session, one, Role.CHECKER, name="Chris Checker"),
        factories.seated(session, two, Role.CHECKER, name="Cleo Checker"),
        factories.seated(session, one, Role.FRAMEWORK_LEAD, name="Leo Lead"),
        factories.seated(session, factories.raa(session, "Test agency"), Role.COMMISSIONER, name="Colin"),
    )


def sent(
    session: Session,
    made: Hubs,
    kind: str = "ins_public_liability",
    *,
    again: bool = False,
    at: datetime = NOON - timedelta(hours=1),
    provider_id: UUID | None = None,
    **facts: object,
) -> UUID:
    """An item sent for checking at that moment; with `again`, one of those at which somebody looks a second time."""
    taken = set(session.exec(select(EvidenceItem.id)))
    item_id = next(UUID(int=n) for n in count(1) if looked_at_again(UUID(int=n)) is again and UUID(int=n) not in taken)
    told = {"issuer": "Example", "reference": "R-1", "cover_pence": 500_000_000} | facts
    session.add(
        EvidenceItem(
            id=item_id,
            provider_id=provider_id or made.provider_id,
            kind_slug=kind,
            added_at=at,
            added_by=made.owner.known,
            submitted_at=at,
            **told,  # type: ignore[arg-type]
        )
    )
    session.flush()
    return item_id


TODAY = date(2026, 11, 23)


def verify(db: Database, actor: Actor, item_id: UUID, **ticks: Tick) -> None:
    with db.write() as session:
        told = factories.ticked(session, item_id) | ticks
        commands.verify_item(session, actor, item_id, how="Saw the schedule", ticks=told)


def propose(db: Database, actor: Actor, item_id: UUID, reason: Reason = Reason.NOT_GENUINE) -> None:
    with db.write() as session:
        commands.propose_refusal(session, actor, item_id, reason, "The insurer does not know this policy.")


def confirm(db: Database, actor: Actor, item_id: UUID) -> None:
    with db.write() as session:
        commands.confirm_refusal(session, actor, item_id)


def look_again(db: Database, actor: Actor, item_id: UUID, *, agrees: bool, words: str = "") -> None:
    with db.write() as session:
        commands.take_second_look(session, actor, item_id, agrees=agrees, words=words)


def standing(db: Database, made: Hubs) -> Standing:
    with db.read() as session:
        kind = "ins_public_liability"
        return queries.standings(session, [made.provider_id], [kind], TODAY)[made.provider_id, kind]


def story(db: Database, item_id: UUID) -> list[str]:
    with db.read() as session:
        return [words for _, words in queries.history(session, item_id)]


def tab(db: Database, actor: Actor, which: Tab, **limits: object) -> list[UUID]:
    with db.read() as session:
        return [check.item_id for check in queries.checks(session, actor, TODAY, tab=which, **limits)]  # type: ignore[arg-type]
