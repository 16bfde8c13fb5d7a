"""The list of those that may call off, as everybody reads it and as its lead and its members may change it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.calling_off import rules
from app.frameworks.calling_off.models import Accession
from app.frameworks.calling_off.rules import AccessionKind
from app.frameworks.entitlement import CallOff, call_off_list, entitled_on
from app.frameworks.models import CallOffBody, Framework, MayAccede
from app.frameworks.policy import SIGNERS, leads
from app.frameworks.queries import framework_row, phase_of
from app.frameworks.rules import Phase
from app.organisations.directory.queries import Change, changes_of, standing
from app.organisations.models import Organisation, PanRegion, Raa, RaaAuthority, RaaPanRegion
from app.organisations.policy import buyer_ids
from app.organisations.rules import OrganisationKind


@dataclass(frozen=True, slots=True)
class Recorded:
    """An accession with its people. `own` says that the one who reads asked for it."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    kind: str
    effective_on: date
    evidence: str
    way: str
    asked_at: datetime
    asked_by: str
    confirmed_by: str
    own: bool
    body_id: UUID | None


@dataclass(frozen=True, slots=True)
class Line:
    """A time on the list, how it came about and how it ended; neither where the framework itself named the body."""

    call_off: CallOff
    joined: Recorded | None
    left: Recorded | None


@dataclass(frozen=True, slots=True)
class CallOffPage:
    """The list of one framework. `choices` are whom its lead may add, `own` for whom the reader may accede."""

    framework_id: UUID
    framework_name: str
    phase: Phase
    ends_on: date
    today: date
    leads: bool
    lines: tuple[Line, ...]
    waiting: tuple[Recorded, ...]
    open_to: tuple[str, ...]
    changes: tuple[Change, ...]
    choices: tuple[tuple[UUID, str], ...]
    leavers: tuple[tuple[UUID, str], ...]
    own: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class FrameworkOfBody:
    """A framework from which a body may, could or might call off, with the days."""

    framework_id: UUID
    framework_name: str
    phase: Phase
    entitled_from: date | None
    entitled_to: date | None
    entitled: bool


@dataclass(frozen=True, slots=True)
class Body:
    """One of the reader's own agencies or authorities: frameworks on whose list it stands, stood or will, and open ones."""

    id: UUID
    name: str
    listed: tuple[FrameworkOfBody, ...]
    may_join: tuple[FrameworkOfBody, ...]


def call_off_page(session: Session, actor: Actor, framework_id: UUID, now: datetime) -> CallOffPage:
    """The list of a framework that this person may see. Raises `NotFound`."""
    row, today = framework_row(session, actor, framework_id), london_day(now)
    recorded = _recorded(session, actor, framework_id)
    lines = tuple(
        Line(
            one,
            _of(recorded, one.body_id, AccessionKind.JOINS),
            _of(recorded, one.body_id, AccessionKind.LEAVES),
        )
        for one in call_off_list(session, framework_id, today)
    )
    listed = {line.call_off.organisation_id for line in lines}
    lasting = [
        line.call_off for line in lines if line.call_off.entitled_to is None or line.call_off.entitled_to > today
    ]
    unending = {one.organisation_id for one in lasting if one.entitled_to is None}
    lead = leads(actor, row.lead_id)
    mine = buyer_ids(actor, *SIGNERS) - unending
    open_to_mine = open_to(session, framework_id, mine, today)
    return CallOffPage(
        framework_id=framework_id,
        framework_name=row.name,
        phase=phase_of(row, today),
        ends_on=row.ends_on,
        today=today,
        leads=lead,
        lines=lines,
        waiting=tuple(one for one in recorded if one.body_id is None),
        open_to=_open_to_words(session, framework_id),
        changes=tuple(change for change in changes_of(session, listed) if change.whole and change.from_id in listed),
        choices=tuple(_buyers(session, today, unending)) if lead else (),
        leavers=tuple({one.organisation_id: one.name for one in lasting}.items()) if lead else (),
        own=tuple((key, name) for key, name in _seated(actor, mine) if key in open_to_mine),
    )


def frameworks_of(session: Session, actor: Actor, now: datetime) -> tuple[Body, ...]:
    """For each agency and authority of this person: the frameworks whose list names it, and those it may join itself."""
    today, mine = london_day(now), buyer_ids(actor)
    listed: dict[UUID, list[FrameworkOfBody]] = defaultdict(list)
    rows = session.execute(
        select(CallOffBody, Framework, entitled_on(today))
        .join(Framework, col(Framework.id) == CallOffBody.framework_id)
        .where(col(CallOffBody.organisation_id).in_(mine), col(Framework.approved_at).is_not(None))
        .order_by(Framework.name, col(CallOffBody.entitled_from))
    )
    for body, framework, entitled in rows:
        listed[body.organisation_id].append(
            FrameworkOfBody(
                framework.id,
                framework.name,
                phase_of(framework, today),
                body.entitled_from,
                body.entitled_to,
                bool(entitled),
            )
        )
    open_frameworks = _open_frameworks(session, mine, today)
    return tuple(
        Body(
            key,
            name,
            tuple(listed[key]),
            tuple(
                one
                for one in open_frameworks[key]
                if one.phase in (Phase.APPROVED, Phase.LIVE)
                and one.framework_id not in {line.framework_id for line in listed[key] if line.entitled_to is None}
            ),
        )
        for key, name in _seated(actor, mine)
    )


