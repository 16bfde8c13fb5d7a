"""The agreement: signed by the provider, countersigned by the framework's lead, or put on hold; both read the same page."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.accounts.models import Person
from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.crypto import digest
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import Refused
from app.frameworks.models import Framework
from app.memberships.commands import end_membership, open_membership
from app.memberships.models import Membership
from app.memberships.queries import eligibility, memberships
from app.memberships.rules import State
from app.memberships.signing import queries
from app.memberships.signing.commands import (
    countersign_agreement,
    hold_agreement,
    release_agreement,
    sign_agreement,
)
from app.memberships.signing.queries import agreement, unfinished
from app.memberships.signing.rules import Stage
from app.organisations.rules import Role
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World, membership, provider, seated, verified_evidence, world

TEXT = digest(b"We agree.")
LATER = NOON.date() + timedelta(days=7)
WHY = "The certificate of the new address is awaited."


def _countersigning(session: Session) -> World:
    """The world, in a framework whose leads countersign; its members have both signed."""
    made = world(session)
    session.get_one(Framework, made.framework_id).countersigned = True
    for row in session.exec(select(Membership)):
        row.countersigned_at, row.countersigned_by = NOON - timedelta(days=28), made.lead_two.known
    return made


@pytest.fixture
def furniture() -> Furniture:
    return _countersigning


@pytest.fixture
def waiting(db: Database, made: World) -> tuple[Actor, list[UUID]]:
    """A newcomer's two memberships that wait for its signature: its owner, and both of them."""
    with db.write() as session:
        one = provider(session, "Cedar Therapy")
        owner = seated(session, one, Role.OWNER, name="Cora Owner")
        verified_evidence(session, one, made.checker)
        return owner, [_open(session, made, one, region) for region in made.regions]


def _open(session: Session, made: World, provider_id: UUID, region_id: UUID) -> UUID:
    return open_membership(
        session,
        made.lead,
        provider_id=provider_id,
        framework_id=made.framework_id,
        lot_id=made.lots[0],
        region_id=region_id,
    )


def _stands(db: Database, made: World, owner: Actor) -> tuple[set[State], set[tuple[str, str]]]:
    """How the newcomer's memberships stand, and each reason with its words; the one eligibility function says the same."""
    with db.read() as session:
        found = memberships(session, owner, NOON)
        for one in found:
            if one.ended:
                continue
            asked = eligibility(
                session, provider_id=one.provider_id, lot_id=one.lot_id, region_id=one.region_id, at=NOON
            )
            assert asked.reasons == one.reasons
        return {one.state for one in found}, {(why.code, why.words) for one in found for why in one.reasons}


def _mail(db: Database, what: str) -> list[str]:
    with db.read() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.template == "memberships/agreement.txt"))
        return sorted(row.to_address for row in rows if row.context["what"] == what)


def _address(db: Database, *actors: Actor) -> list[str]:
    with db.read() as session:
        return sorted(session.get_one(Person, actor.known).email for actor in actors)


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


@pytest.mark.row("2.11")
@pytest.mark.row("2.16")
def test_both_sign_the_same_text_once_for_all_that_waits_and_only_then_it_is_open(
    db: Database, made: World, waiting: tuple[Actor, list[UUID]], clock: Clock
) -> None:
    owner, ids = waiting
    assert _stands(db, made, owner) == ({State.CONDITIONAL}, {("not_signed", "The agreement is not signed.")})
    with db.write() as session:
        sign_agreement(session, owner, ids[0], TEXT)
    words = "The agreement waits for the countersignature of Test hub."
    assert _stands(db, made, owner) == ({State.CONDITIONAL}, {("not_countersigned", words)})
    with pytest.raises(Refused) as refused, db.write() as session:
        countersign_agreement(session, made.lead, ids[1], digest(b"Other"))
    assert refused.value.refusal.code == "other_text"
    clock.forward(minutes=5)
    for _ in range(2):
        with db.write() as session:
            countersign_agreement(session, made.lead, ids[1], TEXT)
    assert _stands(db, made, owner) == ({State.ACTIVE}, set())
    with db.read() as session:
        rows = [session.get_one(Membership, one) for one in ids]
        assert {(row.signed_at, row.signed_by, row.signed_sha256) for row in rows} == {(NOON, owner.known, TEXT)}
        after = NOON + timedelta(minutes=5)
        assert {(row.countersigned_at, row.countersigned_by) for row in rows} == {(after, made.lead.known)}
        told = [audit.sentence(event) for event in audit.timeline(session, ids[0])]
    assert told[1:] == [
        f"Cora Owner signed agreement version 1, SHA-256 {TEXT[:12]}…",
        f"Leo Lead countersigned agreement version 1, SHA-256 {TEXT[:12]}…",
    ]
    assert _mail(db, "countersigned") == _address(db, owner)


