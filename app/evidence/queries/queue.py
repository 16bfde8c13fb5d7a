"""The checkers’ queue, and an item in a checker’s hands."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.core.actor import Actor
from app.core.refusals import NotFound
from app.evidence import policy, rules
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries.kinds import kind_of
from app.evidence.rules import KindFacts
from app.organisations.models import Organisation
from app.providers.models import Practitioner

QUEUE: Final = 50  # how many checks one page shows, the oldest first


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checkers' queue; `waited` is in working days."""

    item_id: UUID
    kind_name: str
    provider_name: str
    practitioner_name: str
    submitted_at: datetime
    waited: int


def item_for_check(
    session: Session, actor: Actor, item_id: UUID, *, lock: bool = False
) -> tuple[EvidenceItem, KindFacts]:
    """An item sent for checking, for a checker. Raises `NotFound`."""
    wanted = select(EvidenceItem).where(EvidenceItem.id == item_id, col(EvidenceItem.submitted_at).is_not(None))
    item = session.exec(wanted.with_for_update() if lock else wanted).first()
    if item is None or not policy.checkers(actor):
        raise NotFound
    return item, kind_of(session, item.kind_slug)


def checks(session: Session, actor: Actor, on: date) -> list[Check]:
    """What waits for a checker, oldest first, without the actor's own organisations; at most `QUEUE`."""
    rows = session.exec(
        select(EvidenceItem, EvidenceKind.name, Organisation.name, Practitioner.full_name)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(
            col(EvidenceItem.submitted_at).is_not(None),
            col(Verification.id).is_(None),
            col(EvidenceItem.replaced_by_id).is_(None),
            col(EvidenceItem.provider_id).not_in(actor.where()),
        )
        .order_by(col(EvidenceItem.submitted_at), col(EvidenceItem.id))
        .limit(QUEUE)
    )
    return [
        Check(
            item.id,
            kind_name,
            provider_name,
            practitioner_name or "",
            item.submitted_at,
            rules.working_days(rules.london_day(item.submitted_at), on),
        )
        for item, kind_name, provider_name, practitioner_name in rows
        if item.submitted_at is not None
    ]
