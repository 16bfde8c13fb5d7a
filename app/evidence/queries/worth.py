"""What evidence is worth on a day: the standing of each item, and which of a provider's items count."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, UTCDateTime, col, or_, select

from app.core.database import fetch
from app.core.london import london_day
from app.evidence import rules
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries.reliance import Reader, Seen, columns, decided, seen_by
from app.evidence.rules import Answer, Outcome, Piece, Rating, Standing
from app.providers.models import Practitioner


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
    stored = fetch(session, _pieces(reader.leads_of if reader else None), which)
    seen = len(_STORED) + 3
    weighed = [
        (row, row.begins_on, piece_of(row, row.promised_until_award, row.outcome, on, seen_by(reader, row[seen:])))
        for row in stored
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
    counts = current(newer, on)
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


def proven_registrations(on: date) -> Any:
    """Registrations with a professional body whose evidence is verified and in date on a London day, as a part of a query."""
    begun = or_(col(EvidenceItem.starts_on).is_(None), col(EvidenceItem.starts_on) <= on)
    return (
        select(EvidenceItem.registration_id)
        .join(Verification, col(Verification.item_id) == EvidenceItem.id)
        .where(col(EvidenceItem.registration_id).is_not(None), col(Verification.outcome) == Outcome.VERIFIED)
        .where(begun, _in_date(on))
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


def _left() -> ColumnElement[bool]:
    """Whether who holds an item is there no more."""
    gone = select(Practitioner.id).where(
        Practitioner.id == EvidenceItem.practitioner_id, col(Practitioner.left_at).is_not(None)
    )
    return gone.correlate(EvidenceItem).exists()


def current(newer: Any, on: date) -> ColumnElement[bool]:
    """Not replaced, or replaced by what has not begun: a renewal bought early leaves no gap."""
    return or_(col(EvidenceItem.replaced_by_id).is_(None), newer.starts_on > on)


def _in_date(on: date) -> ColumnElement[bool]:
    return or_(col(EvidenceItem.expires_on).is_(None), col(EvidenceItem.expires_on) >= on)