@pytest.mark.row("2.11")
def test_what_is_opened_later_is_an_agreement_of_its_own(
    db: Database, made: World, waiting: tuple[Actor, list[UUID]], clock: Clock
) -> None:
    owner, (first, second) = waiting
    with db.write() as session:
        end_membership(session, owner, second, "Not yet")
        sign_agreement(session, owner, first, TEXT)
    clock.forward(minutes=1)
    with db.write() as session:
        again = _open(session, made, owner.seats[0].organisation_id, made.regions[1])
        sign_agreement(session, owner, again, TEXT)
        countersign_agreement(session, made.lead, first, TEXT)
    with db.read() as session:
        assert session.get_one(Membership, again).countersigned_at is None
        assert agreement(session, owner, again).covers == ("Lot 1: Therapeutic intervention, South",)
        assert agreement(session, owner, first).covers == ("Lot 1: Therapeutic intervention, North",)


@pytest.mark.row("2.11")
def test_the_database_itself_wants_two_people_and_the_provider_first(
    db: Database, made: World, waiting: tuple[Actor, list[UUID]]
) -> None:
    for signed_at, signed_by in ((None, None), (NOON, made.lead.known)):
        with pytest.raises(IntegrityError), db.write() as session:
            row = session.get_one(Membership, waiting[1][0])
            row.signed_at, row.signed_by = signed_at, signed_by
            row.countersigned_at, row.countersigned_by = NOON, made.lead.known


@pytest.mark.row("2.11")
def test_who_signed_for_the_provider_does_not_countersign_for_the_lead(
    db: Database, made: World, waiting: tuple[Actor, list[UUID]], client_for: ClientFor
) -> None:
    owner, (first, _) = waiting
    with db.write() as session:
        sign_agreement(session, owner, first, TEXT)
    moved = replace(owner, seats=made.lead.seats)
    with pytest.raises(Refused) as refused, db.write() as session:
        countersign_agreement(session, moved, first, TEXT)
    assert refused.value.refusal.code == "second_person"
    page = client_for(moved).get(f"/memberships/{first}/agreement").text
    assert refused.value.refusal.words in page and "/countersign" not in page


@pytest.mark.row("2.11")
def test_a_held_agreement_waits_and_what_is_open_already_stays_open(
    db: Database, made: World, waiting: tuple[Actor, list[UUID]]
) -> None:
    owner, ids = waiting
    with db.write() as session:
        sign_agreement(session, owner, ids[0], TEXT)
        countersign_agreement(session, made.lead, ids[0], TEXT)
        end_membership(session, owner, ids[1], "Not yet")
        again = _open(session, made, owner.seats[0].organisation_id, made.regions[1])
        for _ in range(2):
            hold_agreement(session, made.lead, again, WHY, LATER)
    words = "Test hub has put the agreement on hold, and looks at it again on 30 November 2026."
    assert _stands(db, made, owner) == (
        {State.ACTIVE, State.CONDITIONAL, State.ENDED},
        {("on_hold", words)},
    )
    assert _mail(db, "held") == _address(db, owner, made.lead, made.lead_two)
    with pytest.raises(Refused) as refused, db.write() as session:
        sign_agreement(session, owner, again, TEXT)
    assert refused.value.refusal.code == "on_hold"
    with pytest.raises(Refused) as refused, db.write() as session:
        hold_agreement(session, made.lead, again, "Another reason.", LATER)
    assert refused.value.refusal.code == "held"
    for _ in range(2):
        with db.write() as session:
            release_agreement(session, made.lead_two, again)
    with db.write() as session:
        sign_agreement(session, owner, again, TEXT)
    assert _mail(db, "released") == _address(db, owner, made.lead, made.lead_two)


