"""Documents of an item: named once their bytes are stored, scanned, opened."""

from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import audit, clock, mail
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blob, condemn, remember
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.evidence import deciding, events, queries, rules
from app.evidence.asking import file_off
from app.evidence.models import Document
from app.evidence.policy import KEEPERS
from app.evidence.rules import ScanState
from app.evidence.rules.dbs import why_not_upload
from app.organisations.models import Organisation
from app.organisations.queries import contacts_of
from app.organisations.rules import OrganisationKind, Role

_SCANNED: Final = {
    ScanState.CLEAN: events.DOCUMENT_CLEAN,
    ScanState.INFECTED: events.DOCUMENT_INFECTED,
    ScanState.SCAN_FAILED: events.DOCUMENT_SCAN_FAILED,
}


def attach_document(
    session: Session, actor: Actor, item_id: UUID, blob: Blob, *, media_type: str, file_name: str
) -> UUID:
    """Name stored bytes as a document of an item, quarantined. The same content again is quietly the same document."""
    item, kind = queries.own_item(session, actor, item_id, *KEEPERS, lock=True)
    refuse_if(rules.why_not_change(submitted=item.submitted_at is not None))
    refuse_if(why_not_upload(file_off=file_off(session, kind, item.provider_id)))
    return _named(session, actor, events.DOCUMENT_UPLOADED, item_id, blob, media_type, file_name)


def attach_capture(
    session: Session, actor: Actor, item_id: UUID, blob: Blob, *, media_type: str, file_name: str
) -> UUID:
    """Name stored bytes as a document that a checker captured for an item, quarantined like every other.

    Nothing is captured for a DBS check: its file is the holder's own, and no register shows it.
    """
    item, kind = deciding.item_to_decide(session, actor, item_id)
    if kind.narrow:
        raise NotFound
    return _named(session, actor, events.CAPTURE_UPLOADED, item.id, blob, media_type, file_name)


def _named(
    session: Session, actor: Actor, event: audit.Event, item_id: UUID, blob: Blob, media_type: str, file_name: str
) -> UUID:
    """The row that names an item's stored bytes, for a command that has looked whether this person may name any."""
    if already := queries.same_content(session, item_id, blob.sha256):
        return already
    remember(session, blob)
    row = Document(
        item_id=item_id,
        blob_key=blob.key,
        sha256=blob.sha256,
        size=blob.size,
        media_type=media_type,
        file_name=file_name,
        uploaded_at=clock.now(session),
        uploaded_by=actor.known,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        event,
        actor=actor,
        subject=row.id,
        about=item_id,
        file_name=audit.Personal(file_name, row.id),
        sha256=blob.sha256,
    )
    return row.id


def record_scan(session: Session, document_id: UUID, verdict: ScanState, *, scanner: str) -> bool:
    """Write a verdict down, and tell the uploader of a virus. Whether this verdict was taken: the first one stands.

    A virus is found at once in every document of the same content that still waits for its verdict. What is infected loses
    its key in this write, so that nobody opens it even while its bytes cannot be deleted.
    """
    same = select(Document.sha256).where(Document.id == document_id).scalar_subquery()
    chosen = col(Document.sha256) == same if verdict is ScanState.INFECTED else col(Document.id) == document_id
    rows = session.exec(select(Document).where(chosen).order_by(col(Document.id)).with_for_update()).all()
    taken = {row.id: _take_verdict(session, row, verdict, scanner) for row in rows}
    session.flush()
    for row in rows:
        if row.scan_state == ScanState.INFECTED and not queries.is_needed(session, row.blob_key):
            condemn(session, row.blob_key)
    return taken[document_id]


def note_no_answer(session: Session, document_id: UUID, *, scanner: str) -> None:
    """The scanner did not answer: the document stays closed, and after some attempts people are written to."""
    row = session.get_one(Document, document_id, with_for_update=True)
    if row.scan_state not in rules.WAITING:  # somebody else's attempt has been answered meanwhile
        return
    row.scanned_at, row.scan_attempts = clock.now(session), row.scan_attempts + 1
    session.add(row)
    if row.scan_attempts == rules.ATTEMPTS:
        record_scan(session, document_id, ScanState.SCAN_FAILED, scanner=scanner)
        _tell_of_the_silence(session, row)


def _tell_of_the_silence(session: Session, row: Document) -> None:
    """Its uploader hears that the document waits; the platform's administrators, once a day, that the scanner is silent."""
    uploader, day = session.get_one(Person, row.uploaded_by), london_day(clock.now(session))
    mail.queue(
        session,
        "evidence/not-scanned.txt",
        to=uploader.email,
        dedupe=f"evidence.not_scanned:{row.id}",
        name=uploader.name,
        file_name=row.file_name,
        item=str(row.item_id),
    )
    platforms = session.exec(select(Organisation.id).where(Organisation.kind == OrganisationKind.PLATFORM)).all()
    for administrator in contacts_of(session, platforms, Role.ADMINISTRATOR):
        mail.queue(
            session,
            "evidence/scanner-silent.txt",
            to=administrator.email,
            dedupe=f"evidence.scanner_silent:{day}:{administrator.email}",
            name=administrator.name,
        )


def _take_verdict(session: Session, row: Document, verdict: ScanState, scanner: str) -> bool:
    """An attempt without a new verdict is noted too: the document goes to the end of the line."""
    if row.scan_state in rules.WAITING:
        row.scanned_at = clock.now(session)
    if (ScanState(row.scan_state), verdict) not in rules.SCAN_MOVES:
        return False
    row.scan_state, row.scanner = verdict, scanner
    audit.record(
        session,
        _SCANNED[verdict],
        actor=NOBODY,
        subject=row.id,
        about=row.item_id,
        file_name=audit.Personal(row.file_name, row.id),
        scanner=scanner,
    )
    if verdict is ScanState.INFECTED:
        uploader = session.get_one(Person, row.uploaded_by)
        mail.queue(
            session,
            "evidence/infected.txt",
            to=uploader.email,
            dedupe=f"evidence.infected:{row.id}",
            name=uploader.name,
            file_name=row.file_name,
            item=str(row.item_id),
        )
    return True


def open_narrow_document(session: Session, actor: Actor, document_id: UUID) -> Document:
    """A DBS file, its opening told in the same transaction. Raises `NotFound`."""
    document, item = queries.document_to_open(session, actor, document_id, narrow=True)
    audit.record(
        session,
        events.DOCUMENT_OPENED,
        actor=actor,
        subject=document.id,
        about=item.id,
        kind=queries.kind_of(session, item.kind_slug).name,
        **queries.whose(session, item.practitioner_id),
    )
    return document
