"""The builder of frameworks as a lead uses it: started three ways, changed page by page, read as an applicant, approved."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.core.database import Database
from app.frameworks import queries
from app.frameworks.commands import create_framework
from app.frameworks.models import Framework
from app.frameworks.rules import (
    OUTCOMES,
    TASKS,
    Admission,
    CallOffFacts,
    CriterionFacts,
    FrameworkFacts,
    Known,
    LotFacts,
    Mechanism,
    Outcome,
    PriceUnit,
    RateFacts,
    RegionFacts,
    Service,
    Way,
    in_order,
    written,
)
from app.frameworks.templates import template
from app.organisations.rules import OrganisationKind, Role
from tests import NOON
from tests.conftest import ClientFor
from tests.databases import Furniture, statements
from tests.factories import organisation, seated
from tests.frameworks.hub import Hub, hub_and_directory


@pytest.fixture
def furniture() -> Furniture:
    return hub_and_directory


def _soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def _facts(db: Database, framework_id: UUID) -> FrameworkFacts:
    with db.read() as session:
        return queries.facts_of(session, session.get_one(Framework, framework_id))


def _draft(db: Database, made: Hub, facts: FrameworkFacts) -> str:
    with db.write() as session:
        return str(create_framework(session, made.writer, made.lead_id, facts))


def _as_it_stands(soup: BeautifulSoup) -> dict[str, Any]:
    """Everything the page's form would send back, untouched."""
    form = soup.select_one("form#form")
    assert form is not None
    data: dict[str, Any] = {}
    for box in form.select("input[name], textarea[name], select[name]"):
        name = str(box["name"])
        if box.name == "select":
            chosen = box.select_one("option[selected]")
            data[name] = chosen["value"] if chosen else ""
        elif box.name == "textarea":
            data[name] = box.get_text().removeprefix("\n")
        elif box.get("type") in ("checkbox", "radio"):
            if box.has_attr("checked"):
                data.setdefault(name, []).append(box["value"])
        else:
            data[name] = box.get("value", "")
    return data


def _errors(html: str) -> list[str]:
    return [link.get_text(strip=True) for link in _soup(html).select(".govuk-error-summary a")]


@pytest.mark.walk
@pytest.mark.row("2.2")
@pytest.mark.parametrize("slug", ["essex-five-lots", "open-framework-scheme"])
def test_saving_every_page_untouched_changes_nothing(db: Database, made: Hub, client_for: ClientFor, slug: str) -> None:
    framework_id = _draft(db, made, template(slug))
    client, before = client_for(made.writer), _facts(db, UUID(framework_id))
    pages = 0
    for task, _ in TASKS:
        path = f"/frameworks/drafts/{framework_id}/{task}"
        soup = _soup(client.get(path).text)
        parts = [link["href"] for link in soup.select(f'a[href^="{path}/"]') if str(link["href"])[-1].isdigit()]
        for part in parts or [path]:
            answer = client.post(str(part), data=_as_it_stands(_soup(client.get(str(part)).text)))
            assert answer.status_code == 303, (part, _errors(answer.text))
            assert _facts(db, UUID(framework_id)) == before, part
            pages += 1
    assert pages == 3 + sum(
        len(p) for p in (before.lots, before.regions, before.call_off, before.questions, before.criteria)
    )


