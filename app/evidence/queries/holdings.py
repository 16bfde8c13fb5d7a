"""What a provider holds: each item with its facts, its decision and what it is worth on a day."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import Date, Select, Uuid, bindparam
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, UTCDateTime, col, or_, select

from app.accounts.models import Person
from app.core import audit
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound
from app.core.rows import packed, unpacked
from app.evidence import rules
from app.evidence.models import Document, EvidenceItem, EvidenceKind, Verification
from app.evidence.queries.kinds import kind_facts, kind_of
from app.evidence.queries.reliance import Reader, Seen, columns, decided, seen_by
from app.evidence.rules import Answer, ItemFacts, KindFacts, Outcome, Piece, Rating, ScanState, Standing
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers.models import Practitioner, Qualification


class Stored(Protocol):
    """What of an item is weighed: a row of the table, or these columns of it alone, which many thousands are read as."""

    @property
    def id(self) -> UUID: ...
    @property
    def provider_id(self) -> UUID: ...
    @property
    def practitioner_id(self) -> UUID | None: ...
    @property
    def kind_slug(self) -> str: ...
    @property
    def reference(self) -> str: ...
    @property
    def cover_pence(self) -> int | None: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def expires_on(self) -> date | None: ...
    @property
    def answer(self) -> str | None: ...
    @property
    def rating(self) -> str | None: ...
    @property
    def submitted_at(self) -> datetime | None: ...
    @property
    def needs_new_at(self) -> datetime | None: ...
    @property
    def replaced_by_id(self) -> UUID | None: ...


_STORED: Final = tuple(getattr(EvidenceItem, name) for name, of in vars(Stored).items() if isinstance(of, property))


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
    confirmed_by: str = ""
    second_look: bool = False
    checklist: tuple[tuple[str, bool, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """One item of evidence as a page shows it. `standing` is its own, on the day asked for."""

    id: UUID
    provider_id: UUID
    provider_name: str
    kind: KindFacts
    facts: ItemFacts
    practitioner_name: str
    qualification: str
    added_at: datetime
    submitted_at: datetime | None
    replaced_by_id: UUID | None
    needs_new_at: datetime | None
    standing: Standing
    warning: str | None
    expires_soon: bool
    decision: Decision | None
    uploaded: bool
    stated_by: str

    @property
    def confidential_reason(self) -> str:
        return self.facts.confidential_reason


def standings(
    session: Session, provider_ids: Collection[UUID], kinds: Collection[str], on: date
) -> dict[tuple[UUID, str], Standing]:
    """The standing of each kind for each provider on a London day, in one query."""
    found = pieces(session, provider_ids, kinds, on)
    return {(p, k): rules.best(piece.standing for piece in found[p].get(k, ())) for p in provider_ids for k in kinds}


def pieces(
    session: Session, provider_ids: Collection[UUID], kinds: Collection[str], on: date, reader: Reader | None = None
) -> dict[UUID, dict[str, list[Piece]]]:
    """What each provider holds of these kinds on a London day, as rules weigh it, in one query; for an agency, `reader`.

    A person's evidence counts while the person is there.
    """
    which: dict[str, Any] = {"provider_ids": list(provider_ids), "kinds": list(kinds), "on": on}
    if reader:
        which |= {"agency_id": reader.agency_id, "policy_at": reader.at, "policy_on": reader.on}
    rows: Iterable[Any] = session.execute(_pieces(reader.leads_of if reader else None), which)
    seen = len(_STORED) + 3
    weighed = [
        (row, row.begins_on, piece_of(row, row.promised_until_award, row.outcome, on, seen_by(reader, row[seen:])))
        for row in rows
    ]
    found: dict[UUID, dict[str, list[Piece]]] = {provider_id: {} for provider_id in provider_ids}
    for item, piece in what_counts(weighed, on):
        found[item.provider_id].setdefault(item.kind_slug, []).append(piece)
    return found


@cache
def _pieces(leads_of: Callable[[Any, Any], Any] | None) -> Any:
    """Put together once, as that takes longer than many an answer."""
    newer, on = aliased(EvidenceItem), _parameter("on", Date())
    reader = None
    counts = _counts(newer, on)
    if leads_of:
        of_agency = _parameter("agency_id", Uuid()), _parameter("policy_at", UTCDateTime())
        reader = Reader(*of_agency, _parameter("policy_on", Date()), leads_of)
        counts = or_(counts, _in_date(on))
    return (
        select(*_STORED, EvidenceKind.promised_until_award, decided(Verification.outcome).label("outcome"))  # type: ignore[call-overload]
        .add_columns(col(newer.starts_on).label("begins_on"), *columns(reader, decided))
        .select_from(EvidenceItem)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .outerjoin(newer, col(newer.id) == EvidenceItem.replaced_by_id)
        .where(
            col(EvidenceItem.provider_id).in_(bindparam("provider_ids", expanding=True)),
            col(EvidenceItem.kind_slug).in_(bindparam("kinds", expanding=True)),
            ~_left(),
            counts,
        )
    )


def _parameter(name: str, kind: Any) -> Any:
    return bindparam(name, type_=kind)


def what_counts(weighed: Iterable[tuple[Stored, date | None, Piece]], on: date) -> Iterator[tuple[Stored, Piece]]:
    """Of items, each with the day its replacement begins and what it is worth, those that count on a London day.

    One that was replaced counts until its replacement begins; and, to an agency, for as long as nobody whose check it
    accepts has checked the replacement: a provider that renews early is not the worse for an agency that is slow.
    """
    every = {item.id: (item, begins_on, piece) for item, begins_on, piece in weighed}

    def counts(item: Stored, begins_on: date | None) -> bool:
        if item.replaced_by_id is None or (begins_on is not None and begins_on > on):
            return True
        newer, piece = every.get(item.replaced_by_id), every[item.id][2]
        awaited = newer is not None and newer[2].standing is Standing.UNACCEPTED and counts(newer[0], newer[1])
        return awaited and piece.standing is Standing.VERIFIED

    return ((item, piece) for item, begins_on, piece in every.values() if counts(item, begins_on))


def held(session: Session, provider_id: UUID, on: date) -> list[Held]:
    """Everything that counts for a provider on a London day, by kind and then practitioner, the newest first."""
    rows: Sequence[Any] = session.execute(_of_provider(provider_id, on)).all()
    decided = decisions(session, [item.id for item, *_ in rows])
    return [_held(row, decided.get(row[0].id), on) for row in rows]


def snapshot(session: Session, provider_id: UUID, on: date) -> list[dict[str, Any]]:
    """The evidence an application or a bid keeps, ready for JSON: facts, standing and the digests of clean documents.

    One statement: a submit may have to take it.
    """
    clean = packed(Document.sha256).where(
        col(Document.item_id) == EvidenceItem.id, col(Document.scan_state) == ScanState.CLEAN
    )
    rows: Iterable[Any] = session.execute(
        _of_provider(provider_id, on)
        .add_columns(col(Verification.outcome), clean.correlate_except(Document).scalar_subquery())
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
    )
    return [
        {
            "item_id": str(item.id),
            "kind": item.kind_slug,
            "practitioner": practitioner or "",
            "qualification": qualification or "",
            "issuer": item.issuer,
            "reference": item.reference,
            "cover_pence": item.cover_pence,
            "starts_on": item.starts_on.isoformat() if item.starts_on else None,
            "expires_on": item.expires_on.isoformat() if item.expires_on else None,
            "standing": standing_of(item, kind.promised_until_award, outcome, on).value,
            "documents": sorted(sha256 for (sha256,) in unpacked(digests)),
        }
        for item, kind, _, practitioner, qualification, *_, outcome, digests in rows
    ]


def proven_registrations(on: date) -> Any:
    """Registrations with a professional body whose evidence is verified and in date on a London day, as a part of a query."""
    begun = or_(col(EvidenceItem.starts_on).is_(None), col(EvidenceItem.starts_on) <= on)
    return (
        select(EvidenceItem.registration_id)
        .join(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(col(EvidenceItem.registration_id).is_not(None), col(Verification.outcome) == Outcome.VERIFIED)
        .where(begun, _in_date(on))
    )


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


def item_page(session: Session, item_id: UUID, on: date) -> Held:
    """One item, whose reader has been asked for already by `own_item` or `item_for_check`."""
    row: Any = session.execute(_ITEMS.where(col(EvidenceItem.id) == item_id)).one()
    return _held(row, decisions(session, [item_id]).get(item_id), on)


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
        answer=Answer(item.answer) if item.answer else None,
        rating=Rating(item.rating) if item.rating else None,
        inspected_on=item.inspected_on,
        confidential_reason=item.confidential_reason,
        registration_id=item.registration_id,
        qualification_id=item.qualification_id,
    )


def _left() -> ColumnElement[bool]:
    """Whether who holds an item is there no more."""
    gone = select(Practitioner.id).where(
        Practitioner.id == EvidenceItem.practitioner_id, col(Practitioner.left_at).is_not(None)
    )
    return gone.correlate(EvidenceItem).exists()


def _counts(newer: Any, on: date) -> ColumnElement[bool]:
    """Not replaced, or replaced by what has not begun: a renewal bought early leaves no gap."""
    return or_(col(EvidenceItem.replaced_by_id).is_(None), newer.starts_on > on)


def _in_date(on: date) -> ColumnElement[bool]:
    return or_(col(EvidenceItem.expires_on).is_(None), col(EvidenceItem.expires_on) >= on)


def uploaded() -> ColumnElement[bool]:
    """Whether an item has a document, but for one with a virus or one that was let go of."""
    wanted = select(Document.id).where(Document.item_id == EvidenceItem.id, col(Document.purged_at).is_(None))
    return wanted.where(Document.scan_state != ScanState.INFECTED).correlate(EvidenceItem).exists()


_STATED_BY: Final[Any] = aliased(Organisation)
_ITEMS: Final[Select[Any]] = (
    select(EvidenceItem, EvidenceKind, Organisation.name, Practitioner.full_name)
    .add_columns(col(Qualification.name), uploaded(), _STATED_BY.name)
    .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
    .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
    .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
    .outerjoin(Qualification, col(Qualification.id) == EvidenceItem.qualification_id)
    .outerjoin(_STATED_BY, _STATED_BY.id == col(EvidenceItem.stated_by_id))
)


def _of_provider(provider_id: UUID, on: date) -> Select[Any]:
    """Of `_ITEMS`, what counts for a provider on a London day."""
    newer = aliased(EvidenceItem)
    return (
        _ITEMS.outerjoin(newer, col(newer.id) == EvidenceItem.replaced_by_id)
        .where(col(EvidenceItem.provider_id) == provider_id, col(Practitioner.left_at).is_(None), _counts(newer, on))
        .order_by(EvidenceKind.category, EvidenceKind.name, Practitioner.full_name, col(EvidenceItem.added_at).desc())
    )


def decisions(session: Session, item_ids: Collection[UUID]) -> dict[UUID, Decision]:
    second = aliased(Person)
    rows = session.exec(
        select(Verification, Person.name, Organisation.name, second.name)
        .outerjoin(second, col(second.id) == Verification.confirmed_by)
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
            confirmed_by=confirmed_by or "",
            second_look=row.second_look,
            checklist=tuple((p["words"], p["seen"], p["reason"]) for p in row.checklist.values()),
        )
        for row, checker, organisation, confirmed_by in rows
    }


def _held(row: Any, decision: Decision | None, on: date) -> Held:
    """`row` is one of `_ITEMS`."""
    item, kind_row, provider_name, practitioner_name, qualification, has_document, stated_by = row
    kind = kind_facts(kind_row)
    return Held(
        id=item.id,
        provider_id=item.provider_id,
        provider_name=provider_name,
        kind=kind,
        facts=facts_of(item),
        practitioner_name=practitioner_name or "",
        qualification=qualification or "",
        added_at=item.added_at,
        submitted_at=item.submitted_at,
        replaced_by_id=item.replaced_by_id,
        needs_new_at=item.needs_new_at,
        standing=standing_of(item, kind.promised_until_award, decision.outcome if decision else None, on),
        warning=rules.reference_warning(kind, item.reference),
        expires_soon=rules.expires_soon(item.expires_on, on),
        decision=decision,
        uploaded=has_document,
        stated_by=stated_by or "",
    )


def standing_of(
    item: Stored, promisable: bool, outcome: str | None, on: date, *, needs_new: bool | None = None
) -> Standing:
    """`needs_new` where it is asked of a past day; otherwise as the item has it."""
    if needs_new is None:
        needs_new = item.needs_new_at is not None and london_day(item.needs_new_at) <= on
    return rules.standing(
        promisable=promisable,
        submitted=item.submitted_at is not None,
        outcome=Outcome(outcome) if outcome else None,
        starts_on=item.starts_on,
        expires_on=item.expires_on,
        on=on,
        needs_new=needs_new,
    )


def piece_of(item: Stored, promisable: bool, outcome: str | None, on: date, seen: Seen | None = None) -> Piece:
    """What the engine sees of an item; `seen` is how an agency does."""
    standing, awaited = standing_of(item, promisable, outcome, on), ""
    if seen:
        standing, awaited = seen.weigh(standing)
    return Piece(
        standing,
        item.reference,
        item.cover_pence,
        Answer(item.answer) if item.answer else None,
        Rating(item.rating) if item.rating else None,
        item.id,
        awaited,
        item.practitioner_id,
    )


def whose(session: Session, practitioner_id: UUID | None) -> dict[str, Any]:
    """What an event about evidence says of the person who holds it, if a person does."""
    if practitioner_id is None:
        return {}
    name = session.get_one(Practitioner, practitioner_id).full_name
    return {"of": " of ", "whose": audit.Personal(name, practitioner_id)}
