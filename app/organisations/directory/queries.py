"""The directory of agencies, as at a day."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.core.refusals import NotFound
from app.organisations.directory import rules
from app.organisations.models import (
    ContractingAuthority,
    DirectoryChange,
    Organisation,
    PanRegion,
    Raa,
    RaaAuthority,
    RaaPanRegion,
    RaaSuccessor,
    VoluntaryAgency,
)
from app.organisations.rules import OrganisationKind

Dated = Raa | RaaPanRegion | RaaAuthority | ContractingAuthority


@dataclass(frozen=True, slots=True)
class Agency:
    """`areas` names its pan-regions: six agencies cross a boundary and have two. `signs` is the legal body, if it is known."""

    id: UUID
    name: str
    signs: str
    model: str
    notes: str
    source: str
    confidence: str
    authorities: tuple[str, ...]
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    slug: str
    name: str
    agencies: tuple[Agency, ...]


@dataclass(frozen=True, slots=True)
class Voluntary:
    name: str
    area: str
    status: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Every agency by pan-region; `unplaced` are authorities of which no agency is known."""

    areas: tuple[Area, ...]
    unplaced: tuple[str, ...]
    voluntary: tuple[Voluntary, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """An authority that an agency serves, or served, with its days."""

    authority: str
    valid_from: date | None
    valid_to: date | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Signer:
    """A legal body that signs, or signed, for an agency. `recorded` by an administrator, or read in the reference data."""

    name: str
    form: str
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str
    recorded: bool
    stands: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What went from one agency to another on a day; `whole` when the first ended with it."""

    kind: str
    effective_on: date
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    whole: bool
    source: str


@dataclass(frozen=True, slots=True)
class AgencyPage:
    """One agency with all its days: authorities, signing bodies, and the changes that made or ended it."""

    id: UUID
    name: str
    model: str
    valid_from: date | None
    valid_to: date | None
    areas: tuple[str, ...]
    served: tuple[Served, ...]
    signers: tuple[Signer, ...]
    changes: tuple[Change, ...]
    source: str
    confidence: str


def directory(session: Session, on: date) -> Directory:
    """The agencies that stand on a day, the authorities each serves then, who signs for it, and the voluntary agencies."""
    regions, served = _regions_of_agencies(session, on), authorities_of(session, on)
    signs = signers_on(session, on)
    agencies = [
        Agency(
            id=raa.id,
            name=name,
            signs=signs.get(raa.id, ""),
            model=raa.model,
            notes=raa.notes,
            source=raa.source,
            confidence=raa.confidence,
            authorities=tuple(authority for _, authority in served.get(raa.id, ())),
            areas=tuple(regions.get(raa.id, ())),
        )
        for raa, name in session.exec(
            select(Raa, Organisation.name)
            .join(Organisation, col(Organisation.id) == Raa.id)
            .where(standing(Raa, on))
            .order_by(Organisation.name)
        )
    ]
    return Directory(
        areas=tuple(
            Area(slug, name, tuple(agency for agency in agencies if name in agency.areas))
            for slug, name in session.exec(select(PanRegion.slug, PanRegion.name).order_by(PanRegion.name))
        ),
        unplaced=_unplaced(session, on),
        voluntary=tuple(
            Voluntary(row.name, row.area, row.status, row.source, row.confidence)
            for row in session.exec(select(VoluntaryAgency).order_by(VoluntaryAgency.name))
        ),
    )


def agency(session: Session, agency_id: UUID, on: date) -> AgencyPage:
    """Raises `NotFound` for what is no agency."""
    found = session.exec(
        select(Raa, Organisation.name).join(Organisation, col(Organisation.id) == Raa.id).where(Raa.id == agency_id)
    ).first()
    if found is None:
        raise NotFound
    raa, name = found
    served = session.exec(
        select(RaaAuthority, Organisation.name)
        .join(Organisation, col(Organisation.id) == RaaAuthority.authority_id)
        .where(RaaAuthority.raa_id == agency_id)
        .order_by(Organisation.name, col(RaaAuthority.valid_from))
    )
    signers = session.exec(
        select(ContractingAuthority)
        .where(ContractingAuthority.raa_id == agency_id)
        .order_by(col(ContractingAuthority.valid_from).desc(), col(ContractingAuthority.id).desc())
    )
    return AgencyPage(
        id=raa.id,
        name=name,
        model=raa.model,
        valid_from=raa.valid_from,
        valid_to=raa.valid_to,
        areas=tuple(_regions_of_agencies(session, on).get(raa.id, ())),
        served=tuple(Served(who, row.valid_from, row.valid_to, _stands(row, on)) for row, who in served),
        signers=tuple(
            Signer(
                s.name,
                s.form,
                s.valid_from,
                s.valid_to,
                s.source,
                s.confidence,
                recorded=s.recorded_by is not None,
                stands=_stands(s, on),
            )
            for s in signers
        ),
        changes=changes_of(session, [agency_id]),
        source=raa.source,
        confidence=raa.confidence,
    )


def changes_of(session: Session, agency_ids: Collection[UUID]) -> tuple[Change, ...]:
    """The changes from or to one of these agencies, the latest first."""
    before, after = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(DirectoryChange, RaaSuccessor)
        .add_columns(col(before.name), col(after.name))
        .join(RaaSuccessor, col(RaaSuccessor.change_id) == DirectoryChange.id)
        .join(before, col(before.id) == RaaSuccessor.raa_id)
        .join(after, col(after.id) == RaaSuccessor.successor_id)
        .where(col(RaaSuccessor.raa_id).in_(agency_ids) | col(RaaSuccessor.successor_id).in_(agency_ids))
        .order_by(col(DirectoryChange.effective_on).desc(), before.name)
    )
    return tuple(
        Change(
            change.kind,
            change.effective_on,
            link.raa_id,
            from_name,
            link.successor_id,
            to_name,
            link.whole,
            change.source,
        )
        for change, link, from_name, to_name in rows
    )


def agencies_on(session: Session, on: date) -> list[tuple[UUID, str]]:
    """The agencies that stand on a day, by name."""
    rows = session.exec(
        select(Raa.id, Organisation.name)
        .join(Organisation, col(Organisation.id) == Raa.id)
        .where(standing(Raa, on))
        .order_by(Organisation.name)
    )
    return list(rows.all())


def authorities_of(
    session: Session, on: date, raa_ids: Collection[UUID] | None = None
) -> dict[UUID, list[tuple[UUID, str]]]:
    """The authorities, by name, that each agency serves on a day; of these agencies alone, where some are named."""
    wanted = (
        select(RaaAuthority.raa_id, RaaAuthority.authority_id, Organisation.name)
        .join(Organisation, col(Organisation.id) == RaaAuthority.authority_id)
        .where(standing(RaaAuthority, on))
        .order_by(Organisation.name)
    )
    if raa_ids is not None:
        wanted = wanted.where(col(RaaAuthority.raa_id).in_(raa_ids))
    found: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for raa_id, authority_id, name in session.exec(wanted):
        found[raa_id].append((authority_id, name))
    return found


def signs_on(session: Session, raa_id: UUID, on: date) -> UUID | None:
    """The row of the legal body that signs for an agency on a day; None where it is not recorded, or for no agency."""
    return session.exec(
        select(ContractingAuthority.id).where(ContractingAuthority.raa_id == raa_id, standing(ContractingAuthority, on))
    ).first()


def signers_on(session: Session, on: date) -> dict[UUID, str]:
    """The name of the legal body that signs for each agency on a day, where it is recorded."""
    rows = session.exec(
        select(ContractingAuthority.raa_id, ContractingAuthority.name).where(standing(ContractingAuthority, on))
    )
    return dict(rows.all())


def party_on(session: Session, organisation_id: UUID, on: date) -> str:
    """How an organisation is named as party to a contract on a day: 'Leeds for One Adoption West Yorkshire'."""
    name, kind, signs = session.exec(
        select(Organisation.name, Organisation.kind, ContractingAuthority.name)
        .outerjoin(
            ContractingAuthority,
            (col(ContractingAuthority.raa_id) == Organisation.id) & standing(ContractingAuthority, on),
        )
        .where(Organisation.id == organisation_id)
    ).one()
    return rules.party(name, signs, own_body=kind != OrganisationKind.RAA)


def standing(table: type[Dated], on: date) -> ColumnElement[bool]:
    """Rows that stand on a day: the SQL twin of `rules.stands`."""
    starts, ends = col(table.valid_from), col(table.valid_to)
    return (starts.is_(None) | (starts <= on)) & (ends.is_(None) | (ends > on))


def _stands(row: RaaAuthority | ContractingAuthority, on: date) -> bool:
    return rules.stands(row.valid_from, row.valid_to, on)


def _regions_of_agencies(session: Session, on: date) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for raa_id, name in session.exec(
        select(RaaPanRegion.raa_id, PanRegion.name)
        .join(PanRegion, col(PanRegion.id) == RaaPanRegion.pan_region_id)
        .where(standing(RaaPanRegion, on))
        .order_by(PanRegion.name)
    ):
        found[raa_id].append(name)
    return found


def _unplaced(session: Session, on: date) -> tuple[str, ...]:
    """Authorities of the reference data that no agency serves on that day."""
    served = select(RaaAuthority.authority_id).where(standing(RaaAuthority, on))
    rows = session.exec(
        select(Organisation.name)
        .where(
            Organisation.kind == OrganisationKind.AUTHORITY,
            col(Organisation.slug).is_not(None),
            col(Organisation.id).not_in(served),
        )
        .order_by(Organisation.name)
    )
    return tuple(rows)
