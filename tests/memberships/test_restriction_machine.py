"""The provider's whole machine: who may move it from where, over every state, actor and event; and what the database holds."""

from collections.abc import Callable
from dataclasses import asdict
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.memberships.restriction.commands import (
    agree_lift,
    agree_restriction,
    decline_lift,
    decline_restriction,
    propose_lift,
    propose_restriction,
)
from app.providers.commands import archive_provider, pause_provider, return_provider
from app.providers.models import Provider, ProviderRestriction
from app.providers.rules.restriction import STEPS, Stage, Step, why_not_step
from tests import NOON, factories
from tests.databases import Furniture
from tests.factories import GROUNDS
from tests.memberships.restriction import WHY, everybody


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


# --- The machine, over every state, actor and event

STATES = ("active", "paused", "proposed", "restricted", "restricted and paused", "lift proposed", "archived")
LIVE = {"active", "paused", "proposed"}
HELD = {"restricted", "restricted and paused"}
"""Proposals, here, are the first lead's; the second lead agreed to the restriction."""

OWN = ("owner", "reader")
DECIDERS = ("lead", "lead two", "administrator")
OUTSIDERS = ("owner of another", "commissioner", "checker", "lead elsewhere", "lead of it and seated in it", "auditor")
EVENTS: dict[str, Callable[[Session, Actor, UUID, UUID], Any]] = {
    "pause": lambda session, actor, provider, _: pause_provider(session, actor, provider),
    "return": lambda session, actor, provider, _: return_provider(session, actor, provider),
    "archive": lambda session, actor, provider, _: archive_provider(session, actor, provider),
    "propose": lambda session, actor, provider, _: propose_restriction(session, actor, provider, GROUNDS),
    "agree": lambda session, actor, _, restriction: agree_restriction(session, actor, restriction),
    "decline": lambda session, actor, _, restriction: decline_restriction(session, actor, restriction),
    "propose lift": lambda session, actor, _, restriction: propose_lift(session, actor, restriction, WHY),
    "agree lift": lambda session, actor, _, restriction: agree_lift(session, actor, restriction),
    "decline lift": lambda session, actor, _, restriction: decline_lift(session, actor, restriction),
}
MOVED, QUIET = "moved", "quiet"


def _expected(state: str, actor: str, event: str) -> str:
    """What the product says, in the order in which it is asked: whose door, then which state, then which person."""
    if event in ("pause", "return", "archive"):
        if actor == "administrator" and event == "archive":
            return QUIET if state == "archived" else MOVED
        if actor in ("reader", "lead of it and seated in it"):
            return "NotAllowed"
        return _of_the_owner(state, event) if actor == "owner" else "NotFound"
    if actor in (*OWN, "lead of it and seated in it") and event == "propose":
        return "NotAllowed"
    if actor not in DECIDERS or (event != "propose" and state in ("active", "paused", "archived")):
        return "NotFound"
    return _of_two(state, actor, event)


def _of_the_owner(state: str, event: str) -> str:
    if event == "archive":
        return QUIET if state == "archived" else MOVED
    if event == "return":
        return {"paused": MOVED, "restricted and paused": "Refused"}.get(state, QUIET)
    return QUIET if state == "paused" else MOVED if state in LIVE else "Refused"


def _of_two(state: str, actor: str, event: str) -> str:
    first, second = actor == "lead", actor == "lead two"
    moves = {
        "propose": state in ("active", "paused"),
        "agree": state == "proposed" and not first,
        "decline": state == "proposed",
        "propose lift": state in HELD,
        "agree lift": state == "lift proposed" and not first,
        "decline lift": state == "lift proposed",
    }
    again = {
        "propose": state == "proposed" and first,
        "agree": state in HELD | {"lift proposed"} and second,
        "propose lift": state == "lift proposed" and first,
    }
    return MOVED if moves[event] else QUIET if again.get(event) else "Refused"


def _facts(session: Session, provider_id: UUID) -> object:
    rows = session.exec(select(ProviderRestriction).where(ProviderRestriction.provider_id == provider_id)).all()
    return session.get_one(Provider, provider_id).model_dump(), sorted(str(row.model_dump()) for row in rows)


def _outcome(session: Session, actor: Actor, event: str, provider_id: UUID, restriction_id: UUID) -> str:
    before = _facts(session, provider_id)
    try:
        EVENTS[event](session, actor, provider_id, restriction_id)
        session.flush()
    except (NotFound, NotAllowed, Refused) as no:
        return type(no).__name__
    return QUIET if _facts(session, provider_id) == before else MOVED


