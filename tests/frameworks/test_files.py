"""Frameworks in files: read, refused by path, written again without loss, approved, frozen and opened."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from app.core import audit
from app.core.actor import NOBODY
from app.core.crypto import digest
from app.core.database import Database
from app.frameworks import queries
from app.frameworks.commands import Faulty, create_framework, open_round
from app.frameworks.models import Framework, QuestionSet, Round
from app.frameworks.rules import (
    Admission,
    Answering,
    CallOffFacts,
    CriterionFacts,
    FrameworkFacts,
    Known,
    LotFacts,
    Mechanism,
    PriceUnit,
    QuestionFacts,
    RateFacts,
    RegionFacts,
    Service,
    Way,
    frozen_text,
    in_order,
    read,
    schema,
    written,
)
from app.frameworks.templates import FOLDER, TEMPLATES, template
from app.organisations.models import Organisation
from app.organisations.rules import OrganisationKind, Role
from tests import NOON, ROOT
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.factories import organisation, seated
from tests.frameworks.hub import TODAY, Hub, approve, create, hub_and_directory, kept, parts_of

SLUGS = [slug for slug, _ in TEMPLATES]


@pytest.fixture
def furniture() -> Furniture:
    return hub_and_directory


@pytest.mark.row("2.2")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_template_is_imported_exported_approved_frozen_and_opened(db: Database, made: Hub, slug: str) -> None:
    text = (FOLDER / f"{slug}.json").read_text(encoding="utf-8")
    facts = template(slug)
    framework_id = create(db, made, facts)
    assert written(kept(db, framework_id)) == written(facts) == text
    approve(db, made, framework_id)
    with db.write() as session:
        scope = parts_of(session, framework_id, range(1, 99))
        opens_at = NOON + timedelta(days=1)
        round_id = open_round(
            session, made.writer, framework_id, "First", opens_at, opens_at + timedelta(days=30), scope
        )
    with db.read() as session:
        row = session.get_one(Framework, framework_id)
        asked = session.exec(select(QuestionSet).where(QuestionSet.framework_id == framework_id)).one()
        assert row.sha256 == digest(frozen_text(queries.facts_of(session, row)).encode())
        assert audit.timeline(session, framework_id)[1].detail["sha256"] == row.sha256
        assert (asked.version, asked.frozen_by, len(asked.sha256)) == (1, made.second.person_id, 64)
        assert session.get_one(Round, round_id).question_set_id == asked.id


@pytest.mark.row("2.2")
def test_the_essex_file_holds_the_whole_specification() -> None:
    facts = template("essex-five-lots")
    assert [lot.service for lot in facts.lots] == list(Service)
    training, assessments, mediation, therapy, _ = facts.lots
    assert (len(training.topics), len(assessments.topics), len(therapy.therapies)) == (10, 6, 13)
    assert {
        "any_of": [{"kind": "fmc_accreditation", "suffix": ["A", "P"]}, "law_society_mediation"]
    } in mediation.requires
    assert all({"kind": "ofsted_asa", "floor": "good", "where_held": True} in lot.requires for lot in facts.lots)
    assert all((len(lot.outcomes) >= 4, len(lot.monitoring)) == (True, 7) for lot in facts.lots)


MOST = FrameworkFacts(
    slug="most",
    name="All there is",
    rule_set_slug="light_touch",
    starts_on=date(2027, 1, 1),
    ends_on=date(2028, 1, 1),
    lots=(
        LotFacts(
            2,
            "Two",
            Service.MEDIATION,
            "",
            PriceUnit.OVERNIGHT,
            1,
            ({"all_of": ["dbs_enhanced", {"kind": "ins_public_liability", "minimum_cover_pence": 500}]},),
            mechanism=Mechanism.RATE_CARD,
            rates=(RateFacts(PriceUnit.NO_SHOW, 5, is_fixed=True), RateFacts(PriceUnit.MILE, 45)),
            therapies=("theraplay", "ddp"),
            topics=("Endings",),
            admission=Admission.RANKED,
            max_members=3,
            pass_mark=60,
        ),
        LotFacts(1, "One", Service.TRAINING, "", PriceUnit.DAY, 2, ()),
    ),
    regions=(RegionFacts("West", ("leeds", "bradford")), RegionFacts("East", (), "london")),
    call_off=(
        CallOffFacts("leeds", date(2028, 1, 2)),
        CallOffFacts("leeds", TODAY, date(2028, 1, 1)),
        CallOffFacts("adopt-east", TODAY),
    ),
    criteria=(CriterionFacts("B", "", 1, 2), CriterionFacts("A", "", 1, 100, is_price=True)),
    questions=(
        QuestionFacts("S", "How?", "G", max_words=5, weight=40, threshold=3, descriptors=tuple("abcdef"), lots=(2, 1)),
        QuestionFacts(
            "S", "DBS?", kind=Answering.YES_NO, passes=("Yes",), known_as=Known.DBS, reason="So", required=False
        ),
        QuestionFacts("T", "Which?", kind=Answering.CHOICE, options=("X", "Y"), passes=("X", "Y")),
    ),
    estimated_value_pence=3,
    extendable_to=date(2029, 1, 1),
    way=Way.PROVIDER_LIST,
    direct_award="In turn",
    fee_basis_points=25,
    source="Invented",
    may_accede=("suffolk", "essex"),
    open_regions=("yorkshire-humber", "london"),
    wants_dbs_file=False,
    countersigned=True,
)


def test_what_is_stored_is_what_the_file_said_and_the_least_draft_is_almost_empty(db: Database, made: Hub) -> None:
    least = FrameworkFacts("least", "Hardly anything", "closed", date(2027, 1, 1), date(2027, 1, 2))
    for facts in (MOST, least):
        stored = kept(db, create(db, made, facts))
        assert stored == in_order(facts)
        assert read(written(stored)) == stored
    assert json.loads(written(least)).keys() == {"slug", "name", "rule_set_slug", "starts_on", "ends_on"}


def test_an_organisation_without_a_name_in_the_directory_goes_by_its_id(db: Database, made: Hub) -> None:
    with db.write() as session:
        agency = organisation(session, OrganisationKind.RAA, "Nameless")
    facts = replace(MOST, call_off=(CallOffFacts(str(agency), TODAY),))
    assert kept(db, create(db, made, facts)).call_off == (CallOffFacts(agency, TODAY),)


words = st.text("aé” 1.", min_size=1, max_size=9).map(str.strip).filter(bool)
rates = st.lists(
    st.builds(RateFacts, st.sampled_from(list(PriceUnit)[1:]), st.integers(1, 10**9), st.booleans()), max_size=3
)
lots = st.lists(
    st.builds(
        LotFacts,
        number=st.integers(1, 999),
        name=words,
        service=st.sampled_from(Service),
        description=words,
        price_unit=st.just(PriceUnit.HOUR),
        ceiling_pence=st.integers(1, 10**9),
        requires=st.lists(st.sampled_from(["dbs_enhanced", {"any_of": ["a", {"all_of": ["b", "c"]}]}])).map(tuple),
        rates=rates.map(lambda found: tuple({rate.unit: rate for rate in found}.values())),
        therapies=st.sets(words, max_size=3).map(tuple),
        topics=st.lists(words, max_size=3).map(tuple),
    ),
    max_size=4,
).map(lambda found: tuple({lot.number: lot for lot in found}.values()))
frameworks = st.builds(
    FrameworkFacts,
    slug=st.just("any"),
    name=words,
    rule_set_slug=words,
    starts_on=st.dates(date(2020, 1, 1), date(2029, 1, 1)),
    ends_on=st.dates(date(2030, 1, 1), date(2040, 1, 1)),
    summary=words,
    lots=lots,
    way=st.sampled_from(Way),
    estimated_value_pence=st.none() | st.integers(1, 10**12),
)


@given(frameworks)
def test_a_file_loses_nothing_whatever_it_says(facts: FrameworkFacts) -> None:
    found = read(written(facts))
    assert isinstance(found, FrameworkFacts)
    assert in_order(found) == in_order(facts)
    assert read(written(in_order(facts))) == in_order(facts)


@pytest.mark.parametrize(
    ("different", "same"),
    [
        ({"call_off": ()}, True),
        ({"ends_on": date(2028, 6, 1)}, True),
        ({"wants_dbs_file": True}, True),
        ({"countersigned": False}, False),
        ({"may_accede": ("essex",)}, False),
        ({"open_regions": ()}, False),
        ({"extendable_to": date(2029, 6, 1)}, False),
        ({"agreement_text": "Other"}, False),
        ({"questions": MOST.questions[:2]}, False),
        ({"lots": (replace(MOST.lots[0], ceiling_pence=2), MOST.lots[1])}, False),
        ({"lots": (replace(MOST.lots[0], requires=("dbs_enhanced",)), MOST.lots[1])}, False),
    ],
)
def test_approval_freezes_all_but_what_may_lawfully_change(different: dict[str, Any], same: bool) -> None:
    assert (frozen_text(replace(MOST, **different)) == frozen_text(MOST)) is same


GOOD = json.loads(written(MOST))


def _wrong(path: str, value: object) -> str:
    """The good file with one value changed, at a path like `lots.0.name`."""
    data = json.loads(json.dumps(GOOD))
    *way, last = path.split(".")
    part = data
    for step in way:
        part = part[int(step) if step.isdigit() else step]
    part[int(last) if last.isdigit() else last] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("at", "value", "fault"),
    [
        ("colour", "red", "colour: the file has no such field"),
        ("lots.0.colour", "red", "lots[0].colour: the file has no such field"),
        ("slug", "A B", "slug: String should match pattern"),
        ("summary", "a\0b", "it holds a character that no database keeps"),
        ("lots.1.number", 2, "lots[1].number: 2 is there already"),
        ("lots.0.ceiling_pence", 0, "lots[0].ceiling_pence: Input should be greater than or equal to 1"),
        ("lots.0.requires", [{"any_of": []}], "lots[0].requires[0]: “any_of” in the rule must list at least one part"),
        ("lots.0.rates.0.unit", "overnight", "lots[0].rates[0].unit: this is the lot's own unit"),
        ("lots.0.rates.0.unit", "mile", "lots[0].rates[1].unit: mile is there already"),
        ("lots.0.max_members", None, "lots[0].max_members: ranked admission needs the most members"),
        ("lots.1.max_members", 2, "lots[1].max_members: ranked admission needs the most members"),
        ("lots.0.therapies", ["ddp", "ddp"], "lots[0].therapies[1]: ddp is there already"),
        ("regions.0.name", "East", "regions[1].name: East is there already"),
        ("call_off.0.entitled_from", "2028-01-01", "call_off[1].organisation_id: leeds is there already"),
        ("may_accede", ["essex", "essex"], "may_accede[1]: essex is there already"),
        ("open_regions", ["london", "london"], "open_regions[1]: london is there already"),
        ("call_off.0.entitled_to", "2020-01-01", "call_off[0].entitled_to: it cannot end before it begins"),
        ("criteria.0.weight_min", 3, "criteria[0].weight_max: the most cannot be less than the least"),
        ("ends_on", "2027-01-01", "ends_on: the last day must be after the first"),
        ("extendable_to", "2027-06-01", "extendable_to: the term cannot be extended to a day before its end"),
        ("scheme_ends_on", "2027-06-01", "scheme_ends_on: the scheme cannot end before its framework does"),
        ("follows", "first", "scheme_ends_on: a framework that follows another needs the day"),
        ("questions.0.lots", [7], "questions[0].lots[0]: there is no lot 7"),
        ("questions.0.kind", "yes_no", "questions[0].max_words: only an answer in words"),
        ("questions.0.descriptors", ["a"], "questions[0].descriptors: say what each of the six points"),
        ("questions.0.weight", None, "questions[0].weight: a question with a threshold or descriptors needs a weight"),
        ("questions.1.passes", ["Maybe"], "questions[1].passes[0]: this is none of the answers"),
        ("questions.2.options", ["X"], "questions[2].options: one of a list needs at least two answers"),
    ],
)
def test_a_file_that_says_what_cannot_be_is_refused_by_path(at: str, value: object, fault: str) -> None:
    found = read(_wrong(at, value))
    assert isinstance(found, list)
    assert str(found[0]).startswith(fault)


def test_a_file_that_is_no_json_is_refused_in_words() -> None:
    found = read("{")
    assert isinstance(found, list)
    assert [fault.path for fault in found] == [""]


@pytest.mark.parametrize(
    ("at", "value", "fault"),
    [
        ("rule_set_slug", "none", "rule_set_slug: there is no rule set called “none”"),
        ("lots.0.requires", ["none"], "lots[0].requires[0]: there is no kind of evidence called “none”"),
        ("lots.0.therapies", ["none"], "lots[0].therapies[0]: there is no therapy called “none”"),
        ("regions.0.authorities", ["adopt-east"], "there is no authority called “adopt-east”"),
        ("regions.0.pan_region_id", "none", "there is no pan-region called “none”"),
        ("call_off.0.organisation_id", "none", "there is no agency called “none”"),
        ("may_accede", ["none"], "may_accede[0]: there is no agency called “none”"),
        ("open_regions", ["none"], "open_regions[0]: there is no pan-region called “none”"),
    ],
)
def test_a_file_that_names_what_is_not_here_is_refused_by_path(
    db: Database, made: Hub, at: str, value: object, fault: str
) -> None:
    facts = read(_wrong(at, value))
    assert isinstance(facts, FrameworkFacts)
    with pytest.raises(Faulty) as refused, db.write() as session:
        create_framework(session, made.writer, made.lead_id, facts)
    assert fault in refused.value.refusal.words
    assert len(refused.value.faults) == 1


def test_the_schema_names_every_field_that_a_file_may_have() -> None:
    made = schema()
    told = set(made["properties"]) | {name for part in made["$defs"].values() for name in part.get("properties", ())}
    used = set(GOOD) | {
        name for part in ("lots", "regions", "call_off", "questions") for row in GOOD[part] for name in row
    }
    assert used <= told
    assert made["additionalProperties"] is False


def test_the_description_of_the_file_names_every_field() -> None:
    told = schema()
    text = (ROOT / "docs" / "framework-file.md").read_text(encoding="utf-8")
    fields = set(told["properties"]) | {f for part in told["$defs"].values() for f in part.get("properties", ())}
    assert [field for field in sorted(fields) if f"`{field}`" not in text] == []


def test_a_framework_is_a_file_for_whoever_may_read_it(db: Database, made: Hub, client_for: ClientFor) -> None:
    framework_id = create(db, made, template("yorkshire-humber"))
    path = f"/frameworks/{framework_id}/file"
    with db.write() as session:
        stranger = seated(session, organisation(session, OrganisationKind.PROVIDER, "Alder"), Role.OWNER)
    assert client_for(stranger).get(path).status_code == 404
    answer = client_for(made.writer).get(path)
    assert read(answer.content) == template("yorkshire-humber")
    assert answer.headers["content-disposition"] == 'attachment; filename="yorkshire-humber.json"'
    approve(db, made, framework_id)
    assert client_for(stranger).get(path).content == answer.content
    assert client_for(NOBODY).get("/frameworks/schema.json").json() == schema()


def test_the_directory_names_each_authority_of_the_three_agencies(db: Database, made: Hub) -> None:
    facts = template("yorkshire-humber")
    slugs = [code for region in facts.regions for code in region.authorities]
    with db.read() as session:
        kinds = session.exec(select(Organisation.kind).where(col(Organisation.slug).in_(slugs))).all()
    assert kinds == [OrganisationKind.AUTHORITY] * 15
    assert len(facts.call_off) == 3
