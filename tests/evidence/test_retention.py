"""Files go when their time is over: by class, with proof, never under a legal hold, and out of the storage itself."""

from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from app.core import audit
from app.core.actor import Actor
from app.core.blobs import Blob, Blobs
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound
from app.evidence import commands, duties, purging, queries, reference
from app.evidence.models import Deletion, Document, EvidenceItem, Verification
from app.evidence.queries.dbs import dbs_record
from app.evidence.queries.retention import MOST, _due, _going, bytes_to_delete, going, holds, schedule
from app.evidence.rules import ItemFacts, Outcome, Reason, ScanState
from app.evidence.rules.dbs import DbsFacts, Level, Workforce
from app.evidence.rules.retention import COUNTED_FROM, FileFacts, add_months, goes
from app.operations import retention
from app.organisations.rules import OrganisationKind, Role
from app.providers.commands import archive_provider
from app.providers.models import Practitioner, Provider
from app.settings import Settings
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.evidence import files

TODAY = NOON.date()
DBS = DbsFacts(level=Level.ENHANCED, workforce=Workforce.CHILD, children_barred=True)
INSURANCE = ItemFacts(
    kind="ins_public_liability",
    issuer="Example Insurance",
    reference="PL-1",
    cover_pence=500_000_000,
    starts_on=date(2026, 7, 1),
    expires_on=date(2027, 6, 30),
)


def _world(session: Session) -> tuple[factories.World, Actor]:
    reference.load(session)
    made = factories.world(session)
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "Platform")
    return made, factories.seated(session, platform, Role.ADMINISTRATOR, name="Adam Administrator")


@pytest.fixture
def furniture() -> Furniture:
    return _world


Made = tuple[factories.World, Actor]


def _stored(blobs: Blobs) -> list[str]:
    """The keys of everything that the storage itself holds."""
    return blobs.keys()


def test_the_schedule_says_for_every_class_why_and_from_when() -> None:
    assert all(one.basis and one.source and one.counted_from in COUNTED_FROM for one in schedule().values())
    assert {slug for slug, one in schedule().items() if one.automatic} == {"dbs_file", "dbs_unsent_file"}
    assert schedule()["dbs_file"].months == 6, "row 3.8: at the latest six months after the decision"


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@pytest.mark.row("3.15")
@pytest.mark.parametrize(
    ("facts", "rule", "day"),
    [
        ({"narrow": True, "submitted": True, "decided_on": TODAY}, "dbs_file", date(2027, 5, 23)),
        ({"narrow": True, "submitted": True}, None, None),
        ({"narrow": True, "submitted": True, "replaced_on": TODAY}, "dbs_file", date(2027, 5, 23)),
        ({"outcome": Outcome.REFUSED, "decided_on": TODAY}, "returned_file", date(2027, 11, 23)),
        ({"replaced_on": TODAY}, "replaced_file", None),
        ({"narrow": True, "submitted": False}, "dbs_unsent_file", date(2026, 7, 2)),
        ({"narrow": False, "submitted": False}, "unsent_file", date(2027, 1, 2)),
        ({"outcome": Outcome.RETURNED, "decided_on": TODAY}, "returned_file", date(2027, 11, 23)),
        ({"outcome": Outcome.VERIFIED, "decided_on": TODAY}, None, None),
        ({"outcome": Outcome.VERIFIED, "expires_on": TODAY}, "lapsed_file", date(2032, 11, 23)),
        ({"outcome": Outcome.VERIFIED, "expires_on": TODAY, "replaced_on": date(2026, 5, 1)}, "replaced_file", None),
        ({"outcome": Outcome.VERIFIED, "closed_on": TODAY}, "closed_provider_file", date(2032, 11, 23)),
    ],
)
def test_the_class_of_a_file_and_its_day(facts: dict[str, object], rule: str | None, day: date | None) -> None:
    found = goes(
        FileFacts(**({"narrow": False, "submitted": True, "uploaded_on": date(2026, 1, 2)} | facts)),  # type: ignore[arg-type]
        schedule(),
    )
    assert (found[0].slug if found else None) == rule
    if day:
        assert found and found[1] == day


