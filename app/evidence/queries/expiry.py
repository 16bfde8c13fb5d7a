"""Verified facts that lapse or have lapsed, and who is to be told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from app.core.london import london_day
from app.evidence.models import EvidenceItem, EvidenceKind, ReminderAddress, Verification
from app.evidence.rules import Outcome
from app.evidence.rules.expiry import BEFORE, next_reminder
from app.organisations.models import Organisation
from app.providers.models import Practitioner, Provider


@dataclass(frozen=True, slots=True)
class Lapsing:
    """A verified item that nothing newer has replaced. `known_since` is the London day on which it was verified."""

    id: UUID
    provider_id: UUID
    provider_name: str
    practitioner_id: UUID | None
    practitioner_name: str
    kind_slug: str
    kind_name: str
    expires_on: date
    known_since: date


@dataclass(frozen=True, slots=True)
class Coming:
    """An item with the next day on which somebody is reminded of it."""

    item: Lapsing
    next_on: date


@dataclass(frozen=True, slots=True)
class Address:
    practitioner_id: UUID
    practitioner_name: str
    email: str


def lapsing(session: Session, on: date) -> list[Lapsing]:
    """Everything that expires within sixty days of `on`, or has expired, of providers that are here."""
    return _lapsing(session, col(EvidenceItem.expires_on) <= on + timedelta(days=max(BEFORE)))


def lapsed(session: Session, since: date, on: date) -> list[Lapsing]:
    """What was good on `since` or after it and is no longer on `on`: it has expired at 00:00 London in between."""
    return _lapsing(session, col(EvidenceItem.expires_on) >= since, col(EvidenceItem.expires_on) < on)


def coming(session: Session, provider_id: UUID, on: date) -> list[Coming]:
    """One provider's, soonest first, with the next reminder of each."""
    found = _lapsing(session, col(EvidenceItem.provider_id) == provider_id, col(EvidenceItem.expires_on).is_not(None))
    return [Coming(item, next_reminder(expires_on=item.expires_on, on=on)) for item in found]


def reminder_addresses(session: Session, provider_ids: Collection[UUID]) -> dict[UUID, Address]:
    """By practitioner, of those who have not left."""
    rows = session.exec(
        select(Practitioner.id, Practitioner.full_name, ReminderAddress.email)
        .join(ReminderAddress, col(ReminderAddress.practitioner_id) == Practitioner.id)
        .where(col(Practitioner.provider_id).in_(provider_ids), col(Practitioner.left_at).is_(None))
    )
    return {practitioner_id: Address(practitioner_id, name, email) for practitioner_id, name, email in rows}


def _lapsing(session: Session, *which: ColumnElement[bool]) -> list[Lapsing]:
    rows = session.execute(
        select(EvidenceItem, Organisation.name, Practitioner.full_name, EvidenceKind.name)
        .add_columns(col(Verification.at))
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .join(Provider, col(Provider.id) == EvidenceItem.provider_id)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .where(
            col(Verification.outcome) == Outcome.VERIFIED,
            col(EvidenceItem.replaced_by_id).is_(None),
            col(Provider.archived_at).is_(None),
            or_(col(EvidenceItem.practitioner_id).is_(None), col(Practitioner.left_at).is_(None)),
            *which,
        )
        .order_by(col(EvidenceItem.expires_on), col(EvidenceItem.id))
    )
    return [_one(*tuple(row)) for row in rows]


def _one(item: EvidenceItem, provider: str, practitioner: str | None, kind: str, verified_at: datetime) -> Lapsing:
    if item.expires_on is None:
        raise LookupError("it does not expire")
    return Lapsing(
        id=item.id,
        provider_id=item.provider_id,
        provider_name=provider,
        practitioner_id=item.practitioner_id,
        practitioner_name=practitioner or "",
        kind_slug=item.kind_slug,
        kind_name=kind,
        expires_on=item.expires_on,
        known_since=london_day(verified_at),
    )
