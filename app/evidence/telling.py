"""Telling the rooms above, in the transaction of a decision, that a fact on which agencies may rely has changed."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, true
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor, Seat
from app.evidence import news
from app.evidence.check_models import SecondLook
from app.evidence.models import EvidenceItem, Verification
from app.evidence.queries.holdings import facts_of
from app.evidence.rules import OF_SEVERAL, KindFacts, Outcome
from app.evidence.rules.changes import Change, Difference, difference, needs_new, undone, verified_again
from app.organisations.models import Organisation


def tell_replaced(session: Session, older: EvidenceItem, newer: EvidenceItem, kind: KindFacts) -> None:
    """A newer item was verified in an older one's place; nobody relied on one that had never been verified."""
    if _verified(session, older):
        _tell(session, older, newer, Change.REPLACED, difference(kind, facts_of(older), facts_of(newer)))


def tell_returned(session: Session, item: EvidenceItem, kind: KindFacts) -> None:
    """An item was returned that was to take a verified one's place: that one still counts until it expires."""
    older = session.exec(
        select(EvidenceItem)
        .join(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(
            EvidenceItem.provider_id == item.provider_id,
            EvidenceItem.kind_slug == item.kind_slug,
            col(EvidenceItem.practitioner_id).is_not_distinct_from(item.practitioner_id),
            col(EvidenceItem.replaced_by_id).is_(None),
            EvidenceItem.id != item.id,
            _of_the_same(item),
            Verification.outcome == Outcome.VERIFIED,
        )
        .order_by(col(EvidenceItem.added_at).desc())
    ).first()
    if older:
        _tell(session, older, item, Change.RETURNED, difference(kind, facts_of(older), facts_of(item)))


def tell_undone(session: Session, item: EvidenceItem, look: SecondLook) -> None:
    """A second look disagreed with a verification. To whom it still counted, the rooms above know."""
    what = undone(
        verified_by=_named(session, look.first_checker_id, look.first_organisation_id),
        looked_by=_named(session, look.checker_id, look.checker_organisation_id),
        words=look.words,
    )
    _tell(session, item, None, Change.UNDONE, what)


def tell_verified_again(session: Session, actor: Actor, seat: Seat, item: EvidenceItem) -> None:
    """What a second look had undone was verified anew; of what was never undone nothing is told."""
    doubted = select(SecondLook.id).where(SecondLook.item_id == item.id, col(SecondLook.agrees).is_(False))
    if session.exec(doubted).first():
        what = verified_again(verified_by=f"{actor.name}, {seat.organisation_name}")
        _tell(session, item, None, Change.REINSTATED, what)


def tell_needs_new(session: Session, item: EvidenceItem, *, corrected: bool = False) -> None:
    """Of a DBS certificate on which agencies rely a status check says that it no longer counts, or it was said wrongly."""
    if _verified(session, item):
        _tell(session, item, None, Change.REINSTATED if corrected else Change.UNFIT, needs_new(corrected=corrected))


def _named(session: Session, person_id: UUID, organisation_id: UUID) -> str:
    return f"{session.get_one(Person, person_id).name}, {session.get_one(Organisation, organisation_id).name}"


def _of_the_same(item: EvidenceItem) -> ColumnElement[bool]:
    """Of kinds of which a person holds several, the one from the same issuer."""
    if item.kind_slug not in OF_SEVERAL:
        return true()
    return func.lower(EvidenceItem.issuer) == item.issuer.lower()


def _verified(session: Session, item: EvidenceItem) -> bool:
    wanted = select(Verification.id).where(Verification.item_id == item.id, Verification.outcome == Outcome.VERIFIED)
    return session.exec(wanted).first() is not None


def _tell(
    session: Session, item: EvidenceItem, newer: EvidenceItem | None, change: Change, what: tuple[Difference, ...]
) -> None:
    told = news.ItemChanged(
        item_id=item.id,
        newer_id=newer.id if newer else None,
        provider_id=item.provider_id,
        kind_slug=item.kind_slug,
        change=change,
        difference=what,
        at=clock.now(session),
    )
    news.ITEM_CHANGED.tell(session, told)
