"""The directory of agencies: loaded whole, loaded again with no change, corrected in place."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.core import audit
from app.core.database import Database
from app.organisations import queries, reference
from app.organisations.directory.queries import directory
from app.organisations.models import Organisation, PanRegion, Raa, RaaAuthority, RaaPanRegion, VoluntaryAgency
from app.organisations.rules import Role
from tests import NOON
from tests.conftest import Clock
from tests.factories import seated

TABLES = (
    "organisation",
    "pan_region",
    "raa",
    "raa_pan_region",
    "raa_authority",
    "contracting_authority",
    "voluntary_agency",
    "audit_event",
)


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


def load(db: Database, folder: Path = reference.DATA) -> dict[str, int]:
    with db.write() as session:
        return reference.load(session, folder)


def everything(db: Database) -> dict[str, list[Any]]:
    with db.read() as session:
        return {
            table: sorted(map(str, session.connection().execute(text(f"SELECT * FROM {table}")))) for table in TABLES
        }


def told(db: Database) -> list[str]:
    with db.read() as session:
        return [audit.sentence(event) for event in audit.timeline(session, reference.DIRECTORY)]


@pytest.mark.row("4.2")
def test_the_whole_tree_is_loaded_with_its_sources(db: Database) -> None:
    assert load(db) == {
        "pan-regions": 9,
        "agencies": 32,
        "authorities": 153,
        "authorities in agencies": 151,
        "voluntary agencies": 24,
    }
    with db.read() as session:
        for table in (PanRegion, Raa, VoluntaryAgency):
            assert all(row.source and row.confidence for row in session.exec(select(table)))
        found = directory(session, NOON.date())
    areas = {area.slug: area for area in found.areas}
    assert [agency.name for agency in areas["yorkshire-humber"].agencies] == [
        "Family Adoption Links",
        "One Adoption North and Humber",
        "One Adoption South Yorkshire",
        "One Adoption West Yorkshire",
    ]
    assert areas["yorkshire-humber"].agencies[3].authorities == (
        "Bradford",
        "Calderdale",
        "Kirklees",
        "Leeds",
        "Wakefield",
    )
    crossing = {agency.name for area in found.areas for agency in area.agencies if len(agency.areas) > 1}
    assert len(crossing) == 6
    assert found.unplaced == ("Buckinghamshire", "Greenwich")
    assert told(db) == ["The service loaded the directory of agencies: 464 rows added, 0 corrected"]


def test_a_second_run_changes_nothing(db: Database, clock: Clock) -> None:
    load(db)
    before = everything(db)
    clock.forward(days=1)
    load(db)
    assert everything(db) == before


def corrected(tmp_path: Path) -> Path:
    """Leeds has moved to North and Humber; South Yorkshire has a new name and a better source; one region is respelt."""
    folder = tmp_path / "corrected"
    shutil.copytree(reference.DATA, folder)
    raas = json.loads((folder / "raas.json").read_text())
    by_slug = {raa["id"]: raa for raa in raas["raas"]}
    by_slug["one-adoption-west-yorkshire"]["local_authorities"].remove("Leeds")
    by_slug["one-adoption-north-humber"]["local_authorities"].append("Leeds")
    by_slug["one-adoption-south-yorkshire"] |= {"name": "South Yorkshire Adoption", "source": "A page read today"}
    by_slug["one-adoption-south-yorkshire"]["confidence"] = "verified"
    (folder / "raas.json").write_text(json.dumps(raas))
    regions = json.loads((folder / "pan_regions.json").read_text())
    regions["pan_regions"][0]["itl1"] = "UKC"
    regions["cross_region"] = [row for row in regions["cross_region"] if row["raa"] != "adopt-thames-valley"]
    (folder / "pan_regions.json").write_text(json.dumps(regions))
    return folder


@pytest.mark.row("4.2")
def test_a_correction_is_made_in_place_and_loses_nothing_that_refers_to_it(
    db: Database, tmp_path: Path, clock: Clock
) -> None:
    load(db)
    with db.write() as session:
        agency = session.exec(select(Organisation).where(Organisation.slug == "one-adoption-south-yorkshire")).one()
        commissioner = seated(session, agency.id, Role.COMMISSIONER)
    clock.forward(days=10)
    load(db, corrected(tmp_path))
    after = (NOON + timedelta(days=10)).date()
    with db.read() as session:
        assert [seat.organisation_name for seat in queries.seats_of(session, commissioner.known)] == [
            "South Yorkshire Adoption"
        ]
        raa = session.get_one(Raa, agency.id)
        assert (raa.source, raa.confidence) == ("A page read today", "verified")
        assert session.exec(select(PanRegion.itl1).where(PanRegion.slug == "north-east")).one() == "UKC"
        regions = session.exec(select(RaaPanRegion.valid_to)).all()
        assert sorted(regions, key=str) == [after, *[None] * (32 + 5)]
        leeds = session.exec(select(Organisation).where(Organisation.slug == "leeds")).one()
        links = session.exec(select(RaaAuthority).where(RaaAuthority.authority_id == leeds.id)).all()
        assert sorted((link.valid_to for link in links), key=str) == [after, None]
        served = {
            on: {a.name for area in directory(session, on).areas for a in area.agencies if "Leeds" in a.authorities}
            for on in (after - timedelta(days=1), after)
        }
    assert "One Adoption West Yorkshire" in served[after - timedelta(days=1)]
    assert served[after] == {"One Adoption North and Humber"}
    assert told(db)[1] == "The service loaded the directory of agencies: 1 rows added, 6 corrected"
    load(db)
    with db.read() as session:
        back = session.exec(select(RaaAuthority).where(RaaAuthority.authority_id == leeds.id)).all()
        assert sorted((link.valid_to for link in back), key=str) == [after, None], "the old link is open again"
