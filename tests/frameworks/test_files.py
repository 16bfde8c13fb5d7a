"""Frameworks in files: read, refused by path, written again without loss, approved, frozen and opened."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import app.evidence.reference
import app.frameworks.reference
import app.organisations.reference
import app.providers.reference
from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks import queries
from app.frameworks.commands import (
    Faulty,
    approve_extension,
    approve_framework,
    create_framework,
    freeze_questions,
    open_round,
    propose_extension,
    revise_framework,
    revise_questions,
)
from app.frameworks.commands.writing import digest_of
from app.frameworks.models import Framework, FrameworkExtension, QuestionSet, Round
from app.frameworks.rules import (
    Admission,
    Answering,
    CallOffFacts,
    CriterionFacts,
    FrameworkFacts,
    Known,
    LotFacts,
    Mechanism,
    Part,
    PriceUnit,
    QuestionFacts,
    RateFacts,
    RegionFacts,
    Service,
    Way,
    closes_with,
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
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import organisation, seated

REFERENCE = (
    app.organisations.reference,
    app.providers.reference,
    app.evidence.reference,
    app.frameworks.reference,
)
SLUGS = [slug for slug, _ in TEMPLATES]
TODAY = NOON.date()


@dataclass(frozen=True)
class Hub:
    lead_id: UUID
    writer: Actor
    second: Actor


def hub_and_directory(session: Session) -> Hub:
    for room in REFERENCE:
        room.load(session)
    lead_id = organisation(session, OrganisationKind.LEAD, "Northern hub")
    people = [seated(session, lead_id, Role.FRAMEWORK_LEAD) for _ in range(2)]
    return Hub(lead_id, people[0], people[1])


@pytest.fixture
def furniture() -> Furniture:
    return hub_and_directory


def _create(db: Database, made: Hub, facts: FrameworkFacts) -> UUID:
    with db.write() as session:
        return create_framework(session, made.writer, made.lead_id, facts)


def _approve(db: Database, made: Hub, framework_id: UUID) -> None:
    with db.write() as session:
        approve_framework(session, made.second, framework_id)


def _facts(db: Database, framework_id: UUID) -> FrameworkFacts:
    with db.read() as session:
        return queries.facts_of(session, session.get_one(Framework, framework_id))


def begun_today(facts: FrameworkFacts) -> FrameworkFacts:
    """The same, begun today: a file's own days are in the future."""
    shift = TODAY - facts.starts_on
    return replace(
        facts,
        starts_on=TODAY,
        ends_on=facts.ends_on + shift,
        extendable_to=facts.extendable_to and facts.extendable_to + shift,
        scheme_ends_on=facts.scheme_ends_on and facts.scheme_ends_on + shift,
        call_off=tuple(replace(body, entitled_from=TODAY) for body in facts.call_off),
    )


def _scope(session: Session, framework_id: UUID, numbers: range) -> list[Part]:
    lots, regions = queries.lots_and_regions(session, framework_id)
    return [(lot.id, region.id) for lot in lots if lot.number in numbers for region in regions]


@pytest.mark.row("2.2")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_template_is_imported_exported_approved_frozen_and_opened(db: Database, made: Hub, slug: str) -> None:
    text = (FOLDER / f"{slug}.json").read_text(encoding="utf-8")
    facts = template(slug)
    framework_id = _create(db, made, facts)
    assert written(_facts(db, framework_id)) == written(facts) == text
    _approve(db, made, framework_id)
    with db.write() as session:
        scope = _scope(session, framework_id, range(1, 99))
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
        stored = _facts(db, _create(db, made, facts))
        assert stored == in_order(facts)
        assert read(written(stored)) == stored
    assert json.loads(written(least)).keys() == {"slug", "name", "rule_set_slug", "starts_on", "ends_on"}


def test_an_organisation_without_a_name_in_the_directory_goes_by_its_id(db: Database, made: Hub) -> None:
    with db.write() as session:
        agency = organisation(session, OrganisationKind.RAA, "Nameless")
    facts = replace(MOST, call_off=(CallOffFacts(str(agency), TODAY),))
    assert _facts(db, _create(db, made, facts)).call_off == (CallOffFacts(agency, TODAY),)


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
    framework_id = _create(db, made, template("yorkshire-humber"))
    path = f"/frameworks/{framework_id}/file"
    with db.write() as session:
        stranger = seated(session, organisation(session, OrganisationKind.PROVIDER, "Alder"), Role.OWNER)
    assert client_for(stranger).get(path).status_code == 404
    answer = client_for(made.writer).get(path)
    assert read(answer.content) == template("yorkshire-humber")
    assert answer.headers["content-disposition"] == 'attachment; filename="yorkshire-humber.json"'
    _approve(db, made, framework_id)
    assert client_for(stranger).get(path).content == answer.content
    assert client_for(NOBODY).get("/frameworks/schema.json").json() == schema()


