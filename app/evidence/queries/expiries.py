"""Everything of a provider and its people that expires, on one page: evidence, registrations, insurance of one's own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from app.evidence import rules
from app.evidence.queries.holdings import Held, held
from app.evidence.rules import Standing
from app.evidence.rules.expiries import BANDS, Band, band, within
from app.providers.models import DbsRecord, PersonalInsurance, Practitioner
from app.providers.queries import PractitionerView, practitioners
from app.providers.rules import bare
from app.providers.rules.practice import DbsLevel

REGISTRATION = "professional_registration"
INSURANCE = "own_insurance"
DBS = "dbs_enhanced"
_RECORDS = {REGISTRATION: "Professional registration", INSURANCE: "Own insurance"}


@dataclass(frozen=True, slots=True)
class Expiry:
    """One fact with a date, told once or twice: `record_says` is the day that a person's record gives where it is another.

    `standing` is its evidence's; what only a record tells has none.
    """

    kind: str
    what: str
    reference: str
    practitioner_id: UUID | None
    whose: str
    expires_on: date
    standing: Standing | None
    replaced: bool
    href: str
    band: Band
    record_says: date | None = None
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """How one person stands with one kind; nothing at all is a missing cell. `issued_on`: of a DBS check on a record alone."""

    standing: Standing | None
    expires_on: date | None
    band: Band | None
    href: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    practitioner_id: UUID
    name: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Expiries:
    """`groups` by band, each in order of date; the matrix holds everybody, whatever is asked for."""

    groups: tuple[tuple[Band, str, tuple[Expiry, ...]], ...]
    count: int
    overdue: int
    people: tuple[tuple[UUID, str], ...]
    kinds: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def listed(self) -> tuple[Expiry, ...]:
        return tuple(one for _, _, found in self.groups for one in found)


def expiries(
    session: Session,
    provider_id: UUID,
    on: date,
    *,
    person: UUID | None = None,
    kind: str = "",
    days: int | None = None,
) -> Expiries:
    """What expires, filtered, and how each person stands with each kind. The reader was asked for by `own_provider`."""
    items, people = held(session, provider_id, on), practitioners(session, provider_id)
    own = _insured(session, provider_id)
    records = [*_of_registrations(people, on), *_of_insurance(own, on)]
    proven = {index: record for record in records for index, item in enumerate(items) if _proves(item, record)}
    every = sorted(
        [*_of_items(items, proven, on), *(one for one in records if one not in proven.values())],
        key=lambda one: (one.expires_on, one.whose, one.what),
    )
    wanted = [
        one
        for one in every
        if person in (None, one.practitioner_id) and kind in ("", one.kind) and within(one.expires_on, on, days)
    ]
    columns, rows = _matrix(people, items, every, _checked(session, provider_id))
    return Expiries(
        groups=tuple(
            (key, words, found) for key, words in BANDS.items() if (found := tuple(o for o in wanted if o.band is key))
        ),
        count=len(wanted),
        overdue=sum(one.band is Band.OVERDUE for one in wanted),
        people=tuple((one.id, one.name) for one in people),
        kinds=tuple(sorted({(one.kind, _RECORDS.get(one.kind, one.what)) for one in every}, key=lambda pair: pair[1])),
        columns=columns,
        rows=rows,
    )


def _proves(item: Held, record: Expiry) -> bool:
    """Whether an item with a date is evidence of this very record: one fact, and one line. Insurance may be the provider's."""
    if not item.facts.expires_on or (record.kind == INSURANCE) is not item.kind.insurance:
        return False
    if record.kind == REGISTRATION and item.facts.practitioner_id != record.practitioner_id:
        return False
    number = bare(item.facts.reference)
    linked = record.entry_id is not None and item.facts.registration_id == record.entry_id
    return linked or (bool(number) and number == bare(record.reference))