def _file(
    db: Database, blobs: Blobs, made: Made, facts: ItemFacts | None = None, *, blob: Blob | None = None
) -> tuple[UUID, UUID, str]:
    """Item, document and key of a clean file sent to a checker; a DBS file unless other facts are given."""
    world, _ = made
    blob = blob or blobs.put(BytesIO(files.pdf()), room="evidence")
    with db.write() as session:
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == world.provider_a)).one()
        facts = facts or ItemFacts(kind="dbs_enhanced", practitioner_id=person, reference="001234567890")
        item_id = commands.add_item(session, world.owner_a, world.provider_a, facts)
        document_id = commands.attach_document(
            session, world.owner_a, item_id, blob, media_type="application/pdf", file_name="file.pdf"
        )
        commands.record_scan(session, document_id, ScanState.CLEAN, scanner="test")
        if facts.kind == "dbs_enhanced":
            commands.record_dbs(session, world.owner_a, item_id, DBS)
        commands.submit_item(session, world.owner_a, item_id)
    return item_id, document_id, blob.key


def _verify(db: Database, made: Made, item_id: UUID) -> None:
    with db.write() as session:
        commands.verify_item(
            session, made[0].checker, item_id, ticks=factories.ticked(session, item_id), how="Saw it", saw_original=True
        )


@pytest.mark.row("3.8")
@pytest.mark.row("3.15")
def test_a_dbs_file_leaves_the_storage_six_months_after_the_decision_and_its_record_stays(
    db: Database, blobs: Blobs, made: Made, clock: Clock, client_for: ClientFor
) -> None:
    item_id, document_id, key = _file(db, blobs, made)
    _verify(db, made, item_id)
    clock.set(NOON + timedelta(days=180))
    duties.daily(db, blobs)
    assert key in _stored(blobs), "22 May: one day is left"
    clock.set(NOON + timedelta(days=181))
    assert duties.daily(db, blobs) >= 1
    assert key not in _stored(blobs)
    with pytest.raises(FileNotFoundError):
        blobs.get(key)
    with db.read() as session:
        document, proof = session.get_one(Document, document_id), session.get_one(Deletion, document_id)
        record = dbs_record(session, item_id)
        assert record and record.children_barred and record.seen_by == "Cara Checker"
        assert document.purged_at == clock.moment
        assert (proof.sha256, proof.rule, proof.bytes_gone_at) == (document.sha256, "dbs_file", clock.moment)
        assert queries.standings(session, [made[0].provider_a], ["dbs_enhanced"], TODAY).popitem()[1] == "verified"
        assert "document.purged" in [event.name for event in audit.timeline(session, item_id)]
    client = client_for(made[0].owner_a)
    assert client.post(f"/documents/{document_id}/open").status_code == 404
    shown = client.get(f"/evidence/{item_id}").text
    assert "Deleted by the retention schedule" in shown
    assert "Open this DBS file" not in shown
    with db.read() as session:
        assert list(audit.verify(session)) == []


@pytest.mark.row("3.8")
def test_one_that_was_returned_goes_as_well(db: Database, blobs: Blobs, made: Made, clock: Clock) -> None:
    item_id, _, key = _file(db, blobs, made)
    with db.write() as session:
        commands.return_item(session, made[0].checker, item_id, Reason.UNREADABLE, "Upload a clearer picture.")
    clock.forward(days=181)
    duties.daily(db, blobs)
    assert key not in _stored(blobs)


@pytest.mark.row("3.8")
def test_closing_a_provider_starts_the_clock_of_its_files(db: Database, blobs: Blobs, made: Made) -> None:
    """A file that nothing else ends, since nobody has decided about it."""
    _, document_id, _ = _file(db, blobs, made, INSURANCE)
    for closed, due in ((False, []), (True, [("closed_provider_file", date(2032, 11, 23))])):
        with db.write() as session:
            if closed:
                archive_provider(session, made[0].owner_a, made[0].provider_a)
        with db.read() as session:
            found = going(session, date(2046, 11, 23))
            assert [(file.rule.slug, file.due_on) for file in found if file.document_id == document_id] == due


@pytest.mark.row("3.8")
def test_bytes_that_a_living_document_shares_stay_until_it_goes_too(
    db: Database, blobs: Blobs, made: Made, clock: Clock, client_for: ClientFor
) -> None:
    shared = blobs.put(BytesIO(files.pdf()), room="evidence")
    dbs, purged, key = _file(db, blobs, made, blob=shared)
    _, living, same = _file(db, blobs, made, INSURANCE, blob=shared)
    assert key == same
    _verify(db, made, dbs)
    clock.forward(days=181)
    duties.daily(db, blobs)
    assert key in _stored(blobs)
    client = client_for(made[0].owner_a)
    assert client.post(f"/documents/{purged}/open").status_code == 404, "purged, though the bytes are there"
    assert client.get(f"/documents/{living}/file").status_code == 200
    with db.write() as session:
        assert session.get_one(Deletion, purged).bytes_gone_at is None
        session.get_one(Document, living).purged_at = clock.moment
    assert purging.delete_bytes(db, blobs) == 1
    assert key not in _stored(blobs)


