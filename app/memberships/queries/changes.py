"""What agencies were told about facts on which they rely, with the difference, and what still waits for their word."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence.models import EvidenceItem, EvidenceKind
from app.evidence.queries import Held, item_page
from app.evidence.rules.changes import Change, Difference
from app.memberships.models import ChangeNotice
from app.memberships.rules import Answer
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids
from app.providers.models import Practitioner

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """One change as one agency is told of it."""

    id: UUID
    agency_id: UUID
    provider_name: str
    kind_name: str
    practitioner_name: str
    change: Change
    difference: tuple[Difference, ...]
    at: datetime
    answer: Answer | None
    answered_at: datetime | None
    answered_by: str
    question: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A notice with the version that was relied on, still readable, and the newer one where there is one."""

    notice: Notice
    before: Held
    after: Held | None


def changes(session: Session, actor: Actor) -> list[Notice]:
    """Of this person's agencies: what waits for a word first, then the newest."""
    mine = col(ChangeNotice.organisation_id).in_(buyer_ids(actor))
    waiting = col(ChangeNotice.answer).is_not(None)
    return _notices(session, mine, order=(waiting, col(ChangeNotice.at).desc(), col(ChangeNotice.id)))


def unanswered(session: Session, agency_ids: Collection[UUID]) -> list[Notice]:
    """What still waits for these agencies, the oldest first."""
    mine = col(ChangeNotice.organisation_id).in_(agency_ids) & col(ChangeNotice.answer).is_(None)
    return _notices(session, mine, order=(col(ChangeNotice.at), col(ChangeNotice.id)))


def unmailed(session: Session) -> list[Notice]:
    """What the next daily message to each agency lists."""
    order = (col(ChangeNotice.at), col(ChangeNotice.id))
    return _notices(session, col(ChangeNotice.mailed_at).is_(None), order=order, most=10_000)


def change(session: Session, actor: Actor, notice_id: UUID) -> ChangePage:
    """Raises `NotFound` for what another agency was told."""
    row = own_notice(session, actor, notice_id)
    [notice] = _notices(session, col(ChangeNotice.id) == notice_id, order=(col(ChangeNotice.id),))
    on = london_day(clock.now(session))
    after = item_page(session, row.newer_id, on) if row.newer_id else None
    return ChangePage(notice, item_page(session, row.item_id, on), after)


def own_notice(session: Session, actor: Actor, notice_id: UUID, *, lock: bool = False) -> ChangeNotice:
    wanted = select(ChangeNotice).where(
        ChangeNotice.id == notice_id, col(ChangeNotice.organisation_id).in_(buyer_ids(actor))
    )
    row = session.exec(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise NotFound
    return row


def _notices(session: Session, which: Any, *, order: tuple[Any, ...], most: int = MOST) -> list[Notice]:
    rows = session.execute(
        select(ChangeNotice, Organisation.name, EvidenceKind.name, Practitioner.full_name)
        .add_columns(col(Person.name))
        .join(Organisation, col(Organisation.id) == ChangeNotice.provider_id)
        .join(EvidenceItem, col(EvidenceItem.id) == ChangeNotice.item_id)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .outerjoin(Person, col(Person.id) == ChangeNotice.answered_by)
        .where(which)
        .order_by(*order)
        .limit(most)
    )
    return [
        Notice(
            id=row.id,
            agency_id=row.organisation_id,
            provider_name=provider,
            kind_name=kind,
            practitioner_name=practitioner or "",
            change=Change(row.change),
            difference=tuple(Difference(*words) for words in row.difference),
            at=row.at,
            answer=Answer(row.answer) if row.answer else None,
            answered_at=row.answered_at,
            answered_by=person or "",
            question=row.question,
        )
        for row, provider, kind, practitioner, person in rows
    ]
