"""A framework's spreadsheet of members: its columns, its rows compared with who is here, and what would come of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.evidence.models import EvidenceItem, EvidenceKind
from app.frameworks.models import Lot, LotRequirement, Region
from app.frameworks.queries import led_framework, phase_of
from app.frameworks.rules import Admission
from app.memberships.importing import rules
from app.memberships.importing.models import MemberImport
from app.memberships.importing.rules import NEW, Line, Room
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.organisations.models import Organisation
from app.providers.models import Provider
from app.providers.queries import alike_by_name
from app.providers.rules import IDENTIFIERS
from app.providers.rules.columns import Column
from app.providers.rules.sheets import Fault

Matched = dict[int, dict[UUID, str]]
"""By row, the providers that hold one of its numbers, with their names."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The framework's lots by number, regions by name, and the kinds of evidence that its lots require and that run out."""

    lots: dict[int, tuple[UUID, str]]
    regions: dict[str, UUID]
    kinds: dict[str, str]

    @property
    def template(self) -> tuple[Column, ...]:
        named = {number: name for number, (_, name) in self.lots.items()}
        return rules.template(named, tuple(self.regions), self.kinds)


@dataclass(frozen=True, slots=True)
class Planned:
    """What would come of a row. `provider_id` is nobody's where it would be written down afresh; `same_as` what was said of it.

    `alike` are those whom it looks like, by id, name and why; `opens` the parts it would get, `held` how many it has;
    `states` the dates that would be kept, by kind.
    """

    line: Line
    provider_id: UUID | None
    provider_name: str
    alike: tuple[tuple[UUID, str, str], ...]
    same_as: str
    opens: tuple[tuple[int, str], ...]
    held: int
    states: tuple[tuple[str, date], ...]

    @property
    def undecided(self) -> bool:
        return self.provider_id is None and bool(self.alike) and not self.same_as


