"""Machine 7: a published brief is cancelled by two people, its members are told then, and its bids are never opened."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.awards.boards.queries import Wanted, board, by_brief, states
from app.awards.boards.rules import next_step, waits_for
from app.bids.sealed import BidLetter
from app.briefs.cancelling.commands import (
    agree_cancellation,
    ask_cancellation,
    decline_cancellation,
    drop_cancellation,
)
from app.briefs.cancelling.models import BriefCancellation
from app.briefs.cancelling.queries import declined
from app.briefs.cancelling.rules import why_not_agree, why_not_ask, why_not_decide, why_not_drop
from app.briefs.commands import end_brief, withdraw_draft
from app.briefs.models import Brief
from app.briefs.rules import Ending, Phase
from app.core.actor import Actor
from app.core.audit import timeline
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refusal, Refused
from app.organisations.rules import Role
from tests import NOON, factories
from tests.awards.stage import CLOSES, DRAIN, written
from tests.conftest import ClientFor, Clock, hidden
from tests.databases import Furniture
from tests.factories import World
from tests.sealing import approve_opening

pytestmark = pytest.mark.row("5.6")
WHY = "The family has moved away."


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def brief_id(db: Database, made: World) -> UUID:
    with db.write() as session:
        return factories.brief(session, made)


def _code(found: Refusal | None) -> str | None:
    assert found is None or found.words
    return found.code if found else None


def _refused(act: Callable[[], object]) -> str:
    with pytest.raises((Refused, NotFound)) as no:
        act()
    return no.value.refusal.code if isinstance(no.value, Refused) else "not found"


def _mails(session: Session, template: str) -> set[str]:
    return set(session.exec(select(OutboxMessage.to_address).where(OutboxMessage.template == f"briefs/{template}.txt")))


def _try(db: Database, act: Callable[..., object], who: Actor, brief_id: UUID, *rest: str) -> Callable[[], object]:
    def tried() -> None:
        with db.write() as session:
            act(session, who, brief_id, *rest)

    return tried


@pytest.mark.parametrize(
    ("phase", "chair", "waiting", "asker"), list(product(Phase, (False, True), (False, True), (False, True)))
)
def test_who_asks_and_who_agrees_when(phase: Phase, chair: bool, waiting: bool, asker: bool) -> None:
    over = phase in (Phase.AWARDED, Phase.CANCELLED)
    late = phase in (Phase.CLOSED, Phase.OPENED) and not chair
    asking = "draft" if phase is Phase.DRAFT else "finished" if over else "chair" if late else None
    assert _code(why_not_ask(phase=phase, chair=chair, waiting=waiting)) == (asking or ("waiting" if waiting else None))
    agreeing = "finished" if over else "chair" if late else "second_person" if asker else None
    assert _code(why_not_agree(phase=phase, asker=asker, chair=chair)) == agreeing
    assert _code(why_not_decide(asker=asker)) == ("second_person" if asker else None)
    assert _code(why_not_drop(asker=asker)) == (None if asker else "not_yours")


def test_members_are_told_once_a_second_person_has_agreed(db: Database, made: World, brief_id: UUID) -> None:
    for _ in range(2):
        _try(db, ask_cancellation, made.commissioner, brief_id, WHY)()
    with db.read() as session:
        assert _mails(session, "cancelled") == set() and _mails(session, "waits") == {made.approver.email}
        assert session.get_one(Brief, brief_id).cancelled_at is None
    assert _refused(_try(db, agree_cancellation, made.commissioner, brief_id)) == "not found"
    for _ in range(2):
        _try(db, agree_cancellation, made.approver, brief_id)()
    with db.read() as session:
        letters = session.exec(select(OutboxMessage).where(OutboxMessage.template == "briefs/cancelled.txt")).all()
        assert {m.to_address for m in letters} == {made.owner_a.email, made.owner_b.email}
        assert {m.context["reason"] for m in letters} == {WHY}
        assert [e.name for e in timeline(session, brief_id)] == ["brief.cancel_asked", "brief.cancelled"]
        row = session.exec(select(BriefCancellation)).one()
        assert (row.asked_by, row.agreed_by) == (made.commissioner.known, made.approver.known)


def test_an_approver_who_asks_waits_for_another(db: Database, made: World, brief_id: UUID) -> None:
    _try(db, ask_cancellation, made.approver, brief_id, WHY)()
    for act in (agree_cancellation, lambda *of: decline_cancellation(*of, "I think better of it.")):
        assert _refused(_try(db, act, made.approver, brief_id)) == "second_person"
    assert _refused(_try(db, drop_cancellation, made.commissioner, brief_id)) == "not_yours"
    assert _refused(_try(db, ask_cancellation, made.commissioner, brief_id, WHY)) == "waiting"
    for _ in range(2):
        with db.write() as session:
            drop_cancellation(session, made.approver, brief_id)
    assert _refused(_try(db, agree_cancellation, made.approver, brief_id)) == "over"
    with db.write() as session:
        other = factories.seated(session, made.raa_id, Role.APPROVER, name="Una Approver")
    _try(db, ask_cancellation, made.approver, brief_id, WHY)()
    _try(db, agree_cancellation, other, brief_id)()


def test_who_declines_says_why_to_who_asked_and_to_nobody_else(db: Database, made: World, brief_id: UUID) -> None:
    _try(db, ask_cancellation, made.commissioner, brief_id, WHY)()
    for _ in range(2):
        _try(db, decline_cancellation, made.approver, brief_id, "They move back next month.")()
    with db.read() as session:
        assert _mails(session, "cancellation_declined") == {made.commissioner.email}
        assert _mails(session, "cancelled") == set()
        found = declined(session, brief_id)
    assert found and (found.decliner, found.reason) == (made.approver.name, "They move back next month.")
    _try(db, ask_cancellation, made.commissioner, brief_id, WHY)()
    with db.read() as session:
        assert declined(session, brief_id) is None, "it is asked again"


@pytest.mark.parametrize(("opened", "ending"), [(True, Ending.NO_SUITABLE_BID), (False, Ending.CANCELLED)])
def test_only_of_opened_bids_it_is_said_that_none_was_suitable(
    db: Database, made: World, opened: bool, ending: Ending
) -> None:
    with db.write() as session:
        brief = session.get_one(Brief, factories.brief(session, made, closes_at=NOON - timedelta(days=1)))
        if opened:
            factories.opened(session, brief.id, NOON)
        end_brief(session, made.approver, brief, WHY, NOON, no_suitable_bid=True)
        assert (brief.cancelled_as, brief.cancelled_at, brief.cancelled_reason) == (ending, NOON, WHY)


def test_from_the_close_on_one_of_the_two_is_a_chair(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        late, asked_before = factories.brief(session, made, closes_at=NOON), factories.brief(session, made)
        both = factories.seated(session, made.raa_id, Role.APPROVER, Role.CHAIR, name="Una Approver and Chair")
    assert _refused(_try(db, ask_cancellation, made.commissioner, late, WHY)) == "chair"
    _try(db, ask_cancellation, made.chair, late, WHY)()
    _try(db, agree_cancellation, made.approver, late)()
    _try(db, ask_cancellation, made.commissioner, asked_before, WHY)()
    clock.forward(days=11)
    assert _refused(_try(db, agree_cancellation, made.approver, asked_before)) == "chair"
    _try(db, agree_cancellation, both, asked_before)()
    with db.read() as session:
        assert all(session.get_one(Brief, one).cancelled_at for one in (late, asked_before))


def test_outsiders_and_assessors_find_nothing_and_a_draft_takes_one(db: Database, made: World, brief_id: UUID) -> None:
    with db.write() as session:
        draft = factories.brief(session, made, published_at=None)
    for who in (made.assessor, made.other_commissioner, made.owner_a, made.lead):
        assert _refused(_try(db, ask_cancellation, who, brief_id, WHY)) == "not found"
    assert _refused(_try(db, ask_cancellation, made.commissioner, draft, WHY)) == "draft"
    assert _refused(_try(db, withdraw_draft, made.commissioner, brief_id, WHY)) == "published"
    for _ in range(2):
        _try(db, withdraw_draft, made.commissioner, draft, WHY)()
    telling = "A boy named Tom has moved to CO1 1AA."
    assert _refused(_try(db, ask_cancellation, made.commissioner, brief_id, telling)) == "identifying"


def test_the_database_itself_wants_two_people_one_wish_and_a_reason(db: Database, made: World, brief_id: UUID) -> None:
    _try(db, ask_cancellation, made.commissioner, brief_id, WHY)()
    mine = col(BriefCancellation.brief_id) == brief_id
    for values, constraint in (
        ({"agreed_at": NOON, "agreed_by": made.commissioner.known}, "two_people"),
        ({"agreed_at": NOON}, "agreed_by_somebody"),
        ({"agreed_at": NOON, "agreed_by": made.approver.known, "dropped_at": NOON}, "agreed_or_dropped"),
        ({"reason": ""}, "reasoned"),
        ({"dropped_at": NOON, "declined_by": made.commissioner.known, "declined_reason": "No"}, "declined_by_another"),
    ):
        with pytest.raises(IntegrityError) as error, db.write() as session:
            session.execute(update(BriefCancellation).where(mine).values(**values))
        assert violates(error.value, f"ck_brief_cancellation_{constraint}")
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(BriefCancellation(brief_id=brief_id, asked_at=NOON, asked_by=made.chair.known, reason=WHY))


@pytest.mark.invariant(1)
def test_sealed_bids_of_a_cancelled_brief_are_never_opened(db: Database, clock: Clock) -> None:
    on = written(db, clock)
    on.declared()
    with db.write() as session:
        factories.cancelled(session, on.made, on.brief_id, on.made.commissioner, WHY)
    clock.set(CLOSES + DRAIN)
    for who in (on.made.chair, on.made.commissioner):
        with pytest.raises(Refused), db.write() as session:
            approve_opening(session, who, on.brief_id)
    with db.read() as session:
        assert set(session.exec(select(BidLetter.wrapped_key))) == {None}


def test_the_board_says_that_it_waits_to_those_who_can_agree(db: Database, made: World, brief_id: UUID) -> None:
    _try(db, ask_cancellation, made.chair, brief_id, WHY)()
    with db.read() as session:
        found = by_brief([[session.get_one(Brief, brief_id)]])
        state = states(session, made.approver, found, NOON)[brief_id]
        stages = dict(board(session, made.approver, NOON, Wanted()).stages)
    assert [stage for stage, cards in stages.items() if brief_id in {card.id for card in cards}] == [
        "Waits for an approver"
    ]
    step = next_step(state, made.approver.known, {Role.APPROVER})
    assert step and step.href == f"/briefs/{brief_id}/cancellation"
    assert waits_for(state) == "An approver agrees to cancel it, or declines"
    own = next_step(state, made.chair.known, {Role.CHAIR, Role.APPROVER})
    assert own is None or own.href != step.href


def test_the_pages_of_it(db: Database, made: World, client_for: ClientFor, brief_id: UUID) -> None:
    commissioner, approver, member = client_for(made.commissioner), client_for(made.approver), client_for(made.owner_a)
    path = f"/briefs/{brief_id}/cancellation"
    assert "Nobody asks for it now" in approver.get(path).text
    answer = commissioner.post(f"/briefs/{brief_id}/cancel", data={"reason": WHY})
    assert answer.headers["location"] == path
    seen = commissioner.get(path).text
    assert WHY in seen and "Take it back" in seen and "Agree, cancel" not in seen
    assert "asked on" in commissioner.get(f"/briefs/{brief_id}").text
    assert "Agree to cancel this brief, or decline" in approver.get("/").text
    assert WHY not in member.get(f"/opportunities/{brief_id}").text
    read = hidden(approver.get(path).text)
    assert approver.post(f"{path}/decline", data=read | {"why": ""}).status_code == 422
    assert approver.post(f"{path}/agree").status_code == 422
    assert approver.post(f"{path}/drop", data=read).status_code == 409
    assert approver.post(f"{path}/decline", data=read | {"why": "They move back soon."}).status_code == 303
    assert "They move back soon." in commissioner.get(path).text
    commissioner.post(f"/briefs/{brief_id}/cancel", data={"reason": WHY})
    read = hidden(approver.get(path).text)
    assert approver.post(f"{path}/agree", data=read).headers["location"] == f"/briefs/{brief_id}"
    assert "This brief is cancelled" in approver.get(path).text
    assert WHY in member.get(f"/opportunities/{brief_id}").text


@pytest.mark.parametrize("step", ["agree", "decline", "drop"])
@pytest.mark.parametrize("meanwhile", ["agreed", "declined", "taken back"])
def test_nobody_decides_about_a_wish_that_is_over_or_about_another_one(
    db: Database, made: World, client_for: ClientFor, brief_id: UUID, step: str, meanwhile: str
) -> None:
    """An older page says what has become of its wish, and by whom; what was typed is still there."""
    with db.write() as session:
        other = factories.seated(session, made.raa_id, Role.APPROVER, name="Una Approver")
    asker, path = made.commissioner, f"/briefs/{brief_id}/cancellation"
    _try(db, ask_cancellation, asker, brief_id, WHY)()
    decider = client_for(asker if step == "drop" else made.approver)
    older = hidden(decider.get(path).text) | {"why": "They move back soon."}
    act, who, rest, words = {
        "agreed": (agree_cancellation, other, (), "Una Approver agreed to this on"),
        "declined": (decline_cancellation, other, ("It is needed.",), "Una Approver declined this on"),
        "taken back": (drop_cancellation, asker, (), f"{asker.name} took this back on"),
    }[meanwhile]
    _try(db, act, who, brief_id, *rest)()
    again = decider.post(f"{path}/{step}", data=older)
    if (step, meanwhile) == ("drop", "taken back"):
        assert again.status_code == 303, "a second click"
        return
    assert again.status_code == 409 and words in again.text and "asked for again" not in again.text
    assert ("which nobody was sent" in again.text) == (step == "decline")
    if step == "decline":
        oldest = decider.post(f"{path}/{step}", data={"why": "They move back soon."})
        assert (oldest.status_code, "They move back soon." in oldest.text) == (422, True), (
            "of a page without the wish's id"
        )
    if meanwhile != "agreed":
        _try(db, ask_cancellation, asker, brief_id, "Another reason, not yet read.")()
        unread = decider.post(f"{path}/{step}", data=older)
        assert unread.status_code == 409 and "Another reason, not yet read." in unread.text
        assert words in unread.text and "It has been asked for again since." in unread.text
        assert (">They move back soon.</textarea>" in unread.text) == (step == "decline")
        if step == "decline":
            short = decider.post(f"{path}/{step}", data=older | {"why": "No"})
            assert hidden(short.text)["cancellation_id"] == older["cancellation_id"], "it is not read yet"
        assert decider.post(f"{path}/{step}", data=older | hidden(unread.text)).status_code == 303


def test_a_draft_is_never_cancelled_before_nor_after_it_is_withdrawn(
    db: Database, made: World, client_for: ClientFor
) -> None:
    """It has no page of cancelling, nothing to agree to, and none of its pages speaks of members who were told."""
    with db.write() as session:
        draft = factories.brief(session, made, published_at=None)
    commissioner, approver = client_for(made.commissioner), client_for(made.approver)
    about = f"/briefs/{draft}"
    for withdrawn in (False, True):
        if withdrawn:
            assert commissioner.post(f"{about}/cancel", data={"reason": WHY}).headers["location"] == about
            for page in (about, "/briefs?phase=cancelled"):
                tags = BeautifulSoup(commissioner.get(page).text, "html.parser").select("main .govuk-tag")
                assert [tag.text.strip() for tag in tags] == ["Withdrawn"], page
        for who in (commissioner, approver):
            assert who.get(f"{about}/cancellation").status_code == 404
        for step in ("agree", "decline", "drop"):
            typed = {"cancellation_id": str(draft), "why": "I think better of it."}
            answer = approver.post(f"{about}/cancellation/{step}", data=typed)
            assert answer.status_code == 404, (step, withdrawn)
    seen = commissioner.get(about).text
    assert "Withdrawn before it was published" in seen and "all invited were told" not in seen
