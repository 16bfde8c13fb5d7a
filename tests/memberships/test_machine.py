"""Machine 6 whole: signing, rest, concern, suspension and end of one membership, over every state, actor, event and phase."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks.models import Framework
from app.frameworks.rules import Phase
from app.memberships.commands import end_membership, pause_membership, return_membership
from app.memberships.concerns.commands import (
    agree_decision,
    close_concern,
    decline_decision,
    lift_suspension,
    propose_decision,
    raise_concern,
    reply_to_concern,
    write_plan,
)
from app.memberships.models import Concern, ConcernDecision, Membership
from app.memberships.rules.concerns import Choice, Kind
from app.memberships.signing.commands import (
    countersign_agreement,
    hold_agreement,
    release_agreement,
    sign_agreement,
)
from app.memberships.terms import AgreementHold
from app.organisations.rules import OrganisationKind, Role
from tests import NOON, factories
from tests.databases import Furniture
from tests.factories import World

TODAY = NOON.date()
LATER = TODAY + timedelta(days=30)
WORDS, REASON = "Reports came late three times.", "Nothing has changed since."
TEXT = digest(b"We agree.")


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def _first(session: Session, made: World) -> UUID:
    """A's membership of the first lot in the first region."""
    wanted = select(Membership.id).where(
        Membership.provider_id == made.provider_a,
        Membership.lot_id == made.lots[0],
        Membership.region_id == made.regions[0],
    )
    return session.exec(wanted).one()


UNFINISHED = ("unsigned", "signed", "held", "signed and held")
STATES = (
    *UNFINISHED,
    "active",
    "paused",
    "concern",
    "suspension proposed",
    "suspended",
    "end proposed",
    "notice",
    "ended",
)
PEOPLE = ("owner", "reader", "lead", "lead two", "checker")
OUTSIDERS = ("owner of another", "commissioner", "lead elsewhere", "lead of it and seated in it", "administrator")
PHASES = (Phase.APPROVED, Phase.LIVE, Phase.ENDED, Phase.WITHDRAWN)
EVENTS: dict[str, Callable[[Session, Actor, UUID, UUID, UUID], Any]] = {
    "sign": lambda session, actor, member, *_: sign_agreement(session, actor, member, TEXT),
    "countersign": lambda session, actor, member, *_: countersign_agreement(session, actor, member, TEXT),
    "hold": lambda session, actor, member, *_: hold_agreement(session, actor, member, REASON, LATER),
    "release": lambda session, actor, member, *_: release_agreement(session, actor, member),
    "pause": lambda session, actor, member, *_: pause_membership(session, actor, member, LATER),
    "return": lambda session, actor, member, *_: return_membership(session, actor, member),
    "leave": lambda session, actor, member, *_: end_membership(session, actor, member, "We moved away"),
    "raise": lambda session, actor, member, *_: raise_concern(session, actor, member, Kind.OFSTED, "A notice."),
    "reply": lambda session, actor, _, concern_id, __: reply_to_concern(session, actor, concern_id, "Our view."),
    "plan": lambda session, actor, _, concern_id, __: write_plan(session, actor, concern_id, "Train.", LATER),
    "suspend": lambda session, actor, _, concern_id, __: propose_decision(
        session, actor, concern_id, Choice.SUSPEND, REASON, LATER
    ),
    "end": lambda session, actor, _, concern_id, __: propose_decision(
        session, actor, concern_id, Choice.END, REASON, LATER
    ),
    "agree": lambda session, actor, *_, decision: agree_decision(session, actor, decision),
    "decline": lambda session, actor, *_, decision: decline_decision(session, actor, decision),
    "lift": lambda session, actor, *_, decision: lift_suspension(session, actor, decision, "It was put right."),
    "close": lambda session, actor, _, concern_id, __: close_concern(session, actor, concern_id, "Settled."),
}
MOVED, QUIET = "moved", "quiet"
OF_AN_AGREEMENT = ("sign", "countersign", "hold", "release")
OF_A_CONCERN = ("reply", "plan", "suspend", "end", "close")
OF_A_DECISION = ("agree", "decline", "lift")
DECIDED = ("suspension proposed", "suspended", "end proposed", "notice")
CONCERNED = ("concern", *DECIDED)


