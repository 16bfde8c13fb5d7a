"""People, invitations and agencies as pages."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.accounts.models import SignInSession
from app.accounts.rules import PER_ADDRESS, Attempt
from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.organisations import commands, queries, reference, rules
from app.organisations.models import Organisation
from app.organisations.rules import OrganisationKind, Role
from app.web.pages import plain
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import statements
from tests.factories import organisation, person, seated

INVITED = "ivy@example.org"


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


@pytest.fixture
def owner(db: Database) -> Actor:
    """Olive, the only owner of Alder Therapy."""
    with db.write() as session:
        where = organisation(session, OrganisationKind.PROVIDER, "Alder Therapy")
        return seated(session, where, Role.OWNER, name="Olive Owner")


def home(actor: Actor) -> str:
    return f"/organisations/{actor.seats[0].organisation_id}"


def rows(html: str, caption: str) -> list[list[str]]:
    for table in BeautifulSoup(html, "html.parser").find_all("table"):
        if table.caption.get_text(strip=True) == caption:
            return [
                [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
                for row in table.select("tbody tr")
            ]
    return []


def words(html: str, selector: str) -> str:
    found = BeautifulSoup(html, "html.parser").select_one(selector)
    return found.get_text(" ", strip=True) if found else ""


@pytest.mark.row("1.5")
def test_an_owner_sees_people_and_is_warned_when_alone(db: Database, client_for: ClientFor, owner: Actor) -> None:
    page = client_for(owner).get(home(owner))
    assert page.status_code == 200
    assert words(page.text, "h1") == "Alder Therapy"
    assert "Invite a second" in words(page.text, ".govuk-inset-text")
    assert rows(page.text, "People and their roles") == [
        [
            "Olive Owner",
            owner.email,
            "Owner",
            "23 Nov 2026, 12:00",
            "Never",
            "This is the last owner. Invite another owner first.",
        ]
    ]
    with db.write() as session:
        seated(session, owner.seats[0].organisation_id, Role.OWNER, name="Oscar Owner")
    page = client_for(owner).get(home(owner))
    assert words(page.text, ".govuk-inset-text") == ""
    assert len(BeautifulSoup(page.text, "html.parser").select('form[action$="/end"]')) == 2


@pytest.mark.row("1.5")
def test_an_owner_is_asked_whether_those_long_away_have_left(
    db: Database, client_for: ClientFor, owner: Actor, clock: Clock
) -> None:
    where = owner.seats[0].organisation_id
    with db.write() as session:
        gone, here = (seated(session, where, Role.BIDS, name=name) for name in ("Gina Gone", "Hal Here"))
    clock.forward(days=91)
    with db.write() as session:
        for who, ago in ((gone, 91), (here, 1), (owner, 0)):
            began = NOON + timedelta(days=91 - ago)
            row = SignInSession(token_digest=who.name, person_id=who.known, began_at=began, ends_at=began)
            session.add(row)
    asked = {row[0]: row[4] for row in rows(client_for(owner).get(home(owner)).text, "People and their roles")}
    assert asked == {
        "Gina Gone": "23 Nov 2026, 12:00 Still here?",
        "Hal Here": "21 Feb 2027, 12:00",
        "Olive Owner": "22 Feb 2027, 12:00",
    }
    assert "Last signed in" not in client_for(here).get(home(owner)).text, "for those who can end a role"


@pytest.mark.row("1.5")
def test_invite_withdraw_and_accept_by_page(db: Database, client_for: ClientFor, owner: Actor) -> None:
    client = client_for(owner)
    offered = BeautifulSoup(client.get(home(owner)).text, "html.parser").select('input[name="role"]')
    assert [choice["value"] for choice in offered] == [r.value for r in rules.FITTING[OrganisationKind.PROVIDER]]
    answer = client.post(f"{home(owner)}/invitations", data={"email": "Ivy@Example.org", "role": "bids"})
    assert answer.headers["location"] == f"{home(owner)}?done=invited"
    page = client.get(answer.headers["location"]).text
    assert rows(page, "Invitations waiting to be accepted") == [
        [INVITED, "Bids", "23 Nov 2026, 12:00", "7 Dec 2026, 12:00", "Withdraw the invitation of ivy@example.org"]
    ]
    with db.write() as session:
        message = session.exec(select(OutboxMessage)).one()
        subject, body = plain(message.template, {**message.context, "public_url": "https://portal.example"})
        row = person(session, "Ivy Invited")
        row.email = INVITED
        ivy = Actor(row.id, "Ivy Invited", INVITED)
    assert subject == "You are invited to join Alder Therapy"
    link = f"/invitations/{message.context['token']}"
    assert f"https://portal.example{link}\n" in body

    strangers = client_for(NOBODY).get(link)
    assert strangers.status_code == 200
    assert f'href="/sign-in?next={link}"' in strangers.text
    assert f'href="/register?next={link}"' in strangers.text
    assert client_for(NOBODY).post(link).headers["location"] == "/sign-in"
    wrong = client_for(owner).post(link)
    assert wrong.status_code == 409
    assert "another e-mail address" in words(wrong.text, ".portal-refusal")
    assert "Accept the invitation" not in wrong.text

    assert "Accept the invitation" in client_for(ivy).get(link).text
    for _ in range(2):
        assert client_for(ivy).post(link).headers["location"] == f"{home(owner)}?done=joined"
    assert "Ivy Invited" in client.get(home(owner)).text
    assert "has been used" in words(client_for(ivy).get(link).text, ".portal-refusal")

    client.post(f"{home(owner)}/invitations", data={"email": "zoe@example.org", "role": "documents"})
    action = BeautifulSoup(client.get(home(owner)).text, "html.parser").select_one('form[action$="/withdraw"]')
    assert action
    for _ in range(2):
        assert client.post(str(action["action"])).headers["location"] == f"{home(owner)}?done=withdrawn"
    assert rows(client.get(home(owner)).text, "Invitations waiting to be accepted") == []


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"email": "", "role": "bids"}, 422, "Enter the e-mail address of the person to invite"),
        ({"email": "ivy", "role": "bids"}, 422, "Enter an e-mail address in the right form, like name@example.org"),
        ({"email": INVITED}, 422, "Enter a role"),
        ({"email": INVITED, "role": "king"}, 422, "Select a role"),
        ({"email": INVITED, "role": "commissioner"}, 409, "There is no commissioner in a provider."),
    ],
)
def test_a_wrong_invitation_says_why_and_keeps_what_was_typed(
    db: Database, client_for: ClientFor, owner: Actor, form: dict[str, str], status: int, said: str
) -> None:
    answer = client_for(owner).post(f"{home(owner)}/invitations", data=form)
    assert answer.status_code == status
    assert said in words(answer.text, ".govuk-error-summary" if status == 422 else ".portal-refusal")
    assert not form["email"] or f'value="{form["email"]}"' in answer.text
    with db.read() as session:
        assert session.exec(select(OutboxMessage)).all() == []


def test_the_last_owner_cannot_be_ended(db: Database, client_for: ClientFor, owner: Actor) -> None:
    with db.read() as session:
        seat = queries.people(session, owner, owner.seats[0].organisation_id).seats[0].id
    answer = client_for(owner).post(f"{home(owner)}/seats/{seat}/end")
    assert answer.status_code == 409
    assert words(answer.text, ".portal-refusal p") == "This is the last owner. Invite another owner first."


@pytest.mark.row("16.6")
def test_who_does_not_manage_or_does_not_belong(db: Database, client_for: ClientFor, owner: Actor) -> None:
    with db.write() as session:
        colleague = seated(session, owner.seats[0].organisation_id, Role.READ_ONLY, name="Rae Reader")
        elsewhere = organisation(session, OrganisationKind.PROVIDER, "Birch Therapy")
        stranger = seated(session, elsewhere, Role.OWNER, name="Omar Owner")
        commands.invite(session, owner, organisation_id=owner.seats[0].organisation_id, email=INVITED, role=Role.BIDS)
    with db.read() as session:
        found = queries.people(session, owner, owner.seats[0].organisation_id)
    posts = [
        f"{home(owner)}/invitations",
        f"{home(owner)}/invitations/{found.waiting[0].id}/withdraw",
        f"{home(owner)}/seats/{found.seats[0].id}/end",
    ]
    form = {"email": "zoe@example.org", "role": "bids"}
    looking = client_for(colleague).get(home(owner)).text
    assert INVITED not in looking
    assert "Invite" not in looking
    assert [client_for(colleague).post(path, data=form).status_code for path in posts] == [403, 403, 403]
    outsider = client_for(stranger)
    assert [outsider.post(path, data=form).status_code for path in posts] == [404, 404, 404]
    foreign, missing = outsider.get(home(owner)), outsider.get(f"/organisations/{uuid4()}")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert outsider.get("/organisations/x").status_code == 404
    assert client_for(NOBODY).get(home(owner)).headers["location"] == f"/sign-in?next={home(owner)}"


def test_an_invitation_nobody_was_sent(client_for: ClientFor, owner: Actor) -> None:
    for actor in (NOBODY, owner):
        page = client_for(actor).get("/invitations/none")
        assert page.status_code == 404
        assert words(page.text, "h1") == "This invitation does not work"
    assert client_for(owner).post("/invitations/none").status_code == 404


def _reads(db: Database, client_for: ClientFor, actor: Actor, path: str) -> int:
    with statements(db) as sent:
        assert client_for(actor).get(path).status_code == 200
    return len(sent)


def test_the_people_page_reads_as_often_for_thirty_as_for_one(
    db: Database, client_for: ClientFor, owner: Actor
) -> None:
    few = _reads(db, client_for, owner, home(owner))
    where: UUID = owner.seats[0].organisation_id
    with db.write() as session:
        for number in range(30):
            seated(session, where, Role.BIDS, name=f"Colleague {number}")
            commands.invite(session, owner, organisation_id=where, email=f"p{number}@example.org", role=Role.BIDS)
    assert _reads(db, client_for, owner, home(owner)) == few


@pytest.mark.row("4.2")
def test_the_directory_shows_agencies_authorities_sources_and_how_sure_we_are(
    db: Database, client_for: ClientFor, owner: Actor
) -> None:
    empty = client_for(owner).get("/agencies")
    assert "not loaded yet" in words(empty.text, ".portal-empty")
    few = _reads(db, client_for, owner, "/agencies")
    with db.write() as session:
        reference.load(session)
    page = client_for(owner).get("/agencies").text
    west = next(row for row in rows(page, "Agencies in Yorkshire and the Humber") if "West Yorkshire" in row[0])
    assert west[1] == "Bradford; Calderdale; Kirklees; Leeds; Wakefield"
    assert west[2] == "Leeds hosted"
    assert west[3].startswith("Partly verified") and "calderdale.gov.uk" in west[3]
    assert len(rows(page, "Voluntary adoption agencies")) == 24
    assert "No agency is known for Buckinghamshire and Greenwich." in page
    assert "Alder Therapy" not in BeautifulSoup(page, "html.parser").main.get_text()  # type: ignore[union-attr]
    assert _reads(db, client_for, owner, "/agencies") == few
    assert client_for(NOBODY).get("/agencies").status_code == 303


def test_a_name_typed_by_a_person_is_only_text(db: Database, client_for: ClientFor, owner: Actor) -> None:
    with db.write() as session:
        where = session.get_one(Organisation, owner.seats[0].organisation_id)
        where.name = "<script>alert(1)</script>"
    assert "<script>alert" not in client_for(owner).get(home(owner)).text


@pytest.mark.bar("S10")
def test_inviting_tells_nothing_of_who_has_an_account_and_is_limited(
    db: Database, client_for: ClientFor, owner: Actor
) -> None:
    with db.write() as session:
        known = person(session, "Ivy Invited").email
    client, said = client_for(owner), []

    def invite(email: str) -> tuple[int, str, str]:
        answer = client.post(f"{home(owner)}/invitations", data={"email": email, "role": "bids"})
        page = client.get(answer.headers["location"]) if answer.status_code == 303 else answer
        text = re.sub(r"[0-9a-f-]{36}", "ID", page.text.replace(email, "EMAIL"))
        return answer.status_code, answer.headers.get("location", ""), text

    for email in (known, INVITED):
        said.append(invite(email))
        with db.write() as session:
            [waiting] = queries.people(session, owner, owner.seats[0].organisation_id).waiting
            commands.withdraw_invitation(session, owner, waiting.id)
    assert said[0][:2] == said[1][:2] == (303, f"{home(owner)}?done=invited")
    waiting_rows = [rows(text, "Invitations waiting to be accepted") for _, _, text in said]
    assert waiting_rows[0] == waiting_rows[1] != []
    for _ in range(PER_ADDRESS[Attempt.INVITE].tries - 2):
        assert invite(INVITED)[0] == 303
    status, _, text = invite(INVITED)
    assert status == 409
    assert "There have been too many tries" in words(text, ".portal-refusal")