@pytest.mark.row("3.15")
def test_a_store_that_is_away_is_tried_again(db: Database, blobs: Blobs, made: Made, clock: Clock) -> None:
    item_id, document_id, key = _file(db, blobs, made)
    _verify(db, made, item_id)
    clock.forward(days=181)
    with db.write() as session:
        commands.purge(session, TODAY + timedelta(days=181), automatic=True)
    with db.read() as session:
        assert bytes_to_delete(session) == [(document_id, key)]
    assert purging.delete_bytes(db, blobs) == 1
    with db.write() as session:
        assert bytes_to_delete(session) == []
        commands.note_bytes_gone(session, [document_id])
        assert session.get_one(Deletion, document_id).bytes_gone_at == clock.moment
    assert blobs.keys() == []


@pytest.mark.row("3.15")
def test_a_legal_hold_keeps_everything_until_it_is_lifted(db: Database, blobs: Blobs, made: Made, clock: Clock) -> None:
    world, administrator = made
    item_id, _, key = _file(db, blobs, made)
    _verify(db, made, item_id)
    with db.write() as session:
        hold = commands.set_legal_hold(session, administrator, world.provider_a, "A claim before the court")
        assert commands.set_legal_hold(session, administrator, world.provider_a, "Again") == hold
    clock.forward(days=181)
    on = TODAY + timedelta(days=181)
    assert purging.purge(db, blobs, on) == []
    assert key in _stored(blobs)
    with db.read() as session:
        assert [file.held for file in going(session, on)] == [True]
    with db.write() as session:
        commands.lift_legal_hold(session, administrator, hold, "The claim is settled")
        commands.lift_legal_hold(session, administrator, hold, "Twice")
    assert len(purging.purge(db, blobs, on)) == 1
    assert blobs.keys() == []


@pytest.mark.row("3.15")
def test_only_the_platforms_administrators_hold_and_lift(db: Database, made: Made) -> None:
    world, administrator = made
    for actor in (world.owner_a, world.lead, world.checker):
        with pytest.raises(NotAllowed), db.write() as session:
            commands.set_legal_hold(session, actor, world.provider_a, "No")
        with pytest.raises(NotAllowed), db.write() as session:
            commands.lift_legal_hold(session, actor, uuid4(), "No")
    for missing in (lambda s: commands.set_legal_hold(s, administrator, uuid4(), "No"),):
        with pytest.raises(NotFound), db.write() as session:
            missing(session)
    with pytest.raises(NotFound), db.write() as session:
        commands.lift_legal_hold(session, administrator, uuid4(), "No")


