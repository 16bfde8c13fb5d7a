"""The due-diligence pack: as at any past day, one tagged PDF and a manifest, never a DBS file, each download told."""

import json
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pikepdf
import pytest
from sqlmodel import Session, select

from app.core import audit
from app.core.blobs import Blobs
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import NotFound
from app.evidence import commands as evidence
from app.evidence import reference
from app.evidence.models import Document, Verification
from app.evidence.rules import ItemFacts, ScanState, Standing
from app.evidence.rules.dbs import DbsFacts, Level, Workforce
from app.memberships import commands
from app.memberships.packing import archive, manifest, pdf, pieces
from app.memberships.queries.pack import end_of, pack
from app.memberships.rules import why_not_pack
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.evidence import files

TODAY = NOON.date()
LIABILITY = ItemFacts(
    kind="ins_public_liability",
    issuer="First Insurance",
    reference="PL-1",
    cover_pence=500_000_000,
    starts_on=date(2026, 7, 1),
    expires_on=date(2027, 6, 30),
)


def _world(session: Session) -> factories.World:
    reference.load(session)
    return factories.world(session)


@pytest.fixture
def furniture() -> Furniture:
    return _world


def _told(db: Database, blobs: Blobs, made: factories.World, facts: ItemFacts, *, clean: bool = True) -> UUID:
    content = files.pdf()
    blob = blobs.put(BytesIO(content), room="evidence")
    with db.write() as session:
        item = evidence.add_item(session, made.owner_a, made.provider_a, facts)
        document = evidence.attach_document(
            session, made.owner_a, item, blob, media_type="application/pdf", file_name=f"{facts.kind}.pdf"
        )
        evidence.record_scan(session, document, ScanState.CLEAN, scanner="test")
        if facts.kind == "dbs_enhanced":
            record = DbsFacts(level=Level.ENHANCED, workforce=Workforce.CHILD, children_barred=True)
            evidence.record_dbs(session, made.owner_a, item, record)
        evidence.submit_item(session, made.owner_a, item)
    return item


def _verified(db: Database, made: factories.World, item: UUID, *, by: str = "") -> None:
    """By the checker, or by another of this name: whose check a second look undid does not check it anew."""
    with db.write() as session:
        ticks = factories.ticked(session, item)
        checker = factories.seated(session, made.lead_id, Role.CHECKER, name=by) if by else made.checker
        evidence.verify_item(session, checker, item, ticks=ticks, how="Read it whole", saw_original=True)


def _as_at(db: Database, made: factories.World, day: date) -> dict[str, Standing]:
    """The standing of each liability certificate, by its insurer, as the pack of that day has it."""
    with db.read() as session:
        found = pack(session, made.owner_a, made.provider_a, day)
        return {item.issuer: item.standing for item in found.items if item.kind_slug == LIABILITY.kind}


@pytest.mark.row("3.14")
@pytest.mark.row("3.9")
def test_a_past_day_is_told_as_it_stood(db: Database, blobs: Blobs, made: factories.World, clock: Clock) -> None:
    first = _told(db, blobs, made, LIABILITY)
    clock.forward(days=1)
    _verified(db, made, first)
    clock.forward(days=1)
    second = _told(db, blobs, made, replace(LIABILITY, issuer="Second Insurance", starts_on=date(2026, 11, 1)))
    clock.forward(days=1)
    _verified(db, made, second)
    clock.forward(days=1)
    assert _as_at(db, made, TODAY - timedelta(days=1)) == {}
    assert _as_at(db, made, TODAY) == {"First Insurance": Standing.AWAITING_CHECK}
    assert _as_at(db, made, TODAY + timedelta(days=1)) == {"First Insurance": Standing.VERIFIED}
    assert _as_at(db, made, TODAY + timedelta(days=2)) == {
        "First Insurance": Standing.VERIFIED,
        "Second Insurance": Standing.AWAITING_CHECK,
    }
    assert _as_at(db, made, TODAY + timedelta(days=3)) == {"Second Insurance": Standing.VERIFIED}


@pytest.mark.row("3.14")
@pytest.mark.row("3.12")
def test_a_day_on_which_it_was_verified_stays_so_when_a_second_look_undoes_it_later(
    db: Database, blobs: Blobs, made: factories.World, clock: Clock
) -> None:
    def facts_of(day: date) -> bytes:
        with db.read() as session:
            return manifest(pack(session, made.owner_a, made.provider_a, day), NOON, "")

    _verified(db, made, _told(db, blobs, made, LIABILITY))
    clock.forward(days=1)
    newer = _told(db, blobs, made, replace(LIABILITY, issuer="Second Insurance", starts_on=date(2026, 11, 1)))
    _verified(db, made, newer)
    days = [TODAY + timedelta(days=n) for n in range(3)]
    clock.forward(days=2)
    before = [facts_of(day) for day in days]
    with db.write() as session:
        session.exec(select(Verification).where(Verification.item_id == newer)).one().second_look = True
        hub = factories.organisation(session, OrganisationKind.LEAD, "Second hub")
        cleo = factories.seated(session, hub, Role.CHECKER, name="Cleo Checker")
        evidence.take_second_look(session, cleo, newer, agrees=False, words="The limit is in all")
    assert [facts_of(day) for day in days] == before
    assert _as_at(db, made, TODAY + timedelta(days=2)) == {"Second Insurance": Standing.VERIFIED}
    both = {"First Insurance": Standing.VERIFIED, "Second Insurance": Standing.AWAITING_CHECK}
    assert _as_at(db, made, TODAY + timedelta(days=3)) == both
    clock.forward(days=1)
    _verified(db, made, newer, by="Chris Checker")
    assert [facts_of(day) for day in days] == before
    assert _as_at(db, made, TODAY + timedelta(days=3)) == both
    assert _as_at(db, made, TODAY + timedelta(days=4)) == {"Second Insurance": Standing.VERIFIED}


