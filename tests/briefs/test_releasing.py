"""What the identity guard found blocks publication, until a second person lets exactly those words of that text through."""

from collections.abc import Callable
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.briefs import events, queries
from app.briefs.commands import draft_brief, revise_brief
from app.briefs.inviting.commands import ask_approval
from app.briefs.models import Brief
from app.briefs.queries.guarding import asked, guarded_texts
from app.briefs.released import TextRelease
from app.briefs.releasing.commands import ask_release, decline_words, release_words
from app.briefs.rules import Phase, why_not_ask_release, why_not_decide_words, why_not_say
from app.core import audit
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.organisations.rules import Role
from tests import NOON, factories
from tests.briefs.test_commands import TERMS, facts
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.factories import World
from tests.sealing import publish_brief

NEED = "The course was run by Grace, and Tom came."


@pytest.fixture
def furniture() -> Furniture:
    return factories.world_and_limits


@pytest.fixture
def flagged(db: Database, made: World) -> UUID:
    with db.write() as session:
        return draft_brief(session, made.commissioner, made.raa_id, made.framework_id, facts(made, need=NEED), TERMS)


def keys(db: Database, brief_id: UUID) -> list[str]:
    with db.read() as session:
        texts = guarded_texts(session, session.get_one(Brief, brief_id))
        return [one.excerpt(found).key for one in texts for found in one.unreleased]


def ask(db: Database, actor: Actor, brief_id: UUID, chosen: list[str]) -> list[UUID]:
    with db.write() as session:
        ask_release(session, actor, brief_id, chosen, why="The trainer, and not a child.")
        return list(session.exec(select(TextRelease.id).order_by(TextRelease.asked_at, TextRelease.id)))


def let_through(db: Database, actor: Actor, brief_id: UUID, chosen: list[UUID]) -> None:
    with db.write() as session:
        release_words(session, actor, brief_id, chosen, reason="A public name of a trainer.")


def decline(db: Database, actor: Actor, brief_id: UUID, chosen: list[UUID]) -> None:
    with db.write() as session:
        decline_words(session, actor, brief_id, chosen, reason="They name a trainer here.")


def code(
    db: Database, actor: Actor, brief_id: UUID, chosen: list[UUID], decide: Callable[..., None] = let_through
) -> str:
    with pytest.raises(Refused) as no:
        decide(db, actor, brief_id, chosen)
    return no.value.refusal.code


@pytest.mark.row("5.3")
def test_what_was_found_is_published_only_once_a_second_person_let_it_through(
    db: Database, made: World, flagged: UUID
) -> None:
    waiting = ask(db, made.commissioner, flagged, keys(db, flagged))
    let_through(db, made.approver, flagged, waiting[:1])
    with pytest.raises(Refused) as no, db.write() as session:
        publish_brief(session, made.approver, flagged)
    assert no.value.refusal.code == "identifying"
    for _ in range(2):
        let_through(db, made.approver, flagged, waiting)
    assert keys(db, flagged) == []
    with db.write() as session:
        publish_brief(session, made.approver, flagged)
        said = [event.detail for event in session.exec(select(AuditEvent))]
        written = [message.context for message in session.exec(select(OutboxMessage))]
        told = session.exec(select(AuditEvent.detail).where(col(AuditEvent.name).like("brief.words_%"))).all()
        reference = session.get_one(Brief, flagged).reference
    assert [detail["reference"] for detail in told] == [reference] * 3
    assert not {"Tom", "Grace", "trainer"} & set(f"{said} {written}".replace("'", " ").split())
    assert [message["reference"] for message in written if len(message) == 2]


@pytest.mark.row("5.3")
def test_a_changed_text_takes_the_release_away(db: Database, made: World, flagged: UUID) -> None:
    waiting = ask(db, made.commissioner, flagged, keys(db, flagged))
    let_through(db, made.approver, flagged, waiting[:1])
    with db.write() as session:
        revise_brief(session, made.commissioner, flagged, facts(made, need=f"{NEED} Often."))
    assert len(keys(db, flagged)) == 2
    assert code(db, made.approver, flagged, waiting) == "changed"
    with pytest.raises(Refused) as no:
        ask(db, made.commissioner, flagged, ["of no text"])
    assert no.value.refusal.code == "changed"
    with db.read() as session:
        assert [one.stands for one in asked(session, session.get_one(Brief, flagged))] == [False, False]
    with db.write() as session:
        revise_brief(session, made.commissioner, flagged, facts(made, need=NEED))
    assert len(keys(db, flagged)) == 1


