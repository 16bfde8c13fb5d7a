"""What two people do with a framework: change its draft, approve it, extend its term, ask newer questions, open later rounds."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.core import audit
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks import queries
from app.frameworks.commands import (
    approve_extension,
    approve_framework,
    freeze_questions,
    open_round,
    propose_extension,
    revise_framework,
    revise_questions,
)
from app.frameworks.commands.writing import digest_of
from app.frameworks.models import Framework, FrameworkExtension, QuestionSet, Round
from app.frameworks.rules import QuestionFacts, RegionFacts, closes_with, frozen_text
from app.frameworks.templates import template
from app.organisations.rules import OrganisationKind, Role
from tests import NOON
from tests.conftest import Clock
from tests.databases import Furniture
from tests.factories import organisation, seated
from tests.frameworks.hub import TODAY, Hub, approve, begun_today, create, hub_and_directory, kept, parts_of


@pytest.fixture
def furniture() -> Furniture:
    return hub_and_directory


@pytest.mark.row("2.2")
def test_a_draft_is_changed_part_by_part_and_whoever_changed_it_cannot_approve(db: Database, made: Hub) -> None:
    framework_id = create(db, made, template("essex-five-lots"))
    before = kept(db, framework_id)
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
    assert kept(db, framework_id) == one_lot
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
    approved = kept(db, framework_id)
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
    framework_id = create(db, made, facts)
    approve(db, made, framework_id)
    with db.write() as session:
        open_round(
            session,
            made.writer,
            framework_id,
            "Always",
            NOON,
            None,
            parts_of(session, framework_id, range(1, 9)),
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
    framework_id = create(db, made, begun_today(template("eight-therapy-lots")))
    approve(db, made, framework_id)

    def opened(name: str, opens_at: datetime, closes_at: datetime | None, numbers: range, *days: date) -> None:
        with db.write() as session:
            scope = parts_of(session, framework_id, numbers)
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
    framework_id = create(db, made, facts)

    def revise(actor: Actor, *questions: QuestionFacts) -> int:
        with db.write() as session:
            _, before = queries.draft(session, actor, framework_id)
            return revise_questions(session, actor, framework_id, digest_of(before), questions)

    newer = (replace(facts.questions[0], weight=100),)
    with pytest.raises(Refused) as refused:
        revise(made.writer, *newer)
    assert refused.value.refusal.code == "not_approved"
    approve(db, made, framework_id)
    assert revise(made.second) == 2
    assert revise(made.writer, replace(newer[0], text="What is your DBS number?")) == 2
    with pytest.raises(Refused) as refused, db.write() as session:
        revise_questions(session, made.second, framework_id, "before", newer)
    assert refused.value.refusal.code == "changed_meanwhile"
    assert kept(db, framework_id).questions == facts.questions
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
    assert kept(db, framework_id).questions == newer
    with db.write() as session:
        scope = parts_of(session, framework_id, range(1, 2))
        open_round(session, made.writer, framework_id, "Second", NOON, NOON + timedelta(days=30), scope)
        sets = session.exec(select(QuestionSet).where(QuestionSet.framework_id == framework_id)).all()
        assert {one.version for one in sets if one.id in session.exec(select(Round.question_set_id)).all()} == {2}
        row = session.get_one(Framework, framework_id)
        assert row.sha256 == digest(frozen_text(queries.facts_of(session, row, 1)).encode())


@pytest.mark.row("2.19")
def test_the_next_framework_of_a_scheme_follows_the_first_within_its_clocks(db: Database, made: Hub) -> None:
    first = template("open-framework-scheme")
    approve(db, made, create(db, made, first))
    late = replace(first, slug="late", follows=first.slug, starts_on=date(2030, 4, 2), ends_on=date(2034, 3, 31))
    framework_id = create(db, made, late)
    with pytest.raises(Refused) as refused:
        approve(db, made, framework_id)
    assert refused.value.refusal.words == "The scheme had to be re-opened by 1 April 2030."
    in_time = replace(late, slug="in-time", starts_on=date(2030, 4, 1))
    approve(db, made, create(db, made, in_time))
    third = replace(late, slug="third", follows="in-time", starts_on=date(2034, 4, 1), ends_on=date(2035, 3, 31))
    framework_id = create(db, made, third)
    with db.read() as session:
        row = session.get_one(Framework, framework_id)
        clocks = queries.clocks_of(session, row)
        told = {
            one.slug: queries.framework(session, made.writer, one.id).reopen_by
            for one in session.exec(select(Framework).where(col(Framework.slug).in_((first.slug, "in-time"))))
        }
        assert told == {first.slug: date(2030, 4, 1), "in-time": None}
        assert (clocks.began_on, clocks.reopen_by) == (date(2027, 4, 1), date(2035, 4, 1))
    approve(db, made, framework_id)


def test_only_those_who_lead_it_extend_it_or_write_its_questions(db: Database, made: Hub) -> None:
    framework_id = create(db, made, template("yorkshire-humber"))
    approve(db, made, framework_id)
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
