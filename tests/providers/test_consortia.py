"""Consortia: started, joined by each member's own word, left, ended; rules and commands."""

from itertools import product
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations.rules import Role
from app.providers import commands, queries
from app.providers.models import ConsortiumMember, Provider
from app.providers.rules import About, State
from app.providers.rules.consortia import MOVES, MemberState, is_again, member_state, why_not_answer, why_not_invite
from app.web.pages import plain
from tests import NOON, factories
from tests.conftest import Clock
from tests.databases import Furniture

# --- Rules


@pytest.mark.parametrize(
    ("accepted", "declined", "left", "expected"),
    [
        (False, False, False, MemberState.INVITED),
        (True, False, False, MemberState.ACCEPTED),
        (False, True, False, MemberState.DECLINED),
        (True, False, True, MemberState.LEFT),
    ],
)
def test_a_members_state_is_derived(accepted: bool, declined: bool, left: bool, expected: MemberState) -> None:
    moments = {"accepted_at": accepted, "declined_at": declined, "left_at": left}
    assert member_state(**{name: NOON if told else None for name, told in moments.items()}) is expected


@pytest.mark.parametrize(("verb", "now"), list(product(("accept", "decline", "leave"), MemberState)))
def test_moves(verb: str, now: MemberState) -> None:
    assert (why_not_answer(verb, now, lead=False, ended=False) is None) == ((verb, now) in MOVES)
    ended = why_not_answer(verb, now, lead=False, ended=True)
    assert ended
    assert ended.code == "consortium_ended"
    lead = why_not_answer(verb, now, lead=True, ended=False)
    assert lead
    assert lead.code == "lead_stays"
    assert not is_again(verb, now) or (verb, now) not in MOVES


@pytest.mark.parametrize(
    ("found", "already", "ended", "code"),
    [
        (1, False, False, None),
        (0, False, False, "nobody_known_as"),
        (2, False, False, "several_known_as"),
        (1, True, False, "invited_already"),
        (1, False, True, "consortium_ended"),
    ],
)
def test_who_may_be_invited(found: int, already: bool, ended: bool, code: str | None) -> None:
    refusal = why_not_invite(found=found, already=already, ended=ended)
    assert (refusal.code if refusal else None) == code


# --- Commands


class Set:
    """Alder leads; Birch is asked; Cedar looks on."""

    def __init__(self, session: Session) -> None:
        self.alder, self.birch, self.cedar = (
            factories.provider(session, f"{name} Therapy") for name in ("Alder", "Birch", "Cedar")
        )
        session.get_one(Provider, self.birch).company_number = "07444723"
        self.lead = factories.seated(session, self.alder, Role.OWNER, name="Olive Owner")
        self.bidder = factories.seated(session, self.alder, Role.BIDS, name="Bea Bids")
        self.owner = factories.seated(session, self.birch, Role.OWNER, name="Omar Owner")
        self.reader = factories.seated(session, self.birch, Role.READ_ONLY, name="Rita Reader")
        self.stranger = factories.seated(session, self.cedar, Role.OWNER, name="Cleo Owner")
        self.id = commands.start_consortium(session, self.lead, self.alder, name="Tall Trees")


@pytest.fixture
def furniture() -> Furniture:
    return Set


def _invite(db: Database, made: Set, known_as: str = "07444723") -> UUID:
    with db.write() as session:
        return commands.invite_member(session, made.lead, made.id, known_as=known_as)


def _shown(db: Database, made: Set, who: Actor | None = None) -> list[tuple[str, str, bool]]:
    with db.read() as session:
        told = queries.consortium(session, who or made.lead, made.id)
        return [(member.name, member.state.value, member.told is not None) for member in told.members]


@pytest.mark.row("1.7")
def test_a_member_is_what_was_typed_until_it_accepts_and_then_its_live_profile(db: Database, made: Set) -> None:
    member_id = _invite(db, made)
    assert _shown(db, made) == [("Alder Therapy", "accepted", True), ("07444723", "invited", False)]
    with db.read() as session:
        [row] = session.exec(select(OutboxMessage))
        subject, body = plain(row.template, {"public_url": "https://portal.example", **row.context})
        assert row.to_address == made.owner.email
        assert subject == "Alder Therapy invites you to the consortium Tall Trees"
        assert f"https://portal.example/consortia/{made.id}" in body
    for _ in range(2):
        with db.write() as session:
            commands.accept_membership(session, made.owner, made.id, member_id)
    assert _shown(db, made)[1] == ("Birch Therapy", "accepted", True)
    with db.write() as session:
        commands.update_profile(session, made.owner, made.birch, About(name="Birch and Beech", summary="Live"))
        commands.pause_provider(session, made.owner, made.birch)
    with db.read() as session:
        birch = queries.consortium(session, made.lead, made.id).members[1]
        assert birch.told
        assert (birch.name, birch.told.summary, birch.told.practitioners) == ("Birch and Beech", "Live", 1)
        assert birch.told.state is State.PAUSED
        told = [audit.sentence(event) for event in audit.timeline(session, made.id)]
    assert told == [
        "Olive Owner started the consortium Tall Trees",
        "Olive Owner invited 07444723 to the consortium Tall Trees",
        "Omar Owner accepted for Birch Therapy to be in the consortium Tall Trees",
    ]


