"""What can be looked for in the directory: the frameworks open to its reader, and what these buy and where."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.core.actor import Actor
from app.core.refusals import NotFound
from app.frameworks.entitlement import entitled_on
from app.frameworks.models import CallOffBody, Framework, Lot, LotTherapy, Region, RegionAuthority
from app.frameworks.rules import Way
from app.memberships.directory.rules import OfferedLot, OfferedRegion, Sought
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, lead_ids
from app.providers.models import Therapy


@dataclass(frozen=True, slots=True)
class Listed:
    """A framework whose members the reader may look up. `calls_off` is false where the reader's agency only leads it."""

    id: UUID
    name: str
    way: Way
    calls_off: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """Frameworks, services, therapies and authorities to look for; `agencies` are the reader's own that call off.

    `agency_id` is the one for which evidence counts; nobody where the reader only leads.
    """

    agency_id: UUID | None
    agencies: tuple[tuple[UUID, str], ...]
    frameworks: tuple[Listed, ...]
    lots: tuple[OfferedLot, ...]
    regions: tuple[OfferedRegion, ...]
    therapies: tuple[tuple[str, str, frozenset[str]], ...]
    authorities: dict[UUID, str]

    @property
    def services(self) -> list[str]:
        return sorted({lot.service for lot in self.lots})

    @property
    def bought(self) -> list[tuple[str, str]]:
        """The therapies that these frameworks buy, by slug and name."""
        services, named = set(self.services), frozenset[str]().union(*(lot.therapies for lot in self.lots))
        return [(slug, name) for slug, name, of in self.therapies if of & services or slug in named]

    @property
    def names(self) -> dict[str, str]:
        """Of every therapy."""
        return {slug: name for slug, name, _ in self.therapies}

    def answering(self, sought: Sought) -> tuple[list[UUID], list[UUID]]:
        """The lots and the regions in which a member answers what is looked for."""
        bought_as = next((services for slug, _, services in self.therapies if slug == sought.therapy), frozenset())
        return (
            [lot.id for lot in self.lots if lot.answers(sought, bought_as)],
            [region.id for region in self.regions if region.answers(sought)],
        )


def choices(session: Session, actor: Actor, on: date, agency_id: UUID | None) -> Choices:
    """For the first of the reader's agencies unless one is named. Raises `NotFound` for one of somebody else. Four queries."""
    found, agency_id, agencies = _frameworks(session, actor, on, agency_id)
    ids = [one.id for one in found]
    therapies = session.execute(select(Therapy.slug, Therapy.name, Therapy.services).order_by(Therapy.name)).all()
    lots = _lots(session, ids)
    regions, authorities = _regions(session, ids)
    return Choices(
        agency_id,
        agencies,
        found,
        lots,
        regions,
        tuple((slug, name, frozenset(services.split(","))) for slug, name, services in therapies),
        dict(sorted(authorities.items(), key=lambda pair: pair[1])),
    )


def _frameworks(
    session: Session, actor: Actor, on: date, agency_id: UUID | None
) -> tuple[tuple[Listed, ...], UUID | None, tuple[tuple[UUID, str], ...]]:
    """Those that have not ended, from which the agency may call off or which the reader's organisations lead."""
    mine = (
        (col(CallOffBody.framework_id) == Framework.id)
        & col(CallOffBody.organisation_id).in_(buyer_ids(actor))
        & entitled_on(on)
    )
    leads = col(Framework.lead_id).in_(lead_ids(actor))
    rows = session.execute(
        select(Framework, Organisation.id, Organisation.name, leads)
        .select_from(Framework)
        .outerjoin(CallOffBody, mine)
        .outerjoin(Organisation, col(Organisation.id) == CallOffBody.organisation_id)
        .where(
            col(Framework.approved_at).is_not(None),
            col(Framework.withdrawn_at).is_(None),
            col(Framework.ends_on) >= on,
            or_(col(CallOffBody.id).is_not(None), leads),
        )
        .order_by(Framework.name, col(Framework.id))
    ).all()
    agencies = sorted({(key, name) for _, key, name, _ in rows if key}, key=lambda one: one[1])
    if agency_id is None:
        agency_id = agencies[0][0] if agencies else None
    elif agency_id not in dict(agencies):
        raise NotFound
    open_to: dict[UUID, Listed] = {}
    for row, key, _, led in rows:
        calls_off = key is not None and key == agency_id
        if calls_off or (led and row.id not in open_to):
            open_to[row.id] = Listed(row.id, row.name, Way(row.way), calls_off)
    return tuple(open_to.values()), agency_id, tuple(agencies)


def _lots(session: Session, framework_ids: list[UUID]) -> tuple[OfferedLot, ...]:
    named: dict[tuple[UUID, UUID, str], set[str]] = defaultdict(set)
    for lot_id, framework_id, service, slug in session.execute(
        select(Lot.id, Lot.framework_id, Lot.service, LotTherapy.therapy_slug)
        .outerjoin(LotTherapy, col(LotTherapy.lot_id) == Lot.id)
        .where(col(Lot.framework_id).in_(framework_ids))
    ):
        named[lot_id, framework_id, service] |= {slug} if slug else set()
    return tuple(OfferedLot(*lot, frozenset(slugs)) for lot, slugs in named.items())


def _regions(session: Session, framework_ids: list[UUID]) -> tuple[tuple[OfferedRegion, ...], dict[UUID, str]]:
    inside: dict[tuple[UUID, UUID], set[UUID]] = defaultdict(set)
    names: dict[UUID, str] = {}
    for region_id, framework_id, authority_id, name in session.execute(
        select(Region.id, Region.framework_id, Organisation.id, Organisation.name)
        .outerjoin(RegionAuthority, col(RegionAuthority.region_id) == Region.id)
        .outerjoin(Organisation, col(Organisation.id) == RegionAuthority.authority_id)
        .where(col(Region.framework_id).in_(framework_ids))
    ):
        inside[region_id, framework_id] |= {authority_id} if authority_id else set()
        names |= {authority_id: name} if authority_id else {}
    return tuple(OfferedRegion(*region, frozenset(ids)) for region, ids in inside.items()), names
