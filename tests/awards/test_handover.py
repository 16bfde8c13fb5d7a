"""The full referral reaches the provider that won, once its owner has signed, and nobody else; each opening is written down."""

import io
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.awards.commands.award import approve_award
from app.awards.handover import rules
from app.awards.handover.commands import open_handed_over, sign_for_referral
from app.awards.handover.models import ReferralUndertaking
from app.awards.models import OutcomeLetter
from app.briefs.models import Brief
from app.briefs.referral.models import ReferralDocument
from app.core.actor import Actor
from app.core.audit import timeline
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.organisations.rules import Role
from tests import NOON, factories
from tests.awards.stage import SECRET, Stage
from tests.conftest import ClientFor

FAMILY = b"%PDF-1.4 Thomas Example-Surname"


@pytest.fixture
def document(on: Stage, db: Database, blobs: Blobs) -> UUID:
    with db.write() as session:
        return factories.referral(session, on.made, on.brief_id, blobs.put(io.BytesIO(FAMILY), room="referrals"))


def awarded(on: Stage) -> dict[UUID, UUID]:
    """The award is approved; each provider's letter."""
    on.proposed()
    with on.db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
        return {letter.provider_id: letter.id for letter in session.exec(select(OutcomeLetter))}


@pytest.mark.row("5.3")
def test_the_winner_signs_and_then_opens_and_the_agency_sees_it(
    on: Stage, document: UUID, client_for: ClientFor, db: Database
) -> None:
    here = f"/letters/{awarded(on)[on.made.provider_a]}/referral"
    client = client_for(on.made.owner_a)
    assert here in client.get(here.removesuffix("/referral")).text
    page = BeautifulSoup(client.get(here).text, "html.parser")
    assert not page.select("tbody tr") and "1 document" in page.get_text()
    assert client.post(f"{here}/{document}/open").status_code == 404
    seen = page.find("input", attrs={"name": "seen"})["value"]
    assert client.post(f"{here}/sign", data={"seen": seen}).status_code == 422
    assert client.post(f"{here}/sign", data={"agreed": "true", "seen": "another"}).status_code == 409
    for _ in range(2):
        assert client.post(f"{here}/sign", data={"agreed": "true", "seen": seen}).status_code == 303
    page = BeautifulSoup(client.get(here).text, "html.parser")
    assert [form["action"] for form in page.select("tbody form")] == [f"{here}/{document}/open"]
    opened = client.post(f"{here}/{document}/open")
    assert opened.content == FAMILY and "Thomas" not in str(opened.headers)
    with db.read() as session:
        row = session.exec(select(ReferralUndertaking)).one()
        assert (row.content_sha256, row.signed_by) == (seen, on.made.owner_a.known)
        assert rules.fingerprint(row.content) == seen and row.content["promises"] == list(rules.PROMISES)
        told = [(e.name, e.person_name) for e in timeline(session, on.brief_id) if e.name.startswith("referral.")]
        assert told == [("referral.signed", on.made.owner_a.name), ("referral.opened", on.made.owner_a.name)]
        assert "Thomas" not in str([e.detail for e in timeline(session, on.brief_id)])
    assert "opened document 1" in client_for(on.made.commissioner).get(f"/briefs/{on.brief_id}/referral").text


@pytest.mark.row("5.3")
@pytest.mark.invariant(10)
def test_nobody_but_the_winner_finds_it(on: Stage, document: UUID, client_for: ClientFor, db: Database) -> None:
    letters = awarded(on)
    with db.write() as session:
        contracts = factories.seated(session, on.made.provider_a, Role.CONTRACTS, name="Con Contracts")
        bidder = factories.seated(session, on.made.provider_a, Role.BIDS, name="Bea Bidder")
    won, lost = (f"/letters/{letters[one]}/referral" for one in (on.made.provider_a, on.made.provider_b))
    for actor in (on.made.owner_b, bidder, on.made.commissioner, on.made.other_commissioner, on.made.lead):
        for path in (won, lost):
            assert client_for(actor).get(path).status_code == 404
            assert client_for(actor).post(f"{path}/sign", data={"agreed": "true", "seen": "x"}).status_code == 404
            assert client_for(actor).post(f"{path}/{document}/open").status_code == 404
    assert client_for(contracts).post(f"{won}/sign", data={"agreed": "true", "seen": "x"}).status_code == 404
    assert "An owner of your organisation signs" in client_for(contracts).get(won).text
    letter = won.removesuffix("/referral")
    assert won in client_for(contracts).get(letter).text
    told = client_for(bidder).get(letter).text
    assert won not in told and "ask an owner of your organisation, who signs for it" in told
    page = BeautifulSoup(client_for(on.made.owner_a).get(won).text, "html.parser")
    with db.write() as session:
        seen = page.find("input", attrs={"name": "seen"})["value"]
        sign_for_referral(session, on.made.owner_a, letters[on.made.provider_a], seen)
    assert client_for(contracts).post(f"{won}/{document}/open").content == FAMILY
    for actor in (on.made.owner_b, bidder):
        assert client_for(actor).post(f"{won}/{document}/open").status_code == 404


@pytest.mark.row("5.3")
def test_the_winners_owner_is_asked_to_sign_while_there_is_something_to_sign_for(
    on: Stage, document: UUID, client_for: ClientFor, db: Database
) -> None:
    made, letter_id = on.made, awarded(on)[on.made.provider_a]
    with db.write() as session:
        bidder = factories.seated(session, made.provider_a, Role.BIDS, name="Bea Bidder")
        contracts = factories.seated(session, made.provider_a, Role.CONTRACTS, name="Con Contracts")
        reference = session.get_one(Brief, on.brief_id).reference

    def duty(actor: Actor) -> str | None:
        link = BeautifulSoup(client_for(actor).get("/").text, "html.parser").find(
            "a", href=f"/letters/{letter_id}/referral"
        )
        return link.text if link else None

    assert duty(made.owner_a) == f"Sign for the full referral of {reference}"
    assert [duty(actor) for actor in (made.owner_b, bidder, contracts, made.commissioner)] == [None] * 4
    for withdrawn in (NOON, None):
        with db.write() as session:
            session.get_one(ReferralDocument, document).withdrawn_at = withdrawn
        assert (duty(made.owner_a) is None) == (withdrawn is not None)
    page = BeautifulSoup(client_for(made.owner_a).get(f"/letters/{letter_id}/referral").text, "html.parser")
    with db.write() as session:
        sign_for_referral(session, made.owner_a, letter_id, page.find("input", attrs={"name": "seen"})["value"])
    assert duty(made.owner_a) is None


@pytest.mark.row("5.3")
def test_a_restricted_winner_receives_nothing(on: Stage, document: UUID, client_for: ClientFor, db: Database) -> None:
    letter_id = awarded(on)[on.made.provider_a]
    with db.write() as session:
        factories.restricted(session, on.made, on.made.provider_a)
    assert f"/letters/{letter_id}/referral" not in client_for(on.made.owner_a).get("/").text
    with pytest.raises(Refused) as no, db.write() as session:
        sign_for_referral(session, on.made.owner_a, letter_id, "")
    assert no.value.refusal.code == "restricted"
    with pytest.raises(NotFound), db.write() as session:
        open_handed_over(session, on.made.owner_a, letter_id, document)
