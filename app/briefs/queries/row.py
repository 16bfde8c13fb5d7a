"""One brief as stored: found, locked, its phase in Python and in SQL, what it says and whom it invited."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.briefs import rules
from app.briefs.models import Brief, BriefCriterion, BriefInvitation, OutOfOrder
from app.briefs.rules import Facts, Phase
from app.briefs.terms.models import terms_of
from app.briefs.terms.rules import FORMULAS, QUANTITIES, Terms, in_words
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Lot, Region
from app.frameworks.rules import PriceUnit, Service
from app.frameworks.rules.asking import Dates, dates
from app.organisations.directory.queries import standing
from app.organisations.directory.rules import party
from app.organisations.models import ContractingAuthority, Organisation
from app.organisations.policy import buyer_ids
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Provider
from app.sealing.models import SealingKey
from app.sealing.rules import Holder

_source = aliased(Brief)  # the brief that another began as
_NOT_SAID: Final = ("phase", "out_of_order")  # what becomes of a brief, whatever its authors wrote


@dataclass(frozen=True, slots=True)
class Criterion:
    """A brief's own criterion; `weight` in per cent."""

    id: UUID
    position: int
    name: str
    guidance: str
    is_price: bool
    weight: int


@dataclass(frozen=True, slots=True)
class Invited:
    provider_id: UUID
    provider_name: str
    membership_id: UUID
    why: str


@dataclass(frozen=True, slots=True)
class Announced:
    """When it was announced that the bids are opened out of order, and why."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class BriefFacts:
    """What a brief says to everybody who may read it."""

    id: UUID
    reference: str
    version: int
    material_version: int
    framework_id: UUID
    framework_name: str
    lot_id: UUID
    lot_name: str
    region_id: UUID
    region_name: str
    raa_name: str
    party: str
    signer_id: UUID | None
    title: str
    need: str
    outcomes: str
    age_band: str
    area: str
    sessions: int | None
    start_by: date | None
    budget_pence: int | None
    published_at: datetime | None
    closes_at: datetime
    cancelled_reason: str
    cancelled_as: str
    phase: Phase
    criteria: tuple[Criterion, ...]
    service: Service
    quantity: str
    terms: Terms
    copied_from: str
    out_of_order: Announced | None

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """The terms in words, by what they are about."""
        return in_words(self.terms)

    @property
    def price_explained(self) -> str:
        """How a price becomes points."""
        return FORMULAS[self.terms.price_formula][1]

    @property
    def asking(self) -> Dates | None:
        """By when its members ask, and by when they are answered, once it is published."""
        return dates(self.published_at, self.closes_at) if self.published_at else None

    @property
    def seen(self) -> str:
        """The digest of what its authors say, by which a publication says what its approver read.

        It is kept with a first approval, so a new field of all briefs ends every approval that waits for its second.
        """
        said = {name: str(value) for name, value in asdict(self).items() if name not in _NOT_SAID}
        return digest(json.dumps(said, sort_keys=True).encode())

    @property
    def written(self) -> str:
        """The digest of what its authors wrote, by which a save says from what its writer began."""
        return written(self, self.terms, [one.weight for one in self.criteria])


def written(brief: Brief | BriefFacts, terms: Terms, weights: Sequence[int]) -> str:
    """The same of a row, with what the columns of its terms say and its criteria's weights."""
    said = [str(getattr(brief, field.name)) for field in fields(Facts) if field.name != "weights"]
    return digest(json.dumps([said, str(terms), list(weights)]).encode())


def lock_brief(session: Session, brief_id: UUID, *, exclusive: bool) -> Brief:
    """The row as it stands once the lock is held: shared by submits, exclusive for the opening. Raises `NotFound`.

    Source: design finding 1, a deadline is a lock, not an if.
    """
    return _locked(session, select(Brief).where(Brief.id == brief_id).with_for_update(read=not exclusive))


def share_brief(session: Session, brief_id: UUID, provider_id: UUID) -> Brief:
    """The row, locked as a submit locks it, and with it the bidder's: the provider does not close before this write ends."""
    return _locked(session, sharing(brief_id, provider_id))


def sharing(brief_id: Any, provider_id: Any) -> SelectOfScalar[Brief]:
    """That query, for a room that reads with it what the lock it holds already keeps from changing."""
    both = select(Brief).select_from(Brief).join(Provider, col(Provider.id) == provider_id).where(Brief.id == brief_id)
    return both.with_for_update(read=True, of=[Brief, Provider])