def open_to(session: Session, framework_id: UUID, organisation_ids: Collection[UUID], on: date) -> frozenset[UUID]:
    """Which of these bodies may accede to the framework on a day: named by it, or of a pan-region that it names."""
    rows = session.exec(select(MayAccede).where(MayAccede.framework_id == framework_id)).all()
    named = {row.organisation_id for row in rows}
    regions = {row.pan_region_id for row in rows if row.pan_region_id}
    of = _pan_regions(session, organisation_ids, on)
    return frozenset(key for key in organisation_ids if key in named or of[key] & regions)


def accession_row(session: Session, framework_id: UUID, accession_id: UUID) -> Accession:
    """The row, locked. Raises `NotFound`."""
    row = session.exec(
        select(Accession).where(Accession.id == accession_id, Accession.framework_id == framework_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound
    return row


def _open_frameworks(session: Session, mine: Collection[UUID], on: date) -> dict[UUID, list[FrameworkOfBody]]:
    of = _pan_regions(session, mine, on)
    rows = session.exec(
        select(MayAccede, Framework)
        .join(Framework, col(Framework.id) == MayAccede.framework_id)
        .where(col(Framework.approved_at).is_not(None))
        .order_by(Framework.name)
    )
    found: dict[UUID, dict[UUID, FrameworkOfBody]] = defaultdict(dict)
    for may, framework in rows:
        for key in mine:
            if key == may.organisation_id or may.pan_region_id in of[key]:
                phase = phase_of(framework, on)
                found[key][framework.id] = FrameworkOfBody(framework.id, framework.name, phase, None, None, False)
    return defaultdict(list, {key: list(frameworks.values()) for key, frameworks in found.items()})


def _pan_regions(session: Session, organisation_ids: Collection[UUID], on: date) -> dict[UUID, set[UUID]]:
    """The pan-regions of agencies, and of authorities by the agency that serves them, on a day."""
    agency = select(Raa.id, RaaPanRegion.pan_region_id).join(RaaPanRegion, col(RaaPanRegion.raa_id) == Raa.id)
    authority = select(RaaAuthority.authority_id, RaaPanRegion.pan_region_id).join(
        RaaPanRegion, col(RaaPanRegion.raa_id) == RaaAuthority.raa_id
    )
    in_region = standing(RaaPanRegion, on)
    both = agency.where(col(Raa.id).in_(organisation_ids), standing(Raa, on), in_region).union_all(
        authority.where(col(RaaAuthority.authority_id).in_(organisation_ids), standing(RaaAuthority, on), in_region)
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for organisation_id, region_id in session.execute(both):
        found[organisation_id].add(region_id)
    return found


def _open_to_words(session: Session, framework_id: UUID) -> tuple[str, ...]:
    rows = session.execute(
        select(PanRegion.name, Organisation.name)
        .select_from(MayAccede)
        .outerjoin(PanRegion, col(PanRegion.id) == MayAccede.pan_region_id)
        .outerjoin(Organisation, col(Organisation.id) == MayAccede.organisation_id)
        .where(col(MayAccede.framework_id) == framework_id)
        .order_by(PanRegion.name, Organisation.name)
    )
    return tuple(name or f"Every agency and authority of {region}" for region, name in rows)


def _buyers(session: Session, on: date, without: Collection[UUID]) -> list[tuple[UUID, str]]:
    """Every agency that stands on a day and every authority, but these, by name."""
    wanted = (
        select(Organisation.id, Organisation.name)
        .outerjoin(Raa, col(Raa.id) == Organisation.id)
        .where(col(Organisation.kind).in_((OrganisationKind.RAA, OrganisationKind.AUTHORITY)), standing(Raa, on))
        .where(col(Organisation.id).not_in(without))
        .order_by(Organisation.name)
    )
    return list(session.exec(wanted).all())


def _recorded(session: Session, actor: Actor, framework_id: UUID) -> list[Recorded]:
    """Every accession of a framework that is not withdrawn, the oldest first."""
    asker, confirmer = aliased(Person), aliased(Person)
    more: Any = (asker.name, confirmer.name)
    rows = session.execute(
        select(Accession, Organisation.name)
        .add_columns(*more)
        .join(Organisation, col(Organisation.id) == Accession.organisation_id)
        .join(asker, col(asker.id) == Accession.asked_by)
        .outerjoin(confirmer, col(confirmer.id) == Accession.confirmed_by)
        .where(col(Accession.framework_id) == framework_id, col(Accession.withdrawn_at).is_(None))
        .order_by(col(Accession.asked_at))
    )
    return [
        Recorded(
            row.id,
            row.organisation_id,
            organisation,
            row.kind,
            row.effective_on,
            row.evidence,
            rules.WAY_WORDS[rules.Way(row.way)],
            row.asked_at,
            asked_by,
            confirmed_by or "",
            row.asked_by == actor.person_id,
            row.body_id,
        )
        for row, organisation, asked_by, confirmed_by in rows
    ]


def _of(recorded: Collection[Recorded], body_id: UUID, kind: AccessionKind) -> Recorded | None:
    return next((one for one in reversed(list(recorded)) if one.body_id == body_id and one.kind == kind), None)


def _seated(actor: Actor, wanted: Collection[UUID]) -> list[tuple[UUID, str]]:
    """The actor's organisations among these, each once, by name."""
    found = {(s.organisation_name, s.organisation_id) for s in actor.seats if s.organisation_id in wanted}
    return [(key, name) for name, key in sorted(found)]
