"""Load the directory of agencies: pan-regions, agencies, authorities, voluntary agencies, each with its source.

Every row is found again by its slug and corrected where it stands, so that nothing which refers to it is lost. What the data
no longer says is not erased: an authority that left an agency keeps its link, with the day it ended. What an administrator
has recorded since, of authorities that moved and of who signs, the data does not undo.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlmodel import Session, SQLModel, col, select

from app.core import audit, clock
from app.core.actor import NOBODY
from app.core.london import london_day
from app.organisations import events
from app.organisations.models import (
    ContractingAuthority,
    Organisation,
    PanRegion,
    Raa,
    RaaAuthority,
    RaaPanRegion,
    VoluntaryAgency,
)
from app.organisations.rules import Confidence, LegalForm, OrganisationKind, slug

DATA: Final = Path(__file__).parent / "data"
DIRECTORY: Final[UUID] = uuid5(NAMESPACE_URL, "directory of agencies")
"""What the events of loading are about: the directory as a whole."""

Row = TypeVar("Row", bound=SQLModel)
Link = TypeVar("Link", RaaAuthority, RaaPanRegion)


def load(session: Session, folder: Path = DATA) -> dict[str, int]:
    """Write or correct every row; a second run changes nothing. Returns how many of each the data holds."""
    raas, regions, voluntary = (_read(folder / f"{name}.json") for name in ("raas", "pan_regions", "vaas"))
    loading = _Loading(session)
    pan_regions = loading.pan_regions(regions)
    authorities = loading.authorities(
        [name for raa in raas["raas"] for name in raa["local_authorities"]]
        + [authority["name"] for authority in raas["not_placed"]]
    )
    agencies = loading.agencies(raas["raas"])
    loading.regions_of_agencies(raas["raas"], regions, agencies, pan_regions)
    links = loading.authorities_of_agencies(raas["raas"], agencies, authorities)
    loading.signers_of_agencies(raas["raas"], agencies, authorities)
    loading.voluntary_agencies(voluntary["vaas"])
    if loading.added or loading.corrected:
        audit.record(
            session,
            events.DIRECTORY_LOADED,
            actor=NOBODY,
            subject=DIRECTORY,
            added=loading.added,
            corrected=loading.corrected,
        )
    return {
        "pan-regions": len(pan_regions),
        "agencies": len(agencies),
        "authorities": len(authorities),
        "authorities in agencies": links,
        "voluntary agencies": len(voluntary["vaas"]),
    }


def _form(*, council: bool, company: bool, name: str) -> LegalForm:
    if council or company:
        return LegalForm.COUNCIL if council else LegalForm.COMPANY
    return LegalForm.TRUST if "Trust" in name else LegalForm.VOLUNTARY_AGENCY


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


class _Loading:
    """One run: what it added and what it corrected."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now = clock.now(session)
        self.added = self.corrected = 0

    def pan_regions(self, data: dict[str, Any]) -> dict[str, PanRegion]:
        """The names are public facts, their codes are from memory and the grouping is ours: partly verified, all of them."""
        known = {row.slug: row for row in self.session.exec(select(PanRegion))}
        return {
            region["id"]: self._put(
                known.get(region["id"]),
                PanRegion,
                slug=region["id"],
                name=region["name"],
                itl1=region["itl1"],
                source=data["confidence"],
                confidence=Confidence.PARTLY_VERIFIED,
            )
            for region in data["pan_regions"]
        }

    def authorities(self, names: list[str]) -> dict[str, Organisation]:
        return self._organisations(OrganisationKind.AUTHORITY, {slug(name): name for name in names})

    def agencies(self, data: list[dict[str, Any]]) -> dict[str, Raa]:
        organisations = self._organisations(OrganisationKind.RAA, {raa["id"]: raa["name"] for raa in data})
        known = {row.id: row for row in self.session.exec(select(Raa))}
        agencies = {}
        for raa in data:
            organisation_id = organisations[raa["id"]].id
            agencies[raa["id"]] = self._put(
                known.get(organisation_id),
                Raa,
                id=organisation_id,
                model=raa["model"] or "",
                notes=raa["notes"] or "",
                source=raa["source"],
                confidence=raa["confidence"],
            )
        return agencies

    def regions_of_agencies(
        self,
        raas: list[dict[str, Any]],
        regions: dict[str, Any],
        agencies: dict[str, Raa],
        pan_regions: dict[str, PanRegion],
    ) -> None:
        """Its own pan-region, and for one that crosses a boundary every pan-region that the note names."""
        wanted = {(agencies[raa["id"]].id, pan_regions[raa["pan_region"]].id) for raa in raas}
        for crossing in regions["cross_region"]:
            for region in pan_regions.values():
                if region.name in crossing["note"]:
                    wanted.add((agencies[crossing["raa"]].id, region.id))
        known = {(row.raa_id, row.pan_region_id): row for row in self.session.exec(select(RaaPanRegion))}
        loaded = {agency.id for agency in agencies.values()}
        self._end([row for pair, row in known.items() if pair not in wanted and pair[0] in loaded], RaaPanRegion)
        for raa_id, pan_region_id in wanted:
            link = known.get((raa_id, pan_region_id))
            self._put(link, RaaPanRegion, raa_id=raa_id, pan_region_id=pan_region_id, valid_to=None)

    def authorities_of_agencies(
        self, raas: list[dict[str, Any]], agencies: dict[str, Raa], authorities: dict[str, Organisation]
    ) -> int:
        """A link the data no longer has ends today; one that came back is open again. Recorded moves stay as they are."""
        wanted = {
            (agencies[raa["id"]].id, authorities[slug(name)].id) for raa in raas for name in raa["local_authorities"]
        }
        rows = self.session.exec(select(RaaAuthority)).all()
        moved = {row.authority_id for row in rows if row.change_id}
        known = {(row.raa_id, row.authority_id): row for row in rows if row.authority_id not in moved}
        self._end([row for pair, row in known.items() if pair not in wanted], RaaAuthority)
        for raa_id, authority_id in wanted:
            if authority_id not in moved:
                link = known.get((raa_id, authority_id))
                self._put(link, RaaAuthority, raa_id=raa_id, authority_id=authority_id, valid_to=None)
        return len(wanted)

    def signers_of_agencies(
        self, raas: list[dict[str, Any]], agencies: dict[str, Raa], authorities: dict[str, Organisation]
    ) -> None:
        """The host signs; an agency that is a company signs for itself; of the others the data does not say who does."""
        rows = self.session.exec(select(ContractingAuthority)).all()
        recorded = {row.raa_id for row in rows if row.recorded_by}
        known = {row.raa_id: row for row in rows}
        for raa in raas:
            agency, is_company = agencies[raa["id"]], "company" in (raa["model"] or "")
            name = raa["host"] or (raa["name"] if is_company else "")
            if not name or agency.id in recorded:
                continue
            council = authorities.get(slug(name))
            self._put(
                known.get(agency.id),
                ContractingAuthority,
                raa_id=agency.id,
                name=name,
                form=_form(council=council is not None, company=is_company, name=name),
                authority_id=council.id if council else None,
                source=raa["source"],
                confidence=raa["confidence"],
            )

    def voluntary_agencies(self, data: list[dict[str, Any]]) -> None:
        known = {row.slug: row for row in self.session.exec(select(VoluntaryAgency))}
        for agency in data:
            named = slug(agency["name"])
            self._put(
                known.get(named),
                VoluntaryAgency,
                slug=named,
                name=agency["name"],
                area=agency["area"],
                status=agency["status"],
                source=agency["source"],
                confidence=agency["confidence"],
            )

    def _organisations(self, kind: OrganisationKind, names: dict[str, str]) -> dict[str, Organisation]:
        """By slug. A row already there keeps its id and the day it was first written."""
        rows = self.session.exec(select(Organisation).where(col(Organisation.slug).in_(names)))
        known = {row.slug: row for row in rows}
        return {
            named: self._put(
                known.get(named),
                Organisation,
                kind=kind,
                name=name,
                slug=named,
                created_at=known[named].created_at if named in known else self.now,
            )
            for named, name in names.items()
        }

    def _end(self, rows: Iterable[Link], table: type[Link]) -> None:
        """Links that the data no longer has end today; they must end before others begin."""
        for row in rows:
            if row.valid_to is None:
                self._put(row, table, valid_to=london_day(self.now))

    def _put(self, row: Row | None, table: type[Row], **values: Any) -> Row:
        if row is None:
            row = table(**values)
            self.session.add(row)
            self.added += 1
        elif changed := {name: value for name, value in values.items() if getattr(row, name) != value}:
            for name, value in changed.items():
                setattr(row, name, value)
            self.corrected += 1
        self.session.flush()
        return row