def test_a_day_ends_at_midnight_in_london() -> None:
    assert end_of(date(2026, 7, 1)).isoformat() == "2026-07-01T23:00:00+00:00"
    assert end_of(date(2026, 12, 1)).isoformat() == "2026-12-02T00:00:00+00:00"
    assert why_not_pack(as_at=TODAY, on=TODAY) is None
    assert why_not_pack(as_at=TODAY + timedelta(days=1), on=TODAY) is not None


def _form(day: date) -> dict[str, str]:
    return {"as_at-day": str(day.day), "as_at-month": str(day.month), "as_at-year": str(day.year)}


@pytest.mark.row("3.14")
@pytest.mark.row("3.8")
def test_one_tagged_pdf_and_a_manifest_with_each_digest_and_never_a_dbs_file(
    db: Database, blobs: Blobs, made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    _verified(db, made, _told(db, blobs, made, LIABILITY))
    with db.read() as session:
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
    certificate = ItemFacts(kind="dbs_enhanced", practitioner_id=person, reference="001234567890")
    _verified(db, made, _told(db, blobs, made, certificate))
    answer = client_for(made.commissioner).post(f"/providers/{made.provider_a}/pack", data=_form(TODAY))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(BytesIO(answer.content)) as packed:
        assert packed.namelist() == ["due-diligence-pack.pdf", "manifest.json"]
        page, listed = packed.read("due-diligence-pack.pdf"), packed.read("manifest.json")
    manifest = json.loads(listed)
    assert manifest["pdf_sha256"] == digest(page)
    [liability] = [item for item in manifest["items"] if item["kind_slug"] == LIABILITY.kind]
    [document] = liability["documents"]
    with db.read() as session:
        assert document["sha256"] in session.exec(select(Document.sha256)).all()
    assert liability["checker"] == "Cara Checker"
    [dbs] = [item for item in manifest["items"] if item["kind_slug"] == "dbs_enhanced"]
    assert dbs["documents"] == []
    assert dbs["record"]["children_barred"] is True
    assert "dbs_enhanced.pdf" not in listed.decode()
    assert dbs["reference"] == "Ends in 7890", "its provider alone reads the whole number"
    with db.read() as session:
        own = pack(session, made.owner_a, made.provider_a, TODAY)
    assert "001234567890" in [item.reference for item in own.items]
    with pikepdf.open(BytesIO(page)) as file:
        assert file.Root.MarkInfo.Marked
        assert "/Names" not in file.Root or "/EmbeddedFiles" not in file.Root.Names
        assert str(file.docinfo["/Title"]).startswith("Due-diligence pack – Alder Therapy")
        with file.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
    with db.read() as session:
        [told] = [event for event in audit.timeline(session, made.provider_a) if event.name == "pack.handed_out"]
        assert told.person_id == made.commissioner.known
        assert told.detail["sha256"] == digest(listed)


@pytest.mark.row("3.14")
@pytest.mark.invariant(10)
def test_who_may_have_it(db: Database, made: factories.World, client_for: ClientFor) -> None:
    with db.write() as session:
        platform = factories.organisation(session, OrganisationKind.PLATFORM, "Platform")
        auditor = factories.seated(session, platform, Role.AUDITOR, name="Audrey Auditor")
        administrator = factories.seated(session, platform, Role.ADMINISTRATOR, name="Adam Administrator")
    page = f"/providers/{made.provider_a}/pack"
    for actor in (made.owner_a, made.commissioner, made.chair, made.lead, auditor):
        assert client_for(actor).get(page).status_code == 200
        assert client_for(actor).post(page, data=_form(TODAY)).status_code == 200
    for actor in (made.owner_b, made.other_commissioner, administrator):
        assert client_for(actor).get(page).status_code == 404
        assert client_for(actor).post(page, data=_form(TODAY)).status_code == 404
        with pytest.raises(NotFound), db.write() as session:
            commands.hand_out_pack(session, actor, made.provider_a, TODAY, sha256="x")
    assert client_for(auditor).get(f"/providers/{uuid4()}/pack").status_code == 404


def test_a_day_to_come_or_none_is_refused_beside_the_field(
    db: Database, made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    client, page = client_for(made.owner_a), f"/providers/{made.provider_a}/pack"
    later = client.post(page, data=_form(TODAY + timedelta(days=1)))
    assert later.status_code == 422
    assert "The day must be today or in the past" in later.text
    assert client.post(page, data=_form(date(9999, 12, 31))).status_code == 422
    assert client.post(page, data={}).status_code == 422
    with db.read() as session:
        assert "pack.handed_out" not in [event.name for event in audit.timeline(session, made.provider_a)]


def test_a_pack_is_made_at_any_moment(db: Database, made: factories.World) -> None:
    with db.read() as session:
        told = pack(session, made.owner_a, made.provider_a, NOON.date())
    assert archive(told, NOON.replace(microsecond=123_456))[0].startswith(b"PK")


def test_the_same_pack_made_at_the_same_moment_is_the_same_to_the_byte(
    db: Database, blobs: Blobs, made: factories.World
) -> None:
    _told(db, blobs, made, LIABILITY)
    with db.read() as session:
        found = pack(session, made.owner_a, made.provider_a, TODAY)
    assert pdf(found, NOON) == pdf(found, NOON)
    content, _ = archive(found, NOON)
    assert (content, b"".join(pieces(content))) == (archive(found, NOON)[0], content)