@pytest.mark.row("3.15")
def test_the_operator_sees_first_and_applies_then(
    db: Database, blobs: Blobs, made: Made, config: Settings, capsys: pytest.CaptureFixture[str], clock: Clock
) -> None:
    here = config.model_copy(update={"database_url": db.url})
    item_id, _, key = _file(db, blobs, made, INSURANCE)
    _verify(db, made, item_id)
    with db.write() as session:
        session.get_one(EvidenceItem, item_id).expires_on = date(2026, 7, 2)
    clock.set(NOON + timedelta(days=365 * 6))
    assert retention(here, []) == 2
    assert retention(here, ["--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "goes: File of Public liability insurance" in said
    assert "File expired and not replaced, due 2032-07-02" in said
    assert "1 files due, 0 held, 0 deleted" in said
    assert key in _stored(blobs)
    assert retention(here, ["--apply"]) == 0
    assert "1 files due, 0 held, 1 deleted" in capsys.readouterr().out
    assert key not in _stored(blobs)


@pytest.mark.row("3.15")
def test_the_page_shows_what_is_due_what_is_held_and_what_is_gone(
    db: Database, blobs: Blobs, made: Made, clock: Clock, client_for: ClientFor
) -> None:
    world, administrator = made
    item_id, _, _ = _file(db, blobs, made)
    _verify(db, made, item_id)
    clock.forward(days=182)
    client = client_for(administrator)
    assert "Deleted by the worker today" in client.get("/retention").text
    wrong = client.post("/retention/holds", data={"reason": "Because"})
    assert wrong.status_code == 422
    assert "Select a provider" in wrong.text
    assert "Because" in wrong.text
    held = {"provider_id": str(world.provider_a), "reason": "A claim before the court"}
    assert client.post("/retention/holds", data=held).status_code == 303
    assert "Kept by a legal hold" in client.get("/retention").text
    with db.read() as session:
        [hold] = [hold.id for hold in holds(session)]
    assert client.post(f"/retention/holds/{hold}/lift", data={}).status_code == 422
    assert client.post(f"/retention/holds/{hold}/lift", data={"lifted_reason": "Settled"}).status_code == 303
    purging.purge(db, blobs, TODAY + timedelta(days=182))
    shown = client.get("/retention").text
    assert "No file’s time is over today" in shown
    assert "Settled" in shown
    assert "DBS file, decided" in shown
    assert "the lead of each framework decides" in shown


@pytest.mark.row("3.15")
def test_the_database_finds_what_the_rule_ends(db: Database, made: Made) -> None:
    """Every kind of file there is, on days around every boundary: the query and the rule agree, page by page as well."""
    world, _ = made
    with db.write() as session:
        _every_kind_of_file(session, world)
        closed = factories.provider(session, "Closed Therapy")
        session.get_one(Provider, closed).archived_at = NOON
        _item(session, world, closed, "ins_public_liability", submitted=True)
    with db.read() as session:
        everything = list(_going(session, _due(date(2200, 1, 1), automatic=False), date(2200, 1, 1), automatic=False))
        assert len(everything) == 2 * 8 + 1, "of each kind all but those that wait for a decision"
        for on in {day for file in everything for day in (file.due_on, file.due_on - timedelta(days=1))}:
            for automatic in (False, True):
                expected = {
                    (file.document_id, file.rule.slug)
                    for file in _going(session, _due(date(2200, 1, 1), automatic=automatic), on, automatic=automatic)
                }
                found = {(file.document_id, file.rule.slug) for file in going(session, on, automatic=automatic)}
                read = len(session.execute(_due(on, automatic=automatic)).all())
                assert (found, read) == (expected, len(expected)), on


def _item(session: Session, world: factories.World, provider_id: UUID, kind: str, *, submitted: bool) -> EvidenceItem:
    sent = NOON if submitted else None
    item = EvidenceItem(
        provider_id=provider_id, kind_slug=kind, added_at=NOON, added_by=world.owner_a.known, submitted_at=sent
    )
    session.add(item)
    session.flush()
    session.add(
        Document(
            item_id=item.id,
            blob_key=f"evidence/{item.id.hex}",
            sha256="0" * 64,
            size=1,
            media_type="application/pdf",
            file_name="file.pdf",
            uploaded_at=NOON,
            uploaded_by=world.owner_a.known,
            scan_state=ScanState.CLEAN,
        )
    )
    return item


def _every_kind_of_file(session: Session, world: factories.World) -> None:
    """Narrow or not; unsent, or sent with no decision or with each; replaced or not; expired."""
    for kind in ("dbs_enhanced", "ins_public_liability"):
        _item(session, world, world.provider_a, kind, submitted=False)
        for outcome in (None, *Outcome):
            for replaced in (False, True):
                item = _item(session, world, world.provider_a, kind, submitted=True)
                item.expires_on = date(2026, 8, 31)
                if outcome:
                    _decide(session, world, item, outcome, NOON + timedelta(days=8))
                if replaced:
                    newer = EvidenceItem(
                        provider_id=world.provider_a,
                        kind_slug=kind,
                        added_at=NOON,
                        added_by=world.owner_a.known,
                        submitted_at=NOON,
                    )
                    session.add(newer)
                    session.flush()
                    _decide(session, world, newer, Outcome.VERIFIED, NOON + timedelta(days=98))
                    item.replaced_by_id = newer.id


def _decide(session: Session, world: factories.World, item: EvidenceItem, outcome: Outcome, at: datetime) -> None:
    session.add(
        Verification(
            item_id=item.id,
            checker_id=world.checker.known,
            checker_organisation_id=world.lead_id,
            outcome=outcome,
            reason_code="" if outcome is Outcome.VERIFIED else Reason.UNREADABLE,
            fix="" if outcome is Outcome.VERIFIED else "Mend it",
            confirmed_by=world.lead.known if outcome is Outcome.REFUSED else None,
            at=at,
        )
    )


@pytest.mark.row("3.15")
@pytest.mark.bar("P6")
def test_what_is_due_comes_in_pages_and_nothing_else_is_read(
    db: Database, made: Made, client_for: ClientFor, clock: Clock
) -> None:
    world, administrator = made
    with db.write() as session:
        for _ in range(MOST + 1):
            _item(session, world, world.provider_a, "dbs_enhanced", submitted=False)
    clock.forward(days=200)
    client = client_for(administrator)
    first, second = client.get("/retention").text, client.get("/retention?page=2").text
    assert [page.count(" bytes, uploaded ") for page in (first, second)] == [MOST, 1]
    assert f"Page 2 of 2, {MOST + 1} files" in client.get("/retention?page=99").text
    with statements(db) as sent:
        client.get("/retention")
    assert len(sent) <= 14