@pytest.mark.row("2.11")
def test_the_agreement_is_read_signed_and_countersigned_on_one_page(
    client_for: ClientFor, made: World, waiting: tuple[Actor, list[UUID]]
) -> None:
    owner, (one, _) = waiting
    path = f"/memberships/{one}/agreement"
    assert client_for(NOBODY).get(path).headers["location"].startswith("/sign-in")
    for outsider in (made.owner_b, made.commissioner):
        assert client_for(outsider).get(path).status_code == 404
    soup = _soup(client_for(owner).get(path).text)
    assert len(soup.find_all("h1")) == 1
    assert "We agree." in soup.select_one("article").get_text()
    assert "for all 2 of your memberships" in soup.get_text()
    assert soup.select(f'form[action="/memberships/{one}/countersign"]') == []
    missed = client_for(owner).post(f"/memberships/{one}/sign", data={"sha256": TEXT})
    assert missed.status_code == 422
    assert _soup(missed.text).select_one(".govuk-error-summary a")["href"] == "#declaration"
    stale = client_for(owner).post(f"/memberships/{one}/sign", data={"declaration": "true", "sha256": digest(b"Old")})
    assert (stale.status_code, "Read it again" in stale.text) == (409, True)
    assert _soup(client_for(made.lead).get(path).text).select(f'form[action="/memberships/{one}/countersign"]') == []
    for who, step in ((owner, "sign"), (made.lead, "countersign")):
        binds = _soup(client_for(owner).get(f"/memberships/{one}").text).get_text(" ", strip=True)
        assert "Version that binds today None yet: the agreement is not complete" in binds, step
        for _ in range(2):
            data = {"declaration": "true", "sha256": TEXT}
            assert client_for(who).post(f"/memberships/{one}/{step}", data=data).status_code == 303
    for who in (owner, made.lead, made.checker):
        told = _soup(client_for(who).get(path).text).select_one("article").get_text(" ", strip=True)
        for words in ("Cora Owner, Monday 23", "Leo Lead, Monday 23", TEXT, "We agree.", "Complete"):
            assert words in told, told
    shown = _soup(client_for(owner).get(f"/memberships/{one}").text).get_text(" ", strip=True)
    assert "Countersigned" in shown and "Version that binds today 1, since 23 November 2026" in shown


def test_a_colleague_who_is_no_owner_reads_but_does_not_sign(
    client_for: ClientFor, db: Database, waiting: tuple[Actor, list[UUID]]
) -> None:
    owner, (one, _) = waiting
    with db.write() as session:
        colleague = seated(session, owner.seats[0].organisation_id, Role.BIDS)
    soup = _soup(client_for(colleague).get(f"/memberships/{one}/agreement").text)
    assert "An owner of Cedar Therapy has to sign" in soup.get_text()
    data = {"declaration": "true", "sha256": TEXT}
    assert client_for(colleague).post(f"/memberships/{one}/sign", data=data).status_code == 403


def test_signing_after_the_framework_s_end_is_refused_in_words(
    client_for: ClientFor, waiting: tuple[Actor, list[UUID]], clock: Clock
) -> None:
    owner, (one, _) = waiting
    clock.forward(days=2000)
    answer = client_for(owner).post(f"/memberships/{one}/sign", data={"declaration": "true", "sha256": TEXT})
    assert answer.status_code == 409
    assert "nothing to sign" in _soup(answer.text).select_one(".portal-refusal").get_text()