@pytest.mark.row("2.2")
def test_a_framework_is_built_on_screen_from_nothing_and_approved_by_a_colleague(
    db: Database, made: Hub, client_for: ClientFor
) -> None:
    client = client_for(made.writer)
    answer = client.post("/frameworks/new", data={"lead_id": str(made.lead_id), "name": "Our own list", "template": ""})
    here = answer.headers["location"]
    framework_id = UUID(here.rsplit("/", 1)[1])
    lacking = [a.get_text() for a in _soup(client.get(here).text).select("h2 + ul.govuk-list a")]
    assert lacking[:2] == ["The framework does not describe its services.", "The framework has no estimated value."]

    def keep(path: str, **changes: Any) -> None:
        data = _as_it_stands(_soup(client.get(f"{here}/{path}").text)) | changes
        answer = client.post(f"{here}/{path}", data=data)
        assert answer.status_code == 303, (path, _errors(answer.text))

    keep("facts", summary="Therapy", estimated_value_pence="£1,000.50", way="provider_list", fee_basis_points="0.29")
    assert _facts(db, framework_id).fee_basis_points == 29
    keep("selection", selection_process="By the plan", direct_award="In turn")
    keep("agreement", agreement_version="1", agreement_text="We agree.")
    lot = {"name": "Therapy", "service": "therapeutic_intervention", "description": "Hours", "mechanism": "rate_card"}
    lot |= {"price_unit": "hour", "ceiling_pence": "158", "rate_mile": "0.45", "rate_report": "300", "fixed": ["mile"]}
    keep("lots/new", **lot, therapies=["ddp", "emdr"], topics="One\r\n\r\nTwo", admission="ranked", max_members="4")
    keep("lots/1/evidence", kinds=["ins_public_liability", "dbs_enhanced"], minimum_cover_pence="5000000")
    keep("lots/1/evidence", kinds=["ofsted_asa"], floor="good", where_held="true")
    keep("lots/1/evidence", kinds=["fmc_accreditation"], suffix="A, P")
    keep("regions/new", name="Leeds", pan_region_id="yorkshire-humber", authorities=["leeds", "bradford"])
    starts = {f"entitled_from-{part}": value for part, value in (("day", "1"), ("month", "12"), ("year", "2026"))}
    keep("call-off/new", organisation_id="one-adoption-west-yorkshire", **starts)
    keep("criteria/new", name="Quality", guidance="How", weight_min="10", weight_max="90")
    question = {"section": "You", "text": "How do you work?", "kind": "text", "carry": "fresh", "max_words": "99"}
    keep("questions/new", **question, weight="100", threshold="3", lots=["1"])
    keep(
        "questions/new", section="You", text="DBS?", kind="yes_no", carry="carry", known_as="dbs_enhanced", passes="Yes"
    )
    facts = _facts(db, framework_id)
    assert facts.countersigned, "as every framework that is begun on screen, unless its lead unticks it"
    assert facts == in_order(
        replace(
            facts,
            way=Way.PROVIDER_LIST,
            estimated_value_pence=100_050,
            lots=(
                LotFacts(
                    1,
                    "Therapy",
                    Service.THERAPEUTIC_INTERVENTION,
                    "Hours",
                    PriceUnit.HOUR,
                    15_800,
                    (
                        {
                            "any_of": [
                                {"kind": "ins_public_liability", "minimum_cover_pence": 500_000_000},
                                "dbs_enhanced",
                            ]
                        },
                        {"kind": "ofsted_asa", "floor": "good", "where_held": True},
                        {"kind": "fmc_accreditation", "suffix": ["A", "P"]},
                    ),
                    mechanism=Mechanism.RATE_CARD,
                    rates=(RateFacts(PriceUnit.MILE, 45, is_fixed=True), RateFacts(PriceUnit.REPORT, 30_000)),
                    therapies=("ddp", "emdr"),
                    topics=("One", "Two"),
                    admission=Admission.RANKED,
                    max_members=4,
                ),
            ),
            regions=(RegionFacts("Leeds", ("leeds", "bradford"), "yorkshire-humber"),),
            call_off=(CallOffFacts("one-adoption-west-yorkshire", NOON.date().replace(month=12, day=1)),),
            criteria=(CriterionFacts("Quality", "How", 10, 90),),
        )
    )
    assert [(q.known_as, q.passes, q.lots, q.weight) for q in facts.questions] == [
        (None, (), (1,), 100),
        (Known.DBS, ("Yes",), (), None),
    ]
    second = client_for(made.second)
    soup = _soup(second.get(here).text)
    assert "You are asking 1 thing we already know" in [h.get_text() for h in soup.select("h2")]
    assert "nobody can score them" in soup.get_text(), "said, though it stops no approval"
    assert soup.select('form[action$="/approve"]') == []
    keep("questions/2", reason="Certificates differ here.")
    assert _soup(client.get(here).text).select('form[action$="/approve"]') == []
    [form] = _soup(second.get(here).text).select('form[action$="/approve"]')
    assert second.post(str(form["action"])).status_code == 303
    assert client.get(here).headers["location"] == f"/frameworks/{framework_id}"
    page = _soup(client.get(f"/frameworks/{framework_id}").text).get_text(" ", strip=True)
    for words in ("Price for each mile of travel: £0.45", "the best scored, up to 4 members in each region", "In turn"):
        assert words in page
    assert client.post(f"{here}/agreement", data={"agreement_text": "Other"}).status_code == 409


