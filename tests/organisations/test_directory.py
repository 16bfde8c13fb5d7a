"""The directory as at a day: mergers, splits and moves, who signs, and what was true before."""

from datetime import date
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.organisations import reference
from app.organisations.directory import queries
from app.organisations.directory.commands import record_change, record_signer
from app.organisations.directory.rules import ChangeFacts, change_kind, party, stands, why_not_change
from app.organisations.models import ContractingAuthority, DirectoryChange, Organisation, Raa, RaaAuthority
from app.organisations.rules import ChangeKind, LegalForm, OrganisationKind, Role
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import organisation, seated

TODAY = NOON.date()
NEXT_APRIL = date(2027, 4, 1)
SOURCE = "https://agency.example/news"


def _directory(session: Session) -> Actor:
    reference.load(session)
    return seated(session, organisation(session, OrganisationKind.PLATFORM, "Portal"), Role.ADMINISTRATOR)


@pytest.fixture
def furniture() -> Furniture:
    return _directory


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


def ids(session: Session, *slugs: str) -> list[UUID]:
    rows = dict(session.exec(select(Organisation.slug, Organisation.id)).all())
    return [rows[slug] for slug in slugs]


def facts(
    session: Session,
    *,
    agencies: tuple[str, ...] = (),
    authorities: tuple[str, ...] = (),
    into: str | None = None,
    new_name: str = "",
    on: date = NEXT_APRIL,
) -> ChangeFacts:
    return ChangeFacts(
        agencies=frozenset(ids(session, *agencies)),
        authorities=frozenset(ids(session, *authorities)),
        into=ids(session, into)[0] if into else None,
        new_name=new_name,
        effective_on=on,
        source=SOURCE,
    )


def served(db: Database, on: date) -> dict[str, set[str]]:
    """By agency's name, the authorities of it on a day."""
    with db.read() as session:
        found = queries.authorities_of(session, on)
        return {name: {who for _, who in found.get(key, ())} for key, name in queries.agencies_on(session, on)}


@pytest.mark.parametrize(
    ("ended", "into_new", "kind"),
    [
        (2, True, "merger"),
        (2, False, "merger"),
        (1, False, "merger"),
        (1, True, "succession"),
        (0, True, "split"),
        (0, False, "move"),
    ],
)
def test_what_a_change_is_called(ended: int, into_new: bool, kind: str) -> None:
    assert change_kind(ended=ended, into_new=into_new) is ChangeKind(kind)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"moving": []}, "nothing_moves"),
        ({"moving": [("Leeds", NEXT_APRIL)]}, "too_early"),
        ({"into_ends": NEXT_APRIL}, "agency_ended"),
        ({"into_ends": date(2027, 4, 2)}, None),
        ({"taken": True}, "name_taken"),
    ],
)
def test_what_a_change_needs(changed: dict[str, object], code: str | None) -> None:
    given = {"moving": [("Leeds", TODAY)], "into_ends": None, "taken": False, "on": NEXT_APRIL, **changed}
    refusal = why_not_change(**given)  # type: ignore[arg-type]
    assert (refusal.code if refusal else None) == code


@pytest.mark.row("4.10")
@pytest.mark.parametrize(
    ("signs", "own_body", "words"),
    [
        ("Leeds", False, "Leeds for One Adoption"),
        ("One Adoption", False, "One Adoption"),
        (None, True, "One Adoption"),
        (None, False, "One Adoption (the body that signs for it is not recorded)"),
    ],
)
def test_how_a_party_is_named(signs: str | None, own_body: bool, words: str) -> None:
    assert party("One Adoption", signs, own_body=own_body) == words