@pytest.mark.row("5.3")
@pytest.mark.row("5.4")
def test_neither_a_writer_nor_who_asked_lets_words_through(db: Database, made: World, flagged: UUID) -> None:
    with db.write() as session:
        both = factories.seated(session, made.raa_id, Role.COMMISSIONER, Role.APPROVER, name="Bo Both")
        wrote = factories.seated(session, made.raa_id, Role.COMMISSIONER, Role.APPROVER, name="Wanda Writer")
        revise_brief(session, wrote, flagged, facts(made, need=NEED))
    first, second = keys(db, flagged)
    by_both = ask(db, both, flagged, [first])
    assert ask(db, both, flagged, [first]) == by_both
    assert code(db, both, flagged, by_both) == code(db, wrote, flagged, by_both) == "second_person"
    (by_writer,) = set(ask(db, made.commissioner, flagged, [second])) - set(by_both)
    let_through(db, both, flagged, [by_writer])
    for actor in (made.commissioner, made.owner_a, made.lead):
        with pytest.raises(NotFound):
            let_through(db, actor, flagged, by_both)
    with pytest.raises(NotFound):
        ask(db, made.approver, flagged, [first])
    with pytest.raises(IntegrityError) as broken, db.write() as session:
        row = session.get_one(TextRelease, by_both[0])
        row.released_at, row.released_by, row.released_reason = NOON, row.asked_by, "I do."
    assert violates(broken.value, "ck_text_release_two_people")


@pytest.mark.row("5.3")
@pytest.mark.row("5.4")
def test_words_that_must_be_changed_are_asked_about_again_once_they_are(
    db: Database, made: World, flagged: UUID, client_for: ClientFor
) -> None:
    waiting = ask(db, made.commissioner, flagged, keys(db, flagged))
    with db.write() as session:
        wrote = factories.seated(session, made.raa_id, Role.COMMISSIONER, Role.APPROVER, name="Wanda Writer")
        audit.record(session, events.REVISED, actor=wrote, subject=flagged, at=NOON, reference="B-1")
    assert code(db, wrote, flagged, waiting, decline) == "second_person"
    with pytest.raises(NotFound):
        decline(db, made.commissioner, flagged, waiting)
    for _ in range(2):
        decline(db, made.approver, flagged, waiting[:1])
    let_through(db, made.approver, flagged, waiting[1:])
    assert code(db, made.approver, flagged, waiting[:1]) == "decided"
    assert code(db, made.approver, flagged, waiting[1:], decline) == "decided"
    (still,) = keys(db, flagged)
    assert ask(db, made.commissioner, flagged, [still]) == waiting
    with db.write() as session:
        with pytest.raises(Refused):
            publish_brief(session, made.approver, flagged)
        told = [m.to_address for m in session.exec(select(OutboxMessage)) if "words_declined" in m.template]
        counts = session.exec(select(AuditEvent.detail).where(AuditEvent.name == events.WORDS_DECLINED.name)).all()
        assert sorted(told) == sorted((made.commissioner.email, wrote.email))
    assert [one["count"] for one in counts] == [1]
    author, here = client_for(made.commissioner), f"/briefs/{flagged}"
    said = "An approver did not let it stay: “They name a trainer here.”"
    at_the_field = BeautifulSoup(author.get(f"{here}/edit").text, "html.parser").select("#need-error")
    to_mend = BeautifulSoup(author.get(here).text, "html.parser").select(".portal-panel li")
    assert [[said in one.text for one in some].count(True) for some in (at_the_field, to_mend)] == [1, 1]
    assert "To be changed" in author.get(f"{here}/words").text
    with db.write() as session:
        revise_brief(session, made.commissioner, flagged, facts(made, need=f"{NEED} Often."))
    assert set(waiting) < set(ask(db, made.commissioner, flagged, keys(db, flagged)))
    assert said not in author.get(here).text


def test_the_rules_of_letting_through() -> None:
    assert why_not_ask_release(phase=Phase.DRAFT, found=True) is None
    assert [why_not_ask_release(phase=phase, found=True).code for phase in Phase if phase is not Phase.DRAFT] == [  # type: ignore[union-attr]
        "frozen"
    ] * 5
    assert why_not_decide_words(author=False, asker=False, still_there=True) is None
    refusal = why_not_say("Ring 01632 960 018, then 01632 960 018.")
    assert refusal and (refusal.code, refusal.words.count("01632 960 018")) == ("identifying", 1)
    assert why_not_say("The family moved.") is None


