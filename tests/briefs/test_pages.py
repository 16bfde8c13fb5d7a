"""The pages of briefs, as each kind of person meets them."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.briefs.models import Brief
from app.core.actor import NOBODY
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.organisations.rules import Role
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World

GOOD = {
    "route": "mini_competition",
    "funding": "authority",
    "title": "Therapy for two siblings",
    "age_band": "5 to 8",
    "need": "Two siblings find it hard to feel safe.",
    "outcomes": "They feel safer.",
    "sessions": "20",
    "start_by-day": "31",
    "start_by-month": "1",
    "start_by-year": "2027",
    "budget": "£3,200.00",
    "closes_on-day": "30",
    "closes_on-month": "11",
    "closes_on-year": "2026",
    "closing_hour": "12",
    "weight_1": "50",
    "weight_2": "20",
    "weight_3": "30",
}


@pytest.fixture
def furniture() -> Furniture:
    return factories.world_and_limits


def form(made: World, **changed: str) -> dict[str, str]:
    return {**GOOD, "lot": str(made.lots[0]), "place": f"{made.regions[0]}/North", **changed}


def new(made: World) -> str:
    return f"/briefs/new?framework={made.framework_id}&agency={made.raa_id}"


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def errors(text: str) -> dict[str, str]:
    """The error summary: the field each link leads to, and its words. Every link leads somewhere."""
    page = soup(text)
    found = {a["href"].lstrip("#"): a.get_text(strip=True) for a in page.select(".govuk-error-summary a")}
    assert all(page.find(id=name) for name in found)
    return found


@pytest.mark.row("5.1")
@pytest.mark.row("5.4")
def test_from_a_blank_form_to_an_open_brief(db: Database, made: World, client_for: ClientFor) -> None:
    author, approver = client_for(made.commissioner), client_for(made.approver)
    assert new(made).replace("&", "&amp;") in author.get("/briefs/new").text
    assert soup(author.get(new(made)).text).h1.text == "Write a brief"
    answer = author.post(new(made), data=form(made))
    assert answer.status_code == 303
    where = answer.headers["location"]
    draft = soup(author.get(where).text)
    assert "can pay all but" not in draft.get_text(), "it is the council’s own money"
    assert not draft.find("button", string="Publish and invite members")
    author.post(f"{where}/approval/ask")
    assert soup(approver.get(where).text).find("button", string=lambda s: s and "Publish" in s)
    assert approver.post(f"{where}/publish", data={}).status_code == 422
    for _ in range(2):
        assert approver.post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
    open_page = soup(author.get(where).text)
    members = [
        row.td.text for row in open_page.find("h2", string="Invited members").find_next("table").select("tbody tr")
    ]
    assert members == ["Alder Therapy", "Birch Therapy"]
    assert [li.span.text for li in open_page.select(".portal-timeline li")][-1].endswith("and invited 2 members")


@pytest.mark.row("5.2")
def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(made: World, client_for: ClientFor) -> None:
    client = client_for(made.commissioner)
    wrong = form(made, title="No", sessions="many", budget="lots", closing_hour="0", place="x/", weight_1="101")
    answer = client.post(new(made), data=wrong | {"start_by-day": "31", "start_by-month": "2"})
    assert answer.status_code == 422
    assert set(errors(answer.text)) == {
        "title", "sessions", "budget", "closing_hour", "place", "start_by-day", "weight_1",
    }  # fmt: skip
    assert soup(answer.text).find("textarea", id="need").text.strip() == GOOD["need"]
    assert soup(answer.text).find("input", id="sessions")["value"] == "many"
    many = client.post(new(made), data=form(made, sessions="500")).text
    assert errors(many) == {"sessions": "The number of sessions must be 200 or fewer"}


@pytest.mark.row("5.3")
def test_the_identity_guard_speaks_beside_the_field_and_publication_is_refused(
    db: Database, made: World, client_for: ClientFor
) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data=form(made, need="A boy named Tom, of CO1 1AA.")).headers["location"]
    beside = errors(author.get(f"{where}/edit").text)
    assert list(beside) == ["need"] and "CO1 1AA" in beside["need"] and "Tom" in beside["need"]
    refused = client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"})
    assert refused.status_code == 409
    assert soup(refused.text).select_one(".portal-refusal a")["href"] == f"{where}/edit#need"
    assert author.post(f"{where}/edit", data=form(made, need="A boy is tired.")).status_code == 303
    assert errors(author.get(f"{where}/edit").text) == {}
    author.post(f"{where}/approval/ask")
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
    assert author.get(f"{where}/edit").status_code == 409
    assert author.post(f"{where}/edit", data=form(made)).status_code == 409


@pytest.mark.row("5.4")
def test_a_draft_comes_before_an_approver_once_its_writer_asks_and_again_after_each_change(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        wrote = factories.seated(session, made.raa_id, Role.COMMISSIONER, Role.APPROVER, name="Wanda Writer")
    author, approver = client_for(wrote), client_for(made.approver)
    where = author.post(new(made), data=form(made, need="")).headers["location"]

    def buttons() -> list[list[str]]:
        pages = (soup(client.get(where).text) for client in (author, approver))
        return [[one.text.strip() for one in page.select("main button")] for page in pages]

    def steps() -> list[bool]:
        """Whether this person's first page asks for it."""
        return [where in client.get("/").text for client in (author, approver)]

    assert author.post(f"{where}/approval/ask").status_code == 409
    assert approver.post(f"{where}/approval/ask").status_code == 404
    for title in ("Therapy for two siblings", "Therapy for three siblings"):
        author.post(f"{where}/edit", data=form(made, title=title))
        assert "Ask for approval" in buttons()[0] and "Publish and invite members" not in buttons()[1]
        assert steps() == [True, False]
        refused = approver.post(f"{where}/publish", data={"agreed": "true"})
        assert refused.status_code == 409 and "Nobody has asked for approval" in refused.text
        for _ in range(2):
            assert author.post(f"{where}/approval/ask").status_code == 303
        author.post(f"{where}/edit", data=form(made, title=title))
        assert "Ask for approval" not in buttons()[0] and "Publish and invite members" in buttons()[1]
        assert steps() == [False, True]
    assert approver.post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
    with db.read() as session:
        told = session.exec(select(OutboxMessage).where(OutboxMessage.template == "briefs/approval_asked.txt")).all()
    assert {message.to_address for message in told} == {made.approver.email}