def _of_items(items: Iterable[Held], proven: Mapping[int, Expiry], on: date) -> Iterable[Expiry]:
    for index, item in enumerate(items):
        record = proven.get(index)
        if item.facts.expires_on:
            yield Expiry(
                kind=item.kind.slug,
                what=item.kind.name,
                reference=item.facts.reference,
                practitioner_id=item.facts.practitioner_id or (record.practitioner_id if record else None),
                whose=item.practitioner_name or (record.whose if record else ""),
                expires_on=item.facts.expires_on,
                standing=item.standing,
                replaced=item.replaced_by_id is not None,
                href=f"/evidence/{item.id}",
                band=band(item.facts.expires_on, on),
                record_says=record.expires_on if record and record.expires_on != item.facts.expires_on else None,
            )


def _of_registrations(people: Iterable[PractitionerView], on: date) -> Iterable[Expiry]:
    for one in people:
        for entry in one.registrations:
            if entry.expires_on:
                words = f"Registration with {entry.body}"
                yield _record(REGISTRATION, words, entry.number, one, entry.expires_on, on, entry.id)


def _of_insurance(rows: Iterable[tuple[PersonalInsurance, Practitioner]], on: date) -> Iterable[Expiry]:
    for cover, one in rows:
        words = f"Own insurance with {cover.insurer}"
        yield _record(INSURANCE, words, cover.policy_number, one, cover.expires_on, on)


def _record(
    kind: str,
    what: str,
    reference: str,
    whose: PractitionerView | Practitioner,
    expires_on: date,
    on: date,
    entry_id: UUID | None = None,
) -> Expiry:
    return Expiry(
        kind=kind,
        what=what,
        reference=reference,
        practitioner_id=whose.id,
        whose=whose.name if isinstance(whose, PractitionerView) else whose.full_name,
        expires_on=expires_on,
        standing=None,
        replaced=False,
        href=f"/practitioners/{whose.id}",
        band=band(expires_on, on),
        entry_id=entry_id,
    )


def _insured(session: Session, provider_id: UUID) -> list[tuple[PersonalInsurance, Practitioner]]:
    return list(
        session.exec(
            select(PersonalInsurance, Practitioner)
            .join(Practitioner, col(Practitioner.id) == PersonalInsurance.practitioner_id)
            .where(Practitioner.provider_id == provider_id, col(Practitioner.left_at).is_(None))
        )
    )


def _checked(session: Session, provider_id: UUID) -> dict[UUID, date]:
    """When the DBS certificate on each person's record was issued, by the newest record."""
    rows = session.exec(
        select(DbsRecord)
        .join(Practitioner, col(Practitioner.id) == DbsRecord.practitioner_id)
        .where(Practitioner.provider_id == provider_id, DbsRecord.level == DbsLevel.ENHANCED)
        .order_by(col(DbsRecord.recorded_at), col(DbsRecord.id))
    )
    return {row.practitioner_id: row.issued_on for row in rows}


def _matrix(
    people: tuple[PractitionerView, ...], items: list[Held], every: list[Expiry], checked: Mapping[UUID, date]
) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Person by kind: of several items the best, and of several registrations the one that lapses first."""
    cells: dict[tuple[UUID, str], Cell] = {}
    names: dict[str, str] = {}
    best: dict[tuple[UUID, str], list[Held]] = defaultdict(list)
    for item in items:
        if item.facts.practitioner_id:
            best[item.facts.practitioner_id, item.kind.slug].append(item)
            names[item.kind.slug] = item.kind.name
    bands = {one.href: one.band for one in every}
    for key, found in best.items():
        standing = rules.best(item.standing for item in found)
        item = next(item for item in found if item.standing is standing)
        href = f"/evidence/{item.id}"
        cells[key] = Cell(standing, item.facts.expires_on, bands.get(href), href)
    for one in every:
        if one.practitioner_id and one.standing is None:
            names[one.kind] = _RECORDS[one.kind]
            cells.setdefault((one.practitioner_id, one.kind), Cell(None, one.expires_on, one.band, one.href))
    for person in people:
        if issued_on := checked.get(person.id):
            names.setdefault(DBS, "Enhanced DBS check")
            recorded = Cell(None, None, None, f"/practitioners/{person.id}", issued_on)
            cells.setdefault((person.id, DBS), recorded)
    slugs = sorted(names, key=lambda slug: names[slug])
    rows = tuple(Row(p.id, p.name, tuple(cells.get((p.id, slug)) for slug in slugs)) for p in people)
    return tuple(names[slug] for slug in slugs), rows
