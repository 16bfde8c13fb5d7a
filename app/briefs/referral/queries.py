"""Looking at a full referral: its list, for those in the agency who handle it, and one clean document."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from app.briefs import events
from app.briefs.models import Brief
from app.briefs.policy import REFERRAL_READERS, sits_there
from app.briefs.queries import brief_of_buyer, phase_of
from app.briefs.referral import rules
from app.briefs.referral.models import ReferralDocument
from app.briefs.referral.rules import Content
from app.core import audit
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal
from app.evidence.files import SUFFIXES
from app.evidence.rules import RETRY, WAITING, ScanState
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One document, by its number; `opens` says that its scan found nothing."""

    id: UUID
    number: int
    label: str
    media_type: str
    size: int
    attached_at: datetime
    scan_state: ScanState
    opens: bool


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """The referral as the agency sees it, and everything that was done with it."""

    id: UUID
    reference: str
    documents: tuple[DocumentLine, ...]
    may_change: bool
    why_not_attach: Refusal | None
    why_not_withdraw: Refusal | None
    events: tuple[tuple[datetime, str], ...]


def referral_page(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> ReferralPage:
    """Raises `NotFound` to all but those in the brief's agency who handle referrals."""
    brief = brief_of_buyer(session, actor, brief_id, *REFERRAL_READERS)
    lines, phase = documents(session, brief_id), phase_of(brief, now)
    return ReferralPage(
        id=brief.id,
        reference=brief.reference,
        documents=lines,
        may_change=sits_there(actor, brief.raa_id, Role.COMMISSIONER),
        why_not_attach=rules.why_not_attach(phase=phase, documents=len(lines)),
        why_not_withdraw=rules.why_not_withdraw(phase=phase),
        events=tuple(
            (event.at, audit.sentence(event))
            for event in audit.timeline(session, brief_id)
            if event.name.startswith(events.REFERRAL)
        ),
    )


def documents(session: Session, brief_id: UUID) -> tuple[DocumentLine, ...]:
    """What is attached now, in order. Who may see that it exists is for the caller to have asked."""
    rows = session.exec(
        select(ReferralDocument)
        .where(ReferralDocument.brief_id == brief_id, col(ReferralDocument.withdrawn_at).is_(None))
        .order_by(col(ReferralDocument.number))
    )
    return tuple(_line(row) for row in rows)


def document_of_agency(
    session: Session, actor: Actor, brief_id: UUID, document_id: UUID
) -> tuple[Brief, ReferralDocument]:
    """A clean document, for those in its agency who handle it. Raises `NotFound`: absent, foreign and unscanned alike."""
    brief = brief_of_buyer(session, actor, brief_id, *REFERRAL_READERS)
    return brief, clean_document(session, brief_id, document_id)


def clean_document(session: Session, brief_id: UUID, document_id: UUID) -> ReferralDocument:
    """Every way to a document's bytes comes through here. Raises `NotFound` for what is not clean, or no longer there."""
    row = session.exec(
        select(ReferralDocument).where(
            ReferralDocument.id == document_id,
            ReferralDocument.brief_id == brief_id,
            ReferralDocument.scan_state == ScanState.CLEAN,
            col(ReferralDocument.withdrawn_at).is_(None),
        )
    ).first()
    if row is None:
        raise NotFound
    return row


def next_number(session: Session, brief_id: UUID) -> int:
    last = select(func.max(ReferralDocument.number)).where(ReferralDocument.brief_id == brief_id)
    return (session.exec(last).one() or 0) + 1


def unscanned(session: Session, most: int, now: datetime) -> list[UUID]:
    """Those due for a scan, the longest untried first."""
    due = or_(col(ReferralDocument.scanned_at).is_(None), col(ReferralDocument.scanned_at) <= now - RETRY)
    wanted = select(ReferralDocument.id).where(
        col(ReferralDocument.scan_state).in_(WAITING), col(ReferralDocument.withdrawn_at).is_(None), due
    )
    turn = (col(ReferralDocument.scanned_at).asc().nulls_first(), col(ReferralDocument.attached_at))
    return list(session.exec(wanted.order_by(*turn).limit(most)))


def over(session: Session, now: datetime, most: int = 100) -> list[UUID]:
    """Documents whose time here has ended."""
    wanted = (
        select(ReferralDocument.id)
        .join(Brief, col(Brief.id) == ReferralDocument.brief_id)
        .where(
            col(ReferralDocument.withdrawn_at).is_(None),
            or_(col(Brief.cancelled_at).is_not(None), col(Brief.awarded_at) <= now - rules.KEPT),
        )
    )
    return list(session.exec(wanted.limit(most)))


def name_of(reference: str, document: ReferralDocument) -> str:
    """A file's name that tells nobody who the child is."""
    return f"{reference} referral {document.number}{SUFFIXES.get(document.media_type, '.txt')}"


def _line(row: ReferralDocument) -> DocumentLine:
    return DocumentLine(
        id=row.id,
        number=row.number,
        label=Content(row.content).label,
        media_type=row.media_type,
        size=row.size,
        attached_at=row.attached_at,
        scan_state=ScanState(row.scan_state),
        opens=row.scan_state == ScanState.CLEAN,
    )