def _locked(session: Session, query: SelectOfScalar[Brief]) -> Brief:
    row = session.exec(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound
    return row


def close_later_than_their_keys(session: Session) -> dict[UUID, datetime]:
    """The closes of briefs not opened yet that a change or an outage has moved past the hour bound into their keys."""
    rows = session.exec(
        select(Brief.id, Brief.closes_at)
        .join(SealingKey, col(SealingKey.holder_id) == Brief.id)
        .where(
            SealingKey.holder == Holder.BRIEF,
            col(SealingKey.not_before) < Brief.closes_at,
            col(Brief.published_at).is_not(None),
            col(Brief.opened_at).is_(None),
            col(Brief.cancelled_at).is_(None),
        )
    )
    return dict(rows.all())


def brief_of_buyer(session: Session, actor: Actor, brief_id: UUID, *roles: Role, lock: bool = False) -> Brief:
    """The row, if this person holds one of the roles in its agency; with none named, any. Raises `NotFound`."""
    query = select(Brief).where(Brief.id == brief_id, col(Brief.raa_id).in_(buyer_ids(actor, *roles)))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.exec(query).first()
    if row is None:
        raise NotFound
    return row


def phase_of(brief: Brief, now: datetime) -> Phase:
    return rules.phase(
        published_at=brief.published_at,
        closes_at=brief.closes_at,
        opened_at=brief.opened_at,
        awarded_at=brief.awarded_at,
        cancelled_at=brief.cancelled_at,
        now=now,
    )


def is_draft(session: Session, actor: Actor, brief_id: UUID, *roles: Role) -> bool:
    """Whether it was never published. Raises `NotFound`."""
    return brief_of_buyer(session, actor, brief_id, *roles).published_at is None


def prices_are_open(brief: Brief) -> bool:
    """Whether prices may be read, once the bids may: of two envelopes the second was opened, too."""
    return not brief.two_envelopes or brief.prices_opened_at is not None


def in_phase(phase: Phase, now: Any) -> ColumnElement[bool]:
    """The SQL twin of `rules.phase`; `now` may be a parameter."""
    whole, published = col(Brief.cancelled_at).is_(None), col(Brief.published_at).is_not(None)
    unawarded, unopened = col(Brief.awarded_at).is_(None), col(Brief.opened_at).is_(None)
    match phase:
        case Phase.CANCELLED:
            return col(Brief.cancelled_at).is_not(None)
        case Phase.DRAFT:
            return and_(whole, col(Brief.published_at).is_(None))
        case Phase.AWARDED:
            return and_(whole, published, col(Brief.awarded_at).is_not(None))
        case Phase.OPENED:
            return and_(whole, published, unawarded, col(Brief.opened_at).is_not(None))
        case Phase.OPEN:
            return and_(whole, published, unawarded, unopened, col(Brief.closes_at) > now)
        case Phase.CLOSED:
            return and_(whole, published, unawarded, unopened, col(Brief.closes_at) <= now)


def criteria(session: Session, brief_id: UUID) -> tuple[Criterion, ...]:
    rows = session.exec(
        select(BriefCriterion).where(BriefCriterion.brief_id == brief_id).order_by(col(BriefCriterion.position))
    )
    return tuple(_criterion(row) for row in rows)


def _criterion(row: BriefCriterion) -> Criterion:
    return Criterion(row.id, row.position, row.name, row.guidance, row.is_price, row.weight)


def invited(session: Session, brief_id: UUID) -> list[Invited]:
    """Every member invited, and why, by name. Who declined is not here: that would tell who is left."""
    rows = session.exec(
        select(BriefInvitation.provider_id, Organisation.name, BriefInvitation.membership_id, BriefInvitation.why)
        .join(Organisation, col(Organisation.id) == BriefInvitation.provider_id)
        .where(BriefInvitation.brief_id == brief_id)
        .order_by(Organisation.name)
    )
    return [Invited(*row) for row in rows]


def invitation_of(session: Session, brief_id: UUID, provider_id: UUID) -> BriefInvitation:
    """The invitation, locked for a change: whoever answers it for one provider waits in one line. Raises `NotFound`."""
    row = session.exec(
        select(BriefInvitation)
        .where(BriefInvitation.brief_id == brief_id, BriefInvitation.provider_id == provider_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound
    return row


def facts(session: Session, brief: Brief, now: datetime) -> BriefFacts:
    """What the brief says. The caller has asked whether its reader may see it.

    A published brief names the body that signed for its agency on that day, a draft the one of today.
    """
    if brief.published_at is None:
        return facts_of_drafts(session, [brief], now)[brief.id]
    return said(brief, session.execute(_facts_of_published(), {"briefs": [brief.id]}).all(), now)


def facts_of_drafts(session: Session, drafts: Collection[Brief], now: datetime) -> dict[UUID, BriefFacts]:
    """The same for many drafts at once, in one statement."""
    found: dict[UUID, list[Any]] = {}
    for row in session.execute(facts_query([brief.id for brief in drafts], signed_for(now))):
        found.setdefault(row[-1], []).append(row)
    return {brief.id: said(brief, found[brief.id], now) for brief in drafts}


def signed_for(now: datetime) -> ColumnElement[bool]:
    return and_(col(ContractingAuthority.raa_id) == Brief.raa_id, standing(ContractingAuthority, london_day(now)))


@cache
def _facts_of_published() -> Any:
    """Put together once, as it takes longer than the answer."""
    return facts_query(bindparam("briefs", expanding=True), col(ContractingAuthority.id) == Brief.contracting_id)


def facts_query(brief_ids: Any, signs: ColumnElement[bool]) -> Any:
    """A row for each criterion, with the names of what the brief refers to on each, for `said`; and last the brief's id.

    `brief_ids` may be a parameter.
    """
    return (
        select(Framework.name, Lot.number, Lot.name, BriefCriterion)
        .add_columns(col(Region.name), col(Organisation.name), col(Organisation.kind), col(ContractingAuthority.name))
        .add_columns(col(Lot.service), col(Lot.price_unit), col(_source.reference), col(ContractingAuthority.id))
        .add_columns(_announced(OutOfOrder.said_at), _announced(OutOfOrder.reason), col(Brief.id))
        .select_from(Brief)
        .join(Framework, col(Framework.id) == Brief.framework_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Region, col(Region.id) == Brief.region_id)
        .join(Organisation, col(Organisation.id) == Brief.raa_id)
        .outerjoin(ContractingAuthority, signs)
        .outerjoin(BriefCriterion, col(BriefCriterion.brief_id) == Brief.id)
        .outerjoin(_source, col(_source.id) == Brief.copied_from_id)
        .where(col(Brief.id).in_(brief_ids))
        .order_by(col(BriefCriterion.position))
    )


def _announced(column: Any) -> Any:
    """Of what was announced, as a column: one more table to join would be one too many (decision 36)."""
    return select(column).where(OutOfOrder.brief_id == Brief.id).correlate(Brief).scalar_subquery()


def said(brief: Brief, rows: Sequence[Any], now: datetime) -> BriefFacts:
    """What a brief says, from its rows of `facts_query`."""
    framework_name, lot_number, lot_name, _, region_name, raa_name, kind, signer, *rest = rows[0]
    service, unit, copied_from, signer_id, announced_at, announced_why, _ = rest
    return BriefFacts(
        id=brief.id,
        reference=brief.reference,
        version=brief.version,
        material_version=brief.material_version,
        framework_id=brief.framework_id,
        framework_name=framework_name,
        lot_id=brief.lot_id,
        lot_name=f"Lot {lot_number}: {lot_name}",
        region_id=brief.region_id,
        region_name=region_name,
        raa_name=raa_name,
        party=party(raa_name, signer, own_body=kind != OrganisationKind.RAA),
        signer_id=signer_id,
        title=brief.title,
        need=brief.need,
        outcomes=brief.outcomes,
        age_band=brief.age_band,
        area=brief.area,
        sessions=brief.sessions,
        start_by=brief.start_by,
        budget_pence=brief.budget_pence,
        published_at=brief.published_at,
        closes_at=brief.closes_at,
        cancelled_reason=brief.cancelled_reason,
        cancelled_as=brief.cancelled_as,
        phase=phase_of(brief, now),
        criteria=tuple(_criterion(row[3]) for row in rows if row[3]),
        service=Service(service),
        quantity=QUANTITIES.get(PriceUnit(unit), "sessions"),
        terms=terms_of(brief),
        copied_from=copied_from or "",
        out_of_order=Announced(announced_at, announced_why) if announced_at else None,
    )
