"""Changing evidence: add, upload, send, verify, return. Bytes are stored before any of this and deleted after it."""

from dataclasses import asdict
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import audit, clock, mail
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blob
from app.core.refusals import NotAllowed, NotFound, Refusal, Refused
from app.evidence import events, policy, queries, rules
from app.evidence.models import Document, EvidenceItem, Verification
from app.evidence.policy import KEEPERS
from app.evidence.rules import ItemFacts, KindFacts, Outcome, Reason, ScanState
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.queries import contacts
from app.providers.models import Practitioner, Provider

_SCANNED: Final = {
    ScanState.CLEAN: events.DOCUMENT_CLEAN,
    ScanState.INFECTED: events.DOCUMENT_INFECTED,
    ScanState.SCAN_FAILED: events.DOCUMENT_SCAN_FAILED,
}


def add_item(session: Session, actor: Actor, provider_id: UUID, facts: ItemFacts) -> UUID:
    """Keep a new item, which promises its document until one is uploaded; the same facts again are quietly the same item.

    Raises `NotFound` for an unknown kind or another provider's practitioner, `Refused` for impossible facts.
    """
    if provider_id not in provider_ids(actor):
        raise NotFound
    if not policy.may_keep(actor, provider_id):
        raise NotAllowed
    session.exec(select(Provider.id).where(Provider.id == provider_id).with_for_update()).one()
    kind, facts, whose = _checked(session, provider_id, facts)
    unsent = select(EvidenceItem).where(
        EvidenceItem.provider_id == provider_id,
        EvidenceItem.kind_slug == facts.kind,
        col(EvidenceItem.submitted_at).is_(None),
    )
    for row in session.exec(unsent):
        if queries.facts_of(row) == facts:
            return row.id
    told = asdict(facts)
    item = EvidenceItem(
        provider_id=provider_id,
        kind_slug=told.pop("kind"),
        added_at=clock.now(session),
        added_by=actor.known,
        **told,
    )
    session.add(item)
    session.flush()
    audit.record(
        session, events.ITEM_ADDED, actor=actor, subject=item.id, about=provider_id, kind=kind.name, whose=whose
    )
    return item.id


def change_item(session: Session, actor: Actor, item_id: UUID, facts: ItemFacts) -> None:
    """Fill in or mend the facts of an item that has not been sent; its kind stays."""
    item, _ = queries.own_item(session, actor, item_id, *KEEPERS, lock=True)
    _refuse(rules.why_not_change(submitted=item.submitted_at is not None))
    kind, facts, _ = _checked(session, item.provider_id, facts)
    if facts.kind != item.kind_slug:
        raise NotFound
    if queries.facts_of(item) == facts:
        return
    for name, value in asdict(facts).items():
        if name != "kind":
            setattr(item, name, value)
    audit.record(session, events.ITEM_CHANGED, actor=actor, subject=item.id, about=item.provider_id, kind=kind.name)


def attach_document(
    session: Session, actor: Actor, item_id: UUID, blob: Blob, *, media_type: str, file_name: str
) -> UUID:
    """Name stored bytes as a document of an item, quarantined. The same bytes again are quietly the same document."""
    item, _ = queries.own_item(session, actor, item_id, *KEEPERS, lock=True)
    _refuse(rules.why_not_change(submitted=item.submitted_at is not None))
    already = session.exec(
        select(Document.id).where(
            Document.item_id == item_id,
            Document.sha256 == blob.sha256,
            Document.scan_state != ScanState.INFECTED,
        )
    ).first()
    if already:
        return already
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
        events.DOCUMENT_UPLOADED,
        actor=actor,
        subject=row.id,
        about=item_id,
        file_name=file_name,
        sha256=blob.sha256,
    )
    return row.id


def record_scan(session: Session, document_id: UUID, verdict: ScanState, *, scanner: str) -> bool:
    """Write a verdict down, and tell the uploader of a virus. Whether this verdict was taken: the first one stands.

    A virus is found at once in every document of the same bytes that still waits for its verdict.
    """
    same_bytes = select(Document.blob_key).where(Document.id == document_id).scalar_subquery()
    rows = session.exec(
        select(Document).where(col(Document.blob_key) == same_bytes).order_by(col(Document.id)).with_for_update()
    ).all()
    taken = {
        row.id: _take_verdict(session, row, verdict, scanner)
        for row in rows
        if row.id == document_id or verdict is ScanState.INFECTED
    }
    return taken[document_id]


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
        file_name=row.file_name,
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


def submit_item(session: Session, actor: Actor, item_id: UUID) -> None:
    """Send an item to the checkers. Raises `Refused` with what is still missing."""
    item, kind = queries.own_item(session, actor, item_id, *KEEPERS, lock=True)
    if item.submitted_at:
        return
    now = clock.now(session)
    facts, scans = queries.facts_of(item), queries.scans(session, item_id)
    _refuse(rules.why_not_submit(kind, facts, scans, on=rules.london_day(now)))
    item.submitted_at = now
    audit.record(session, events.ITEM_SUBMITTED, actor=actor, subject=item.id, about=item.provider_id, kind=kind.name)