def _expected(state: str, actor: str, event: str, phase: Phase) -> str:
    """What the product says: whose door, then which state, then which person. Proposals are the first lead's."""
    if event in OF_AN_AGREEMENT:
        return _of_the_agreement(state, actor, event, phase in (Phase.APPROVED, Phase.LIVE))
    seated, leads = actor in ("owner", "reader", "lead of it and seated in it"), actor in ("lead", "lead two")
    if event in ("pause", "return", "leave"):
        if actor != "owner":
            return "NotAllowed" if seated else "NotFound"
        return _of_the_owner(state, event)
    if (event in OF_A_CONCERN and state not in CONCERNED) or (event in OF_A_DECISION and state not in DECIDED):
        return "NotFound"
    if event == "reply":
        if actor != "owner":
            return "NotAllowed" if seated else "NotFound"
        return MOVED
    if event in ("agree", "decline"):
        return _of_the_second(state, actor, event)
    return _of_the_lead(state, actor, event) if leads else "NotFound"


def _of_the_agreement(state: str, actor: str, event: str, lasts: bool) -> str:
    """The provider's owner signs, then a lead who is not of the provider; `lasts`: the framework has not ended."""
    if event == "sign" and actor != "owner":
        return "NotAllowed" if actor in ("reader", "lead of it and seated in it") else "NotFound"
    if event != "sign" and actor not in ("lead", "lead two"):
        return "NotFound"
    if event == "release":
        return MOVED if state.endswith("held") else QUIET
    if event == "hold" and state.endswith("held"):
        return QUIET
    done = {"sign": state not in ("unsigned", "held"), "countersign": state not in UNFINISHED, "hold": False}[event]
    may = {"sign": ("unsigned",), "countersign": ("signed",), "hold": ("unsigned", "signed")}[event]
    return QUIET if done else MOVED if state in may and lasts else "Refused"


def _of_the_owner(state: str, event: str) -> str:
    if event == "pause":
        return {"paused": QUIET, "ended": "Refused"}.get(state, MOVED)
    if event == "return":
        return MOVED if state == "paused" else QUIET
    return QUIET if state == "ended" else MOVED


def _of_the_second(state: str, actor: str, event: str) -> str:
    if actor not in ("lead", "lead two", "checker"):
        return "NotFound"
    if event == "decline":
        return MOVED if state.endswith("proposed") else "Refused"
    second = "checker" if state.startswith("suspen") else "lead two"
    if actor == second:
        return MOVED if state.endswith("proposed") else QUIET
    return "Refused" if actor == "lead" else "NotFound"


def _of_the_lead(state: str, actor: str, event: str) -> str:
    if event == "raise":
        return "Refused" if state == "ended" else MOVED
    if event == "plan":
        return MOVED
    if event == "close":
        return MOVED if state in ("concern", "notice") else "Refused"
    if event == "lift":
        return MOVED if state == "suspended" else "Refused"
    standing = {"suspend": ("suspension proposed", "suspended"), "end": ("end proposed", "notice")}[event]
    if state in standing:
        return QUIET if actor == "lead" else "Refused"
    return MOVED


