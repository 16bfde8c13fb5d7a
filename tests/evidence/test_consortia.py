"""The page of a consortium: live profiles, and evidence in which the weakest document governs. And the task list."""

from datetime import date
from itertools import combinations_with_replacement

import pytest
from bs4 import BeautifulSoup
from httpx2 import Response
from sqlmodel import Session, select

from app.core.database import Database
from app.evidence import rules
from app.evidence.queries.consortia import weakest_evidence
from app.evidence.rules import Standing
from app.evidence.rules.registration import ASKED_FIRST, supplied
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands, queries
from app.providers.models import ConsortiumMember
from tests import factories
from tests.conftest import ClientFor
from tests.databases import Furniture, statements

TODAY = date(2026, 11, 23)
LIABILITY, INDEMNITY = "ins_public_liability", "ins_professional_indemnity"


def test_the_weakest_is_never_better_than_any() -> None:
    for one, other in combinations_with_replacement(Standing, 2):
        governs = rules.weakest([one, other])
        assert governs in (one, other)
        assert (governs is Standing.VERIFIED) == (one is other is Standing.VERIFIED)
        assert rules.best([one, other]) is (other if governs is one else one)
    assert rules.weakest([]) is Standing.MISSING


def test_what_is_with_a_checker_or_verified_is_supplied_each_kind_once() -> None:
    held = [(LIABILITY, Standing.VERIFIED), (LIABILITY, Standing.VERIFIED), (INDEMNITY, Standing.PROMISED)]
    assert len(supplied(held)) == 1
    assert len(supplied([*held, ("something_else", Standing.VERIFIED), (INDEMNITY, Standing.AWAITING_CHECK)])) == 2
    assert supplied((kind, Standing.VERIFIED) for kind in ASKED_FIRST) == set(ASKED_FIRST)


class Set:
    def __init__(self, session: Session) -> None:
        lead_id = factories.organisation(session, OrganisationKind.LEAD, "Test hub")
        self.checker = factories.seated(session, lead_id, Role.CHECKER, name="Cara Checker")
        self.alder, self.birch = factories.provider(session, "Alder Therapy"), factories.provider(session, "Birch")
        self.lead = factories.seated(session, self.alder, Role.OWNER, name="Olive Owner")
        self.owner = factories.seated(session, self.birch, Role.OWNER, name="Omar Owner")
        self.reader = factories.seated(session, self.birch, Role.READ_ONLY, name="Rita Reader")
        for provider_id in (self.alder, self.birch):
            factories.verified_evidence(session, provider_id, self.checker, kind=LIABILITY)
        factories.verified_evidence(session, self.alder, self.checker, kind=INDEMNITY)
        self.id = commands.start_consortium(session, self.lead, self.alder, name="Tall Trees")


@pytest.fixture
def furniture() -> Furniture:
    return Set


def _joined(db: Database, made: Set) -> None:
    with db.write() as session:
        member = commands.invite_member(session, made.lead, made.id, known_as="Birch")
        commands.accept_membership(session, made.owner, made.id, member)


@pytest.mark.row("1.7")
def test_the_weakest_document_governs_and_says_whose_it_is(db: Database, made: Set) -> None:
    def stands() -> dict[str, tuple[str, tuple[str, ...]]]:
        with db.read() as session:
            told = queries.consortium(session, made.lead, made.id)
            return {line.kind: (line.standing.value, line.whose) for line in weakest_evidence(session, told, TODAY)}

    assert stands() == {"Ins public liability": ("verified", ()), "Ins professional indemnity": ("verified", ())}
    _joined(db, made)
    assert stands() == {
        "Ins public liability": ("verified", ()),
        "Ins professional indemnity": ("missing", ("Birch",)),
    }
    with db.read() as session:
        told = queries.consortium(session, made.lead, made.id)
        later = {line.kind: line.standing for line in weakest_evidence(session, told, date(2027, 7, 1))}
    assert later["Ins public liability"] is Standing.EXPIRED


def _main(answer: Response) -> str:
    return BeautifulSoup(answer.text, "html.parser").select_one("main").get_text(" ", strip=True)  # type: ignore[union-attr]


@pytest.mark.row("1.7")
def test_a_consortium_by_page(db: Database, made: Set, client_for: ClientFor) -> None:
    lead, owner = client_for(made.lead), client_for(made.owner)
    mine, theirs = f"/providers/{made.alder}/consortia", f"/providers/{made.birch}/consortia"
    assert lead.post(mine).status_code == 422
    here = lead.post(mine, data={"name": "Tall Trees"}).headers["location"]
    assert here == f"/consortia/{made.id}"
    assert "Tall Trees" in _main(lead.get(mine))
    assert owner.get(here).status_code == 404
    assert lead.post(f"{here}/members").status_code == 422
    unknown = lead.post(f"{here}/members", data={"known_as": "Nobody"})
    assert (unknown.status_code, "It registers first" in unknown.text) == (422, True)
    assert lead.post(f"{here}/members", data={"known_as": "birch"}).status_code == 303
    with db.read() as session:
        member = session.exec(select(ConsortiumMember.id).where(ConsortiumMember.provider_id == made.birch)).one()
    assert "waits for your answer" in _main(owner.get(theirs))
    assert "You are invited" in _main(owner.get(here))
    assert "You are invited" not in _main(client_for(made.reader).get(here)), "an owner answers"
    for _ in range(2):
        assert owner.post(f"{here}/members/{member}/accept").headers["location"] == here
    page = BeautifulSoup(lead.get(here).text, "html.parser")
    assert "Missing Birch" in page.get_text(" ", strip=True)
    late = owner.post(f"{here}/members/{member}/decline")
    assert (late.status_code, "so it cannot decline" in late.text) == (409, True)
    for _ in range(2):
        assert owner.post(f"{here}/members/{member}/leave").headers["location"] == theirs
    assert "Left" in _main(owner.get(theirs))
    assert lead.post(f"{here}/end").headers["location"] == here
    assert "End this consortium" not in _main(lead.get(here))


def test_the_page_asks_as_often_for_many_members_as_for_one(db: Database, made: Set, client_for: ClientFor) -> None:
    client = client_for(made.lead)

    def reads() -> int:
        with statements(db) as sent:
            assert client.get(f"/consortia/{made.id}").status_code == 200
        return len(sent)

    few = reads()
    _joined(db, made)
    with db.write() as session:
        for number in range(10):
            provider_id = factories.provider(session, f"Member {number}")
            owner = factories.seated(session, provider_id, Role.OWNER, name=f"Owner {number}")
            member = commands.invite_member(session, made.lead, made.id, known_as=f"Member {number}")
            commands.accept_membership(session, owner, made.id, member)
    assert reads() == few


@pytest.mark.row("1.1")
def test_the_task_list_counts_the_documents_asked_for_first(made: Set, client_for: ClientFor) -> None:
    assert "2 of the 4 asked for most are supplied" in _main(
        client_for(made.lead).get(f"/providers/{made.alder}/tasks")
    )
