"""An item’s documents, and the one way to open one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.core.actor import Actor
from app.core.refusals import NotFound
from app.evidence import policy, rules
from app.evidence.models import Document, EvidenceItem, Verification
from app.evidence.queries.holdings import Held
from app.evidence.queries.kinds import kind_of
from app.evidence.rules import KindFacts, ScanState
from app.organisations.policy import provider_ids


@dataclass(frozen=True, slots=True)
class DocumentView:
    """`opens` says whether this person may open it now."""

    id: UUID
    file_name: str
    media_type: str
    size: int
    sha256: str
    uploaded_at: datetime
    scan_state: ScanState
    scanner: str
    scanned_at: datetime | None
    unanswered: bool
    opens: bool
    purged_at: datetime | None = None


def documents(session: Session, actor: Actor, item: Held) -> tuple[DocumentView, ...]:
    """An item's documents, oldest first, with whether this person may open each."""
    rows = session.exec(
        select(Document).where(Document.item_id == item.id).order_by(col(Document.uploaded_at), col(Document.id))
    )
    reader = may_read(actor, item, item.kind, item.decision.checker_id if item.decision else None)
    return tuple(_document(row, reader) for row in rows)


def document_to_open(
    session: Session, actor: Actor, document_id: UUID, *, narrow: bool
) -> tuple[Document, EvidenceItem]:
    """A clean document this person may open; `narrow` ones by the door that tells of each opening, others by theirs.

    Raises `NotFound`: absent, foreign, unscanned, infected alike.
    """
    document, item, decision = _clean(session, document_id)
    kind, decided_by = kind_of(session, item.kind_slug), decision.checker_id if decision else None
    if kind.narrow is not narrow or not may_read(actor, item, kind, decided_by):
        raise NotFound
    return document, item


def document_for_agencies(session: Session, document_id: UUID) -> tuple[Document, EvidenceItem, Verification]:
    """A clean document that agencies relying on its verified item may open; who relies is for the room above to ask.

    Raises `NotFound`.
    """
    document, item, decision = _clean(session, document_id)
    kind = kind_of(session, item.kind_slug)
    audience = rules.audience(kind, confidential_reason=item.confidential_reason)
    if decision is None or not rules.may_agencies_open(audience, rules.Outcome(decision.outcome)):
        raise NotFound
    return document, item, decision


def scans(session: Session, item_id: UUID) -> list[ScanState]:
    wanted = select(Document.scan_state).where(Document.item_id == item_id, col(Document.purged_at).is_(None))
    return [ScanState(state) for state in session.exec(wanted)]


def unscanned(session: Session, most: int, now: datetime) -> list[UUID]:
    """Documents due for a scan: those never tried, then those tried longest ago, so that none starves the rest."""
    due = or_(col(Document.scanned_at).is_(None), col(Document.scanned_at) <= now - rules.RETRY)
    wanted = select(Document.id).where(
        col(Document.scan_state).in_(rules.WAITING), col(Document.purged_at).is_(None), due
    )
    turn = (col(Document.scanned_at).asc().nulls_first(), col(Document.uploaded_at))
    return list(session.exec(wanted.order_by(*turn).limit(most)))


def same_content(session: Session, item_id: UUID, sha256: str) -> UUID | None:
    """An item's document of this content in which no virus was found, if there is one."""
    wanted = select(Document.id).where(
        Document.item_id == item_id,
        Document.sha256 == sha256,
        Document.scan_state != ScanState.INFECTED,
        col(Document.purged_at).is_(None),
    )
    return session.exec(wanted).first()


def is_needed(session: Session, blob_key: str) -> bool:
    """Whether stored bytes belong to any document in which no virus was found and that is not purged."""
    wanted = select(Document.id).where(
        Document.blob_key == blob_key, Document.scan_state != ScanState.INFECTED, col(Document.purged_at).is_(None)
    )
    return session.exec(wanted.limit(1)).first() is not None


def may_read(actor: Actor, item: EvidenceItem | Held, kind: KindFacts, decided_by: UUID | None) -> bool:
    """Checkers of other organisations what was sent to them, its own people theirs; a DBS file its keepers, and once decided,
    that checker.

    What is confidential is for its keepers among its own people.
    """
    checks = policy.checkers(actor) and item.provider_id not in actor.where()
    if item.submitted_at and checks and (not kind.narrow or decided_by in (None, actor.person_id)):
        return True
    keepers_alone = rules.audience(kind, confidential_reason=item.confidential_reason) in rules.KEEPERS_ALONE
    return policy.may_keep(actor, item.provider_id) if keepers_alone else item.provider_id in provider_ids(actor)


def _clean(session: Session, document_id: UUID) -> tuple[Document, EvidenceItem, Verification | None]:
    """Every way to a document's bytes comes through here. Raises `NotFound` for what is not clean, or no longer there."""
    found = session.exec(
        select(Document, EvidenceItem, Verification)
        .join(EvidenceItem, col(EvidenceItem.id) == Document.item_id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(Document.id == document_id, Document.scan_state == ScanState.CLEAN, col(Document.purged_at).is_(None))
    ).first()
    if found is None or not rules.may_serve(ScanState(found[0].scan_state)):
        raise NotFound
    return found


def _document(row: Document, reader: bool) -> DocumentView:
    state = ScanState(row.scan_state)
    return DocumentView(
        id=row.id,
        file_name=row.file_name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        uploaded_at=row.uploaded_at,
        scan_state=state,
        scanner=row.scanner,
        scanned_at=row.scanned_at,
        unanswered=state in rules.WAITING and row.scan_attempts > 0,
        opens=reader and rules.may_serve(state) and row.purged_at is None,
        purged_at=row.purged_at,
    )