@dataclass(frozen=True, slots=True)
class UploadPage:
    framework_id: UUID
    name: str
    columns: tuple[Column, ...]
    waiting: UUID | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A list that waits, with what would come of it; or one that was approved, without its rows."""

    id: UUID
    framework_id: UUID
    framework_name: str
    file_name: str
    read_by: str
    read_at: datetime
    agreed_by: str
    agreed_at: datetime | None
    opened: int
    planned: tuple[Planned, ...]
    kinds: dict[str, str]
    refusal: Refusal | None
    before: datetime | None

    @property
    def opens(self) -> int:
        return sum(len(one.opens) for one in self.planned)

    @property
    def states(self) -> int:
        return sum(len(one.states) for one in self.planned)

    @property
    def newcomers(self) -> int:
        return sum(one.provider_id is None for one in self.planned)

    @property
    def undecided(self) -> tuple[Planned, ...]:
        return tuple(one for one in self.planned if one.undecided)


def parts(session: Session, framework_id: UUID) -> Parts:
    """Three queries."""
    lots = session.exec(
        select(Lot.number, Lot.id, Lot.name).where(Lot.framework_id == framework_id).order_by(col(Lot.number))
    )
    regions = session.exec(
        select(Region.name, Region.id).where(Region.framework_id == framework_id).order_by(Region.name)
    )
    kinds = session.exec(
        select(EvidenceKind.slug, EvidenceKind.name)
        .join(LotRequirement, col(LotRequirement.kind_slug) == EvidenceKind.slug)
        .join(Lot, col(Lot.id) == LotRequirement.lot_id)
        .where(
            Lot.framework_id == framework_id,
            EvidenceKind.holder == "organisation",
            EvidenceKind.expiry_kind != "none",
        )
        .distinct()
        .order_by(EvidenceKind.name)
    )
    return Parts(
        {number: (lot_id, name) for number, lot_id, name in lots},
        dict(regions.all()),
        dict(kinds.all()),
    )


def upload_page(session: Session, actor: Actor, framework_id: UUID) -> UploadPage:
    row = led_framework(session, actor, framework_id, lock=False)
    waiting = session.exec(
        select(MemberImport.id).where(MemberImport.framework_id == framework_id, col(MemberImport.agreed_at).is_(None))
    ).first()
    phase = phase_of(row, london_day(clock.now(session)))
    return UploadPage(row.id, row.name, parts(session, framework_id).template, waiting, rules.why_not_import(phase))


def matched(session: Session, lines: Sequence[Line]) -> tuple[Matched, tuple[Fault, ...]]:
    """Who holds the numbers of each row, and what stands against any row. One query."""
    wanted = {field: {line.numbers[field] for line in lines if field in line.numbers} for field in IDENTIFIERS}
    rows = session.execute(
        select(Provider, Organisation.name)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(or_(*(getattr(Provider, field).in_(numbers) for field, numbers in wanted.items())))
    ).all()
    holders: dict[tuple[str, str], tuple[UUID, str]] = {
        (field, number): (row.id, name)
        for row, name in rows
        for field in IDENTIFIERS
        if (number := getattr(row, field))
    }
    closed = {row.id for row, _ in rows if row.archived_at}
    found = {line.row: dict(holders[pair] for pair in line.numbers.items() if pair in holders) for line in lines}
    faults = (rules.why_not_match(line, list(found[line.row].items()), closed=closed) for line in lines)
    return found, tuple(fault for fault in faults if fault)


def look_alikes(session: Session, lines: Iterable[Line]) -> dict[int, list[list[str]]]:
    """Whom each of these rows looks like, ready for JSON: id, name and why. One query."""
    names = {line.row: line.values["name"] for line in lines}
    found = alike_by_name(session, set(names.values()))
    return {
        row: [[str(one.provider_id), one.name, ", ".join(one.why)] for one in found[name]]
        for row, name in names.items()
    }


def kept_import(session: Session, framework_id: UUID, import_id: UUID, *, lock: bool = False) -> MemberImport:
    """The row. Raises `NotFound`, also for one that gave way to a newer."""
    wanted = select(MemberImport).where(MemberImport.id == import_id, MemberImport.framework_id == framework_id)
    row = session.exec(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise NotFound
    return row


def import_page(session: Session, actor: Actor, framework_id: UUID, import_id: UUID) -> ImportPage:
    framework = led_framework(session, actor, framework_id, lock=False)
    row = kept_import(session, framework_id, import_id)
    of = parts(session, framework_id)
    planned, faults = plan(session, row, of)
    people = dict(
        session.exec(select(Person.id, Person.name).where(col(Person.id).in_((row.read_by, row.agreed_by)))).all()
    )
    before = session.exec(
        select(MemberImport.agreed_at)
        .where(
            MemberImport.framework_id == framework_id,
            MemberImport.sha256 == row.sha256,
            MemberImport.id != row.id,
            col(MemberImport.agreed_at).is_not(None),
        )
        .order_by(col(MemberImport.agreed_at).desc())
    ).first()
    return ImportPage(
        id=row.id,
        framework_id=framework_id,
        framework_name=framework.name,
        file_name=row.file_name,
        read_by=people[row.read_by],
        read_at=row.read_at,
        agreed_by=people[row.agreed_by] if row.agreed_by else "",
        agreed_at=row.agreed_at,
        opened=row.opened,
        planned=planned,
        kinds=of.kinds,
        refusal=rules.why_not_agree(
            read_by=row.read_by,
            person=actor.person_id,
            undecided=sum(one.undecided for one in planned),
            faults=faults,
        ),
        before=before,
    )


def plan(session: Session, kept: MemberImport, of: Parts) -> tuple[tuple[Planned, ...], tuple[Fault, ...]]:
    """What would come of each row that waits, and what stands against any by now. Four queries.

    What the file says twice of one provider is counted once.
    """
    rows: list[dict[str, Any]] = kept.rows.get("lines", [])
    lines = [Line(one["row"], one["values"]) for one in rows]
    if not lines:
        return (), ()
    holders, faults = matched(session, lines)
    whose = {one["row"]: _whose(holders[one["row"]], one) for one in rows}
    known = [provider_id for provider_id, _ in whose.values() if provider_id]
    held, told = _held(session, kept.framework_id, known), _told(session, known, of.kinds)
    room = _room(session, kept.framework_id)
    first: dict[tuple[str, str], Any] = {}
    planned = []
    for one, line in zip(rows, lines, strict=True):
        provider_id, name = whose[line.row]
        numbers = line.numbers.items()
        key = provider_id or next((first[pair] for pair in numbers if pair in first), line.row)
        first |= dict.fromkeys(numbers, key)
        asked = [(number, region) for number in line.values["lots"] for region in line.values["regions"]]
        opens = [part for part in asked if _key(of, part) not in held[key]]
        states = [(slug, date.fromisoformat(day)) for slug, day in line.expiries.items() if slug not in told[key]]
        held[key] |= {_key(of, part) for part in opens}
        told[key] |= {slug for slug, _ in states}
        faults += rules.why_no_room(line, opens, room)
        planned.append(
            Planned(
                line,
                provider_id,
                name,
                tuple((UUID(alike_id), alike_name, why) for alike_id, alike_name, why in one["alike"]),
                one["same_as"],
                tuple(opens),
                len(asked) - len(opens),
                tuple(states),
            )
        )
    return tuple(planned), faults


def _room(session: Session, framework_id: UUID) -> dict[tuple[int, str], Room]:
    """By lot and region, where the best are admitted up to a number of members."""
    members = (
        select(func.count())
        .where(
            Membership.lot_id == Lot.id,
            Membership.region_id == Region.id,
            live(london_day(clock.now(session))),
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(Lot.number, Region.name, col(Lot.max_members), members)
        .join(Region, col(Region.framework_id) == Lot.framework_id)
        .where(Lot.framework_id == framework_id, Lot.admission == Admission.RANKED)
    )
    return {(number, region): Room(most or 0, taken) for number, region, most, taken in rows}


def _whose(holders: dict[UUID, str], one: Mapping[str, Any]) -> tuple[UUID | None, str]:
    """By number; else by what a lead has said of whom it looks like."""
    for provider_id, name in holders.items():
        return provider_id, name
    for alike_id, name, _ in one["alike"]:
        if one["same_as"] not in ("", NEW) and alike_id == one["same_as"]:
            return UUID(alike_id), name
    return None, one["values"]["name"]


def _key(of: Parts, part: tuple[int, str]) -> tuple[UUID, UUID]:
    number, region = part
    return of.lots[number][0], of.regions[region]


def _held(session: Session, framework_id: UUID, provider_ids: list[UUID]) -> dict[Any, set[tuple[UUID, UUID]]]:
    found: dict[Any, set[tuple[UUID, UUID]]] = defaultdict(set)
    for provider_id, lot_id, region_id in session.exec(
        select(Membership.provider_id, Membership.lot_id, Membership.region_id).where(
            Membership.framework_id == framework_id,
            col(Membership.provider_id).in_(provider_ids),
            live(london_day(clock.now(session))),
        )
    ):
        found[provider_id].add((lot_id, region_id))
    return found


def _told(session: Session, provider_ids: list[UUID], kinds: Iterable[str]) -> dict[Any, set[str]]:
    """The kinds of which each provider, or somebody for it, has told anything."""
    found: dict[Any, set[str]] = defaultdict(set)
    for provider_id, slug in session.exec(
        select(EvidenceItem.provider_id, EvidenceItem.kind_slug)
        .where(col(EvidenceItem.provider_id).in_(provider_ids), col(EvidenceItem.kind_slug).in_(list(kinds)))
        .distinct()
    ):
        found[provider_id].add(slug)
    return found