def verify_item(session: Session, actor: Actor, item_id: UUID, *, how: str, saw_original: bool = False) -> None:
    """The facts match what was seen. `how` says what was looked at; older items of the kind and person are replaced."""
    item, kind = queries.item_for_check(session, actor, item_id, lock=True)
    if _decided(session, item_id, Outcome.VERIFIED):
        return
    on = rules.london_day(clock.now(session))
    _refuse(rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()))
    _refuse(rules.why_not_verify(kind, expires_on=item.expires_on, on=on, saw_original=saw_original))
    seen = "Original seen in person. " if saw_original else ""
    organisation = _decide(session, actor, item, Outcome.VERIFIED, how=f"{seen}{how}")
    audit.record(
        session,
        events.ITEM_VERIFIED,
        actor=actor,
        subject=item.id,
        about=item.provider_id,
        kind=kind.name,
        organisation=organisation,
    )
    _replace_older(session, actor, item, kind)
    _tell_keepers(session, item, kind, "evidence/verified.txt")


def return_item(session: Session, actor: Actor, item_id: UUID, reason_code: str, fix: str) -> None:
    """Send an item back with a reason of `rules.Reason` and, in words, exactly what mends it."""
    item, kind = queries.item_for_check(session, actor, item_id, lock=True)
    if _decided(session, item_id, Outcome.RETURNED):
        return
    _refuse(rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()))
    reason = Reason(reason_code)
    organisation = _decide(session, actor, item, Outcome.RETURNED, reason=reason, fix=fix)
    audit.record(
        session,
        events.ITEM_RETURNED,
        actor=actor,
        subject=item.id,
        about=item.provider_id,
        kind=kind.name,
        organisation=organisation,
        reason=rules.REASONS[reason],
    )
    _tell_keepers(session, item, kind, "evidence/returned.txt")


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
        whose=_whose(session, item.practitioner_id),
    )
    return document


def _checked(session: Session, provider_id: UUID, facts: ItemFacts) -> tuple[KindFacts, ItemFacts, str]:
    """The kind, the facts as they may be stored, and whose they are in words."""
    kind = queries.kind_of(session, facts.kind)
    if not kind.of_a_person:
        facts = ItemFacts(**{**asdict(facts), "practitioner_id": None})
    _refuse(rules.why_not_facts(kind, facts))
    if facts.practitioner_id:
        person = session.get(Practitioner, facts.practitioner_id)
        if person is None or person.provider_id != provider_id or person.left_at:
            raise NotFound
    return kind, facts, _whose(session, facts.practitioner_id)


def _whose(session: Session, practitioner_id: UUID | None) -> str:
    return f" of {session.get_one(Practitioner, practitioner_id).full_name}" if practitioner_id else ""


def _refuse(refusal: Refusal | None) -> None:
    if refusal:
        raise Refused(refusal)


def _decided(session: Session, item_id: UUID, outcome: Outcome) -> bool:
    """Whether it was decided so already. Raises `Refused` when it was decided otherwise."""
    was = session.exec(select(Verification.outcome).where(Verification.item_id == item_id)).first()
    if was and was != outcome:
        raise Refused(Refusal("already_decided", f"This was {was} by another checker in the meantime."))
    return was is not None


def _decide(
    session: Session,
    actor: Actor,
    item: EvidenceItem,
    outcome: Outcome,
    *,
    how: str = "",
    reason: Reason | None = None,
    fix: str = "",
) -> str:
    """Write the decision; returns the name of the organisation it was made for."""
    seat = next(seat for seat in actor.seats if seat.organisation_id in policy.checker_seats(actor))
    session.add(
        Verification(
            item_id=item.id,
            checker_id=actor.known,
            checker_organisation_id=seat.organisation_id,
            outcome=outcome,
            reason_code=reason or "",
            fix=fix,
            how=how,
            at=clock.now(session),
        )
    )
    return seat.organisation_name


def _replace_older(session: Session, actor: Actor, item: EvidenceItem, kind: KindFacts) -> None:
    older = session.exec(
        select(EvidenceItem)
        .where(
            EvidenceItem.provider_id == item.provider_id,
            EvidenceItem.kind_slug == item.kind_slug,
            col(EvidenceItem.practitioner_id).is_not_distinct_from(item.practitioner_id),
            col(EvidenceItem.replaced_by_id).is_(None),
            col(EvidenceItem.added_at) <= item.added_at,
            EvidenceItem.id != item.id,
        )
        .with_for_update()
    )
    for row in older:
        row.replaced_by_id = item.id
        audit.record(session, events.ITEM_REPLACED, actor=actor, subject=row.id, about=item.id, kind=kind.name)


def _tell_keepers(session: Session, item: EvidenceItem, kind: KindFacts, template: str) -> None:
    provider_name = session.get_one(Organisation, item.provider_id).name
    for contact in contacts(session, item.provider_id, *KEEPERS):
        mail.queue(
            session,
            template,
            to=contact.email,
            dedupe=f"{template}:{item.id}:{contact.person_id}",
            name=contact.name,
            kind=kind.name,
            provider=provider_name,
            item=str(item.id),
        )
