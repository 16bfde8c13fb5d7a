"""Looking at evidence: what a provider holds, what a checker has to do, what a kind is worth on a day."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, or_, select

from app.accounts.models import Person
from app.core import audit
from app.core.actor import Actor
from app.core.refusals import NotAllowed, NotFound
from app.evidence import policy, rules
from app.evidence.models import Document, EvidenceItem, EvidenceKind, Verification
from app.evidence.rules import ItemFacts, KindFacts, Outcome, ScanState, Standing
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers.models import Practitioner

QUEUE: Final = 50  # how many checks one page shows, the oldest first


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
    opens: bool


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Outcome
    checker_name: str
    checker_organisation: str
    reason: str
    fix: str
    how: str
    at: datetime
    checker_id: UUID


@dataclass(frozen=True, slots=True)
class Held:
    """One item of evidence as a page shows it. `standing` is its own, on the day asked for."""

    id: UUID
    provider_id: UUID
    provider_name: str
    kind: KindFacts
    facts: ItemFacts
    practitioner_name: str
    added_at: datetime
    submitted_at: datetime | None
    replaced_by_id: UUID | None
    standing: Standing
    warning: str | None
    expires_soon: bool
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checkers' queue; `waited` is in working days."""

    item_id: UUID
    kind_name: str
    provider_name: str
    practitioner_name: str
    submitted_at: datetime
    waited: int


def standings(
    session: Session, provider_ids: Collection[UUID], kinds: Collection[str], on: date
) -> dict[tuple[UUID, str], Standing]:
    """The standing of each kind for each provider on a London day, in one query.

    An item that was replaced counts until its replacement begins; a person's evidence counts while the person is there.
    """
    newer = aliased(EvidenceItem)
    rows = session.exec(
        select(EvidenceItem, EvidenceKind.promised_until_award, Verification.outcome)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .outerjoin(newer, col(newer.id) == EvidenceItem.replaced_by_id)
        .where(
            col(EvidenceItem.provider_id).in_(provider_ids),
            col(EvidenceItem.kind_slug).in_(kinds),
            col(Practitioner.left_at).is_(None),
            _counts(newer, on),
        )
    )
    found: dict[tuple[UUID, str], list[Standing]] = defaultdict(list)
    for item, promisable, outcome in rows:
        found[item.provider_id, item.kind_slug].append(_standing(item, promisable, outcome, on))
    return {(p, k): rules.best(found.get((p, k), ())) for p in provider_ids for k in kinds}


def held(session: Session, provider_id: UUID, on: date) -> list[Held]:
    """Everything that counts for a provider on a London day, by kind and then practitioner, the newest first."""
    newer = aliased(EvidenceItem)
    rows = session.exec(
        _ITEMS.outerjoin(newer, col(newer.id) == EvidenceItem.replaced_by_id)
        .where(EvidenceItem.provider_id == provider_id, col(Practitioner.left_at).is_(None), _counts(newer, on))
        .order_by(EvidenceKind.category, EvidenceKind.name, Practitioner.full_name, col(EvidenceItem.added_at).desc())
    ).all()
    decided = _decisions(session, [item.id for item, *_ in rows])
    return [_held(*row, decided.get(row[0].id), on) for row in rows]


def snapshot(session: Session, provider_id: UUID, on: date) -> list[dict[str, Any]]:
    """The evidence an application or a bid keeps, ready for JSON: facts, standing and the digests of clean documents."""
    items = held(session, provider_id, on)
    digests: dict[UUID, list[str]] = defaultdict(list)
    for item_id, sha256 in session.exec(
        select(Document.item_id, Document.sha256)
        .where(col(Document.item_id).in_([item.id for item in items]), Document.scan_state == ScanState.CLEAN)
        .order_by(Document.sha256)
    ):
        digests[item_id].append(sha256)
    return [
        {
            "item_id": str(item.id),
            "kind": item.kind.slug,
            "practitioner": item.practitioner_name,
            "issuer": item.facts.issuer,
            "reference": item.facts.reference,
            "cover_pence": item.facts.cover_pence,
            "starts_on": item.facts.starts_on.isoformat() if item.facts.starts_on else None,
            "expires_on": item.facts.expires_on.isoformat() if item.facts.expires_on else None,
            "standing": item.standing.value,
            "documents": digests[item.id],
        }
        for item in items
    ]


