"""What checkers have begun with an item: who has taken it, a refusal that waits, what registers showed, second looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core.refusals import NotFound
from app.evidence.check_models import CheckTaken, RefusalProposal, RegisterCheck, SecondLook
from app.evidence.checklists import Register, checklist, registers_for
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries.kinds import kind_facts
from app.evidence.rules import REASONS, Found, Outcome, Point, Reason, counts_until
from app.providers.models import Provider


@dataclass(frozen=True, slots=True)
class Proposal:
    """A refusal that waits for a second checker."""

    id: UUID
    proposer_id: UUID
    proposer_name: str
    reason_code: str
    words: str
    proposed_at: datetime

    @property
    def reason(self) -> str:
        return REASONS[Reason(self.reason_code)]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Where an item stands among its checkers: its decision if it has one, else who is at it."""

    outcome: Outcome | None
    taken_by: UUID | None
    taken_by_name: str
    proposal: Proposal | None


@dataclass(frozen=True, slots=True)
class RegisterLook:
    """What a register showed when somebody looked, or asked it by machine; whether a verification may rest on it on the day."""

    register_key: str
    looked_on: date
    result: Found
    note: str
    live: bool
    checker_name: str
    document_id: UUID | None
    counts: bool

    @property
    def until(self) -> date:
        return counts_until(self.looked_on)


@dataclass(frozen=True, slots=True)
class Look:
    """A second look that was taken; where it disagrees, what the first had said."""

    first_id: UUID
    first_name: str
    second_name: str
    agrees: bool
    words: str
    first_at: datetime
    at: datetime


def under_way(session: Session, item_id: UUID) -> UnderWay:
    """In one query. The caller has asked for the item already."""
    taker, proposer = aliased(Person), aliased(Person)
    is_open = (col(RefusalProposal.item_id) == EvidenceItem.id) & col(RefusalProposal.settled_at).is_(None)
    outcome, taken_by, taken_by_name, proposal, proposer_name = session.execute(
        select(Verification.outcome, CheckTaken.person_id, taker.name, RefusalProposal)
        .add_columns(col(proposer.name))
        .select_from(EvidenceItem)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(CheckTaken, col(CheckTaken.item_id) == EvidenceItem.id)
        .outerjoin(taker, col(taker.id) == CheckTaken.person_id)
        .outerjoin(RefusalProposal, is_open)
        .outerjoin(proposer, col(proposer.id) == RefusalProposal.proposer_id)
        .where(col(EvidenceItem.id) == item_id)
    ).one()
    return UnderWay(
        Outcome(outcome) if outcome else None, taken_by, taken_by_name or "", _proposal(proposal, proposer_name)
    )


def _proposal(row: RefusalProposal | None, proposer_name: str) -> Proposal | None:
    if row is None:
        return None
    return Proposal(row.id, row.proposer_id, proposer_name, row.reason_code, row.words, row.proposed_at)


def registers_of(session: Session, item_id: UUID) -> tuple[Register, ...]:
    """The registers on which an item can be looked up."""
    kind, issuer, provider = session.exec(
        select(EvidenceItem.kind_slug, EvidenceItem.issuer, Provider.kind)
        .join(Provider, col(Provider.id) == EvidenceItem.provider_id)
        .where(EvidenceItem.id == item_id)
    ).one()
    return registers_for(kind, issuer=issuer, provider=provider)


def checklist_of(session: Session, item_id: UUID) -> tuple[Point, ...]:
    """What a checker of an item looks at. Raises `NotFound` where there is no such item; who may look is for the caller to ask."""
    found = session.exec(
        select(EvidenceKind, EvidenceItem.issuer, Provider.kind)
        .join(EvidenceItem, col(EvidenceItem.kind_slug) == EvidenceKind.slug)
        .join(Provider, col(Provider.id) == EvidenceItem.provider_id)
        .where(EvidenceItem.id == item_id)
    ).first()
    if found is None:
        raise NotFound
    kind, issuer, provider = found
    return checklist(kind_facts(kind), registers_for(kind.slug, issuer=issuer, provider=provider))


def register_looks(session: Session, item_id: UUID, on: date) -> tuple[RegisterLook, ...]:
    """What registers showed of an item, the latest first. After a second look that disagreed, none before it counts."""
    disagreed = select(SecondLook.at).where(SecondLook.item_id == item_id, col(SecondLook.agrees).is_(False))
    since = disagreed.order_by(col(SecondLook.at).desc()).limit(1).scalar_subquery()
    rows = session.exec(
        select(RegisterCheck, Person.name, since)
        .join(Person, col(Person.id) == RegisterCheck.checker_id)
        .where(RegisterCheck.item_id == item_id)
        .order_by(col(RegisterCheck.at).desc(), col(RegisterCheck.id).desc())
    )
    return tuple(
        RegisterLook(
            row.register_key,
            row.looked_on,
            Found(row.result),
            row.note,
            row.live,
            name,
            row.document_id,
            counts=on <= counts_until(row.looked_on) and (disagreed_at is None or row.at > disagreed_at),
        )
        for row, name, disagreed_at in rows
    )


def last_found(looks: Iterable[RegisterLook]) -> list[Found]:
    """What each register showed last, of the looks that count; `looks` are the latest first."""
    latest = {look.register_key: look.result for look in reversed([look for look in looks if look.counts])}
    return list(latest.values())


def contradicted(looks: Iterable[Look]) -> set[UUID]:
    """The checkers with whose verification of the item a second look disagreed."""
    return {look.first_id for look in looks if not look.agrees}


def second_looks(session: Session, item_id: UUID) -> tuple[Look, ...]:
    """The second looks at an item, the latest first."""
    first, second = aliased(Person), aliased(Person)
    rows = session.exec(
        select(SecondLook, first.name, second.name)
        .join(first, col(first.id) == SecondLook.first_checker_id)
        .join(second, col(second.id) == SecondLook.checker_id)
        .where(SecondLook.item_id == item_id)
        .order_by(col(SecondLook.at).desc())
    )
    return tuple(
        Look(row.first_checker_id, one, other, row.agrees, row.words, row.first_at, row.at) for row, one, other in rows
    )
