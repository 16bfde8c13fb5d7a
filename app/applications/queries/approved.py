"""What agencies approved of a provider, and what has changed in its record since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from app.applications.models import Application, ApplicationLot
from app.applications.policy import oversees_some
from app.applications.rules import Decision, Review
from app.core import clock
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence.queries import kinds
from app.evidence.queries.shared import NAMES_TAKEN, changed_since, shared
from app.frameworks.models import CallOffBody, Framework, Round
from app.memberships.queries.pack import reads_pack
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, lead_ids, provider_ids
from app.providers.models import Provider
from app.providers.rules.since import Changed


@dataclass(frozen=True, slots=True)
class ApprovedApplication:
    """What was shared with one application; `intact` says that its digest is still that of the receipt."""

    framework_name: str
    round_name: str
    submitted_at: datetime
    approved_at: datetime
    sha256: str
    intact: bool
    names_taken: bool
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    provider_id: UUID
    provider_name: str
    applications: tuple[ApprovedApplication, ...]
    has_pack: bool


def approved(session: Session, actor: Actor, provider_id: UUID) -> Approved:
    """Of the frameworks that this person leads or may call off from, or all of their own provider, the latest first.

    Raises `NotFound` for no provider, and for a rival.
    """
    if provider_id not in provider_ids(actor) and not oversees_some(actor):
        raise NotFound
    name = session.exec(
        select(Organisation.name).join(Provider, col(Provider.id) == Organisation.id).where(Provider.id == provider_id)
    ).first()
    if name is None:
        raise NotFound
    rows = _accepted(session, actor, provider_id)
    now = shared(session, provider_id, london_day(clock.now(session))) if rows else {}
    every = kinds(session) if rows else ()
    return Approved(
        provider_id,
        name,
        tuple(
            ApprovedApplication(
                framework_name=framework,
                round_name=window,
                submitted_at=row.submitted_at,
                approved_at=approved_at,
                sha256=row.snapshot_sha256,
                intact=digest(canonical(row.snapshot)) == row.snapshot_sha256,
                names_taken=NAMES_TAKEN in row.snapshot,
                changes=changed_since(every, row.snapshot, now),
            )
            for row, framework, window, approved_at in rows
        ),
        reads_pack(session, actor, provider_id),
    )


def _accepted(session: Session, actor: Actor, provider_id: UUID) -> list[Any]:
    """Applications of which some part was accepted, at once or when it was looked at again, with the moment of the first."""
    first = (
        select(
            col(ApplicationLot.application_id).label("id"),
            func.min(func.coalesce(col(ApplicationLot.reviewed_at), col(ApplicationLot.decided_at))).label("at"),
        )
        .where(
            or_(
                col(ApplicationLot.decision) == Decision.ACCEPTED,
                col(ApplicationLot.review_outcome) == Review.OVERTURNED,
            )
        )
        .group_by(col(ApplicationLot.application_id))
        .subquery()
    )
    called_off = select(CallOffBody.framework_id).where(col(CallOffBody.organisation_id).in_(buyer_ids(actor)))
    return list(
        session.execute(
            select(Application, Framework.name, Round.name, first.c.at)
            .join(first, first.c.id == Application.id)
            .join(Round, col(Round.id) == Application.round_id)
            .join(Framework, col(Framework.id) == Round.framework_id)
            .where(
                col(Application.provider_id) == provider_id,
                or_(
                    col(Application.provider_id).in_(provider_ids(actor)),
                    col(Framework.lead_id).in_(lead_ids(actor)),
                    col(Framework.id).in_(called_off),
                ),
            )
            .order_by(first.c.at.desc())
        )
    )