@pytest.mark.row("4.2")
def test_the_sql_twin_of_standing_over_every_edge(db: Database) -> None:
    days = (None, date(2026, 11, 22), TODAY, date(2026, 11, 24))
    spans = [(first, last) for first in days for last in days if not first or not last or first <= last]
    with db.write() as session:
        agency, council = ids(session, "adopt-east", "leeds")
        for row in session.exec(select(RaaAuthority)):
            session.delete(row)
        session.flush()
        rows = {}
        for first, last in spans:
            if last is None:  # one open link for an authority at a time
                council = organisation(session, OrganisationKind.AUTHORITY, f"Council from {first}")
            row = RaaAuthority(raa_id=agency, authority_id=council, valid_from=first, valid_to=last)
            session.add(row)
            session.flush()
            rows[row.id] = stands(first, last, TODAY)
        found = set(session.exec(select(RaaAuthority.id).where(queries.standing(RaaAuthority, TODAY))))
    assert found == {key for key, expected in rows.items() if expected}


@pytest.mark.row("4.2")
def test_two_agencies_merge_on_a_day_and_what_was_before_stays(db: Database, made: Actor) -> None:
    three = ("one-adoption-north-humber", "one-adoption-south-yorkshire")
    before = served(db, TODAY)
    with db.write() as session:
        new = record_change(session, made, facts(session, agencies=three, new_name="One Adoption East"))
    day_before, after = served(db, date(2027, 3, 31)), served(db, NEXT_APRIL)
    assert day_before == before == served(db, TODAY), "nothing is so before its day"
    both = before["One Adoption North and Humber"] | before["One Adoption South Yorkshire"]
    assert after["One Adoption East"] == both
    assert set(before) - set(after) == {"One Adoption North and Humber", "One Adoption South Yorkshire"}
    with db.read() as session:
        page = queries.agency(session, new, NEXT_APRIL)
        assert page.areas == ("Yorkshire and the Humber",)
        assert [(c.kind, c.from_name, c.whole, c.source) for c in page.changes] == [
            ("merger", "One Adoption North and Humber", True, SOURCE),
            ("merger", "One Adoption South Yorkshire", True, SOURCE),
        ]
        sentence = audit.sentence(audit.timeline(session, reference.DIRECTORY)[-1])
        assert sentence.startswith("Ann Example recorded a merger: from 1 April 2027 ")
        assert sentence.endswith("; One Adoption North and Humber and One Adoption South Yorkshire ended")


@pytest.mark.row("4.2")
def test_a_split_a_move_and_a_return_keep_every_day(db: Database, made: Actor) -> None:
    with db.write() as session:
        record_change(session, made, facts(session, authorities=("leeds", "bradford"), new_name="One Adoption Aire"))
    with db.write() as session:
        back = facts(session, authorities=("leeds",), into="one-adoption-west-yorkshire", on=date(2028, 4, 1))
        record_change(session, made, back)
    where = {
        on: next(agency for agency, who in served(db, on).items() if "Leeds" in who)
        for on in (TODAY, NEXT_APRIL, date(2028, 3, 31), date(2028, 4, 1))
    }
    assert list(where.values()) == [
        "One Adoption West Yorkshire",
        "One Adoption Aire",
        "One Adoption Aire",
        "One Adoption West Yorkshire",
    ]
    with db.read() as session:
        assert set(session.exec(select(DirectoryChange.kind))) == {"split", "move"}
        assert "One Adoption Aire" in served(db, date(2028, 4, 1)), "Bradford is still with it"


@pytest.mark.row("4.2")
def test_loading_the_reference_data_again_undoes_no_recorded_change(db: Database, made: Actor) -> None:
    with db.write() as session:
        record_change(session, made, facts(session, authorities=("leeds",), into="adopt-east", on=TODAY))
        agency = ids(session, "adopt-east")[0]
        record_signer(
            session, made, agency, name="Essex County Council", form=LegalForm.COUNCIL, on=TODAY, source=SOURCE
        )
        reference.load(session)
        assert "Leeds" in {name for _, name in queries.authorities_of(session, TODAY)[agency]}
        assert queries.signers_on(session, TODAY)[agency] == "Essex County Council"