@pytest.mark.row("2.2")
def test_a_draft_is_changed_part_by_part_and_whoever_changed_it_cannot_approve(db: Database, made: Hub) -> None:
    framework_id = _create(db, made, template("essex-five-lots"))
    before = _facts(db, framework_id)
    one_lot = replace(
        before,
        lots=before.lots[:1],
        questions=before.questions[:6],
        regions=(RegionFacts("Suffolk", ("suffolk",)),),
        criteria=before.criteria[:0],
        may_accede=("suffolk",),
        open_regions=("london",),
    )
    with pytest.raises(NotFound), db.write() as session:
        other = seated(session, organisation(session, OrganisationKind.LEAD, "Other hub"), Role.FRAMEWORK_LEAD)
        revise_framework(session, other, framework_id, digest_of(before), lambda _: one_lot)
    with db.write() as session:
        revise_framework(session, made.second, framework_id, digest_of(before), lambda _: one_lot)
    assert _facts(db, framework_id) == one_lot
    with pytest.raises(Refused) as refused, db.write() as session:
        revise_framework(session, made.writer, framework_id, digest_of(before), lambda _: before)
    assert refused.value.refusal.code == "changed_meanwhile"
    with db.write() as session:
        revise_framework(
            session, made.second, framework_id, digest_of(one_lot), lambda _: replace(before, name="New name")
        )
    with pytest.raises(Refused) as refused, db.write() as session:
        approve_framework(session, made.second, framework_id)
    assert refused.value.refusal.code == "second_person"
    with db.write() as session:
        approve_framework(session, made.writer, framework_id)
    approved = _facts(db, framework_id)
    with pytest.raises(Refused) as refused, db.write() as session:
        revise_framework(session, made.second, framework_id, digest_of(approved), lambda _: before)
    assert refused.value.refusal.code == "not_a_draft"
    with db.read() as session:
        told = [event.detail.get("parts") for event in audit.timeline(session, framework_id)]
        assert told[1:3] == ["lots, regions, may accede, open regions, criteria and questions"] * 2


@pytest.mark.row("2.19")
def test_a_term_is_extended_by_two_people_and_what_is_always_open_goes_on(
    db: Database, made: Hub, clock: Clock
) -> None:
    facts = begun_today(template("eight-therapy-lots"))
    framework_id = _create(db, made, facts)
    _approve(db, made, framework_id)
    with db.write() as session:
        open_round(
            session,
            made.writer,
            framework_id,
            "Always",
            NOON,
            None,
            _scope(session, framework_id, range(1, 9)),
            [TODAY],
        )
    assert facts.extendable_to
    until = facts.extendable_to
    with pytest.raises(Refused) as refused, db.write() as session:
        approve_extension(session, made.second, framework_id)
    assert refused.value.refusal.code == "none_waiting"
    with db.write() as session:
        propose_extension(session, made.writer, framework_id, until, "Members still wanted")
    for command in (
        lambda session: propose_extension(session, made.second, framework_id, until, "Again"),
        lambda session: approve_extension(session, made.writer, framework_id),
    ):
        with pytest.raises(Refused), db.write() as session:
            command(session)
    with db.write() as session:
        approve_extension(session, made.second, framework_id)
    with db.read() as session:
        row = session.get_one(Framework, framework_id)
        assert row.ends_on == until
        assert row.sha256 == digest(frozen_text(queries.facts_of(session, row)).encode())
        [window] = queries.rounds(session, framework_id, NOON)
        assert (window.closes_at, window.decisions) == (closes_with(until), (TODAY,))
        assert audit.timeline(session, framework_id)[-1].name == "framework.extended"
    with pytest.raises(IntegrityError, match="two_people"), db.write() as session:
        session.exec(select(FrameworkExtension)).one().approved_by = made.writer.person_id


@pytest.mark.row("2.5")
def test_a_list_that_is_always_open_opens_two_of_its_lots_again(db: Database, made: Hub, clock: Clock) -> None:
    framework_id = _create(db, made, begun_today(template("eight-therapy-lots")))
    _approve(db, made, framework_id)

    def opened(name: str, opens_at: datetime, closes_at: datetime | None, numbers: range, *days: date) -> None:
        with db.write() as session:
            scope = _scope(session, framework_id, numbers)
            open_round(session, made.writer, framework_id, name, opens_at, closes_at, scope, days)

    opened("Always open", NOON, None, range(1, 7), TODAY + timedelta(days=90), TODAY + timedelta(days=180))
    opened("Two lots", NOON, NOON + timedelta(days=30), range(7, 9))
    opened("Two lots again", NOON + timedelta(days=200), NOON + timedelta(days=230), range(7, 9))
    with pytest.raises(Refused) as refused:
        opened("One of the six", NOON + timedelta(days=200), NOON + timedelta(days=230), range(6, 7))
    assert refused.value.refusal.code == "overlap"
    with db.read() as session:
        found = queries.rounds(session, framework_id, NOON + timedelta(days=210))
        assert {one.name for one in found if one.phase == "open"} == {"Two lots again", "Always open"}
        always = next(one for one in found if one.rolling)
        assert [day - TODAY for day in always.decisions] == [timedelta(days=90), timedelta(days=180)]


