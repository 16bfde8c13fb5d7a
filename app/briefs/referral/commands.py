"""Attaching documents to a full referral, withdrawing, scanning and opening them; and letting go of them in the end."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.briefs import events
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer, phase_of
from app.briefs.referral import queries, rules
from app.briefs.referral.models import ReferralDocument
from app.briefs.referral.rules import Content
from app.core import audit, clock
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blob, condemn, remember
from app.core.refusals import NotFound, refuse_if
from app.evidence.rules import SCAN_MOVES, WAITING, ScanState
from app.organisations.rules import Role


def attach_referral(
    session: Session, actor: Actor, brief_id: UUID, blob: Blob, *, content: Content, media_type: str
) -> UUID:
    """Name stored bytes as a document of the referral, quarantined. The same content again is quietly the same document.

    Raises `NotFound` to all but the agency's commissioners, and `Refused` once the brief is cancelled.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, lock=True), clock.now(session)
    held = select(ReferralDocument).where(
        ReferralDocument.brief_id == brief_id, col(ReferralDocument.withdrawn_at).is_(None)
    )
    rows = session.exec(held).all()
    if same := next((r for r in rows if r.sha256 == blob.sha256 and r.scan_state != ScanState.INFECTED), None):
        return same.id
    refuse_if(rules.why_not_attach(phase=phase_of(brief, now), documents=len(rows)))
    remember(session, blob)
    row = ReferralDocument(
        brief_id=brief_id,
        number=queries.next_number(session, brief_id),
        content=content,
        blob_key=blob.key,
        sha256=blob.sha256,
        size=blob.size,
        media_type=media_type,
        attached_at=now,
        attached_by=actor.known,
    )
    session.add(row)
    session.flush()
    audit.record(session, events.REFERRAL_ATTACHED, actor=actor, subject=brief_id, at=now, number=row.number)
    return row.id


def withdraw_referral(session: Session, actor: Actor, brief_id: UUID, document_id: UUID) -> None:
    """Take a document back: its key goes in this write, and nobody opens it again. A second time it changes nothing.

    Raises `NotFound` to all but the agency's commissioners, and `Refused` once the brief is awarded.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, lock=True), clock.now(session)
    row = session.get(ReferralDocument, document_id)
    if row is None or row.brief_id != brief_id:
        raise NotFound
    if row.withdrawn_at:
        return
    refuse_if(rules.why_not_withdraw(phase=phase_of(brief, now)))
    _let_go(session, row, now)
    audit.record(session, events.REFERRAL_WITHDRAWN, actor=actor, subject=brief_id, at=now, number=row.number)


def open_referral(session: Session, actor: Actor, brief_id: UUID, document_id: UUID) -> None:
    """Write down that somebody of the agency opened a document. Raises `NotFound`."""
    _, row = queries.document_of_agency(session, actor, brief_id, document_id)
    audit.record(session, events.REFERRAL_OPENED, actor=actor, subject=brief_id, number=row.number)


def record_referral_scan(session: Session, document_id: UUID, verdict: ScanState | None) -> None:
    """Write a scanner's verdict down, or that it gave none; the first verdict stands. What is infected loses its key."""
    row = session.get_one(ReferralDocument, document_id, with_for_update=True)
    if row.scan_state not in WAITING:
        return
    row.scanned_at = clock.now(session)
    if verdict is None or (ScanState(row.scan_state), verdict) not in SCAN_MOVES:
        return
    row.scan_state = verdict
    if verdict is ScanState.INFECTED:
        condemn(session, row.blob_key)
        audit.record(session, events.REFERRAL_INFECTED, actor=NOBODY, subject=row.brief_id, number=row.number)


def let_go_of_referrals(session: Session, now: datetime) -> int:
    """Throw away the keys of documents whose time here has ended; how many."""
    rows = session.exec(
        select(ReferralDocument, Brief)
        .join(Brief, col(Brief.id) == ReferralDocument.brief_id)
        .where(col(ReferralDocument.id).in_(queries.over(session, now)))
        .order_by(col(ReferralDocument.id))
        .with_for_update(of=ReferralDocument)
    ).all()
    gone = [
        row
        for row, brief in rows
        if not row.withdrawn_at and rules.is_over(cancelled_at=brief.cancelled_at, awarded_at=brief.awarded_at, now=now)
    ]
    for row in gone:
        _let_go(session, row, now)
    for row in gone:
        audit.record(session, events.REFERRAL_LET_GO, actor=NOBODY, subject=row.brief_id, at=now, number=row.number)
    return len(gone)


def _let_go(session: Session, row: ReferralDocument, now: datetime) -> None:
    row.withdrawn_at = now
    session.add(row)
    condemn(session, row.blob_key)