def own_item(
    session: Session, actor: Actor, item_id: UUID, *roles: Role, lock: bool = False
) -> tuple[EvidenceItem, KindFacts]:
    """An item of the actor's provider. Raises `NotFound` to outsiders, `NotAllowed` where the role does not reach."""
    wanted = select(EvidenceItem).where(
        EvidenceItem.id == item_id, col(EvidenceItem.provider_id).in_(provider_ids(actor))
    )
    item = session.exec(wanted.with_for_update() if lock else wanted).first()
    if item is None:
        raise NotFound
    if roles and item.provider_id not in provider_ids(actor, *roles):
        raise NotAllowed
    return item, kind_of(session, item.kind_slug)


def item_for_check(
    session: Session, actor: Actor, item_id: UUID, *, lock: bool = False
) -> tuple[EvidenceItem, KindFacts]:
    """An item sent for checking, for a checker. Raises `NotFound`."""
    wanted = select(EvidenceItem).where(EvidenceItem.id == item_id, col(EvidenceItem.submitted_at).is_not(None))
    item = session.exec(wanted.with_for_update() if lock else wanted).first()
    if item is None or not policy.checkers(actor):
        raise NotFound
    return item, kind_of(session, item.kind_slug)


def item_page(session: Session, item_id: UUID, on: date) -> Held:
    """One item, whose reader has been asked for already by `own_item` or `item_for_check`."""
    row = session.exec(_ITEMS.where(EvidenceItem.id == item_id)).one()
    return _held(*row, _decisions(session, [item_id]).get(item_id), on)


def documents(session: Session, actor: Actor, item: Held) -> tuple[DocumentView, ...]:
    """An item's documents, oldest first, with whether this person may open each."""
    rows = session.exec(
        select(Document).where(Document.item_id == item.id).order_by(col(Document.uploaded_at), col(Document.id))
    )
    reader = _reads(actor, item, item.kind, item.decision.checker_id if item.decision else None)
    return tuple(_document(row, reader) for row in rows)