def test_a_brief_that_changed_behind_the_page_is_read_again(made: World, client_for: ClientFor) -> None:
    where = client_for(made.commissioner).post(new(made), data=form(made)).headers["location"]
    client_for(made.commissioner).post(f"{where}/approval/ask")

    def read(text: str) -> dict[str, str]:
        return {"agreed": "true", "seen": soup(text).find("input", attrs={"name": "seen"})["value"]}

    before = read(client_for(made.approver).get(where).text)
    client_for(made.commissioner).post(f"{where}/edit", data=form(made, title="Therapy for three siblings"))
    client_for(made.commissioner).post(f"{where}/approval/ask")
    stale = client_for(made.approver).post(f"{where}/publish", data=before)
    assert stale.status_code == 409 and "Therapy for three siblings" in stale.text
    assert "has changed since you opened this page" in soup(stale.text).select_one(".portal-refusal").text
    for _ in range(2):
        assert client_for(made.approver).post(f"{where}/publish", data=read(stale.text)).status_code == 303


def test_a_place_of_another_framework_is_refused_on_the_same_page(made: World, client_for: ClientFor) -> None:
    answer = client_for(made.commissioner).post(new(made), data=form(made, place=f"{uuid4()}/Chelmsford"))
    assert answer.status_code == 409
    assert "Choose a lot" in soup(answer.text).select_one(".portal-refusal").text


