"""A world for checkers: a provider, its owner, three checkers of two hubs, and items sent for checking."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from sqlmodel import Session, select

from app.core.actor import Actor
from app.evidence import reference
from app.evidence.models import EvidenceItem
from app.evidence.rules import looked_at_again
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