@pytest.mark.row("2.11")
@pytest.mark.row("4.9")
def test_a_lead_finds_what_waits_on_its_first_page_and_holds_it_on_the_agreement_s(
    client_for: ClientFor, db: Database, made: World, waiting: tuple[Actor, list[UUID]], clock: Clock
) -> None:
    owner, (one, _) = waiting
    lead, path = client_for(made.lead), f"/memberships/{one}/agreement"
    listed = f"/frameworks/{made.framework_id}/agreements"
    assert listed not in lead.get("/").text, "the provider has not signed"
    with db.write() as session:
        sign_agreement(session, owner, one, TEXT)
    assert _soup(lead.get("/").text).select_one(f'a[href="{listed}"]').get_text(strip=True) == (
        "Countersign the agreement with Cedar Therapy"
    )
    [row] = _soup(lead.get(listed).text).select("tbody tr")
    assert [td.get_text(" ", strip=True) for td in row.select("td")] == [
        "Cedar Therapy",
        "2 memberships",
        "23 Nov 2026, 12:00",
        "Waits for the countersignature",
    ]
    day = {f"review_on-{part}": str(getattr(LATER, part)) for part in ("day", "month", "year")}
    past = {**day, "review_on-year": "2025"}
    refused = lead.post(f"/memberships/{one}/hold", data={"reason": WHY, **past})
    assert (refused.status_code, "after today" in refused.text) == (422, True)
    assert lead.post(f"/memberships/{one}/hold", data={"reason": WHY.rstrip("."), **day}).status_code == 303
    assert listed not in lead.get("/").text
    blocked = _soup(client_for(owner).get("/memberships?show=blocked").text).get_text(" ", strip=True)
    assert "Test hub has put the agreement on hold, and looks at it again on 30 November 2026." in blocked
    assert f"{WHY.rstrip('.')}. It is looked at again on" in client_for(owner).get(path).text
    clock.set(NOON + timedelta(days=7))
    assert "Look again at the agreement with Cedar Therapy" in lead.get("/").text
    assert lead.post(f"/memberships/{one}/release").status_code == 303
    assert "Countersign the agreement" in lead.get(path).text
    for outsider, status in ((made.commissioner, 404), (owner, 404)):
        assert client_for(outsider).get(listed).status_code == status


@pytest.mark.row("2.16")
def test_what_waits_for_the_lead_is_listed_however_many_have_not_signed(
    db: Database, made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.write() as session:
        for row in session.exec(select(Membership)):
            row.countersigned_at = row.countersigned_by = None
            if row.provider_id == made.provider_a:
                row.signed_at = row.signed_by = None
        for number in range(3):
            provider_id = provider(session, f"Cedar {number}")
            row = membership(session, provider_id, made.framework_id, made.lots[0], made.regions[0], made.lead.known)
            waits = session.get_one(Membership, row)
            waits.countersigned_at = waits.countersigned_by = None
    monkeypatch.setattr(queries, "PAGE", 2)
    told, after = [], None
    while after or not told:
        with db.write() as session:
            listed = unfinished(session, made.lead, made.framework_id, after)
            told += [(one.provider_name, one.stage, one.count) for one in listed.found]
            assert (len(listed.found), listed.begins) == (1 if listed.last is None else 2, after is None)
            after = listed.last
            if after:  # what is countersigned meanwhile is no reason to lose one's place
                done = session.get_one(Membership, after)
                done.countersigned_at, done.countersigned_by = NOON, made.lead_two.known
    assert told == [
        ("Birch Therapy", Stage.SIGNED, 4),
        *((f"Cedar {number}", Stage.SIGNED, 1) for number in range(3)),
        ("Alder Therapy", Stage.UNSIGNED, 4),
    ]
