"""Registers that fit are looked at before their point is ticked; a look counts for a while, and for one version."""

from contextlib import nullcontext
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest

from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.evidence import commands, queries
from app.evidence.checklists import registers_for
from app.evidence.commands import LookedAt
from app.evidence.models import Document
from app.evidence.rules import Found, Tick
from tests import NOON
from tests.conftest import Clock
from tests.databases import Furniture
from tests.evidence import files
from tests.evidence.checking import TODAY, Hubs, hubs, look_again, sent, story, verify


@pytest.fixture
def furniture() -> Furniture:
    return hubs


@pytest.fixture
def item_id(db: Database, made: Hubs) -> UUID:
    with db.write() as session:
        return sent(session, made)


@pytest.mark.row("3.7")
def test_a_register_that_exists_is_looked_at_before_its_point_is_ticked(db: Database, made: Hubs) -> None:
    with db.write() as session:
        item_id = sent(session, made, "ico_registration")
    seen = {"register": Tick(seen=True)}
    with pytest.raises(Refused) as no:
        verify(db, made.cara, item_id, **seen)
    assert no.value.refusal.code == "register"
    assert no.value.refusal.fix == (f"/checks/{item_id}#registers", "Look at the register and record it")
    for result in (Found.DIFFERS, Found.MATCHES, Found.MATCHES):
        with db.write() as session:
            looked = LookedAt(TODAY, result, "Ends 1 March 2027")
            commands.record_register_check(session, made.cara, item_id, "ico", looked)
        if result is Found.DIFFERS:
            with pytest.raises(Refused):
                verify(db, made.cara, item_id, **seen)
    verify(db, made.cara, item_id, **seen)
    with db.read() as session:
        looks = queries.register_looks(session, item_id, TODAY)
    assert [(look.result, look.checker_name, look.live) for look in looks] == [
        (Found.MATCHES, "Cara Checker", False),
        (Found.DIFFERS, "Cara Checker", False),
    ]
    looked = [words.rpartition(": ")[2] for words in story(db, item_id) if "looked at the Information" in words]
    assert looked == ["found, but it differs", "found, and it matches"]


@pytest.mark.row("3.7")
@pytest.mark.row("3.12")
def test_each_verification_rests_on_a_recent_look_made_for_this_version_and_after_any_doubt(
    db: Database, made: Hubs, clock: Clock
) -> None:
    def look(result: Found = Found.MATCHES) -> None:
        with db.write() as session:
            seen = LookedAt(clock.moment.date(), result, "As it stood")
            commands.record_register_check(session, made.cara, item_id, "ico", seen)

    def verified(actor: Actor) -> bool:
        with db.read() as session:
            looks = queries.register_looks(session, item_id, clock.moment.date())
            rests = Found.MATCHES in queries.last_found(looks)
        with nullcontext() if rests else pytest.raises(Refused, match="register"):
            verify(db, actor, item_id, register=Tick(seen=True))
        return rests

    with db.write() as session:
        item_id = sent(session, made, "ico_registration", again=True)
    look()
    clock.set(NOON + timedelta(days=15))
    assert not verified(made.cara), "eleven working days later it counts no longer"
    look()
    look(Found.NOT_FOUND)
    assert not verified(made.cara), "what the register showed last decides"
    clock.forward(days=1)
    look()
    assert verified(made.cara)
    clock.forward(hours=1)
    look_again(db, made.cleo, item_id, agrees=False, words="It is another organisation’s")
    assert not verified(made.chris), "the look before the doubt counts no longer"
    with db.read() as session:
        assert not any(one.counts for one in queries.register_looks(session, item_id, clock.moment.date()))
    clock.forward(hours=1)
    with db.write() as session:
        seen = LookedAt(clock.moment.date(), Found.MATCHES, "Looked up by its number")
        commands.record_register_check(session, made.chris, item_id, "ico", seen)
    assert verified(made.chris)


@pytest.mark.row("3.7")
def test_only_registers_are_offered_that_fit_the_kind_the_issuer_and_the_kind_of_provider() -> None:
    def keys(kind: str, *, issuer: str = "", provider: str = "company") -> list[str]:
        return [register.key for register in registers_for(kind, issuer=issuer, provider=provider)]

    assert keys("ins_public_liability") == []
    assert keys("professional_registration", issuer="HCPC") == ["hcpc"]
    assert keys("professional_registration", issuer="UK Council for Psychotherapy (UKCP)") == ["ukcp"]
    assert keys("professional_registration", issuer="General Medical Council") == ["hcpc", "ukcp", "bacp"]
    assert (keys("company_registration"), keys("company_registration", provider="nhs")) == (["companies_house"], [])
    assert keys("charity_registration", provider="charity") == ["charity_commission"]


@pytest.mark.row("3.7")
def test_a_look_is_of_the_past_at_a_register_that_has_the_kind_with_the_items_own_capture(
    db: Database, made: Hubs, item_id: UUID
) -> None:
    with db.write() as session:
        other = sent(session, made, "ico_registration")
    looks = (
        (made.cara, item_id, "ico", TODAY, NotFound),
        (made.cara, other, "nonsense", TODAY, NotFound),
        (made.cara, other, "ico", TODAY + timedelta(1), Refused),
        (made.cara, other, "ico", TODAY - timedelta(1), Refused),
        (made.owner, other, "ico", TODAY, NotFound),
    )
    for actor, item, key, day, error in looks:
        with pytest.raises(error), db.write() as session:
            commands.record_register_check(session, actor, item, key, LookedAt(day, Found.MATCHES))
    with pytest.raises(NotFound), db.write() as session:
        seen = LookedAt(TODAY, Found.MATCHES)
        commands.record_register_check(session, made.cara, other, "ico", seen, document_id=item_id)


@pytest.mark.row("3.7")
def test_a_capture_is_a_document_of_the_item_but_of_no_dbs_check(db: Database, blobs: Blobs, made: Hubs) -> None:
    with db.write() as session:
        item_id = sent(session, made, "ico_registration")
        dbs = sent(session, made, "dbs_enhanced", practitioner_id=made.practitioner_id)
    blob = blobs.put(BytesIO(files.pdf()), room="evidence")
    told = {"media_type": "application/pdf", "file_name": "register.pdf"}
    captured = set()
    for _ in range(2):
        with db.write() as session:
            captured.add(commands.attach_capture(session, made.cara, item_id, blob, **told))
    for actor, item in ((made.cara, dbs), (made.owner, item_id)):
        with pytest.raises(NotFound), db.write() as session:
            commands.attach_capture(session, actor, item, blob, **told)
    (document,) = captured
    with db.write() as session:
        assert session.get_one(Document, document).scan_state == "quarantined"
        seen = LookedAt(TODAY, Found.MATCHES)
        commands.record_register_check(session, made.cara, item_id, "ico", seen, document)
    with db.read() as session:
        assert [look.document_id for look in queries.register_looks(session, item_id, TODAY)] == [document]
    assert story(db, item_id)[0] == "Cara Checker captured what a register shows as register.pdf"
