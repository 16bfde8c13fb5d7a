"""The full referral in its agency: attached, scanned, withdrawn, let go of; and to everybody else it is not there."""

import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.briefs.building.commands import copy_brief
from app.briefs.models import Brief
from app.briefs.referral import rules
from app.briefs.referral.commands import (
    attach_referral,
    let_go_of_referrals,
    open_referral,
    record_referral_scan,
    withdraw_referral,
)
from app.briefs.referral.duties import let_go
from app.briefs.referral.models import ReferralDocument
from app.briefs.referral.rules import Content
from app.briefs.referral.scanning import scan_referral, scan_referral_at_once, scan_waiting_referrals
from app.briefs.rules import Phase
from app.core.audit import AuditEvent, timeline
from app.core.blobs import Blobs, StoredBlob
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence.rules import ScanState
from app.evidence.scanning import EICAR, DevelopmentScanner
from app.organisations.rules import OrganisationKind, Role
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.evidence import files
from tests.factories import World

SECRET = "Thomas Example-Surname of 4 Larkspur Road"


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def attached(db: Database, blobs: Blobs, made: World, brief_id: UUID, words: bytes = SECRET.encode()) -> UUID:
    blob = blobs.put(io.BytesIO(words), room="referrals")
    with db.write() as session:
        return attach_referral(
            session, made.commissioner, brief_id, blob, content=Content.WORDS, media_type="text/plain"
        )


def brief_at(db: Database, made: World, phase: Phase) -> UUID:
    with db.write() as session:
        brief_id = factories.brief(session, made, published_at=None if phase is Phase.DRAFT else NOON - timedelta(3))
        row = session.get_one(Brief, brief_id)
        if phase in (Phase.CLOSED, Phase.OPENED, Phase.AWARDED):
            row.closes_at = NOON - timedelta(1)
        if phase in (Phase.OPENED, Phase.AWARDED):
            factories.opened(session, brief_id, NOON)
        row.awarded_at = NOON if phase is Phase.AWARDED else None
        row.cancelled_at = NOON if phase is Phase.CANCELLED else None
        return brief_id


def state(db: Database, document_id: UUID) -> ScanState:
    with db.read() as session:
        return ScanState(session.get_one(ReferralDocument, document_id).scan_state)


@pytest.mark.row("5.3")
def test_it_is_attached_scanned_and_opened_and_nothing_of_it_is_told_elsewhere(
    db: Database, blobs: Blobs, made: World, client_for: ClientFor
) -> None:
    brief_id = brief_at(db, made, Phase.DRAFT)
    here, client = f"/briefs/{brief_id}/referral", client_for(made.commissioner)
    assert client.post(here, data={"content": "plan"}).status_code == 422
    assert client.post(f"{here}/words", data={"words": "few"}).status_code == 422
    html = {"file": ("Thomas.html", files.HTML, "text/html")}
    assert client.post(here, data={"content": "plan"}, files=html).status_code == 422
    pdf = {"file": ("Thomas Example-Surname.pdf", files.pdf(), "application/pdf")}
    for _ in range(2):
        assert client.post(here, data={"content": "plan"}, files=pdf).headers["location"] == here
    assert client.post(f"{here}/words", data={"words": SECRET}).status_code == 303
    page = BeautifulSoup(client.get(here).text, "html.parser")
    names = [row.th.get_text("|", strip=True).split("|")[0] for row in page.select("tbody tr")]
    assert names == ["1. Support plan", "2. Words typed here"]
    opens = [form["action"] for form in page.select("form") if form["action"].endswith("/open")]
    answers = [client.post(path) for path in opens]
    assert [answer.status_code for answer in answers] == [200, 200] and answers[1].text == SECRET
    assert "Thomas" not in str([answer.headers for answer in answers])
    with db.read() as session:
        assert [e.name for e in timeline(session, brief_id)] == ["referral.attached"] * 2 + ["referral.opened"] * 2
        rows = [
            *session.exec(select(AuditEvent)),
            *session.exec(select(OutboxMessage)),
            *session.exec(select(ReferralDocument)),
        ]
        assert "Thomas" not in str([row.model_dump() for row in rows])
        keys = session.exec(select(StoredBlob.key)).all()
    assert len(keys) == 2 and not any(SECRET.encode() in blobs.get(key) for key in keys)
    assert "opened document 2 of the full referral" in client_for(made.approver).get(f"/briefs/{brief_id}").text


@pytest.mark.row("5.3")
@pytest.mark.invariant(6)
def test_nothing_is_served_before_a_scanner_found_nothing(
    db: Database, blobs: Blobs, made: World, client_for: ClientFor
) -> None:
    brief_id = brief_at(db, made, Phase.OPEN)
    document_id = attached(db, blobs, made, brief_id)
    path, client = f"/briefs/{brief_id}/referral/{document_id}/open", client_for(made.commissioner)
    assert client.post(path).status_code == 404
    assert scan_referral(db, blobs, None, document_id) is ScanState.QUARANTINED
    with db.write() as session:
        record_referral_scan(session, document_id, None)
    assert scan_waiting_referrals(db, blobs, DevelopmentScanner()) == 0  # it was tried a moment ago
    scan_referral_at_once(db, blobs, DevelopmentScanner(), document_id)
    assert state(db, document_id) is ScanState.CLEAN and client.post(path).status_code == 200
    infected = attached(db, blobs, made, brief_id, EICAR)
    assert scan_waiting_referrals(db, blobs, DevelopmentScanner()) == 1
    assert state(db, infected) is ScanState.INFECTED
    assert client.post(path.replace(str(document_id), str(infected))).status_code == 404
    assert "Virus found" in client.get(f"/briefs/{brief_id}/referral").text
    with db.read() as session:
        row = session.get_one(StoredBlob, session.get_one(ReferralDocument, infected).blob_key)
        assert row.wrapped_key is None and row.condemned_at


