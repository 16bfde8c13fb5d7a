"""Evidence added, scanned, sent, verified, returned and replaced; standings agree with the rule for every combination."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from itertools import product
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import BigInteger
from sqlmodel import Session, SQLModel, select

from app.core import audit
from app.core.actor import Actor
from app.core.blobs import Blobs, StoredBlob, find
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.money import MOST_PENCE
from app.core.refusals import NotAllowed, NotFound, Refused
from app.core.sweeping import bury
from app.evidence import commands, queries, reference, rules, scanning
from app.evidence.models import Document, EvidenceItem, EvidenceKind, Verification
from app.evidence.rules import ItemFacts, Outcome, Reason, ScanState, Standing
from app.evidence.rules.dbs import DbsFacts, Level, Workforce
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner
from app.settings import Settings
from tests import NOON, factories
from tests.conftest import Clock
from tests.databases import Furniture, statements
from tests.evidence import files

TODAY = date(2026, 11, 23)
DBS = DbsFacts(level=Level.ENHANCED, workforce=Workforce.CHILD, children_barred=True)
LIABILITY = ItemFacts(
    kind="ins_public_liability",
    issuer="Example Insurance",
    reference="PL-1",
    cover_pence=500_000_000,
    starts_on=date(2026, 7, 1),
    expires_on=date(2027, 6, 30),
)


@dataclass
class Set:
    provider_id: UUID
    practitioner_id: UUID
    owner: Actor
    reader: Actor
    other_owner: Actor
    other_practitioner_id: UUID
    checker: Actor


def _set(session: Session) -> Set:
    reference.load(session)
    provider_id, other_id = (
        factories.provider(session, "Alder Therapy"),
        factories.provider(session, "Birch Therapy"),
    )
    hub = factories.organisation(session, OrganisationKind.LEAD, "Test hub")
    people = {p.provider_id: p.id for p in session.exec(select(Practitioner))}
    return Set(
        provider_id,
        people[provider_id],
        factories.seated(session, provider_id, Role.OWNER, name="Olive Owner"),
        factories.seated(session, provider_id, Role.BIDS, name="Rita Reader"),
        factories.seated(session, other_id, Role.OWNER, name="Omar Owner"),
        people[other_id],
        factories.seated(session, hub, Role.CHECKER, name="Cara Checker"),
    )


@pytest.fixture
def furniture() -> Furniture:
    return _set


def _add(db: Database, made: Set, facts: ItemFacts = LIABILITY) -> UUID:
    with db.write() as session:
        return commands.add_item(session, made.owner, made.provider_id, facts)


def _attach(db: Database, blobs: Blobs, made: Set, item_id: UUID, content: bytes = b"") -> UUID:
    blob = blobs.put(BytesIO(content or files.pdf()), room="evidence")
    with db.write() as session:
        return commands.attach_document(
            session, made.owner, item_id, blob, media_type="application/pdf", file_name="policy.pdf"
        )


def _sent(db: Database, blobs: Blobs, made: Set, facts: ItemFacts = LIABILITY) -> UUID:
    item_id = _add(db, made, facts)
    scanning.scan(db, blobs, scanning.DevelopmentScanner(), _attach(db, blobs, made, item_id))
    with db.write() as session:
        if facts.kind == "dbs_enhanced":
            commands.record_dbs(session, made.owner, item_id, DBS)
        commands.submit_item(session, made.owner, item_id)
    return item_id


def _verify(db: Database, made: Set, item_id: UUID) -> None:
    with db.write() as session:
        commands.verify_item(
            session, made.checker, item_id, ticks=factories.ticked(session, item_id), how="Saw the schedule"
        )


def _events(db: Database, record_id: UUID) -> list[str]:
    with db.read() as session:
        return [row.name for row in audit.timeline(session, record_id)]


def _mail(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        rows = session.exec(select(OutboxMessage).order_by(OutboxMessage.template, OutboxMessage.to_address))
        return [(row.template, row.to_address) for row in rows]


def _standing(db: Database, made: Set, kind: str = LIABILITY.kind, on: date = TODAY) -> Standing:
    with db.read() as session:
        return queries.standings(session, [made.provider_id], [kind], on)[made.provider_id, kind]


@pytest.mark.row("3.1")
@pytest.mark.row("3.16")
def test_an_item_is_added_once_and_counts_as_promised(db: Database, made: Set) -> None:
    assert _standing(db, made) is Standing.MISSING
    assert _add(db, made) == _add(db, made)
    assert _standing(db, made) is Standing.PROMISED
    assert _events(db, made.provider_id) == ["evidence.added"]


def test_every_column_of_money_holds_the_most_a_form_takes(db: Database, made: Set) -> None:
    item_id = _add(db, made, replace(LIABILITY, cover_pence=MOST_PENCE))
    with db.read() as session:
        assert session.get_one(EvidenceItem, item_id).cover_pence == MOST_PENCE
    money = [c for table in SQLModel.metadata.tables.values() for c in table.columns if c.name.endswith("_pence")]
    assert money
    assert [str(column) for column in money if not isinstance(column.type, BigInteger)] == []


def test_what_may_not_be_promised_is_missing_until_it_is_sent(db: Database, made: Set) -> None:
    facts = ItemFacts(kind="dbs_enhanced", practitioner_id=made.practitioner_id, reference="001234567890")
    item_id = _add(db, made, facts)
    assert _standing(db, made, "dbs_enhanced") is Standing.MISSING
    with pytest.raises(Refused, match="record_missing"), db.write() as session:
        commands.submit_item(session, made.owner, item_id)
    with db.write() as session:
        commands.record_dbs(session, made.owner, item_id, DBS)
        commands.submit_item(session, made.owner, item_id)
    assert _standing(db, made, "dbs_enhanced") is Standing.AWAITING_CHECK


def test_impossible_or_foreign_facts_are_refused(db: Database, made: Set) -> None:
    for facts, error in (
        (ItemFacts(kind="nonsense"), NotFound),
        (ItemFacts(kind="dbs_enhanced"), Refused),
        (ItemFacts(kind="dbs_enhanced", practitioner_id=made.other_practitioner_id), NotFound),
        (ItemFacts(kind="dbs_enhanced", practitioner_id=uuid4()), NotFound),
        (replace(LIABILITY, expires_on=date(2026, 1, 1)), Refused),
    ):
        with pytest.raises(error), db.write() as session:
            commands.add_item(session, made.owner, made.provider_id, facts)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.add_item(session, made.reader, made.provider_id, LIABILITY)
    with pytest.raises(NotFound), db.write() as session:
        commands.add_item(session, made.other_owner, made.provider_id, LIABILITY)


def test_facts_change_until_they_are_sent(db: Database, blobs: Blobs, made: Set) -> None:
    item_id = _add(db, made)
    better = replace(LIABILITY, reference="PL-2")
    for _ in range(2):
        with db.write() as session:
            commands.change_item(session, made.owner, item_id, better)
    with pytest.raises(NotFound), db.write() as session:
        commands.change_item(session, made.owner, item_id, replace(better, kind="accounts"))
    with pytest.raises(NotFound), db.write() as session:
        commands.change_item(session, made.other_owner, item_id, better)
    assert _events(db, item_id) == ["evidence.added", "evidence.changed"]
    sent = _sent(db, blobs, made)
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.change_item(session, made.owner, sent, better)
    assert refused.value.refusal.code == "already_sent"


@pytest.mark.row("3.2")
@pytest.mark.invariant(6)
def test_a_document_waits_in_quarantine_for_its_scan(db: Database, blobs: Blobs, made: Set) -> None:
    item_id = _add(db, made)
    document_id = _attach(db, blobs, made, item_id)
    assert _attach(db, blobs, made, item_id) == document_id
    assert scanning.scan(db, blobs, None, document_id) is ScanState.QUARANTINED
    assert scanning.scan_waiting(db, blobs, None) == 0
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.submit_item(session, made.owner, item_id)
    assert refused.value.refusal.code == "not_scanned"
    assert scanning.scan_waiting(db, blobs, scanning.scanner_named("development")) == 1
    assert scanning.scan_waiting(db, blobs, scanning.scanner_named("development")) == 0
    with db.read() as session:
        row = session.get_one(Document, document_id)
        assert (row.scan_state, row.scanned_at, row.scanner) == ("clean", NOON, "development scanner")
    assert _events(db, item_id) == ["evidence.added", "document.uploaded", "document.found_clean"]


@pytest.mark.row("3.2")
def test_a_virus_is_deleted_and_its_uploader_told(db: Database, blobs: Blobs, made: Set) -> None:
    item_id = _add(db, made)
    document_id = _attach(db, blobs, made, item_id, files.infected_pdf())
    assert len(blobs.keys()) == 1
    assert scanning.scan(db, blobs, scanning.DevelopmentScanner(), document_id) is ScanState.INFECTED
    assert blobs.keys() == []
    assert _mail(db) == [("evidence/infected.txt", made.owner.email)]
    assert _events(db, item_id)[-1] == "document.found_infected"
    with db.write() as session:
        assert commands.record_scan(session, document_id, ScanState.CLEAN, scanner="second") is False
    again = _attach(db, blobs, made, item_id, files.infected_pdf())
    assert again != document_id


@pytest.mark.row("3.2")
def test_a_failed_scan_stays_closed_and_is_tried_again(
    db: Database, blobs: Blobs, made: Set, config: Settings, clock: Clock
) -> None:
    item_id = _add(db, made)
    document_id = _attach(db, blobs, made, item_id)
    [key] = blobs.keys()
    content = blobs.get(key)
    blobs.delete(key)
    for _ in range(2):
        assert scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner()) == 0
        clock.forward(minutes=1)
    assert _events(db, item_id)[-1:] == ["document.scan_failed"]
    assert _events(db, item_id).count("document.scan_failed") == 1
    (Path(config.blob_url.removeprefix("file:")) / key).write_bytes(content)
    assert scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner()) == 1
    with db.read() as session:
        assert session.get_one(Document, document_id).scan_state == "clean"


@pytest.mark.row("3.2")
def test_documents_that_cannot_be_scanned_let_the_others_pass(
    db: Database, blobs: Blobs, made: Set, clock: Clock
) -> None:
    item_id = _add(db, made)
    lost = [_attach(db, blobs, made, item_id, files.pdf(b"lost %d" % number)) for number in range(3)]
    for key in blobs.keys():  # noqa: SIM118 - not a dict
        blobs.delete(key)
    clock.forward(minutes=1)
    fine = _attach(db, blobs, made, item_id, files.pdf(b"fine"))
    tried = []
    for _ in range(3):
        clock.forward(minutes=1)
        with db.read() as session:
            tried.append(queries.unscanned(session, 2, clock.moment))
        scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner(), most=2)
    assert tried[0] == lost[:2]
    assert tried[1] == [lost[2], fine]
    assert set(tried[2]) == set(lost[:2])
    clock.forward(minutes=1)
    with db.read() as session:
        assert queries.unscanned(session, 3, clock.moment)[0] == lost[2]
        assert session.get_one(Document, fine).scan_state == "clean"


@pytest.mark.row("3.2")
def test_a_document_waits_in_quarantine_while_the_store_is_away(
    db: Database, blobs: Blobs, made: Set, config: Settings, clock: Clock
) -> None:
    item_id = _add(db, made)
    document_id = _attach(db, blobs, made, item_id)
    with files.away(config):
        assert scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner()) == 0
    with db.read() as session:
        assert session.get_one(Document, document_id).scan_state == "quarantined"
    assert "document.scan_failed" not in _events(db, item_id)
    clock.forward(minutes=1)
    assert scanning.scan_waiting(db, blobs, scanning.DevelopmentScanner()) == 1


@pytest.mark.row("3.2")
def test_a_virus_is_told_though_the_store_goes_away_before_its_bytes_are_deleted(
    db: Database, blobs: Blobs, made: Set, config: Settings
) -> None:
    document_id = _attach(db, blobs, made, _add(db, made), files.infected_pdf())
    with ExitStack() as outage:

        class SlowScanner(scanning.DevelopmentScanner):
            def verdict(self, content: Iterator[bytes]) -> ScanState:
                whole = list(content)
                outage.enter_context(files.away(config))
                return super().verdict(iter(whole))

        assert scanning.scan(db, blobs, SlowScanner(), document_id) is ScanState.INFECTED
    with db.read() as session:
        document = session.get_one(Document, document_id)
        assert document.scan_state == "infected"
        assert session.get_one(StoredBlob, document.blob_key).wrapped_key is None
        with pytest.raises(NotFound):
            find(session, document.blob_key)
    assert len(blobs.keys()) == 1
    assert bury(db, blobs) == 1
    assert blobs.keys() == []
    assert bury(db, blobs) == 0


class Learned(scanning.DevelopmentScanner):
    """A scanner that has learned of a new virus since."""

    def verdict(self, content: Iterator[bytes]) -> ScanState:
        return ScanState.INFECTED


@pytest.mark.row("3.2")
def test_a_later_verdict_keeps_what_was_found_clean_before(db: Database, blobs: Blobs, made: Set) -> None:
    clean = _attach(db, blobs, made, _add(db, made))
    scanning.scan(db, blobs, scanning.DevelopmentScanner(), clean)
    twin = _attach(db, blobs, made, _add(db, made, replace(LIABILITY, kind="ins_motor")))
    assert scanning.scan(db, blobs, Learned(), twin) is ScanState.INFECTED
    assert len(blobs.keys()) == 1
    with db.read() as session:
        assert session.get_one(Document, clean).scan_state == "clean"


@pytest.mark.row("3.2")
def test_a_virus_is_found_in_every_document_of_its_bytes_that_waits(db: Database, blobs: Blobs, made: Set) -> None:
    items = [_add(db, made, replace(LIABILITY, reference=f"PL-{number}")) for number in range(2)]
    one, twin = (_attach(db, blobs, made, item_id, files.infected_pdf()) for item_id in items)
    assert scanning.scan(db, blobs, scanning.DevelopmentScanner(), one) is ScanState.INFECTED
    assert blobs.keys() == []
    with db.read() as session:
        assert session.get_one(Document, twin).scan_state == "infected"
    assert [_events(db, item_id)[-1] for item_id in items] == ["document.found_infected"] * 2
    assert _mail(db) == [("evidence/infected.txt", made.owner.email)] * 2


def test_sending_happens_once_and_closes_the_item(db: Database, blobs: Blobs, made: Set) -> None:
    item_id = _sent(db, blobs, made)
    with db.write() as session:
        commands.submit_item(session, made.owner, item_id)
    assert _events(db, item_id).count("evidence.submitted") == 1
    assert _standing(db, made) is Standing.AWAITING_CHECK
    with pytest.raises(Refused):
        _attach(db, blobs, made, item_id, files.pdf(b"another"))
    with pytest.raises(NotFound), db.write() as session:
        commands.submit_item(session, made.other_owner, item_id)


@pytest.mark.row("3.6")
@pytest.mark.row("3.9")
def test_verifying_replaces_the_older_and_tells_the_keepers(
    db: Database, blobs: Blobs, made: Set, clock: Clock
) -> None:
    older = _sent(db, blobs, made)
    _verify(db, made, older)
    assert _standing(db, made) is Standing.VERIFIED
    clock.forward(days=1)
    newer = _sent(db, blobs, made, replace(LIABILITY, reference="PL-2"))
    for _ in range(2):
        _verify(db, made, newer)
    with db.read() as session:
        assert session.get_one(EvidenceItem, older).replaced_by_id == newer
        assert len(session.exec(select(Verification)).all()) == 2
        assert [item.id for item in queries.held(session, made.provider_id, TODAY)] == [newer]
        assert queries.snapshot(session, made.provider_id, TODAY)[0]["standing"] == "verified"
    assert _mail(db) == [("evidence/verified.txt", made.owner.email)] * 2
    assert "evidence.replaced" in _events(db, older)


@pytest.mark.row("3.5")
@pytest.mark.invariant(5)
def test_a_renewal_bought_early_leaves_no_gap(db: Database, blobs: Blobs, made: Set, clock: Clock) -> None:
    last = LIABILITY.expires_on
    assert last
    _verify(db, made, _sent(db, blobs, made))
    clock.forward(days=1)
    renewal = replace(LIABILITY, starts_on=last + timedelta(days=1), expires_on=last + timedelta(days=365))
    _verify(db, made, _sent(db, blobs, made, renewal))
    for days in (-1, 0, 1, 365):
        assert _standing(db, made, on=last + timedelta(days=days)) is Standing.VERIFIED
    assert _standing(db, made, on=last + timedelta(days=366)) is Standing.EXPIRED


@pytest.mark.row("3.13")
def test_returning_says_why_and_a_corrected_one_can_be_verified(
    db: Database, blobs: Blobs, made: Set, clock: Clock
) -> None:
    item_id = _sent(db, blobs, made)
    for _ in range(2):
        with db.write() as session:
            commands.return_item(session, made.checker, item_id, Reason.UNREADABLE, "Photograph it in daylight")
    assert _standing(db, made) is Standing.RETURNED
    with pytest.raises(Refused) as refused:
        _verify(db, made, item_id)
    assert refused.value.refusal.code == "already_decided"
    assert _mail(db) == [("evidence/returned.txt", made.owner.email)]
    clock.forward(hours=1)
    _verify(db, made, _sent(db, blobs, made, replace(LIABILITY, reference="PL-1 corrected")))
    assert _standing(db, made) is Standing.VERIFIED


@pytest.mark.row("3.6")
def test_who_may_decide(db: Database, blobs: Blobs, made: Set) -> None:
    item_id, unsent = _sent(db, blobs, made), _add(db, made, replace(LIABILITY, kind="ins_abuse_cover"))
    own = Actor(made.checker.person_id, "Cara Checker", "c@example.org", (*made.checker.seats, *made.reader.seats))
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.verify_item(session, own, item_id, ticks=factories.ticked(session, item_id), how="Saw it")
    assert refused.value.refusal.code == "own_organisation"
    with pytest.raises(Refused), db.write() as session:
        commands.return_item(session, own, item_id, Reason.UNREADABLE, "x")
    with pytest.raises(NotFound), db.write() as session:
        commands.verify_item(session, made.owner, item_id, ticks=factories.ticked(session, item_id), how="Mine is fine")
    with pytest.raises(NotFound), db.write() as session:
        commands.verify_item(session, made.checker, unsent, ticks=factories.ticked(session, unsent), how="Too early")
    with db.write() as session:
        false_checker = factories.seated(session, made.provider_id, Role.CHECKER)
    with pytest.raises(NotFound), db.write() as session:
        commands.verify_item(
            session,
            false_checker,
            item_id,
            ticks=factories.ticked(session, item_id),
            how="A provider's seat is no checker's",
        )
    with db.read() as session:
        assert [check.item_id for check in queries.checks(session, made.checker, TODAY)] == [item_id]
        assert queries.checks(session, own, TODAY) == []


@pytest.mark.row("3.8")
def test_a_dbs_check_needs_the_original_and_each_opening_is_told(db: Database, blobs: Blobs, made: Set) -> None:
    facts = ItemFacts(kind="dbs_enhanced", practitioner_id=made.practitioner_id, reference="001234567890")
    item_id = _sent(db, blobs, made, facts)
    with db.read() as session:
        document_id = session.exec(select(Document.id)).one()
    for actor in (made.checker, made.owner):
        with db.write() as session:
            commands.open_narrow_document(session, actor, document_id)
    for stranger in (made.reader, made.other_owner):
        with pytest.raises(NotFound), db.write() as session:
            commands.open_narrow_document(session, stranger, document_id)
    assert _events(db, item_id).count("document.opened") == 2
    with pytest.raises(Refused):
        _verify(db, made, item_id)
    with db.write() as session:
        commands.verify_item(
            session,
            made.checker,
            item_id,
            ticks=factories.ticked(session, item_id),
            how="At the office",
            saw_original=True,
        )
    assert _standing(db, made, "dbs_enhanced") is Standing.VERIFIED
    for reader in (made.checker, made.owner):
        with db.write() as session:
            commands.open_narrow_document(session, reader, document_id)
    hub = made.checker.seats[0].organisation_id
    with db.write() as session:
        colleague = factories.seated(session, hub, Role.CHECKER, name="Carl Checker")
    with pytest.raises(NotFound), db.write() as session:
        commands.open_narrow_document(session, colleague, document_id)
    with db.read() as session:
        item = queries.item_page(session, item_id, TODAY)
        opens = [queries.documents(session, actor, item)[0].opens for actor in (made.checker, made.owner, colleague)]
    assert opens == [True, True, False]


@pytest.mark.row("1.6")
def test_a_persons_evidence_counts_while_the_person_is_there(db: Database, made: Set, clock: Clock) -> None:
    with db.write() as session:
        factories.verified_evidence(
            session, made.provider_id, made.checker, kind="fmc_accreditation", practitioner_id=made.practitioner_id
        )
    assert _standing(db, made, "fmc_accreditation") is Standing.VERIFIED
    with db.write() as session:
        session.get_one(Practitioner, made.practitioner_id).left_at = clock.moment
    assert _standing(db, made, "fmc_accreditation") is Standing.MISSING
    with db.read() as session:
        assert queries.held(session, made.provider_id, TODAY) == []


def test_standings_agree_with_the_rule_for_every_combination(db: Database, made: Set) -> None:
    """One kind of evidence for each combination of facts, so that each standing is one item's own."""
    days = (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))
    told = [
        (promisable, submitted, outcome, starts_on, expires_on)
        for promisable, submitted, outcome, starts_on, expires_on in product(
            (True, False), (True, False), (None, *Outcome), days, days
        )
        if (submitted or outcome is None) and not (starts_on and expires_on and expires_on < starts_on)
    ]
    expected = {}
    with db.write() as session:
        for number, (promisable, submitted, outcome, starts_on, expires_on) in enumerate(told):
            kind = factories.evidence_kind(session, f"kind_{number}")
            session.get_one(EvidenceKind, kind).promised_until_award = promisable
            item = EvidenceItem(
                provider_id=made.provider_id,
                kind_slug=kind,
                starts_on=starts_on,
                expires_on=expires_on,
                added_at=NOON,
                added_by=made.owner.known,
                submitted_at=NOON if submitted else None,
            )
            session.add(item)
            session.flush()
            if outcome:
                session.add(
                    Verification(
                        item_id=item.id,
                        checker_id=made.checker.known,
                        checker_organisation_id=made.checker.seats[0].organisation_id,
                        outcome=outcome,
                        reason_code="unreadable",
                        fix="x",
                        confirmed_by=made.owner.known if outcome == "refused" else None,
                        at=NOON,
                    )
                )
            expected[made.provider_id, kind] = rules.standing(
                promisable=promisable,
                submitted=submitted,
                outcome=outcome,
                starts_on=starts_on,
                expires_on=expires_on,
                on=TODAY,
            )
    kinds = [kind for _, kind in expected]
    with db.read() as session:
        assert queries.standings(session, [made.provider_id], kinds, TODAY) == expected
        assert {item.kind.slug: item.standing for item in queries.held(session, made.provider_id, TODAY)} == {
            kind: standing for (_, kind), standing in expected.items()
        }


