"""The provider's pages as each kind of person meets them."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from httpx2 import Response
from sqlmodel import Session, select

from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.organisations.models import Organisation
from app.organisations.queries import seats_of
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands, reference
from app.providers.events import PROFILE_UPDATED
from app.providers.models import Practitioner, ProfessionalRegistration, Provider
from tests import factories
from tests.conftest import ClientFor
from tests.databases import Furniture, statements


def _soup(answer: Response) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def _heading(answer: Response) -> str:
    [heading] = _soup(answer).find_all("h1")
    return heading.get_text(" ", strip=True)


def _errors(answer: Response) -> list[str]:
    return [link.get_text(strip=True) for link in _soup(answer).select(".govuk-error-summary__list a")]


@dataclass
class Set:
    provider_id: UUID
    other_id: UUID
    owner: Actor
    reader: Actor
    other_owner: Actor
    commissioner: Actor
    newcomer: Actor


def _set(session: Session) -> Set:
    reference.load(session)
    provider_id, other_id = (
        factories.provider(session, "Alder Therapy"),
        factories.provider(session, "Birch Therapy"),
    )
    factories.organisation(session, OrganisationKind.AUTHORITY, "Northshire")
    newcomer = factories.person(session, "Nia Newcomer")
    return Set(
        provider_id,
        other_id,
        factories.seated(session, provider_id, Role.OWNER, name="Olive Owner"),
        factories.seated(session, provider_id, Role.READ_ONLY, name="Rita Reader"),
        factories.seated(session, other_id, Role.OWNER, name="Omar Owner"),
        factories.seated(session, factories.raa(session, "Test agency"), Role.COMMISSIONER, name="Colin"),
        Actor(newcomer.id, newcomer.name, newcomer.email),
    )


@pytest.fixture
def furniture() -> Furniture:
    return _set


FORM = {"kind": "company", "name": "Rowan Therapy", "company_number": "7444723", "terms": "true"}
ABOUT = {
    "name": "Rowan Therapy",
    "summary": "We help families.",
    "telephone": "01632 960 001",
    "website": "www.rowan.example",
}


@pytest.mark.row("1.1")
def test_a_newcomer_registers(db: Database, made: Set, client_for: ClientFor) -> None:
    client = client_for(made.newcomer)
    assert _heading(client.get("/providers/register")) == "Register a provider"
    nothing = client.get("/providers/register?step=details")
    assert (nothing.status_code, _errors(nothing)) == (422, ["Select what kind of provider you are"])
    assert client.get("/providers/register?kind=company").status_code == 200
    answers = [client.post("/providers/register", data=FORM) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    with db.read() as session:
        [provider] = session.exec(select(Provider).where(Provider.company_number == "07444723"))
    assert answers[0].headers["location"] == f"/providers/{provider.id}/tasks"


def _tasks(answer: Response) -> dict[str, str]:
    return {
        item.select_one(".govuk-task-list__name-and-hint > *").get_text(strip=True): item.select_one(
            ".govuk-task-list__status"
        ).get_text(strip=True)
        for item in _soup(answer).select(".govuk-task-list__item")
    }


@pytest.mark.row("1.1")
def test_the_task_list_waits_until_everything_is_told(db: Database, made: Set, client_for: ClientFor) -> None:
    """A sole practitioner: one short page, then six tasks in any order, left and come back to."""
    newcomer = client_for(made.newcomer)
    sole = {"kind": "sole_practitioner", "name": "Nia Newcomer", "terms": "true"}
    here = newcomer.post("/providers/register", data=sole).headers["location"].removesuffix("/tasks")
    with db.read() as session:
        nia = Actor(made.newcomer.known, "Nia", made.newcomer.email, seats_of(session, made.newcomer.known))
        authority = session.exec(select(Organisation.id).where(Organisation.name == "Northshire")).one()
    client = client_for(nia)
    first = _tasks(client.get(f"{here}/tasks"))
    assert first == {
        "About you": "Incomplete",
        "Official numbers": "Incomplete",
        "Therapies you offer": "Incomplete",
        "Areas you cover": "Incomplete",
        "Your own record": "Incomplete",
        "Documents": "Incomplete",
    }
    documents = _soup(client.get(f"{here}/tasks")).find(id="task-documents-hint").get_text()
    assert "0 of the 4 asked for most are supplied. Still to come: ins_public_liability;" in documents, (
        "by name where it has one"
    )
    own = _soup(client.get(f"{here}/practitioners/add?tasks=true"))
    assert own.find(id="full_name")["value"] == "Nia Newcomer", "the name is asked once, of the account"
    posts: list[tuple[str, dict[str, object]]] = [
        ("edit", ABOUT),
        ("numbers", {"ico_number": "12"}),
        ("therapies", {"therapies": ["ddp"]}),
        ("areas", {"areas": [str(authority)]}),
        ("practitioners/add", {"full_name": "Nia N. Newcomer", "profession": "Therapist"}),
    ]
    for done, (path, data) in enumerate(posts, start=1):
        assert _tasks(client.get(here)), "still on the profile"
        form = _soup(client.get(f"{here}/{path}?tasks=true")).select_one("main form")
        saved = client.post(form["action"], data=data)
        assert saved.headers["location"] == f"{here}/tasks", "back to where one came from"
        assert list(_tasks(client.get(f"{here}/tasks")).values()).count("Completed") == done
    assert _tasks(client.get(here)) == {}
    assert _soup(client.get(here)).select_one("h1 .govuk-tag").get_text() == "Active"
    assert _tasks(client.get(f"{here}/tasks"))["Documents"] == "Incomplete"
    numbers = _soup(client.get(f"{here}/tasks")).find(id="task-numbers-hint").get_text()
    assert "Check the ICO registration number" in numbers, "pointed out, and nothing held up by it"
    with db.read() as session:
        [self] = session.exec(select(Practitioner).where(Practitioner.provider_id == UUID(here.rpartition("/")[2])))
        assert (self.full_name, self.profession) == ("Nia N. Newcomer", "Therapist"), (
            "one record, made with the account"
        )
    assert client_for(made.reader).get(f"/providers/{made.provider_id}/tasks").status_code == 403


@pytest.mark.row("1.1")
def test_a_sole_practitioner_is_never_asked_company_questions(db: Database, made: Set, client_for: ClientFor) -> None:
    with db.write() as session:
        session.get_one(Provider, made.provider_id).kind = "sole_practitioner"
    first = client_for(made.newcomer).get("/providers/register?kind=sole_practitioner")
    second = client_for(made.owner).get(f"/providers/{made.provider_id}/numbers")
    asked = {box["name"] for answer in (first, second) for box in _soup(answer).select("main input[name]")}
    assert asked == {"kind", "name", "terms", "ofsted_urn", "ico_number", "ppon", "share_code", "current"}
    company = client_for(made.other_owner).get(f"/providers/{made.other_id}/numbers")
    assert _soup(company).find(id="company_number") is not None
    sneaked = {"company_number": "07444723", "ico_number": "za 123456"}
    assert client_for(made.owner).post(f"/providers/{made.provider_id}/numbers", data=sneaked).status_code == 303
    with db.read() as session:
        row = session.get_one(Provider, made.provider_id)
        assert (row.company_number, row.ico_number) == (None, "ZA123456")


def test_errors_stand_beside_the_fields_and_what_was_typed_stays(made: Set, client_for: ClientFor) -> None:
    client = client_for(made.newcomer)
    answer = client.post(
        "/providers/register", data={"kind": "company", "company_number": "123456789", "name": "Rowan"}
    )
    assert answer.status_code == 422
    assert _errors(answer) == ["Company number must be 8 characters or fewer", "Accept the terms to register"]
    assert _soup(answer).find(id="name")["value"] == "Rowan"
    missing = client.post("/providers/register", data=FORM | {"company_number": ""})
    assert (missing.status_code, _errors(missing)) == (422, ["Enter the company number"])
    forged = client.post("/providers/register", data=FORM | {"kind": "bank"})
    assert forged.status_code == 422
    about = client_for(made.owner).post(f"/providers/{made.provider_id}/edit", data={"telephone": "1", "name": "Rowan"})
    assert (about.status_code, _errors(about)) == (
        422,
        ["Enter a summary of what you do", "Enter a telephone number, like 01632 960 001 or +44 1632 960 001"],
    )


def test_line_breaks_and_control_characters_do_not_get_into_a_line(
    db: Database, made: Set, client_for: ClientFor
) -> None:
    client = client_for(made.newcomer)
    empty = client.post("/providers/register", data=FORM | {"name": "\x07"})
    assert (empty.status_code, _errors(empty)) == (422, ["Enter the name of the provider"])
    name = "Rowan\r\n\r\nPay here:\u2028 now\x1b"
    assert client.post("/providers/register", data=FORM | {"name": name}).status_code == 303
    about = ABOUT | {"name": name.replace("Rowan", "Alder"), "summary": "One\nTwo"}
    assert client_for(made.owner).post(f"/providers/{made.provider_id}/edit", data=about).status_code == 303
    with db.read() as session:
        session.exec(select(Organisation).where(Organisation.name == "Rowan Pay here: now")).one()
        organisation = session.exec(select(Organisation).where(Organisation.name == "Alder Pay here: now")).one()
        assert session.get_one(Provider, organisation.id).summary == "One\nTwo"
    person = {"full_name": "Pia\nP", "profession": "Play\ttherapist", "registration_number": "1\n2"}
    assert (
        client_for(made.owner).post(f"/providers/{made.provider_id}/practitioners/add", data=person).status_code == 303
    )
    with db.read() as session:
        row = session.exec(select(Practitioner).where(Practitioner.full_name == "Pia P")).one()
        entry = session.exec(
            select(ProfessionalRegistration).where(ProfessionalRegistration.practitioner_id == row.id)
        ).one()
    assert (row.profession, entry.number) == ("Play therapist", "1 2")


@pytest.mark.parametrize("length", [192, 193, 200, 201])
def test_a_website_is_measured_with_its_beginning(length: int, made: Set, client_for: ClientFor) -> None:
    website = "www.rowan.example/" + "x" * (length - len("www.rowan.example/"))
    answer = client_for(made.owner).post(f"/providers/{made.provider_id}/edit", data=ABOUT | {"website": website})
    assert answer.status_code == (303 if length == 192 else 422)
    assert all("200 characters or fewer" in error for error in _errors(answer))


@pytest.mark.row("1.9")
def test_a_number_already_registered_is_said_beside_the_field(db: Database, made: Set, client_for: ClientFor) -> None:
    with db.write() as session:
        session.get_one(Provider, made.other_id).company_number = "07444723"
    answer = client_for(made.newcomer).post("/providers/register", data=FORM)
    assert answer.status_code == 422
    assert "already registered" in _soup(answer).find(id="company_number-error").get_text()
    assert _soup(answer).select_one('main a[href="/providers/join"]')
    assert "Birch" not in answer.text, "whose it is, is not said"
    with db.read() as session:
        assert session.exec(select(Organisation).where(Organisation.name == "Rowan Therapy")).first() is None


def test_who_sees_a_profile(made: Set, client_for: ClientFor) -> None:
    here = f"/providers/{made.provider_id}"
    assert client_for(NOBODY).get(here).headers["location"].startswith("/sign-in")
    for actor in (made.newcomer, made.other_owner):
        assert client_for(actor).get(here).status_code == 404
    for actor in (made.owner, made.reader, made.commissioner):
        assert _heading(client_for(actor).get(here)).startswith("Company Alder Therapy")
    assert client_for(made.owner).get(f"/providers/{uuid4()}").status_code == 404


def test_only_editors_are_offered_changes(made: Set, client_for: ClientFor) -> None:
    here = f"/providers/{made.provider_id}"
    assert _soup(client_for(made.owner).get(here)).find("a", href=f"{here}/edit")
    for actor in (made.reader, made.commissioner):
        soup = _soup(client_for(actor).get(here))
        assert soup.find("a", href=f"{here}/edit") is None
        assert soup.select("main form") == []
    assert client_for(made.reader).get(f"{here}/edit").status_code == 403


@pytest.mark.parametrize("path", ["edit", "numbers", "therapies", "areas", "practitioners/add"])
def test_every_form_is_another_providers_nothing(path: str, made: Set, client_for: ClientFor) -> None:
    assert client_for(made.owner).get(f"/providers/{made.provider_id}/{path}").status_code == 200
    assert client_for(made.other_owner).get(f"/providers/{made.provider_id}/{path}").status_code == 404
    assert client_for(made.reader).get(f"/providers/{made.provider_id}/{path}").status_code == 403


def test_the_owner_completes_the_profile(db: Database, made: Set, client_for: ClientFor) -> None:
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    boxes = _soup(client.get(f"{here}/areas")).select("input[name=areas]")
    assert len({box["id"] for box in boxes}) == len(boxes) == 1
    posts: list[tuple[str, dict[str, object]]] = [
        ("edit", {"name": "Alder", "summary": "New words"}),
        (
            "numbers",
            {"company_number": "09506232", "ppon": "gb-ppon:nonsense", "share_code": "aB3dE6gH", "current": "true"},
        ),
        ("therapies", {"therapies": ["ddp"]}),
        ("areas", {"areas": [boxes[0]["value"]]}),
        (
            "practitioners/add",
            {"full_name": "Pia P", "profession": "Therapist", "body_slug": "SWE", "registration_number": "1"},
        ),
    ]
    for path, data in posts:
        assert client.post(f"{here}/{path}", data=data).status_code == 303
    soup = _soup(client.get(here))
    assert soup.select_one("h1 .govuk-tag").get_text() == "Active"
    page = soup.get_text(" ", strip=True)
    assert "Dyadic developmental psychotherapy" in page
    assert "Northshire" in page
    assert "does not look like a SWE registration number" in page
    assert "does not look like a PPON" in page
    assert "Share code aB3dE6gH" in page
    assert "Record confirmed current 23 November 2026" in page
    assert _errors(client.post(f"{here}/edit", data={"name": "", "summary": "x"})) == ["Enter the name of the provider"]
    assert client.post(f"{here}/areas", data={"areas": ["nonsense"]}).status_code == 422
    assert client.post(f"{here}/practitioners/add", data={}).status_code == 422


def test_a_practitioner_leaves_and_a_foreign_one_is_not_found(db: Database, made: Set, client_for: ClientFor) -> None:
    with db.read() as session:
        theirs = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_id)).one()
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    for _ in range(2):
        assert client.post(f"{here}/practitioners/{theirs}/left").status_code == 303
    assert (
        "Therapist of Alder"
        not in _soup(client.get(here)).find(id="practitioners").find_next("table", class_="x").__str__()
    )
    other = client_for(made.other_owner)
    assert other.post(f"/providers/{made.other_id}/practitioners/{theirs}/left").status_code == 404


def test_pausing_shows_and_a_refusal_is_said(db: Database, made: Set, client_for: ClientFor) -> None:
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    assert client.post(f"{here}/pause").status_code == 303
    assert _soup(client.get(here)).select_one("h1 .govuk-tag").get_text() == "Paused"
    assert client.post(f"{here}/return").status_code == 303
    with db.write() as session:
        provider = session.get_one(Provider, made.provider_id)
        provider.archived_at = provider.registered_at
    refused = client.post(f"{here}/pause")
    assert refused.status_code == 409
    assert "archived" in _soup(refused).select_one(".portal-refusal").get_text()


def test_a_day_of_return_is_asked_and_a_wrong_one_said_beside_it(made: Set, client_for: ClientFor) -> None:
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"

    def until(day: str, month: str, year: str) -> Response:
        return client.post(f"{here}/pause", data={"until-day": day, "until-month": month, "until-year": year})

    for wrong in (("31", "2", "2027"), ("22", "11", "2026"), ("1", "1", "2099")):
        answer = until(*wrong)
        assert (answer.status_code, len(_errors(answer))) == (422, 1)
    assert until("7", "12", "2026").status_code == 303
    assert "until 7 December 2026" in _soup(client.get(here)).get_text(" ", strip=True)


def test_closing_for_good_is_asked_twice(made: Set, client_for: ClientFor) -> None:
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    assert _heading(client.get(f"{here}/close")) == "Close Alder Therapy here for good"
    unsure = client.post(f"{here}/close")
    assert (unsure.status_code, _errors(unsure)) == (422, ["Tick the box to say that you are sure"])
    assert client.post(f"{here}/close", data={"sure": "true"}).status_code == 303
    assert _soup(client.get(here)).select_one("h1 .govuk-tag").get_text() == "Archived"
    assert client_for(made.reader).get(f"{here}/close").status_code == 403


def test_the_profile_asks_the_database_as_often_for_many_as_for_one(
    db: Database, made: Set, client_for: ClientFor
) -> None:
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    with statements(db) as few:
        client.get(here)
    with db.write() as session:
        for number in range(30):
            commands.add_practitioner(session, made.owner, made.provider_id, full_name=f"P {number}", profession="T")
    with statements(db) as many:
        client.get(here)
    assert len(many) == len(few)


@pytest.mark.row("1.10")
def test_a_whole_region_is_ticked_saved_and_shown_as_one(db: Database, made: Set, client_for: ClientFor) -> None:
    with db.write() as session:
        for name in ("Eastshire", "Southshire", "Westshire"):
            factories.organisation(session, OrganisationKind.AUTHORITY, name)
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    assert client.post(f"{here}/areas", data={"regions": ["Other authorities"]}).status_code == 303
    profile = client.get(here).text
    assert "All of it" in profile and "Southshire" not in profile
    form = _soup(client.get(f"{here}/areas"))
    assert form.select_one("input[name=regions]").has_attr("checked")
    areas = [box["value"] for box in form.select("input[name=areas][checked]")]
    fewer = {"areas": areas[1:], "regions": ["Other authorities"], "were": ["Other authorities"]}
    assert client.post(f"{here}/areas", data=fewer).status_code == 303
    assert "All of it" not in client.get(here).text, "clearing one area under its region counts"


def test_the_profile_shows_the_latest_and_the_rest_by_page(db: Database, made: Set, client_for: ClientFor) -> None:
    sha256 = "ab" * 32
    with db.write() as session:
        for number in range(60):
            changed = f"{sha256} of {number}"
            audit.record(session, PROFILE_UPDATED, actor=made.owner, subject=made.provider_id, changed=changed)
    client, here = client_for(made.owner), f"/providers/{made.provider_id}"
    profile = client.get(here)
    assert len(_soup(profile).select(".portal-timeline li")) == 8
    assert "See everything that happened" in profile.text
    assert "abababababab… of 59" in profile.text and sha256 not in profile.text
    lengths = [len(_soup(client.get(f"{here}/history?number={page}")).select(".portal-timeline li")) for page in (1, 2)]
    assert lengths == [50, 10]
    assert [client.get(f"{here}/history?number={page}").status_code for page in (0, 3)] == [404, 404]
    assert client_for(made.other_owner).get(f"{here}/history").status_code == 404


@pytest.mark.row("1.5")
def test_who_may_not_is_told_whom_to_ask(db: Database, made: Set, client_for: ClientFor) -> None:
    answer = client_for(made.reader).get(f"/providers/{made.provider_id}/practitioners/import")
    assert answer.status_code == 403
    assert "Ask somebody who can change it: Olive Owner of Alder Therapy." in _soup(answer).get_text()
    assert _soup(answer).select_one(f'main a[href="/organisations/{made.provider_id}"]')
    assert "Omar" not in answer.text
