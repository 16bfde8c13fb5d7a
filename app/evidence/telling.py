"""Telling the rooms above, in the transaction of a decision, that a fact on which agencies may rely has changed."""

from sqlalchemy import ColumnElement, func, true
from sqlmodel import Session, col, select

from app.core import clock
from app.evidence import news
from app.evidence.models import EvidenceItem, Verification
from app.evidence.queries.holdings import facts_of
from app.evidence.rules import OF_SEVERAL, KindFacts, Outcome
from app.evidence.rules.changes import Change, difference


def tell_replaced(session: Session, older: EvidenceItem, newer: EvidenceItem, kind: KindFacts) -> None:
    """A newer item was verified in an older one's place; nobody relied on one that had never been verified."""
    if _verified(session, older):
        _tell(session, older, newer, kind, Change.REPLACED)


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
        _tell(session, older, item, kind, Change.RETURNED)


def _of_the_same(item: EvidenceItem) -> ColumnElement[bool]:
    """Of kinds of which a person holds several, the one from the same issuer."""
    if item.kind_slug not in OF_SEVERAL:
        return true()
    return func.lower(EvidenceItem.issuer) == item.issuer.lower()


def _verified(session: Session, item: EvidenceItem) -> bool:
    wanted = select(Verification.id).where(Verification.item_id == item.id, Verification.outcome == Outcome.VERIFIED)
    return session.exec(wanted).first() is not None


def _tell(session: Session, older: EvidenceItem, newer: EvidenceItem, kind: KindFacts, change: Change) -> None:
    what = news.ItemChanged(
        item_id=older.id,
        newer_id=newer.id,
        provider_id=older.provider_id,
        kind_slug=older.kind_slug,
        change=change,
        difference=difference(kind, facts_of(older), facts_of(newer)),
        at=clock.now(session),
    )
    news.ITEM_CHANGED.tell(session, what)