def test_standings_ask_the_database_once(db: Database, made: Set) -> None:
    with db.write() as session:
        ids = [factories.provider(session, f"Provider {number}") for number in range(5)]
        for provider_id in ids:
            factories.verified_evidence(session, provider_id, made.checker)
    with db.read() as session, statements(db) as sent:
        found = queries.standings(session, ids, [factories.INSURANCE, "accounts"], TODAY)
    assert len(sent) == 1
    assert len(found) == 10
    assert set(found.values()) == {Standing.VERIFIED, Standing.MISSING}


def test_reference_data_loads_again_and_corrections_update(db: Database, made: Set) -> None:
    with db.write() as session:
        session.get_one(EvidenceKind, "dbs_enhanced").name = "Mistyped"
    with db.write() as session:
        assert reference.load(session) == {"kinds of evidence": 57}
    with db.read() as session:
        dbs = session.get_one(EvidenceKind, "dbs_enhanced")
        assert (dbs.name, dbs.sensitivity, dbs.holder) == (
            "Enhanced DBS certificate with children's barred list",
            rules.NARROW,
            "person",
        )
        kinds = session.exec(select(EvidenceKind)).all()
        assert all(kind.source for kind in kinds)
        assert set(rules.COMMON) <= {kind.slug for kind in kinds}