def document_to_open(
    session: Session, actor: Actor, document_id: UUID, *, narrow: bool
) -> tuple[Document, EvidenceItem]:
    """A clean document this person may open; `narrow` ones by the door that tells of each opening, others by theirs.

    Every way to a document's bytes comes through here. Raises `NotFound`: absent, foreign, unscanned, infected alike.
    """
    found = session.exec(
        select(Document, EvidenceItem, Verification.checker_id)
        .join(EvidenceItem, col(EvidenceItem.id) == Document.item_id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(Document.id == document_id, Document.scan_state == ScanState.CLEAN)
    ).first()
    if found is None or not rules.may_serve(ScanState(found[0].scan_state)):
        raise NotFound
    document, item, decided_by = found
    if (kind := kind_of(session, item.kind_slug)).narrow is not narrow or not _reads(actor, item, kind, decided_by):
        raise NotFound
    return document, item


def scans(session: Session, item_id: UUID) -> list[ScanState]:
    return [ScanState(s) for s in session.exec(select(Document.scan_state).where(Document.item_id == item_id))]


def unscanned(session: Session, most: int) -> list[UUID]:
    """Documents that wait for a verdict: those never tried, then those tried longest ago, so that none starves the rest."""
    wanted = select(Document.id).where(col(Document.scan_state).in_(rules.WAITING))
    turn = (col(Document.scanned_at).asc().nulls_first(), col(Document.uploaded_at))
    return list(session.exec(wanted.order_by(*turn).limit(most)))


def is_needed(session: Session, blob_key: str) -> bool:
    """Whether stored bytes belong to any document in which no virus was found."""
    wanted = select(Document.id).where(Document.blob_key == blob_key, Document.scan_state != ScanState.INFECTED)
    return session.exec(wanted.limit(1)).first() is not None


def checks(session: Session, actor: Actor, on: date) -> list[Check]:
    """What waits for a checker, oldest first, without the actor's own organisations; at most `QUEUE`."""
    rows = session.exec(
        select(EvidenceItem, EvidenceKind.name, Organisation.name, Practitioner.full_name)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(
            col(EvidenceItem.submitted_at).is_not(None),
            col(Verification.id).is_(None),
            col(EvidenceItem.replaced_by_id).is_(None),
            col(EvidenceItem.provider_id).not_in(actor.where()),
        )
        .order_by(col(EvidenceItem.submitted_at), col(EvidenceItem.id))
        .limit(QUEUE)
    )
    return [
        Check(
            item.id,
            kind_name,
            provider_name,
            practitioner_name or "",
            item.submitted_at,
            rules.working_days(rules.london_day(item.submitted_at), on),
        )
        for item, kind_name, provider_name, practitioner_name in rows
        if item.submitted_at is not None
    ]


def kind_of(session: Session, slug: str) -> KindFacts:
    """Raises `NotFound`."""
    row = session.get(EvidenceKind, slug)
    if row is None:
        raise NotFound
    return _kind(row)


def kinds(session: Session) -> list[KindFacts]:
    """Every kind of evidence: the common ones first, then by name."""
    rows = [_kind(row) for row in session.exec(select(EvidenceKind).order_by(EvidenceKind.name))]
    order = {slug: position for position, slug in enumerate(rules.COMMON)}
    return sorted(rows, key=lambda kind: order.get(kind.slug, len(order)))


def history(session: Session, item_id: UUID) -> tuple[tuple[datetime, str], ...]:
    return tuple((event.at, audit.sentence(event)) for event in audit.timeline(session, item_id))


def facts_of(item: EvidenceItem) -> ItemFacts:
    return ItemFacts(
        kind=item.kind_slug,
        practitioner_id=item.practitioner_id,
        issuer=item.issuer,
        reference=item.reference,
        cover_pence=item.cover_pence,
        starts_on=item.starts_on,
        expires_on=item.expires_on,
    )


def _counts(newer: Any, on: date) -> ColumnElement[bool]:
    """Not replaced, or replaced by what has not begun: a renewal bought early leaves no gap."""
    return or_(col(EvidenceItem.replaced_by_id).is_(None), newer.starts_on > on)


def _reads(actor: Actor, item: EvidenceItem | Held, kind: KindFacts, decided_by: UUID | None) -> bool:
    """Checkers what was sent to them, its own people theirs; a DBS file its keepers, and once decided, that checker."""
    if item.submitted_at and policy.checkers(actor) and (not kind.narrow or decided_by in (None, actor.person_id)):
        return True
    return policy.may_keep(actor, item.provider_id) if kind.narrow else item.provider_id in provider_ids(actor)


_ITEMS: Final = (
    select(EvidenceItem, EvidenceKind, Organisation.name, Practitioner.full_name)
    .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
    .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
    .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
)


def _decisions(session: Session, item_ids: Collection[UUID]) -> dict[UUID, Decision]:
    rows = session.exec(
        select(Verification, Person.name, Organisation.name)
        .join(Person, col(Person.id) == Verification.checker_id)
        .join(Organisation, col(Organisation.id) == Verification.checker_organisation_id)
        .where(col(Verification.item_id).in_(item_ids))
    )
    return {
        row.item_id: Decision(
            outcome=Outcome(row.outcome),
            checker_name=checker,
            checker_organisation=organisation,
            reason=rules.REASONS[rules.Reason(row.reason_code)] if row.reason_code else "",
            fix=row.fix,
            how=row.how,
            at=row.at,
            checker_id=row.checker_id,
        )
        for row, checker, organisation in rows
    }


def _held(
    item: EvidenceItem,
    kind_row: EvidenceKind,
    provider_name: str,
    practitioner_name: str | None,
    decision: Decision | None,
    on: date,
) -> Held:
    kind = _kind(kind_row)
    return Held(
        id=item.id,
        provider_id=item.provider_id,
        provider_name=provider_name,
        kind=kind,
        facts=facts_of(item),
        practitioner_name=practitioner_name or "",
        added_at=item.added_at,
        submitted_at=item.submitted_at,
        replaced_by_id=item.replaced_by_id,
        standing=_standing(item, kind.promised_until_award, decision.outcome if decision else None, on),
        warning=rules.reference_warning(kind, item.reference),
        expires_soon=rules.expires_soon(item.expires_on, on),
        decision=decision,
    )


def _standing(item: EvidenceItem, promisable: bool, outcome: str | None, on: date) -> Standing:
    return rules.standing(
        promisable=promisable,
        submitted=item.submitted_at is not None,
        outcome=Outcome(outcome) if outcome else None,
        starts_on=item.starts_on,
        expires_on=item.expires_on,
        on=on,
    )


def _kind(row: EvidenceKind) -> KindFacts:
    return KindFacts(
        slug=row.slug,
        name=row.name,
        holder=row.holder,
        category=row.category,
        issuer=row.issuer,
        reference_label=row.reference_label,
        reference_pattern=row.reference_pattern,
        expiry_kind=row.expiry_kind,
        capture=row.capture,
        sensitivity=row.sensitivity,
        promised_until_award=row.promised_until_award,
    )


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
        opens=reader and rules.may_serve(state),
    )