def _in_state(session: Session, made: World, state: str) -> tuple[UUID, UUID, UUID]:
    """A's first membership brought there by its own commands, with its concern and decision, or ids that are nowhere."""
    member, concern_id, decision = _first(session, made), uuid4(), uuid4()
    row = session.get_one(Membership, member)
    row.countersigned_at, row.countersigned_by = NOON, made.lead_two.known
    if state in UNFINISHED:
        row.signed_at = row.signed_by = row.countersigned_at = row.countersigned_by = None
        session.flush()
    if state.startswith("signed"):
        sign_agreement(session, made.owner_a, member, TEXT)
    if state.endswith("held"):
        hold_agreement(session, made.lead, member, REASON, LATER)
    if state == "paused":
        pause_membership(session, made.owner_a, member, LATER)
    if state == "ended":
        end_membership(session, made.owner_a, member, "We moved away")
    if state in CONCERNED:
        concern_id = raise_concern(session, made.lead, member, Kind.SAFEGUARDING, WORDS)
        reply_to_concern(session, made.owner_a, concern_id, "We are sorry.")
    if state in DECIDED:
        choice = Choice.SUSPEND if state.startswith("suspen") else Choice.END
        decision = propose_decision(session, made.lead, concern_id, choice, REASON, LATER)
        if state in ("suspended", "notice"):
            agree_decision(session, made.checker if state == "suspended" else made.lead_two, decision)
    return member, concern_id, decision


def _actors(session: Session, made: World) -> dict[str, Actor]:
    elsewhere = factories.organisation(session, OrganisationKind.LEAD, "Another hub")
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "Test platform")
    reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    return {
        "owner": made.owner_a,
        "reader": reader,
        "lead": made.lead,
        "lead two": made.lead_two,
        "checker": made.checker,
        "owner of another": made.owner_b,
        "commissioner": made.commissioner,
        "lead elsewhere": factories.seated(session, elsewhere, Role.FRAMEWORK_LEAD),
        "lead of it and seated in it": replace(reader, seats=(*reader.seats, *made.lead.seats)),
        "administrator": factories.seated(session, platform, Role.ADMINISTRATOR),
    }


def _facts(session: Session) -> list[str]:
    return [
        str(row.model_dump())
        for table in (Membership, AgreementHold, Concern, ConcernDecision)
        for row in session.exec(select(table).order_by(table.id))  # type: ignore[attr-defined]
    ]


def _outcome(session: Session, actor: Actor, event: str, *ids: UUID) -> str:
    before = _facts(session)
    member, concern_id, decision = ids
    try:
        if event in OF_A_DECISION:
            EVENTS[event](session, actor, member, concern_id, decision=decision)  # type: ignore[call-arg]
        else:
            EVENTS[event](session, actor, member, concern_id, decision)
        session.flush()
    except (NotFound, NotAllowed, Refused) as no:
        return type(no).__name__
    return QUIET if _facts(session) == before else MOVED


class _Undo(Exception):
    pass


def _become(session: Session, made: World, phase: Phase) -> None:
    """The framework, whose leads countersign, in that phase today."""
    row = session.get_one(Framework, made.framework_id)
    row.countersigned = True
    if phase is Phase.APPROVED:
        row.starts_on = LATER
    elif phase is Phase.ENDED:
        row.ends_on = TODAY - timedelta(days=1)
    elif phase is Phase.WITHDRAWN:
        row.withdrawn_at = NOON
    session.flush()


@pytest.mark.walk
@pytest.mark.row("4.3")
@pytest.mark.row("2.11")
@pytest.mark.parametrize("state", STATES)
def test_who_may_move_a_membership_from_where(db: Database, made: World, state: str) -> None:
    """In a live framework everybody tries everything, in other phases those whom the membership concerns."""
    wrong = []
    with pytest.raises(_Undo), db.write() as session:
        actors = _actors(session, made)
        assert set(actors) == {*PEOPLE, *OUTSIDERS}
        _become(session, made, Phase.LIVE)
        ids = _in_state(session, made, state)
        for phase in PHASES:
            with session.begin_nested() as phased:
                _become(session, made, phase)
                for actor, event in product(actors if phase is Phase.LIVE else PEOPLE, EVENTS):
                    with session.begin_nested() as tried:
                        found = _outcome(session, actors[actor], event, *ids)
                        tried.rollback()
                    if found != (expected := _expected(state, actor, event, phase)):
                        wrong.append(f"{state}, {actor}, {event}, {phase}: {found}, and not {expected}")
                phased.rollback()
        raise _Undo
    assert wrong == []
