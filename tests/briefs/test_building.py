"""Writing a brief from a template or a copy: the page, its sections, what stands beside its fields, and what is kept."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from app.briefs import reference
from app.briefs.building.checklists import SECTIONS, beside, standing
from app.briefs.building.commands import copy_brief, leave_advice
from app.briefs.commands import draft_brief, revise_brief
from app.briefs.models import Brief, FundingLimit
from app.briefs.terms.models import columns_of
from app.briefs.terms.rules import Finding, Funding, Route, Source, Terms
from app.core.audit import timeline
from app.core.database import Database, violates
from app.core.refusals import Refusal, Refused
from app.frameworks.models import LotTherapy, Question, QuestionSet
from app.home.queries.today import today
from app.providers.models import Therapy
from tests import NOON, factories
from tests.briefs.test_commands import facts
from tests.briefs.test_pages import errors, form, new, soup
from tests.conftest import ClientFor, Clock, Live
from tests.databases import Furniture, statements
from tests.factories import World
from tests.sealing import brief_key, publish_brief

FUND = Terms(route=Route.MINI_COMPETITION, funding=Funding((Source.FUND,), date(2026, 11, 2)))


def _limits_and_world(session: Session) -> World:
    reference.load(session)
    return factories.world(session)


@pytest.fixture
def furniture() -> Furniture:
    return _limits_and_world


def whole(made: World, **changed: object) -> dict[str, object]:
    """A form as the page sends it, every part filled in."""
    return {
        **form(made),
        "children": "2",
        "delivery": "either",
        "settings": ["home", "school"],
        "ends_by-day": "1", "ends_by-month": "10", "ends_by-year": "2027",
        "review_1-day": "3", "review_1-month": "5", "review_1-year": "2027",
        "key_date_1-day": "6", "key_date_1-month": "9", "key_date_1-year": "2027",
        "key_date_1_what": "A new school year begins",
        "funding": ["fund", "authority"],
        "assessed_on-day": "2", "assessed_on-month": "11", "assessed_on-year": "2026",
        "panel": "P-77",
        "price_formula": "straight_line",
        "two_envelopes": "true",
        "question_1": "What would you do?", "question_1_words": "200", "question_1_criterion": "1",
        "need_ready": ["The child carries losses that nobody has yet helped to put into words."],
        **changed,
    }  # fmt: skip


def values(text: str) -> dict[str, list[str]]:
    """What the form of a page would send if nobody touched it."""
    sent: dict[str, list[str]] = {}
    for field in soup(text).select("form[novalidate] [name]"):
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            value = chosen["value"] if chosen else ""
        else:
            value = field.text.removeprefix("\n") if field.name == "textarea" else field.get("value", "")
        sent.setdefault(field["name"], []).append(value)
    return sent


def beside_fields(text: str) -> list[str]:
    return [found.get_text(" ", strip=True) for found in soup(text).select(".portal-finding")]


@pytest.mark.row("5.1")
def test_a_lot_brings_its_template(made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    choosing = soup(author.get(new(made)).text)
    assert [one.get_text() for one in choosing.select(".portal-todos__due")] == [
        "Template: therapy",
        "Template: mediation",
    ]
    links = [a["href"] for a in choosing.select(".portal-todos__link")]
    sent = values(author.get(links[0]).text)
    assert sent["sessions"] == ["20"] and sent["closing_hour"] == ["12"] and "route" not in sent
    assert sum(int(sent[f"weight_{n}"][0]) for n in (1, 2, 3)) == 100
    assert sent["question_1"][0].startswith("What would you do with this family")
    assert "The child sleeps through most nights" in author.get(links[0]).text
    assert "Nobody goes back to court" in author.get(links[1]).text
    assert author.get(f"{new(made)}&lot={uuid4()}").status_code == 404
    unknown = author.post(new(made), data={})
    assert unknown.status_code == 422 and "Choose a lot" in unknown.text


@pytest.mark.row("5.1")
@pytest.mark.row("5.13")
def test_what_is_saved_comes_back_whole(db: Database, made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    data = whole(made, awards="3", places="8")
    where = author.post(new(made), data=data).headers["location"]
    shown = values(author.get(f"{where}/edit").text)
    ready = str(data["need_ready"][0])  # type: ignore[index]
    assert shown["need"] == [f"{data['need']}\n{ready}"]
    for name in set(data) - {"need", "need_ready", "budget"}:
        kept = data[name] if isinstance(data[name], list) else [data[name]]
        assert shown[name] == kept, name
    with db.read() as session:
        before = session.exec(select(Brief.questions)).one()
    assert author.post(f"{where}/edit", data=shown).status_code == 303
    assert values(author.get(f"{where}/edit").text) == shown
    with db.read() as session:
        brief = session.exec(select(Brief)).one()
        assert brief.questions == before, "a question that stays keeps its id"
        assert (brief.awards, brief.places, brief.two_envelopes) == (3, 8, True)


@pytest.mark.row("5.1")
def test_nobody_writes_over_what_a_colleague_saved_meanwhile(made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made)).headers["location"]
    mine = values(author.get(f"{where}/edit").text)
    theirs = mine | {"budget": ["1,900"]}
    for _ in range(2):
        assert author.post(f"{where}/edit", data=theirs).status_code == 303, "the same again is no other writing"
    old = mine | {"title": ["What I wrote meanwhile"]}
    refused = author.post(f"{where}/edit", data=old)
    assert refused.status_code == 409 and "saved in another window, or by a colleague" in refused.text
    assert "What I wrote meanwhile" in refused.text
    assert values(author.get(f"{where}/edit").text)["budget"] == ["1,900.00"], "nothing of theirs is lost"
    assert author.post(f"{where}/edit", data=values(refused.text)).status_code == 303, "they have been told"
    assert values(author.get(f"{where}/edit").text)["title"] == ["What I wrote meanwhile"]


@pytest.mark.row("5.1")
def test_an_unfinished_draft_is_saved_and_says_what_is_left(made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    offered = author.get(soup(author.get(new(made)).text).select_one(".portal-todos__link")["href"]).text
    told = "change what does not fit. To save a draft, give its title and where the family lives."
    assert told in " ".join(soup(offered).text.split())
    begun = values(offered) | {"title": ["What I typed"], "need": ["The child is sad."], "on": ["wanted"]}
    refused = author.post(new(made), data=begun)
    assert (refused.status_code, errors(refused.text)) == (422, {"place": "Select where the family lives"})
    shown = soup(refused.text)
    assert [one["id"] for one in shown.select("form[novalidate] input[type=text], form[novalidate] select")][:2] == [
        "title",
        "place",
    ]
    assert (values(refused.text)["title"], values(refused.text)["need"]) == (begun["title"], begun["need"])
    place = [form(made)["place"]]
    assert author.post(new(made), data=begun | {"place": place}).headers["location"].endswith("/edit#wanted")
    least = ("title", "lot", "place", "closes_on-day", "closes_on-month", "closes_on-year", "closing_hour")
    where = author.post(new(made), data={name: form(made)[name] for name in least}).headers["location"]
    page = soup(author.get(where).text)
    to_mend = page.find("h2", string="Before it can be published").find_next("ul")
    said = [item.find(string=True, recursive=False).strip() for item in to_mend.select("li")]
    assert said[:2] == ["Write the need.", "Write the outcomes."]
    assert {"Choose how the provider is found.", "Enter the budget.", "Select where the money comes from."} <= set(said)
    edit = soup(author.get(f"{where}/edit").text)
    for link in to_mend.select("a"):
        path, _, field = link["href"].partition("#")
        assert path == f"{where}/edit" and edit.find(id=field), link["href"]
    tags = {li.a.text: li.strong.text for li in edit.select(".portal-sections > li")}
    missing = [(a.text, edit.find(id=a["href"][1:])) for a in edit.select(".portal-sections__missing a")]
    assert {words for words, _ in missing} == set(said) and all(field for _, field in missing)
    assert tags["The need"] == tags["Money"] == "To mend" and tags["Who"] == "To mend"
    wrong = values(author.get(f"{where}/edit").text) | {"sessions": ["many"], "need": ["The child is sad."]}
    refused = soup(author.post(f"{where}/edit", data=wrong).text)
    tags = {li.a.text: li.strong.text for li in refused.select(".portal-sections > li") if li.strong}
    assert tags["Money"] == tags["The outcomes"] == tags["The work"] == "To mend"
    assert "The need" not in tags and "Write the need." not in refused.text, "nobody has looked at what is typed now"
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 409


@pytest.mark.row("5.1")
def test_each_section_saves_and_goes_on_with_the_next(made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data={**form(made), "on": "needs"}).headers["location"]
    assert where.endswith("/edit#needs")
    edit = soup(author.get(where).text)
    assert [one["value"] for one in edit.select("button[name=on]")] == [one.id for one in SECTIONS[1:]]
    first, *_ = edit.select("main form button")
    assert first.text.strip() == "Save the draft", "what the enter key presses"
    for asked, leads in (("money", "/edit#money"), ("nowhere", "")):
        answer = author.post(where, data={**form(made), "on": asked})
        assert answer.headers["location"] == where.removesuffix("/edit#needs") + leads


@pytest.mark.row("5.2")
def test_findings_stand_beside_their_fields_and_advice_is_left_with_one_tap(
    db: Database, made: World, client_for: ClientFor
) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made, need="Therapy", need_ready=[])).headers["location"]
    assert any(
        words.startswith("To mend: This names a service") for words in beside_fields(author.get(f"{where}/edit").text)
    )
    author.post(f"{where}/edit", data=whole(made, need="The child is sad.", need_ready=[]))
    page = soup(author.get(where).text)
    codes = [button["value"] for button in page.select(".portal-advice button")]
    assert "need_short" in codes and not page.find("h2", string="Before it can be published")
    for _ in range(2):
        assert author.post(f"{where}/advice", data={"code": "need_short"}).status_code == 303
    assert "need_short" not in [b["value"] for b in soup(author.get(where).text).select(".portal-advice button")]
    assert not any("The need has" in words for words in beside_fields(author.get(f"{where}/edit").text))
    assert author.post(f"{where}/advice", data={"code": "route"}).status_code == 409
    assert author.post(f"{where}/advice", data={}).status_code == 409
    author.post(f"{where}/approval/ask")
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
    assert author.post(f"{where}/advice", data={"code": codes[-1]}).status_code == 409
    with db.read() as session:
        told = timeline(session, UUID(where.rpartition("/")[2]))
        names = ["drafted", "revised", "advice_left", "approval_asked", "brief_key_made", "published"]
        assert [e.name.partition(".")[2] for e in told] == names


def test_a_section_stands_as_its_worst_field_does() -> None:
    dates, money = SECTIONS[5], SECTIONS[6]
    notes = beside(
        [Refusal("x", "X.", ("/e#start_by", "Change")), Refusal("identifying", "Y.", ("/e#need", "Change"))],
        [Finding("z", "budget", "Z.")],
    )
    assert standing(dates, notes, ()) == ("To mend", "red")
    assert standing(money, notes, ()) == ("Worth a look", "yellow")
    assert standing(money, notes, ("panel",)) == ("To mend", "red")
    assert standing(SECTIONS[1], None, ()) is None and standing(money, None, ("panel",)) == ("To mend", "red")
    assert standing(SECTIONS[1], notes, ()) == ("Done", "green"), "the guard speaks as the field's own error"


@pytest.mark.row("5.2")
def test_half_a_row_and_too_many_words_are_errors_beside_their_fields(made: World, client_for: ClientFor) -> None:
    answer = client_for(made.commissioner).post(
        new(made),
        data=whole(made, key_date_1_what="", key_date_2_what="School", need="x" * 3990, question_1_words="5"),
    )
    assert answer.status_code == 422 and set(errors(answer.text)) == {"question_1_words"}
    answer = client_for(made.commissioner).post(
        new(made), data=whole(made, key_date_1_what="", key_date_2_what="School", need="x" * 3990)
    )
    assert answer.status_code == 422
    assert set(errors(answer.text)) == {"key_date_1_what", "key_date_2-day", "need"}


@pytest.mark.row("5.3")
def test_the_identity_guard_reads_questions_and_key_dates_too(made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    names = {"question_1": "How would you help a boy named Tom?", "key_date_1_what": "Review in CO1 1AA"}
    where = author.post(new(made), data=whole(made, **names)).headers["location"]
    edit = author.get(f"{where}/edit").text
    assert {"question_1", "key_date_1-day"} <= set(errors(edit))
    links = [a["href"] for a in soup(author.get(where).text).select("main a") if "/edit#" in a["href"]]
    assert {f"{where}/edit#question_1", f"{where}/edit#key_date_1"} <= set(links)
    assert all(soup(edit).find(id=link.partition("#")[2]) for link in links)
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 409
    wrong = author.post(f"{where}/edit", data=whole(made, **names, children="none"))
    for page in (author.get(where), author.get(f"{where}/edit"), author.get(f"{where}/words"), wrong):
        marks = [mark.get_text() for mark in soup(page.text).select("mark")]
        assert sorted(marks) == ["CO1 1AA [postcode]", "Tom [name]"]


@pytest.mark.row("5.3")
def test_words_let_through_in_a_question_are_no_longer_in_the_way(made: World, client_for: ClientFor) -> None:
    author, approver = client_for(made.commissioner), client_for(made.approver)
    asked = {"question_1": "How would you use what Grace taught?"}
    where = author.post(new(made), data=whole(made, **asked)).headers["location"]
    key = soup(author.get(f"{where}/words").text).select_one("input[name=words]")["value"]
    author.post(f"{where}/words/ask", data={"words": [key], "why": "Grace is a trainer, known to all."})
    box = soup(approver.get(f"{where}/words").text).select_one("input[name=asked]")["value"]
    approver.post(f"{where}/words/release", data={"asked": [box], "reason": "A public name of a trainer."})
    wrong = author.post(f"{where}/edit", data=whole(made, **asked, children="none"))
    for page in (author.get(f"{where}/edit"), wrong):
        assert "question_1" not in errors(page.text)
        assert [mark.get_text() for mark in soup(page.text).select("mark")] == ["Grace [name, let through]"]
    author.post(f"{where}/approval/ask")
    assert approver.post(f"{where}/publish", data={"agreed": "true"}).status_code == 303


@pytest.mark.row("5.1")
def test_questions_come_from_the_framework_with_their_limit(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        asked = QuestionSet(
            framework_id=made.framework_id, version=1, written_by=made.lead.known, frozen_at=NOON,
            frozen_by=made.lead_two.known, sha256="0" * 64,
        )  # fmt: skip
        session.add(asked)
        session.flush()
        for position, (text, kind, weight) in enumerate(
            (
                ("Where are you?", "text", None),
                ("How do you supervise?", "text", 20),
                ("Are you ready?", "yes_no", None),
            ),
            1,
        ):
            session.add(
                Question(
                    set_id=asked.id, position=position, section="Work", text=text, kind=kind, carry="fresh", weight=weight,
                    max_words=300,
                )
            )  # fmt: skip
    author = client_for(made.commissioner)
    page = soup(author.get(f"{new(made)}&lot={made.lots[0]}").text)
    boxes = page.select("input[name=carried]")
    assert [page.find("label", attrs={"for": box["id"]}).text for box in boxes] == [
        "How do you supervise?",
        "Where are you?",
    ]
    where = author.post(new(made), data=whole(made, carried=[boxes[0]["value"]])).headers["location"]
    with db.read() as session:
        own, carried = session.exec(select(Brief.questions)).one()
    assert own["asked_as"] is None
    assert (carried["text"], carried["max_words"], carried["criterion"]) == ("How do you supervise?", 300, 1)
    assert carried["asked_as"] == boxes[0]["value"]
    shown = values(author.get(f"{where}/edit").text)
    assert shown["question_2"] == ["How do you supervise?"]
    author.post(f"{where}/edit", data=shown | {"question_1": [""], "carried": [boxes[0]["value"]]})
    with db.read() as session:
        assert session.exec(select(Brief.questions)).one() == [carried], "asked once"


def test_only_therapies_of_the_lot_are_kept_by_their_names(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        for slug, name in (("play", "Play therapy"), ("art", "Art therapy")):
            session.add(Therapy(slug=slug, name=name, family="play", services="t", source="x", confidence="memory"))
        session.flush()
        session.add(LotTherapy(lot_id=made.lots[0], therapy_slug="play"))
    client_for(made.commissioner).post(new(made), data=whole(made, therapies=["play", "art"]))
    with db.read() as session:
        assert session.exec(select(Brief.therapies)).one() == {"play": "Play therapy"}


@pytest.mark.row("5.14")
@pytest.mark.parametrize("route", [one for one in Route if one is not Route.MINI_COMPETITION])
def test_another_route_is_recorded_with_its_reason_and_goes_to_nobody(
    db: Database, made: World, client_for: ClientFor, route: Route
) -> None:
    reason = "No member of this lot works with so large a family."
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made, route=route, route_reason=reason)).headers["location"]
    page = author.get(where).text
    assert reason in page and "Nobody is invited" in page
    assert soup(page).h1.select_one(".govuk-tag").text == "Recorded"
    for who in (made.commissioner, made.approver):
        assert "publishes it" not in client_for(who).get(where).text
        assert not soup(client_for(who).get("/").text).select(".portal-todos a")
        cells = soup(client_for(who).get("/briefs").text).select("tbody tr td")
        assert [" ".join(cell.text.split()) for cell in cells] == ["Recorded Nothing more", "Not put out to bids"]
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 409
    brief_id = UUID(where.rpartition("/")[2])

    def told(session: Session) -> list[str]:
        return [e.name for e in timeline(session, brief_id) if e.name.startswith("brief.")]

    def drafts(session: Session) -> list[int]:
        return [figure.count for figure in today(session, made.commissioner).figures if figure.words == "in draft"]

    with db.read() as session:
        assert told(session) == ["brief.drafted", "brief.routed"] and not drafts(session)
    author.post(f"{where}/edit", data=whole(made))
    with db.read() as session:
        assert told(session)[2:] == ["brief.revised", "brief.routed"] and drafts(session) == [1]


@pytest.mark.row("5.14")
@pytest.mark.parametrize("missing", ["route", "sessions", "start_by", "budget_pence"])
def test_the_database_publishes_nothing_unfinished_and_by_no_other_route(
    db: Database, made: World, missing: str
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, published_at=None)
    with pytest.raises(Exception) as refused, db.write() as session:  # noqa: PT011 - the constraint is asserted
        brief = session.get_one(Brief, brief_id)
        brief.published_at, brief.published_by = NOON, made.approver.known
        setattr(brief, missing, "spot" if missing == "route" else None)
    assert violates(refused.value, f"ck_brief_published_{'route' if missing == 'route' else 'whole'}")


@pytest.mark.row("5.15")
def test_the_funds_limit_and_its_last_day_are_kept_as_they_stood(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        brief_id = draft_brief(
            session, made.commissioner, made.raa_id, made.framework_id, facts(made, budget_pence=300_000), FUND
        )
    with db.write() as session:
        publish_brief(session, made.approver, brief_id)
    with db.write() as session:
        session.get_one(FundingLimit, date(2026, 4, 1)).therapy_pence = 100_000
    with db.read() as session:
        brief = session.get_one(Brief, brief_id)
        assert (brief.fund_limit_pence, brief.fund_apply_by) == (300_000, date(2027, 2, 2))


@pytest.mark.row("5.15")
def test_what_the_council_adds_is_its_own_money_and_not_above_the_limit(made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    both = {
        "funding": ["fund", "authority"],
        "assessed_on-day": "2",
        "assessed_on-month": "11",
        "assessed_on-year": "2026",
    }
    where = author.post(new(made), data=form(made) | both).headers["location"]
    page = soup(author.get(where).text)
    for part in (".portal-advice > span", "p.govuk-body"):
        assert any("can pay all but £200.00 of this budget" in one.text for one in page.select(part)), part
    author.post(f"{where}/approval/ask")
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 303


@pytest.mark.row("5.15")
def test_above_the_limit_a_panels_decision_is_needed_before_publication(db: Database, made: World) -> None:
    with db.write() as session:
        brief_id = draft_brief(session, made.commissioner, made.raa_id, made.framework_id, facts(made), FUND)
    with pytest.raises(Refused) as refused, db.write() as session:
        publish_brief(session, made.approver, brief_id)
    assert refused.value.refusal.code == "above_limit"
    decided = Terms(route=FUND.route, funding=Funding((Source.FUND,), date(2026, 11, 2), panel="P-77"))
    with db.write() as session:
        revise_brief(session, made.commissioner, brief_id, facts(made), decided)
        publish_brief(session, made.approver, brief_id)


def test_members_do_not_see_the_references_of_decisions(made: World, client_for: ClientFor) -> None:
    where = client_for(made.commissioner).post(new(made), data=whole(made, applied="F-42")).headers["location"]
    client_for(made.commissioner).post(f"{where}/approval/ask")
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
    own = client_for(made.chair).get(where).text
    assert "P-77" in own and "F-42" in own
    read = client_for(made.owner_a).get(where.replace("briefs", "opportunities")).text
    assert "P-77" not in read and "F-42" not in read
    for said in ("What would you do?", "Up to 200 words", "3 May 2027", "A new school year begins"):
        assert said in read, said
    assert "loses 10% of the weight" in read


@pytest.mark.row("5.8")
def test_a_copy_keeps_the_work_and_names_its_source(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made)).headers["location"]
    author.post(f"{where}/approval/ask")
    client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"})
    for _ in range(2):
        edit = author.post(f"{where}/copy").headers["location"]
    with db.read() as session:
        source = session.get_one(Brief, UUID(where.rpartition("/")[2]))
        copy = session.get_one(Brief, UUID(edit.split("/")[2]))
        assert copy.copied_from_id == source.id and copy.published_at is None
        assert copy.title == f"Copy of {source.reference}"
        assert (copy.need, copy.outcomes, copy.age_band, copy.area, copy.start_by, copy.ends_by) == (
            "",
            "",
            "",
            "",
            None,
            None,
        )
        assert (copy.key_dates, copy.review_dates, copy.assessed_on, copy.panel_reference) == ([], [], None, "")
        kept = (
            "lot_id",
            "sessions",
            "budget_pence",
            "questions",
            "settings",
            "funding",
            "two_envelopes",
            "price_formula",
        )
        assert all(getattr(copy, name) == getattr(source, name) for name in kept)
        assert [e.name for e in timeline(session, copy.id)] == ["brief.drafted", "brief.copied"]
    page = author.get(edit).text
    assert f"It began as a copy of brief {source.reference}. To save a draft" in " ".join(soup(page).text.split())
    assert values(page)["place"] == [""] and "Two siblings" not in page
    assert [client_for(who).post(f"{where}/copy").status_code for who in (made.approver, made.owner_a)] == [404, 404]


def test_a_copy_may_not_be_published_as_it_is(db: Database, made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made)).headers["location"]
    with db.write() as session:
        copy = copy_brief(session, made.commissioner, UUID(where.rpartition("/")[2]))
        for _ in range(2):
            leave_advice(session, made.commissioner, copy, "assessed")
    assert client_for(made.approver).post(f"/briefs/{copy}/publish", data={"agreed": "true"}).status_code == 409


@pytest.mark.row("5.1")
def test_the_formula_is_worked_through_with_the_briefs_own_numbers(made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made)).headers["location"]
    page = author.get(f"{where}/edit").text
    assert "lowest bid is £2,560.00, it has 30.00 of 30, and a bid of your whole budget, £3,200.00, has 24.00" in page
    assert "has 22.50" in page


def test_columns_hold_every_term() -> None:
    assert set(columns_of(Terms())) <= set(Brief.model_fields)


@pytest.mark.bar("P6")
def test_writing_and_publishing_ask_little(db: Database, made: World, client_for: ClientFor, live: Live) -> None:
    """Of whole requests, as they are in life. A publication that finds no key yet has asked once more, for the brief."""
    author, approver = client_for(made.commissioner), client_for(made.approver, "another session")
    live(author, made.commissioner)
    live(approver, made.approver, "another session")
    counted = {}
    with statements(db) as sent:
        where = author.post(new(made), data=whole(made)).headers["location"]
    counted["draft"] = len(sent)
    with statements(db) as sent:
        author.post(f"{where}/edit", data=whole(made, weight_1="55", weight_2="15"))
    counted["revise"] = len(sent)
    for name, path in (("page", where), ("edit", f"{where}/edit"), ("new", f"{new(made)}&lot={made.lots[0]}")):
        with statements(db) as sent:
            author.get(path)
        counted[name] = len(sent)
    with statements(db) as sent:
        assert author.post(f"{where}/approval/ask").status_code == 303
    counted["ask"] = len(sent)
    with db.write() as session:  # another process makes it, whose statements are its own
        brief_key(session, UUID(where.rpartition("/")[2]))
    with statements(db) as sent:
        assert approver.post(f"{where}/publish", data={"agreed": "true", "seen": "0" * 64}).status_code == 409
    counted["publish unread"] = len(sent)
    with statements(db) as sent:
        assert approver.post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
    counted["publish"] = len(sent)
    most = {
        "draft": 15,
        "revise": 15,
        "page": 15,
        "edit": 14,
        "new": 12,
        "ask": 15,
        "publish unread": 15,
        "publish": 14,
    }
    assert {name: count for name, count in counted.items() if count > most[name]} == {}, counted