def test_what_cannot_be_is_refused_and_only_an_administrator_records(db: Database, made: Actor) -> None:
    with db.write() as session:
        stranger = seated(session, ids(session, "adopt-east")[0], Role.OWNER)
        taken = facts(session, authorities=("leeds",), new_name="Adopt East")
        already = facts(session, authorities=("leeds",), into="one-adoption-west-yorkshire")
        good = facts(session, authorities=("leeds",), into="adopt-east")
    for wrong, code in ((taken, "name_taken"), (already, "nothing_moves")):
        with pytest.raises(Refused) as refused, db.write() as session:
            record_change(session, made, wrong)
        assert refused.value.refusal.code == code
    with pytest.raises(NotFound), db.write() as session:
        record_change(session, stranger, good)
    with pytest.raises(NotFound), db.write() as session:
        record_signer(
            session, stranger, stranger.seats[0].organisation_id, name="Us", form=LegalForm.TRUST, on=TODAY, source="x"
        )


@pytest.mark.row("4.2")
def test_an_authority_stands_with_one_agency_at_a_time_by_constraint(db: Database) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        agency, council = ids(session, "adopt-east", "leeds")
        session.add(RaaAuthority(raa_id=agency, authority_id=council))


@pytest.mark.row("4.10")
def test_a_new_signing_body_follows_the_one_before(db: Database, made: Actor) -> None:
    with db.write() as session:
        agency = ids(session, "one-adoption-west-yorkshire")[0]
        record_signer(
            session, made, agency, name="Wakefield Council", form=LegalForm.COUNCIL, on=NEXT_APRIL, source=SOURCE
        )
    with db.read() as session:
        said = [queries.party_on(session, agency, on) for on in (date(2027, 3, 31), NEXT_APRIL)]
        assert said == ["Leeds for One Adoption West Yorkshire", "Wakefield Council for One Adoption West Yorkshire"]
        old, new = (
            session.get_one(ContractingAuthority, queries.signs_on(session, agency, on)) for on in (TODAY, NEXT_APRIL)
        )
        assert (old.recorded_by, new.recorded_by) == (None, made.known)
    with pytest.raises(Refused) as refused, db.write() as session:
        record_signer(session, made, agency, name="Leeds", form=LegalForm.COUNCIL, on=NEXT_APRIL, source=SOURCE)
    assert refused.value.refusal.code == "too_early"


@pytest.mark.row("4.2")
def test_an_administrator_records_on_the_page_and_everybody_reads(
    client_for: ClientFor, made: Actor, db: Database
) -> None:
    with db.read() as session:
        west, leeds, wakefield = ids(session, "one-adoption-west-yorkshire", "leeds", "wakefield")
        reader = Actor(made.person_id, "Rita Reader", "r@example.org")
    day = {"effective_on-day": "1", "effective_on-month": "4", "effective_on-year": "2027"}
    admin = client_for(made)
    empty = admin.post("/directory/changes", data={})
    assert empty.status_code == 422
    assert "Choose an agency from the list or enter the name of a new one" in empty.text
    both = {**day, "source": SOURCE, "authorities": [str(leeds), str(wakefield)], "new_name": "One Adoption Aire"}
    answer = admin.post("/directory/changes", data=both)
    assert answer.status_code == 303
    soup = BeautifulSoup(client_for(reader).get(answer.headers["location"]).text, "html.parser")
    assert soup.h1.get_text() == "One Adoption Aire"
    assert [cell.get_text(" ", strip=True) for cell in soup.select("tbody th")] == ["Leeds", "Wakefield"]
    assert "Split on 1 April 2027" in soup.get_text()
    assert "One Adoption Aire" not in client_for(reader).get("/agencies").text.split("What happened")[0]
    assert "One Adoption Aire" in client_for(reader).get("/agencies?on=2027-04-01").text.split("What happened")[0]
    signs = {"name": "Leeds City Council", "form": "council", "source": SOURCE}
    signs |= {"valid_from-day": "1", "valid_from-month": "12", "valid_from-year": "2026"}
    assert admin.post(f"/agencies/{west}/signers", data=signs).status_code == 303
    assert admin.post(f"/agencies/{west}/signers", data=signs).status_code == 409
    assert "Leeds City Council" in client_for(reader).get(f"/agencies/{west}").text
    with db.read() as session:
        assert session.get_one(Raa, west).valid_to is None