@pytest.mark.row("1.7")
def test_a_member_declines_and_may_be_asked_again(db: Database, made: Set) -> None:
    member_id = _invite(db, made)
    for _ in range(2):
        with db.write() as session:
            commands.decline_membership(session, made.owner, made.id, member_id)
    assert _shown(db, made)[1] == ("07444723", "declined", False)
    with pytest.raises(NotFound):
        _shown(db, made, made.owner)
    with db.read() as session:
        told = " ".join(audit.sentence(event) for event in audit.timeline(session, made.id))
    assert "Omar" not in told
    assert "Birch" not in told
    with pytest.raises(Refused, match="not_accept"), db.write() as session:
        commands.accept_membership(session, made.owner, made.id, member_id)
    _invite(db, made)
    assert [state for _, state, _ in _shown(db, made)] == ["accepted", "invited"]


@pytest.mark.row("1.7")
def test_a_member_leaves_or_is_taken_out_and_the_lead_stays(db: Database, made: Set) -> None:
    for who in (made.owner, made.lead):
        member_id = _invite(db, made, "birch therapy")
        with db.write() as session:
            commands.accept_membership(session, made.owner, made.id, member_id)
        for _ in range(2):
            with db.write() as session:
                commands.leave_consortium(session, who, made.id, member_id)
        assert _shown(db, made) == [("Alder Therapy", "accepted", True)]
    with db.read() as session:
        own = session.exec(select(ConsortiumMember.id).where(ConsortiumMember.provider_id == made.alder)).one()
        assert [line.state.value for line in queries.consortia_of(session, made.birch)] == ["left", "left"]
    with pytest.raises(Refused, match="lead_stays"), db.write() as session:
        commands.leave_consortium(session, made.lead, made.id, own)


@pytest.mark.row("1.7")
def test_the_lead_ends_it_for_all(db: Database, made: Set) -> None:
    member_id = _invite(db, made)
    for _ in range(2):
        with db.write() as session:
            commands.end_consortium(session, made.lead, made.id)
    with pytest.raises(Refused, match="consortium_ended"), db.write() as session:
        commands.accept_membership(session, made.owner, made.id, member_id)
    with pytest.raises(Refused, match="consortium_ended"):
        _invite(db, made, "Cedar Therapy")
    with db.write() as session:
        again = commands.start_consortium(session, made.lead, made.alder, name="Tall Trees")
        assert again != made.id, "the name of one that ended is free"
        assert commands.start_consortium(session, made.lead, made.alder, name="Tall Trees") == again


def test_an_invitation_names_one_provider(db: Database, made: Set) -> None:
    _invite(db, made)
    with db.write() as session:
        factories.provider(session, "Cedar Therapy")
    for known_as, code in (
        ("07444723", "invited_already"),
        ("Alder Therapy", "invited_already"),
        ("Nobody", "nobody_known_as"),
        ("cedar therapy", "several_known_as"),
    ):
        with pytest.raises(Refused, match=code):
            _invite(db, made, known_as)


@pytest.mark.row("1.7")
def test_each_answers_for_itself_alone(db: Database, made: Set, clock: Clock) -> None:
    member_id = _invite(db, made)
    for who, error in ((made.stranger, NotFound), (made.reader, NotAllowed), (made.lead, NotFound)):
        for command in (commands.accept_membership, commands.decline_membership):
            with pytest.raises(error), db.write() as session:
                command(session, who, made.id, member_id)
    for who, error in ((made.stranger, NotFound), (made.owner, NotFound), (made.bidder, NotAllowed)):
        with pytest.raises(error), db.write() as session:
            commands.invite_member(session, who, made.id, known_as="Cedar Therapy")
        with pytest.raises(error), db.write() as session:
            commands.end_consortium(session, who, made.id)
    with pytest.raises(NotFound), db.write() as session:
        commands.accept_membership(session, made.owner, made.id, uuid4())
    with pytest.raises(NotFound):
        _shown(db, made, made.stranger)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.start_consortium(session, made.bidder, made.alder, name="Another")
