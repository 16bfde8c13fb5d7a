"""One fact of a member as one agency sees it: what it says, who verified it, its documents, and whether its own look is wanted."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence import rules
from app.evidence.models import EvidenceItem, OwnVerification, Verification
from app.evidence.queries import DocumentView, Held, documents, item_page
from app.evidence.queries.reliance import Seen, columns
from app.evidence.rules.reliance import AWAITED, Reliance, Relied
from app.memberships.queries.relying import reader, who_relied
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """What the agency itself looked at."""

    by: str
    how: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """`opens`: people of the agency may open its documents, each opening told. `older_id` is the version before."""

    agency_id: UUID
    agency_name: str
    item: Held
    documents: tuple[DocumentView, ...]
    opens: bool
    policy: Reliance
    relied: Relied
    since: date | None
    own_check: OwnCheck | None
    older_id: UUID | None

    @property
    def wanted(self) -> bool:
        """The agency's own check is awaited."""
        return self.relied in AWAITED and self.item.replaced_by_id is None


def fact(session: Session, actor: Actor, agency_id: UUID, item_id: UUID) -> Fact:
    """For the people of an agency that relies on the item, or did while it counted. Raises `NotFound`."""
    now = clock.now(session)
    on = london_day(now)
    row = session.exec(
        select(EvidenceItem, Verification.at)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(EvidenceItem.id == item_id, col(EvidenceItem.submitted_at).is_not(None))
    ).first()
    mine = buyer_ids(actor) & {agency_id}
    if row is None or who_relied(session, row[0], row[1] or now, mine) is None:
        raise NotFound
    item = item_page(session, item_id, on)
    audience = rules.audience(item.kind, confidential_reason=item.confidential_reason)
    seen = _seen(session, agency_id, item_id, now)
    return Fact(
        agency_id,
        session.get_one(Organisation, agency_id).name,
        item,
        documents(session, actor, item),
        item.decision is not None and rules.may_agencies_open(audience, item.decision.outcome),
        seen.policy,
        seen.relied(item.standing),
        seen.since(),
        _own_check(session, agency_id, item_id),
        session.exec(select(EvidenceItem.id).where(EvidenceItem.replaced_by_id == item_id).limit(1)).first(),
    )


def _seen(session: Session, agency_id: UUID, item_id: UUID, now: datetime) -> Seen:
    values = session.execute(
        select(*columns(reader(agency_id, now)))
        .select_from(EvidenceItem)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(EvidenceItem.id == item_id)
    ).one()
    return Seen(agency_id, *values)


def _own_check(session: Session, agency_id: UUID, item_id: UUID) -> OwnCheck | None:
    row = session.exec(
        select(Person.name, OwnVerification.how, OwnVerification.at)
        .join(Person, col(Person.id) == OwnVerification.checker_id)
        .where(OwnVerification.item_id == item_id, OwnVerification.organisation_id == agency_id)
    ).first()
    return OwnCheck(*row) if row else None