def test_an_approvers_first_page_asks_for_the_words_and_not_yet_for_the_brief(
    db: Database, made: World, flagged: UUID, client_for: ClientFor
) -> None:
    def todos() -> list[str]:
        page = BeautifulSoup(client_for(made.approver).get("/").text, "html.parser")
        return [f"{link.text} {link['href']}" for link in page.select(".portal-todos a")]

    assert todos() == []
    waiting = ask(db, made.commissioner, flagged, keys(db, flagged))
    assert todos() == [f"Decide whether words may stay /briefs/{flagged}/words"]
    let_through(db, made.approver, flagged, waiting)
    assert todos() == []
    with db.write() as session:
        ask_approval(session, made.commissioner, flagged)
    assert todos() == [f"Check this brief, and approve it /briefs/{flagged}"]
    with db.write() as session:
        brief = session.get_one(Brief, flagged)
        outcomes, brief.outcomes = brief.outcomes, ""
    assert todos() == []
    with db.write() as session:
        session.get_one(Brief, flagged).outcomes = outcomes
        audit.record(session, events.REVISED, actor=made.approver, subject=flagged, at=NOON, reference="B-1")
    assert todos() == []


@pytest.mark.row("5.3")
def test_the_words_are_marked_in_place_and_decided_on_one_page(
    made: World, flagged: UUID, client_for: ClientFor
) -> None:
    def marks(text: str) -> list[str]:
        return [mark.get_text() for mark in BeautifulSoup(text, "html.parser").select("mark")]

    author, approver, here = client_for(made.commissioner), client_for(made.approver), f"/briefs/{flagged}"
    both = ["Grace [name]", "Tom [name]"]
    for path in (here, f"{here}/edit", f"{here}/words"):
        assert marks(author.get(path).text) == both
    for client, does in ((author, "ask that harmless words may stay"), (approver, "decide whether words may stay")):
        link = BeautifulSoup(client.get(here).text, "html.parser").select_one(f'a[href="{here}/words"]')
        assert link and link.text == f"See what could tell who the child is, and {does}"
    page = BeautifulSoup(author.get(f"{here}/words").text, "html.parser")
    boxes = [box["value"] for box in page.select("input[name=words]")]
    assert author.post(f"{here}/words/ask", data={"words": boxes, "why": "x"}).status_code == 422
    for _ in range(2):
        asked = author.post(f"{here}/words/ask", data={"words": boxes, "why": "Both are trainers."})
        assert asked.status_code == 303
    assert not BeautifulSoup(author.get(f"{here}/words").text, "html.parser").select("input[name=words]")
    page = BeautifulSoup(approver.get(f"{here}/words").text, "html.parser")
    boxes = [box["value"] for box in page.select("input[name=asked]")]
    assert approver.post(f"{here}/words/release", data={"asked": boxes}).status_code == 422
    let = approver.post(f"{here}/words/release", data={"asked": boxes[:1], "reason": "Trainers' public names."})
    assert let.status_code == 303
    text = author.get(f"{here}/edit").text
    assert sorted(marks(text)) in (
        ["Grace [name, let through]", "Tom [name]"],
        ["Grace [name]", "Tom [name, let through]"],
    )
    assert len(BeautifulSoup(text, "html.parser").select(".govuk-error-summary li")) == 1
    for name in ("other_commissioner", "owner_a", "lead"):
        assert client_for(getattr(made, name)).get(f"{here}/words").status_code == 404
    with_nothing = author.get(f"{here}/words").text
    assert "Let through" in with_nothing and "Waits" in with_nothing


def test_a_district_and_an_exact_age_make_a_rare_condition_a_finding(db: Database, made: World) -> None:
    rare = {"need": "Triplets who do not sleep.", "outcomes": "At seven years old they sleep."}
    with db.write() as session:
        brief_id = draft_brief(session, made.commissioner, made.raa_id, made.framework_id, facts(made, **rare), TERMS)
        brief = session.get_one(Brief, brief_id)
        assert queries.standing(session, brief, NOON).unready == ()
        brief.area = "Chelmsford"
        assert [one.code for one in queries.standing(session, brief, NOON).unready] == ["identifying"]