def test_parts_are_removed_and_questions_for_a_removed_lot_go_with_it(
    db: Database, made: Hub, client_for: ClientFor
) -> None:
    framework_id = _draft(db, made, template("essex-five-lots"))
    client, here = client_for(made.writer), f"/frameworks/drafts/{framework_id}"

    def remove(path: str) -> int:
        page = _soup(client.get(f"{here}/{path.split('/')[0]}").text)
        seen = page.select_one('input[name="seen"]')["value"]
        return client.post(f"{here}/{path}/remove", data={"seen": seen}).status_code

    page = _as_it_stands(_soup(client.get(f"{here}/lots/5").text)) | {"number": "6"}
    assert client.post(f"{here}/lots/5", data=page).status_code == 303
    assert [remove("lots/3"), remove("criteria/1"), remove("lots/1/evidence/1"), remove("lots/9")] == [
        303,
        303,
        303,
        404,
    ]
    facts = _facts(db, UUID(framework_id))
    assert [lot.number for lot in facts.lots] == [1, 2, 4, 6]
    assert facts.questions[-1].lots == (6,)
    assert len(facts.questions) == len(template("essex-five-lots").questions) - 1
    assert len(facts.lots[0].requires) == len(template("essex-five-lots").lots[0].requires) - 1
    stale = client.post(f"{here}/lots/1/remove", data={"seen": "before"})
    assert (stale.status_code, "Somebody has changed this draft" in stale.text) == (409, True)