@pytest.mark.row("5.3")
@pytest.mark.parametrize("phase", list(Phase))
def test_it_is_attached_until_the_brief_is_cancelled_and_withdrawn_until_the_award(
    db: Database, blobs: Blobs, made: World, phase: Phase
) -> None:
    brief_id = brief_at(db, made, phase)
    if phase is Phase.CANCELLED:
        with pytest.raises(Refused) as no:
            attached(db, blobs, made, brief_id)
        assert no.value.refusal.code == phase.value
        with db.write() as session:
            blob = blobs.put(io.BytesIO(b"%PDF-1.4"), room="referrals")
            document_id = factories.referral(session, made, brief_id, blob)
    else:
        document_id = attached(db, blobs, made, brief_id)
    if phase is Phase.AWARDED:
        with pytest.raises(Refused), db.write() as session:
            withdraw_referral(session, made.commissioner, brief_id, document_id)
        return
    for _ in range(2):
        with db.write() as session:
            withdraw_referral(session, made.commissioner, brief_id, document_id)
    with db.read() as session:
        row = session.get_one(ReferralDocument, document_id)
        assert row.withdrawn_at == NOON and session.get_one(StoredBlob, row.blob_key).wrapped_key is None
    with pytest.raises(NotFound), db.write() as session:
        open_referral(session, made.commissioner, brief_id, document_id)
    if phase is not Phase.CANCELLED:
        attached(db, blobs, made, brief_id)


def test_there_are_not_too_many() -> None:
    assert rules.why_not_attach(phase=Phase.DRAFT, documents=rules.MOST_DOCUMENTS - 1) is None
    assert rules.why_not_attach(phase=Phase.DRAFT, documents=rules.MOST_DOCUMENTS).code == "many"  # type: ignore[union-attr]


@pytest.mark.row("5.3")
def test_its_key_is_thrown_away_when_it_has_served(db: Database, blobs: Blobs, made: World, clock: Clock) -> None:
    kept, awarded, cancelled = (brief_at(db, made, phase) for phase in (Phase.OPEN, Phase.AWARDED, Phase.CANCELLED))
    with db.write() as session:
        ids = {
            brief_id: factories.referral(
                session, made, brief_id, blobs.put(io.BytesIO(brief_id.bytes), room="referrals")
            )
            for brief_id in (kept, awarded, cancelled)
        }
    assert [let_go(db), let_go(db)] == [1, 0]
    clock.set(NOON + rules.KEPT - timedelta(seconds=1))
    assert let_go(db) == 0
    clock.set(NOON + rules.KEPT)
    with db.write() as session:
        assert let_go_of_referrals(session, NOON + rules.KEPT) == 1
    with db.read() as session:
        gone = {brief_id: session.get_one(ReferralDocument, ids[brief_id]).withdrawn_at is not None for brief_id in ids}
        assert gone == {kept: False, awarded: True, cancelled: True}
        assert [e.name for e in timeline(session, cancelled)] == ["referral.let_go"]


@pytest.mark.row("5.3")
@pytest.mark.invariant(10)
def test_to_everybody_else_it_is_not_there(db: Database, blobs: Blobs, made: World, client_for: ClientFor) -> None:
    brief_id = brief_at(db, made, Phase.OPEN)
    document_id = attached(db, blobs, made, brief_id)
    scan_referral(db, blobs, DevelopmentScanner(), document_id)
    here = f"/briefs/{brief_id}/referral"
    with db.write() as session:
        others = _others(session, made)
    for actor in (*others, made.owner_a, made.assessor, made.chair, made.lead, made.other_commissioner):
        client = client_for(actor)
        assert client.get(here).status_code == 404
        assert client.post(f"{here}/{document_id}/open").status_code == 404
        assert client.post(f"{here}/words", data={"words": SECRET}).status_code == 404
    assert client_for(made.approver).post(f"{here}/{document_id}/withdraw").status_code == 404
    member = client_for(made.owner_a).get(f"/opportunities/{brief_id}").text
    assert "referral.attached" not in member and "document 1" not in member
    assert client_for(made.commissioner).post(f"{here}/{uuid4()}/withdraw").status_code == 404


def _others(session: Session, made: World) -> list[object]:
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "Test platform")
    return [
        factories.seated(session, platform, Role.ADMINISTRATOR, name="Ada Administrator"),
        factories.seated(session, platform, Role.AUDITOR, name="Abe Auditor"),
        factories.seated(session, made.other_raa_id, Role.COMMISSIONER, Role.APPROVER, name="Sy Stranger"),
    ]


@pytest.mark.row("5.8")
def test_a_copy_of_a_brief_takes_no_referral_along(db: Database, blobs: Blobs, made: World) -> None:
    brief_id = brief_at(db, made, Phase.DRAFT)
    attached(db, blobs, made, brief_id)
    with db.write() as session:
        copy_brief(session, made.commissioner, brief_id)
    with db.read() as session:
        assert session.exec(select(ReferralDocument.brief_id)).all() == [brief_id]