@pytest.mark.row("2.2")
def test_a_later_round_asks_newer_questions_frozen_by_a_second_person(db: Database, made: Hub, clock: Clock) -> None:
    facts = begun_today(template("yorkshire-humber"))
    framework_id = _create(db, made, facts)

    def revise(actor: Actor, *questions: QuestionFacts) -> int:
        with db.write() as session:
            _, before = queries.draft(session, actor, framework_id)
            return revise_questions(session, actor, framework_id, digest_of(before), questions)

    newer = (replace(facts.questions[0], weight=100),)
    with pytest.raises(Refused) as refused:
        revise(made.writer, *newer)
    assert refused.value.refusal.code == "not_approved"
    _approve(db, made, framework_id)
    assert revise(made.second) == 2
    assert revise(made.writer, replace(newer[0], text="What is your DBS number?")) == 2
    with pytest.raises(Refused) as refused, db.write() as session:
        revise_questions(session, made.second, framework_id, "before", newer)
    assert refused.value.refusal.code == "changed_meanwhile"
    assert _facts(db, framework_id).questions == facts.questions
    for actor, code in ((made.writer, "second_person"), (made.second, "questions.already_known")):
        with pytest.raises(Refused) as refused, db.write() as session:
            freeze_questions(session, actor, framework_id)
        assert refused.value.refusal.code == code
    revise(made.writer, *newer)
    with db.write() as session:
        freeze_questions(session, made.second, framework_id)
    with pytest.raises(Refused) as refused, db.write() as session:
        freeze_questions(session, made.second, framework_id)
    assert refused.value.refusal.code == "nothing_to_freeze"
    assert _facts(db, framework_id).questions == newer
    with db.write() as session:
        scope = _scope(session, framework_id, range(1, 2))
        open_round(session, made.writer, framework_id, "Second", NOON, NOON + timedelta(days=30), scope)
        sets = session.exec(select(QuestionSet).where(QuestionSet.framework_id == framework_id)).all()
        assert {one.version for one in sets if one.id in session.exec(select(Round.question_set_id)).all()} == {2}
        row = session.get_one(Framework, framework_id)
        assert row.sha256 == digest(frozen_text(queries.facts_of(session, row, 1)).encode())


@pytest.mark.row("2.19")
def test_the_next_framework_of_a_scheme_follows_the_first_within_its_clocks(db: Database, made: Hub) -> None:
    first = template("open-framework-scheme")
    _approve(db, made, _create(db, made, first))
    late = replace(first, slug="late", follows=first.slug, starts_on=date(2030, 4, 2), ends_on=date(2034, 3, 31))
    framework_id = _create(db, made, late)
    with pytest.raises(Refused) as refused:
        _approve(db, made, framework_id)
    assert refused.value.refusal.words == "The scheme had to be re-opened by 1 April 2030."
    in_time = replace(late, slug="in-time", starts_on=date(2030, 4, 1))
    _approve(db, made, _create(db, made, in_time))
    third = replace(late, slug="third", follows="in-time", starts_on=date(2034, 4, 1), ends_on=date(2035, 3, 31))
    framework_id = _create(db, made, third)
    with db.read() as session:
        row = session.get_one(Framework, framework_id)
        clocks = queries.clocks_of(session, row)
        told = {
            one.slug: queries.framework(session, made.writer, one.id).reopen_by
            for one in session.exec(select(Framework).where(col(Framework.slug).in_((first.slug, "in-time"))))
        }
        assert told == {first.slug: date(2030, 4, 1), "in-time": None}
        assert (clocks.began_on, clocks.reopen_by) == (date(2027, 4, 1), date(2035, 4, 1))
    _approve(db, made, framework_id)


def test_only_those_who_lead_it_extend_it_or_write_its_questions(db: Database, made: Hub) -> None:
    framework_id = _create(db, made, template("yorkshire-humber"))
    _approve(db, made, framework_id)
    with db.write() as session:
        checker = seated(session, made.lead_id, Role.CHECKER)
        stranger = seated(session, organisation(session, OrganisationKind.LEAD, "Other"), Role.FRAMEWORK_LEAD)
    for actor, error in ((checker, NotAllowed), (stranger, NotFound)):
        for command in (
            lambda session, actor: propose_extension(session, actor, framework_id, TODAY, "x"),
            lambda session, actor: approve_extension(session, actor, framework_id),
            lambda session, actor: revise_questions(session, actor, framework_id, "", ()),
            lambda session, actor: freeze_questions(session, actor, framework_id),
        ):
            with pytest.raises(error), db.write() as session:
                command(session, actor)


def test_the_directory_names_each_authority_of_the_three_agencies(db: Database, made: Hub) -> None:
    facts = template("yorkshire-humber")
    slugs = [code for region in facts.regions for code in region.authorities]
    with db.read() as session:
        kinds = session.exec(select(Organisation.kind).where(col(Organisation.slug).in_(slugs))).all()
    assert kinds == [OrganisationKind.AUTHORITY] * 15
    assert len(facts.call_off) == 3