@pytest.mark.parametrize(
    ("path", "changes", "errors"),
    [
        ("facts", {"name": ""}, ["Enter the name of the framework"]),
        ("facts", {"estimated_value_pence": "much"}, ["Enter an amount of money, like 158 or 158.50"]),
        ("facts", {"ends_on-year": "2020"}, ["The last day must be after the first"]),
        ("facts", {"slug": "A B"}, ["Enter small letters, digits and hyphens"]),
        ("lots/1", {"number": "2"}, ["2 is there already"]),
        ("lots/1", {"admission": "ranked"}, ["Ranked admission needs the most members in a region"]),
        ("lots/1", {"therapies": ["none"]}, ["There is no therapy called “none”"]),
        ("facts", {"fee_basis_points": "0.505"}, ["Enter a percentage from 0 to 10"]),
        ("facts", {"fee_basis_points": "10.01"}, ["Enter a percentage from 0 to 10"]),
        ("criteria/1", {"weight_max": "0"}, ["The most cannot be less than the least"]),
        ("questions/1", {"kind": "choice"}, ["One of a list needs at least two answers"]),
        ("regions/1", {"authorities": ["none"]}, ["There is no authority called “none”"]),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(
    db: Database, made: Hub, client_for: ClientFor, path: str, changes: Mapping[str, Any], errors: list[str]
) -> None:
    framework_id = _draft(db, made, template("essex-five-lots"))
    client, here = client_for(made.writer), f"/frameworks/drafts/{framework_id}/{path}"
    data = _as_it_stands(_soup(client.get(here).text)) | changes
    answer = client.post(here, data=data)
    assert answer.status_code == 422
    found = _errors(answer.text)
    assert len(found) == len(errors)
    assert all(one.startswith(words) for one, words in zip(found, errors, strict=True)), found
    typed = _as_it_stands(_soup(answer.text))
    [name] = changes
    assert name == "therapies" or name == "authorities" or typed[name] in (changes[name], [changes[name]])


def test_a_file_is_imported_as_a_draft_or_refused_by_path(db: Database, made: Hub, client_for: ClientFor) -> None:
    client = client_for(made.writer)

    def send(text: str) -> Any:
        return client.post(
            "/frameworks/import",
            data={"lead_id": str(made.lead_id)},
            files={"file": ("framework.json", text.encode(), "application/json")},
        )

    text = written(template("yorkshire-humber"))
    assert send(text).status_code == 303
    assert "There is already a framework called yorkshire-humber." in _errors(send(text).text)
    wrong = send(text.replace('"leeds"', '"leedz"').replace("light_touch", "lightest"))
    assert wrong.status_code == 422
    assert _errors(wrong.text) == ["Nothing was imported: 2 things are to be put right in the file"]
    assert [li.get_text() for li in _soup(wrong.text).select(".portal-panel li")] == [
        "rule_set_slug: there is no rule set called “lightest”",
        "regions[2].authorities[3]: there is no authority called “leedz”",
    ]
    assert _errors(send("{}").text) == ["Nothing was imported: 5 things are to be put right in the file"]
    with db.read() as session:
        assert len(session.exec(select(Framework)).all()) == 1


def test_a_template_starts_a_draft_under_a_new_name(db: Database, made: Hub, client_for: ClientFor) -> None:
    client = client_for(made.writer)
    data = {"lead_id": str(made.lead_id), "name": "Kent’s own list", "template": "approved-provider-list"}
    framework_id = UUID(client.post("/frameworks/new", data=data).headers["location"].rsplit("/", 1)[1])
    facts = _facts(db, framework_id)
    assert (facts.slug, facts.name) == ("kents-own-list", "Kent’s own list")
    assert facts.lots == template("approved-provider-list").lots
    assert client.post("/frameworks/new", data=data).status_code == 409
    assert client.post("/frameworks/new", data=data | {"template": "none"}).status_code == 404


@pytest.mark.row("2.2")
def test_a_preview_shows_every_question_tries_answers_and_keeps_nothing(
    db: Database, made: Hub, client_for: ClientFor
) -> None:
    framework_id = _draft(db, made, template("approved-provider-list"))
    client, path = client_for(made.writer), f"/frameworks/drafts/{framework_id}/preview"
    text = _soup(client.get(path).text).main.get_text(" ", strip=True)
    assert all(question.text in text for question in template("approved-provider-list").questions)
    assert "We know this as “Places free and waiting times”" in text
    assert "Tried:" not in text
    with statements(db) as sent:
        answer = client.post(path, data={"q1": "A visit", "q3": "No"})
    assert answer.status_code == 200
    assert not [statement for statement in sent if not statement.lstrip().startswith(("SELECT", "WITH"))]
    tried = [p.get_text(" ", strip=True) for p in _soup(answer.text).select("form p.govuk-body")]
    assert [words.removeprefix("Tried: ") for words in tried] == [
        OUTCOMES[Outcome.KEPT],
        OUTCOMES[Outcome.MISSING],
        OUTCOMES[Outcome.PERSON],
    ]
    assert "A visit" in _soup(answer.text).select_one("#q1").get_text()


def test_only_its_leads_see_the_builder(db: Database, made: Hub, client_for: ClientFor) -> None:
    framework_id = _draft(db, made, template("approved-provider-list"))
    with db.write() as session:
        checker = seated(session, made.lead_id, Role.CHECKER)
        stranger = seated(session, organisation(session, OrganisationKind.LEAD, "Other"), Role.FRAMEWORK_LEAD)
    for actor in (checker, stranger):
        for rest in ("", "/preview", "/facts", "/lots", "/lots/1", "/lots/1/evidence"):
            assert client_for(actor).get(f"/frameworks/drafts/{framework_id}{rest}").status_code == 404
    for rest in ("/none", "/lots/0", "/lots/99", "/lots/x", "/facts/1", "/lots/new/evidence"):
        assert client_for(made.writer).get(f"/frameworks/drafts/{framework_id}{rest}").status_code == 404


@pytest.mark.bar("P6")
def test_no_page_of_the_builder_asks_the_database_more_than_fifteen_times(
    db: Database, made: Hub, client_for: ClientFor
) -> None:
    framework_id = _draft(db, made, template("essex-five-lots"))
    client = client_for(made.writer)
    for rest in ("", "/preview", "/facts", "/lots", "/lots/4", "/lots/4/evidence", "/regions/1", "/questions/1"):
        with statements(db) as sent:
            assert client.get(f"/frameworks/drafts/{framework_id}{rest}").status_code == 200
        assert len(sent) <= 15, (rest, len(sent))


@pytest.mark.row("2.4")
def test_an_intake_that_is_always_open_is_set_up_on_screen_and_its_term_extended_by_two(
    db: Database, made: Hub, client_for: ClientFor
) -> None:
    framework_id = _draft(db, made, template("eight-therapy-lots"))
    writer, second = client_for(made.writer), client_for(made.second)
    path = f"/frameworks/{framework_id}"
    assert second.post(f"{path}/approve").status_code == 303
    with db.read() as session:
        lots, regions = queries.lots_and_regions(session, UUID(framework_id))
    data = {"name": "Always open", "lots": [str(lot.id) for lot in lots], "regions": [str(r.id) for r in regions]}
    data |= {f"opens_on-{part}": value for part, value in (("day", "1"), ("month", "4"), ("year", "2027"))}
    wrong = writer.post(f"{path}/rounds", data=data | {"decisions": "soon"})
    assert _errors(wrong.text) == ["Enter each day of decision on a line of its own, like 27 3 2027"]
    for given, words in (
        ({}, "Enter at least one day of decision."),
        ({"decisions": "1 7 2026", "opens_on-year": "2026"}, "The first day must not be before today."),
        ({"decisions": "1 7 2026"}, "Every day of decision must lie within the round."),
    ):
        refused = writer.post(f"{path}/rounds", data=data | given)
        assert (refused.status_code, _errors(refused.text)) == (409, [words])
    assert writer.post(f"{path}/rounds", data=data | {"decisions": "1 7 2027\r\n1/10/2027"}).status_code == 303
    until = {f"until-{part}": value for part, value in (("day", "31"), ("month", "3"), ("year", "2033"))}
    extension = until | {"reason": "Members are still wanted."}
    late = writer.post(f"{path}/extension", data=extension | {"until-year": "2034"})
    assert (late.status_code, len(_errors(late.text))) == (409, 1)
    assert writer.post(f"{path}/extension", data=extension).status_code == 303
    assert writer.post(f"{path}/extension/approve").status_code == 409
    assert second.post(f"{path}/extension/approve").status_code == 303
    with db.read() as session:
        [window] = queries.rounds(session, UUID(framework_id), NOON)
    assert [f"{day:%d %m %Y}" for day in window.decisions] == ["01 07 2027", "01 10 2027"]
    assert (window.rolling, f"{window.closes_at:%d %m %Y %H}") == (True, "31 03 2033 23")


@pytest.mark.row("2.2")
def test_questions_of_a_later_round_are_written_and_approved_on_screen(
    db: Database, made: Hub, client_for: ClientFor
) -> None:
    framework_id = _draft(db, made, template("approved-provider-list"))
    writer, second = client_for(made.writer), client_for(made.second)
    assert second.post(f"/frameworks/{framework_id}/approve").status_code == 303
    path = f"/frameworks/drafts/{framework_id}/questions"
    assert "version 1, which is approved" in writer.get(path).text
    data = _as_it_stands(_soup(writer.get(f"{path}/1").text)) | {"text": "What happens first?"}
    assert writer.post(f"{path}/1", data=data).status_code == 303
    stored = template("approved-provider-list").questions[0]
    with db.read() as session:
        row = session.get_one(Framework, UUID(framework_id))
        assert queries.facts_of(session, row).questions[0] == stored
    assert writer.post(f"{path}/approve").status_code == 409
    [form] = _soup(second.get(path).text).select('form[action$="/questions/approve"]')
    assert _soup(writer.get(path).text).select('form[action$="/questions/approve"]') == []
    assert second.post(str(form["action"])).status_code == 303
    assert _facts(db, UUID(framework_id)).questions[0].text == "What happens first?"
    assert "version 2, which is approved" in writer.get(path).text