def _in_state(session: Session, made: factories.World, state: str) -> tuple[UUID, UUID]:
    """Provider A brought there by its own commands, and its restriction, or an id that is nowhere."""
    restriction = uuid4()
    if "paused" in state:
        pause_provider(session, made.owner_a, made.provider_a)
    if state == "proposed":
        restriction = propose_restriction(session, made.lead, made.provider_a, GROUNDS)
    if state in HELD | {"lift proposed"}:
        restriction = factories.restricted(session, made, made.provider_a)
    if state == "lift proposed":
        propose_lift(session, made.lead, restriction, WHY)
    if state == "archived":
        archive_provider(session, made.owner_a, made.provider_a)
    return made.provider_a, restriction


class _Undo(Exception):
    pass


@pytest.mark.parametrize("state", STATES)
@pytest.mark.row("4.3")
def test_who_may_move_a_provider_from_where(db: Database, made: factories.World, state: str) -> None:
    wrong = []
    with pytest.raises(_Undo), db.write() as session:
        actors = everybody(session, made)
        assert set(actors) == {*OWN, *DECIDERS, *OUTSIDERS}
        provider, restriction = _in_state(session, made, state)
        for actor, event in product(actors, EVENTS):
            with session.begin_nested() as tried:
                found = _outcome(session, actors[actor], event, provider, restriction)
                tried.rollback()
            if found != (expected := _expected(state, actor, event)):
                wrong.append(f"{state}, {actor}, {event}: {found}, and not {expected}")
        raise _Undo
    assert wrong == []


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("now", Stage)
@pytest.mark.parametrize("mine", [True, False])
def test_each_step_has_its_stage_and_agreeing_needs_another_person(step: Step, now: Stage, mine: bool) -> None:
    refusal = why_not_step(step, now, proposed_by_actor=mine)
    code = refusal.code if refusal else None
    if (step, now) not in STEPS:
        assert code == "restriction_moved_on"
    else:
        assert code == ("same_person" if mine and step in (Step.AGREE, Step.AGREE_LIFT) else None)


# --- What the database holds whatever the code does

LEAD, SECOND = "lead", "second"


@pytest.mark.parametrize(
    ("different", "constraint"),
    [
        ({"began_by": LEAD}, "ck_provider_restriction_two_people"),
        ({"began_by": None}, "ck_provider_restriction_began_by_somebody"),
        ({"words": ""}, "ck_provider_restriction_says_why"),
        ({"told": ""}, "ck_provider_restriction_says_why"),
        ({"reason": "dislike"}, "ck_provider_restriction_reason"),
        ({"declined_at": NOON, "declined_by": SECOND}, "ck_provider_restriction_one_decision"),
        ({"lift_proposed_at": NOON, "lift_proposed_by": LEAD}, "ck_provider_restriction_lift_says_why"),
        ({"lifted_at": NOON, "lifted_by": LEAD}, "ck_provider_restriction_lifted_by_two_people"),
        (
            {
                "lift_proposed_at": NOON,
                "lift_proposed_by": LEAD,
                "lift_reason": WHY,
                "lifted_at": NOON,
                "lifted_by": LEAD,
            },
            "ck_provider_restriction_lifted_by_two_people",
        ),
    ],
)
def test_the_database_refuses_a_restriction_by_one_person(
    db: Database, made: factories.World, different: dict[str, Any], constraint: str
) -> None:
    people = {LEAD: made.lead.known, SECOND: made.lead_two.known}
    facts: dict[str, Any] = {"began_at": NOON, "began_by": SECOND, **asdict(GROUNDS), **different}
    row = ProviderRestriction(
        provider_id=made.provider_a,
        proposed_at=NOON,
        proposed_by=made.lead.known,
        **{name: people.get(value, value) for name, value in facts.items()},
    )
    with pytest.raises(IntegrityError) as broken, db.write() as session:
        session.add(row)
    assert constraint in str(broken.value)


def test_the_database_refuses_a_second_live_restriction(db: Database, made: factories.World) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        for _ in range(2):
            session.add(
                ProviderRestriction(
                    provider_id=made.provider_a, proposed_at=NOON, proposed_by=made.lead.known, **asdict(GROUNDS)
                )
            )
