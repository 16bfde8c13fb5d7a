"""The first person of an organisation is seated from the operator's command line."""

import pytest

from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refused
from app.organisations import commands
from app.organisations.queries import seats_of
from tests import factories


@pytest.fixture
def ann(db: Database) -> Actor:
    with db.write() as session:
        row = factories.person(session)
        return Actor(row.id, row.name, row.email)


def test_a_new_lead_is_made_once_and_its_first_people_seated(db: Database, ann: Actor) -> None:
    for role in ("owner", "framework_lead", "framework_lead"):
        with db.write() as session:
            words = commands.appoint(session, ann.email.upper(), role, "lead:Northern hub")
    assert words == "Ann Example is framework lead of Northern hub"
    with db.read() as session:
        seats = seats_of(session, ann.known)
    assert {(seat.organisation_name, seat.role) for seat in seats} == {
        ("Northern hub", "owner"),
        ("Northern hub", "framework_lead"),
    }
    assert len({seat.organisation_id for seat in seats}) == 1


@pytest.mark.parametrize(
    ("email", "role", "organisation", "words"),
    [
        ("nobody@example.org", "owner", "lead:Hub", "no confirmed account"),
        ("", "emperor", "lead:Hub", "There is no role emperor"),
        ("", "owner", "no-such-agency", "There is no organisation"),
        ("", "owner", "provider:Alder", "There is no organisation"),
        ("", "bids", "lead:Hub", "There is no"),
    ],
)
def test_what_is_wrong_is_said(db: Database, ann: Actor, email: str, role: str, organisation: str, words: str) -> None:
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.appoint(session, email or ann.email, role, organisation)
    assert words in refused.value.refusal.words
    with db.read() as session:
        assert seats_of(session, ann.known) == ()
