"""Who relies on what a member holds: agencies on the call-off list of a framework in which it must hold it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence.models import Document, EvidenceItem, Verification
from app.evidence.queries import Reader, document_for_agencies
from app.frameworks.entitlement import entitled_on, entitled_within
from app.frameworks.models import CallOffBody, Framework, Lot, LotRequirement
from app.memberships.models import Membership
from app.memberships.policy import OPENERS
from app.memberships.queries.live import live
from app.organisations.policy import buyer_ids


def reader(agency_id: UUID, at: datetime) -> Reader:
    """The agency as one for whom evidence is weighed, under its policies of that moment."""
    return Reader(agency_id, at, london_day(at), _leads_of)


def _leads_of(agency_id: Any, on: Any) -> Any:
    """The leads of the frameworks under which an agency was entitled to call off on a day."""
    return (
        select(Framework.lead_id)
        .join(CallOffBody, col(CallOffBody.framework_id) == Framework.id)
        .where(CallOffBody.organisation_id == agency_id, entitled_on(on))
    )


def members_of(agency_id: UUID, on: date) -> Any:
    """The providers on which the agency may call, as a subquery."""
    return (
        select(Membership.provider_id)
        .join(CallOffBody, col(CallOffBody.framework_id) == Membership.framework_id)
        .where(CallOffBody.organisation_id == agency_id, live(on), entitled_on(on))
    )


def required_by(agency_id: UUID, on: date) -> Any:
    """The kinds that lots of the agency's frameworks require, as a subquery."""
    return (
        select(LotRequirement.kind_slug)
        .join(Lot, col(Lot.id) == LotRequirement.lot_id)
        .join(CallOffBody, col(CallOffBody.framework_id) == Lot.framework_id)
        .where(CallOffBody.organisation_id == agency_id, entitled_on(on))
    )


def relying_agencies(session: Session, provider_id: UUID, kind_slug: str, on: date) -> dict[UUID, list[str]]:
    """The frameworks by name, for each agency that relies on what this provider holds of this kind."""
    return relying_by_kind(session, provider_id, on, kind_slug).get(kind_slug, {})


def relying_by_kind(
    session: Session, provider_id: UUID, on: date, kind_slug: str | None = None
) -> dict[str, dict[UUID, list[str]]]:
    """As `relying_agencies`, for every kind or for the one, in one query."""
    found: dict[str, dict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = session.exec(
        select(LotRequirement.kind_slug, CallOffBody.organisation_id, Framework.name)
        .join(Membership, col(Membership.lot_id) == LotRequirement.lot_id)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(CallOffBody, col(CallOffBody.framework_id) == Framework.id)
        .where(
            Membership.provider_id == provider_id,
            LotRequirement.kind_slug == kind_slug if kind_slug else True,
            live(on),
            entitled_on(on),
        )
        .distinct()
        .order_by(Framework.name)
    )
    for kind, agency_id, framework in rows:
        found[kind][agency_id].append(framework)
    return found


def fact_relied_on(session: Session, agency_id: UUID, item_id: UUID, on: date) -> EvidenceItem:
    """An item on which this agency relies, or would. Raises `NotFound`."""
    item = session.get(EvidenceItem, item_id)
    if item is None or agency_id not in relying_agencies(session, item.provider_id, item.kind_slug, on):
        raise NotFound
    return item


def document_relied_on(session: Session, actor: Actor, document_id: UUID) -> tuple[Document, EvidenceItem, UUID]:
    """A clean document whose verified item an agency of this person relies on, or relied on while it counted; and the agency.

    Raises `NotFound`.
    """
    document, item, decision = document_for_agencies(session, document_id)
    agency_id = who_relied(session, item, decision.at, buyer_ids(actor, *OPENERS))
    if agency_id is None:
        raise NotFound
    return document, item, agency_id


def who_relied(session: Session, item: EvidenceItem, since: datetime, agency_ids: Collection[UUID]) -> UUID | None:
    """The first of these agencies that relied on an item while it counted, from `since` until it was replaced or until now.

    What a newer version replaced stays readable to whoever relied on it.
    """
    until = _until(session, item, clock.now(session))
    return session.exec(
        select(CallOffBody.organisation_id)
        .join(Membership, col(Membership.framework_id) == CallOffBody.framework_id)
        .join(LotRequirement, col(LotRequirement.lot_id) == Membership.lot_id)
        .where(
            Membership.provider_id == item.provider_id,
            LotRequirement.kind_slug == item.kind_slug,
            col(Membership.opened_at) <= until,
            or_(live(london_day(since)), col(Membership.ended_at) >= since),
            col(CallOffBody.organisation_id).in_(agency_ids),
            entitled_within(london_day(since), london_day(until)),
        )
        .order_by(col(CallOffBody.organisation_id))
        .limit(1)
    ).first()


def _until(session: Session, item: EvidenceItem, now: datetime) -> datetime:
    """Until when the item counted: until its replacement was verified, else until now."""
    return session.exec(select(Verification.at).where(Verification.item_id == item.replaced_by_id)).first() or now
