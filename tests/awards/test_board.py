"""The board of an agency's briefs: each at its stage, with what comes next and by whom, and nothing that tells of a bid."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup

from app.awards.boards.rules import BriefState, Stage, next_step, own_task, stage, waits_for
from app.awards.commands.award import approve_award
from app.bids.closing.models import EarlyClose
from app.bids.commands import save_draft, start_bid, submit_bid
from app.briefs.inviting.models import ApprovalLimit, BriefApproval
from app.briefs.models import Brief
from app.briefs.queries import facts
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.database import Database
from app.organisations.rules import Role
from tests import NOON, factories
from tests.awards import stage as stages
from tests.awards.stage import CLOSES, DRAIN, LETTERS, SECRET
from tests.conftest import ClientFor, Clock
from tests.databases import statements
from tests.sealing import SEAL, approve_opening

ME, OTHER = uuid4(), uuid4()


def _board(client_for: ClientFor, person: Actor, query: str = "") -> dict[str, list[str]]:
    """The rows as words, by the heading of their stage."""
    found = BeautifulSoup(client_for(person).get(f"/briefs{query}").text, "html.parser")
    return {
        " ".join(part.h2.text.split()): [" ".join(row.text.split()) for row in part.select("tbody tr")]
        for part in found.select("main section")
    }


def _expect(client_for: ClientFor, stage_words: str, said: dict[Actor, str]) -> None:
    for person, words in said.items():
        (heading, rows), *others = _board(client_for, person).items()
        assert heading == f"{stage_words} (1 brief)" and not others
        assert words in rows[0], (person.name, rows[0])


def test_a_brief_moves_over_the_board_and_says_whose_turn_it_is(
    on: stages.Stage, client_for: ClientFor, clock: Clock, db: Database
) -> None:
    made = on.made
    _expect(
        client_for,
        "Open for bids",
        {
            made.chair: "Yours Choose the assessors",
            made.commissioner: "10 days left",
            made.approver: "The chair chooses",
        },
    )
    on.declared()
    _expect(client_for, "Open for bids", {made.chair: "The invited members can bid until it closes"})
    clock.set(CLOSES + DRAIN)
    closed = "Closed: waits for its opening"
    _expect(
        client_for,
        closed,
        {made.chair: "Yours Approve the opening", made.commissioner: "The chair approves the opening"},
    )
    with db.write() as session:
        approve_opening(session, made.chair, on.brief_id, drain=DRAIN)
    _expect(
        client_for,
        closed,
        {made.chair: "A second person opens the bids", made.commissioner: "Yours Open the bids, as the second person"},
    )
    with db.write() as session:
        approve_opening(session, made.commissioner, on.brief_id, drain=DRAIN)
    _expect(
        client_for, "Being assessed", {made.assessor: "Yours Score the bids", made.commissioner: "The assessors score"}
    )
    on.score(made.assessor, {"a": 4, "b": 3})
    on.score(made.assessor_two, {"a": 5, "b": 4})
    _expect(
        client_for, "Being assessed", {made.chair: "Yours Propose an award", made.approver: "a commissioner proposes"}
    )
    on.propose()
    _expect(
        client_for,
        "Award proposed",
        {made.approver: "Yours Decide on the proposed award", made.chair: "Another approver"},
    )
    with db.write() as session:
        approve_award(session, made.approver, on.brief_id, secret=SECRET)
    _expect(client_for, "Awarded", {made.approver: "Nothing more", made.chair: "Awarded"})
    clock.set(CLOSES + timedelta(days=400))
    assert _board(client_for, made.chair) == {}
    assert [*_board(client_for, made.chair, "?phase=awarded")] == ["Awarded (1 brief)"]


def test_a_draft_is_to_mend_then_ready_then_half_approved(
    on: stages.Stage, client_for: ClientFor, db: Database
) -> None:
    made = on.made

    def drafts(person: Actor, heading: str = "Drafts (1 brief)") -> str:
        return _board(client_for, person, "?phase=draft")[heading][0]

    with db.write() as session:
        draft_id = factories.brief(session, made, published_at=None)
        session.get_one(Brief, draft_id).need = ""
    assert "To mend Yours Finish this draft" in drafts(made.commissioner)
    assert "To mend A commissioner finishes the draft" in drafts(made.approver)
    with db.write() as session:
        session.get_one(Brief, draft_id).need = "Two siblings find it hard to feel safe at home after several moves."
    assert "Ready Yours Ask for approval of this draft" in drafts(made.commissioner)
    assert "Ready A commissioner asks for approval" in drafts(made.approver)
    with db.write() as session:
        session.get_one(Brief, draft_id).approval_asked_at = NOON
    waits = "Waits for an approver (1 brief)"
    assert "To approve Yours Check this brief and publish it" in drafts(made.approver, waits)
    assert "To approve An approver checks it" in drafts(made.commissioner, waits)
    with db.write() as session:
        session.add(ApprovalLimit(organisation_id=made.raa_id, pence=100, set_at=NOON, set_by=made.approver.known))
    assert "as the first of two approvers" in drafts(made.approver, waits)
    with db.write() as session:
        seen = facts(session, session.get_one(Brief, draft_id), NOON).seen
        session.add(BriefApproval(brief_id=draft_id, person_id=made.approver.known, seen=seen, at=NOON))
    assert "First of two has approved A second approver publishes it" in drafts(made.approver, waits)
    with db.write() as session:
        session.get_one(Brief, draft_id).title = "Therapy for two brothers"
    assert "as the first of two approvers" in drafts(made.approver, waits)


def test_a_change_and_the_filters(on: stages.Stage, client_for: ClientFor, db: Database) -> None:
    made = on.made
    with db.write() as session:
        factories.amendment(session, made, on.brief_id)
        other_id = factories.brief(session, made)
        other = session.get_one(Brief, other_id)
        other.lot_id, other.region_id, other.title = made.lots[1], made.regions[1], "Mediation"
        other.created_by = made.chair.known
    here = _board(client_for, made.approver)
    assert "A change waits Yours Decide on the proposed change" in here["Waits for an approver (1 brief)"][0]
    for query in (
        f"?lot={made.lots[1]}",
        f"?region={made.regions[1]}&framework={made.framework_id}",
        f"?author={made.chair.known}&phase=open",
    ):
        assert [rows[0][:9] for rows in _board(client_for, made.approver, query).values()] == ["Mediation"]
    assert "No brief fits these filters" in client_for(made.approver).get(f"/briefs?lot={uuid4()}").text
    assert [len(rows) for rows in _board(client_for, made.approver, "?lot=nonsense").values()] == [1, 1]
    with db.write() as session:
        stranger = factories.seated(session, factories.raa(session, "Elsewhere"), Role.COMMISSIONER)
    assert _board(client_for, stranger) == {}
    text = client_for(stranger).get("/briefs").text
    assert "Mediation" not in text and "Write the first one" in text


def test_a_wish_to_close_early_waits_for_another_until_it_was_tried_today(
    on: stages.Stage, client_for: ClientFor, db: Database
) -> None:
    made, ours = on.made, "Open for bids (1 brief)"
    with db.write() as session:
        wish = EarlyClose(brief_id=on.brief_id, asked_at=NOON, asked_by=made.commissioner.known)
        session.add(wish)
        session.flush()
        wish_id = wish.id
    for page in ("/briefs", "/"):
        assert "Decide on closing early" in client_for(made.approver).get(page).text
        assert "Decide on closing early" not in client_for(made.chair).get(page).text
    for tried, waits in ((NOON, False), (NOON - timedelta(days=1), True)):
        with db.write() as session:
            session.get_one(EarlyClose, wish_id).tried_at = tried
        assert ("Decide on closing early" in _board(client_for, made.approver)[ours][0]) is waits


@pytest.mark.bar("P6")
def test_the_board_asks_the_same_few_questions_and_none_about_bids(
    on: stages.Stage, client_for: ClientFor, db: Database
) -> None:
    def sent() -> list[str]:
        with statements(db) as found:
            client_for(on.made.commissioner).get("/briefs")
        return list(found)

    with db.write() as session:
        factories.brief(session, on.made, published_at=None)
    before = sent()
    with db.write() as session:
        for _ in range(14):
            factories.brief(session, on.made, published_at=None)
            factories.brief(session, on.made)
    assert len(sent()) == len(before) <= 12
    assert not [one for one in before if "FROM bid" in one or "JOIN bid" in one]


@pytest.mark.invariant(1)
@pytest.mark.bar("S1")
def test_with_or_without_a_bid_the_board_is_the_same_bytes_until_the_opening(
    on: stages.Stage, client_for: ClientFor, clock: Clock, db: Database
) -> None:
    """Two moments, before and after the close, in worlds that differ in one bid: absent, begun, submitted."""
    made = on.made
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=CLOSES)

    def seen() -> list[str]:
        found = []
        for moment in (NOON, CLOSES + DRAIN):
            clock.set(moment)
            for person in (made.commissioner, made.approver, made.chair, made.other_commissioner):
                answer = client_for(person).get("/briefs")
                found.append(answer.text.replace(answer.headers["X-Request-Id"], ""))
        clock.set(NOON)
        return found

    absent = seen()
    with db.write() as session:
        bid_id = start_bid(session, made.owner_a, brief_id, made.provider_a)
        save_draft(session, made.owner_a, bid_id, LETTERS["a"], seal=SEAL)
    assert seen() == absent
    with db.write() as session:
        submit_bid(session, made.owner_a, bid_id, received_at=NOON, seal=SEAL)
    assert seen() == absent


def _state(phase: Phase, **facts: object) -> BriefState:
    given = {"authors": frozenset({OTHER}), "assessors": frozenset({OTHER}), **facts}
    return BriefState(UUID(int=1), "B-1", phase, NOON, **given)  # type: ignore[arg-type]


BOTH = frozenset({Role.CHAIR, Role.COMMISSIONER, Role.APPROVER})
CLOSED, OPENED = Phase.CLOSED, Phase.OPENED


@pytest.mark.parametrize(
    ("state", "mine", "others"),
    [
        (_state(Phase.DRAFT, to_mend=True), "Finish", "A commissioner"),
        (_state(Phase.DRAFT, to_mend=False, authors=frozenset({ME})), "Ask for approval", "A commissioner asks"),
        (_state(Phase.DRAFT, to_mend=False, asked=True, authors=frozenset({ME})), "", "An approver checks"),
        (
            _state(Phase.DRAFT, to_mend=True, words_by=frozenset({ME, OTHER}), authors=frozenset({OTHER})),
            "Decide whether words may stay",
            "An approver decides whether",
        ),
        (_state(Phase.DRAFT, to_mend=True, words_by=frozenset({ME})), "Finish", "An approver decides whether"),
        (_state(Phase.DRAFT, authors=frozenset({ME}), words_by=frozenset({OTHER})), "Finish", "An approver decides"),
        (_state(Phase.DRAFT, to_mend=True, recorded=True, words_by=frozenset({OTHER})), "", ""),
        (_state(Phase.DRAFT, to_mend=True, recorded=True, unreasoned=True), "Say why", "A commissioner says why"),
        (_state(Phase.OPEN, close_by=OTHER, questions=2), "Decide on closing early", "An approver decides on closing"),
        (_state(Phase.OPEN, close_by=ME), "", "An approver decides on closing"),
        (_state(Phase.OPEN, questions=2), "Answer 2 questions", "A commissioner answers 2 questions"),
        (_state(Phase.OPEN, change_waits=True, change_by=ME), "", "An approver decides"),
        (_state(CLOSED, undeclared=frozenset({ME})), "Declare your interests", "The assessors declare"),
        (_state(CLOSED, undeclared=frozenset({ME}), rival=True), "", "The assessors declare"),
        (_state(CLOSED, rival=True), "", "The chair approves"),
        (_state(CLOSED, assessors=frozenset(), out_of_order=True), "Approve the opening", "The chair or an approver"),
        (_state(CLOSED, approvals=frozenset({ME})), "", "A second person"),
        (_state(OPENED, proposed_by=ME), "", "Another approver"),
        (_state(Phase.AWARDED), "", ""),
        (_state(Phase.CANCELLED), "", ""),
    ],
)
def test_whose_turn_it_is(state: BriefState, mine: str, others: str) -> None:
    step = own_task(state, ME) or next_step(state, ME, BOTH)
    assert (step.words if step else "")[: len(mine) or None] == mine
    assert waits_for(state)[: len(others) or None] == others


def test_every_phase_has_its_stage() -> None:
    assert {stage(_state(phase)) for phase in Phase} == set(Stage) - {Stage.APPROVAL, Stage.PROPOSED}