@pytest.mark.row("5.6")
def test_cancelling_wants_a_reason(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
    client = client_for(made.approver)
    assert client.post(f"/briefs/{brief_id}/cancel", data={"reason": "no"}).status_code == 422
    telling = client.post(f"/briefs/{brief_id}/cancel", data={"reason": "A boy named Tom has moved."})
    assert telling.status_code == 422 and "“Tom”" in errors(telling.text)["reason"]
    for _ in range(2):
        assert client.post(f"/briefs/{brief_id}/cancel", data={"reason": "The family moved."}).status_code == 303
    assert "The family moved." in client.get(f"/briefs/{brief_id}").text
    assert "The family moved." not in client_for(made.owner_a).get(f"/opportunities/{brief_id}").text
    with db.write() as session:
        late = factories.brief(session, made, closes_at=NOON)
    assert client.post(f"/briefs/{late}/cancel", data={"reason": "The family moved."}).status_code == 409


@pytest.mark.invariant(10)
@pytest.mark.row("16.6")
def test_strangers_sign_in_and_outsiders_find_nothing(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
        stranger = factories.seated(
            session, made.other_raa_id, Role.COMMISSIONER, Role.APPROVER, Role.CHAIR, name="Sy Stranger"
        )
    gets = (f"/briefs/{brief_id}", f"/briefs/{brief_id}/edit")
    posts = {
        f"/briefs/{brief_id}/edit": form(made),
        f"/briefs/{brief_id}/publish": {"agreed": "true"},
        f"/briefs/{brief_id}/cancel": {"reason": "The family moved."},
        new(made): form(made),
    }
    for path in gets:
        assert client_for(NOBODY).get(path).headers["location"].startswith("/sign-in")
        missing = path.replace(str(brief_id), str(uuid4()))
        for outsider in (stranger, made.owner_a, made.lead):
            client = client_for(outsider)
            foreign, absent = client.get(path), client.get(missing)
            assert foreign.status_code == absent.status_code == 404
            assert len(foreign.text) == len(absent.text)
    for path, data in posts.items():
        assert client_for(stranger).post(path, data=data).status_code == 404
    assert "Therapy for two siblings" not in client_for(stranger).get("/briefs").text
    with db.read() as session:
        assert session.exec(select(Brief.cancelled_at)).all() == [None]


def test_the_list_filters_by_stage_and_says_what_to_do_when_it_is_empty(
    db: Database, made: World, client_for: ClientFor
) -> None:
    client = client_for(made.commissioner)
    assert "Write the first one" in client.get("/briefs").text
    with db.write() as session:
        factories.brief(session, made)
    assert len(soup(client.get("/briefs?phase=open").text).select("tbody tr")) == 1
    assert "No brief of your agency is at this stage" in client.get("/briefs?phase=awarded").text
    assert client.get("/briefs?phase=nonsense").status_code == 404


def test_opportunities_come_soonest_first_and_only_to_the_invited(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    def brief(title: str, hours: int, *invite: UUID) -> None:
        with db.write() as session:
            made_id = factories.brief(session, made, closes_at=NOON + timedelta(hours=hours), invite=invite)
            session.get_one(Brief, made_id).title = title

    a, b = made.provider_a, made.provider_b
    for title, hours, invite in (
        ("Third", -1, (a,)),
        ("Second", 48, (a, b)),
        ("First", 2, (a,)),
        ("Fourth", -9, (a,)),
        ("Not for A", 3, (b,)),
    ):
        brief(title, hours, *invite)
    page = soup(client_for(made.owner_a).get("/opportunities").text)
    assert [row.a.text for row in page.select("tbody tr")] == ["First", "Second", "Third", "Fourth"]
    assert "2 hours left" in page.select_one("tbody tr").text
    theirs = soup(client_for(made.owner_b).get("/opportunities").text)
    assert [row.a.text for row in theirs.select("tbody tr")] == ["Not for A", "Second"]


def test_a_filter_narrows_with_and_without_javascript(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        factories.brief(session, made)
    client = client_for(made.owner_a)
    here = f"/opportunities?framework={made.framework_id}&service=therapeutic_intervention&region={made.regions[0]}"
    assert len(soup(client.get(here).text).select("tbody tr")) == 1
    part = client.get(
        "/opportunities?service=mediation", headers={"HX-Request": "true", "HX-Target": "opportunity-list"}
    )
    assert part.status_code == 200 and "<h1" not in part.text and "No brief fits these filters" in part.text
    assert client.get("/opportunities?framework=nonsense&region=").status_code == 200


@pytest.mark.bar("P6")
def test_the_list_asks_the_same_few_questions_at_one_row_and_at_thirty(
    db: Database, made: World, client_for: ClientFor
) -> None:
    def count() -> int:
        with statements(db) as sent:
            client_for(made.owner_a).get("/opportunities")
        return len(sent)

    with db.write() as session:
        factories.brief(session, made)
    before = count()
    with db.write() as session:
        for _ in range(29):
            factories.brief(session, made)
    assert count() == before <= 4
