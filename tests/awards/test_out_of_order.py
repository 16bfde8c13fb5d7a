"""Breaking the glass: never before the close, by two people with a reason, and everybody is told."""

from itertools import product
from uuid import uuid4

import pytest
from sqlmodel import select

from app.awards.commands.opening import add_assessor, declare_interests
from app.awards.commands.out_of_order import break_glass, mend_glass
from app.awards.queries.approvals import BIDS, approvals
from app.awards.rules.opening import why_not_break_glass, why_not_mend_glass, why_not_open
from app.briefs.models import Brief, OutOfOrder
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.audit import timeline
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from tests import NOON, factories
from tests.awards.stage import CLOSES, DRAIN, Stage
from tests.conftest import ClientFor
from tests.sealing import approve_opening

REASON = "The chair is ill, and the family cannot wait."


@pytest.mark.row("7.9")
@pytest.mark.parametrize(
    ("phase", "said", "assessors", "undeclared", "approved"),
    list(product(Phase, (False, True), (0, 1), (0, 1), (0, 1))),
)
def test_when_the_glass_may_be_broken(phase: Phase, said: bool, assessors: int, undeclared: int, approved: int) -> None:
    refusal = why_not_break_glass(
        phase=phase, said=said, assessors=assessors, undeclared=undeclared, approvals=[uuid4()] * approved
    )
    in_order = bool(assessors and not undeclared and approved)
    assert (refusal is None) == (phase is Phase.CLOSED and not said and not in_order)


@pytest.mark.row("7.9")
@pytest.mark.parametrize(
    ("first", "chair", "approver", "undeclared", "code"),
    [
        (True, False, True, 1, None),
        (True, True, False, 1, None),
        (True, False, False, 0, "chair_first"),
        (False, False, False, 1, None),
    ],
)
def test_what_a_broken_glass_lifts(first: bool, chair: bool, approver: bool, undeclared: int, code: str | None) -> None:
    refusal = why_not_open(
        phase=Phase.CLOSED,
        closes_at=CLOSES,
        drain=DRAIN,
        now=CLOSES + DRAIN,
        assessors=1,
        undeclared=undeclared,
        approvals=[] if first else [uuid4()],
        person=uuid4(),
        chair=chair,
        brief_id=uuid4(),
        out_of_order=True,
        approver=approver,
    )
    assert (refusal.code if refusal else None) == code


def _break(on: Stage, actor: Actor) -> None:
    with on.db.write() as session:
        break_glass(session, actor, on.brief_id, REASON)


def _approve(on: Stage, actor: Actor) -> bool:
    with on.db.write() as session:
        return approve_opening(session, actor, on.brief_id, drain=DRAIN)


@pytest.mark.row("7.9")
@pytest.mark.invariant(12)
def test_an_approver_and_another_open_without_the_chair_and_everybody_is_told(on: Stage) -> None:
    with pytest.raises(Refused) as no:
        _break(on, on.made.approver)
    assert no.value.refusal.code == "not_closed"
    with on.db.write() as session:
        add_assessor(session, on.made.chair, on.brief_id, on.made.assessor.known)
    on.clock.set(CLOSES)
    for actor in (on.made.commissioner, on.made.chair, on.made.owner_a, on.made.other_commissioner):
        with pytest.raises(NotFound):
            _break(on, actor)
    _break(on, on.made.approver)
    with pytest.raises(Refused) as no:
        _approve(on, on.made.approver)
    assert no.value.refusal.code == "draining", "nothing lifts the drain"
    on.clock.set(CLOSES + DRAIN)
    with pytest.raises(Refused) as no:
        _approve(on, on.made.commissioner)
    assert no.value.refusal.code == "chair_first", "an approver is the first"
    assert not _approve(on, on.made.approver)
    assert not _approve(on, on.made.approver), "one person does not open them"
    assert _approve(on, on.made.commissioner)
    with on.db.read() as session:
        assert session.get_one(Brief, on.brief_id).opened_at == CLOSES + DRAIN
        told = session.exec(select(OutboxMessage).where(OutboxMessage.template == "awards/out_of_order.txt")).all()
        owners = {on.made.owner_a.email, on.made.owner_b.email}
        openers = {on.made.chair.email, on.made.commissioner.email, on.made.approver.email}
        assert {one.to_address for one in told} == owners | openers | {on.made.assessor.email}
        assert all(one.context["reason"] == REASON for one in told)
        assert "opening.out_of_order" in [event.name for event in timeline(session, on.brief_id)]


@pytest.mark.row("7.9")
def test_the_reason_is_asked_guarded_and_shown(on: Stage, client_for: ClientFor) -> None:
    on.clock.set(CLOSES + DRAIN)
    approver, page = client_for(on.made.approver), f"/briefs/{on.brief_id}/opening"
    assert "Open the bids out of order" in approver.get(page).text
    assert "Open the bids out of order" not in client_for(on.made.commissioner).get(page).text
    post = f"{page}/out-of-order"
    assert approver.post(post, data={"reason": "ill"}).status_code == 422
    assert approver.post(post, data={"reason": "Ring 0113 496 0000 and ask."}).status_code == 409
    assert approver.post(post, data={"reason": REASON}).status_code == 303
    told = client_for(on.made.chair).get(page).text
    assert REASON in told and "was told at once" in told and "The chair approves first" not in told
    assert "why the chair, or a declaration, is not being waited for" in told
    waits = client_for(on.made.commissioner).get(page).text
    assert "You can approve once a chair or an approver has." in waits
    early = client_for(on.made.commissioner).post(page)
    assert early.status_code == 409 and "A chair or an approver approves the opening first" in early.text
    assert approver.post(post, data={"reason": REASON}).status_code == 409


@pytest.mark.row("7.9")
def test_it_is_offered_only_where_it_is_possible(on: Stage, client_for: ClientFor) -> None:
    def offered() -> bool:
        return "Open the bids out of order" in client_for(on.made.approver).get(f"/briefs/{on.brief_id}/opening").text

    on.declared()
    assert not offered(), "it has not closed"
    on.clock.set(CLOSES + DRAIN)
    assert offered()
    _approve(on, on.made.chair)
    assert not offered(), "all have declared and the chair has approved"


def test_a_rival_breaks_no_glass(on: Stage, client_for: ClientFor) -> None:
    with on.db.write() as session:
        who, where = on.made.approver.known, on.made.provider_a
        session.add(OrganisationSeat(person_id=who, organisation_id=where, role=Role.OWNER, given_at=NOON))
    on.clock.set(CLOSES + DRAIN)
    with pytest.raises(Refused) as no:
        _break(on, on.made.approver)
    assert no.value.refusal.code == "belongs"
    page = client_for(on.made.approver).get(f"/briefs/{on.brief_id}/opening")
    assert page.status_code == 200 and "Open the bids out of order" not in page.text
    with on.db.read() as session:
        assert session.get(OutOfOrder, on.brief_id) is None


@pytest.mark.row("7.9")
@pytest.mark.parametrize("phase", Phase)
def test_when_it_is_taken_back(phase: Phase) -> None:
    assert (why_not_mend_glass(phase=phase) is None) == (phase is Phase.CLOSED)


@pytest.mark.row("7.9")
def test_what_is_taken_back_is_told_to_all_lifts_nothing_and_may_be_said_again(on: Stage) -> None:
    on.declared()
    on.clock.set(CLOSES + DRAIN)
    with on.db.write() as session:
        other = factories.seated(session, on.made.raa_id, Role.APPROVER, name="Una Approver")
    for who in (on.made.approver, other):  # an approval that rested on the first is not there after the second
        _break(on, on.made.approver)
        assert not _approve(on, on.made.approver)
        for _ in range(2):
            _mend(on, who)
        with pytest.raises(Refused) as no:
            _approve(on, on.made.commissioner)
        assert no.value.refusal.code == "chair_first"
        on.clock.forward(hours=1)
    _break(on, on.made.approver)
    with pytest.raises(Refused) as no:
        _approve(on, on.made.commissioner)
    assert no.value.refusal.code == "chair_first", "the first approval of another announcement is void"
    with on.db.read() as session:
        told = [
            sorted(session.exec(select(OutboxMessage.to_address).where(OutboxMessage.template == f"awards/{name}.txt")))
            for name in ("out_of_order", "in_order")
        ]
        assert set(told[0]) == set(told[1]) and len(told[1]) == 2 * len(set(told[1])), "each time all of them"
        assert on.made.assessor.email in told[1] and on.made.owner_b.email in told[1]
        assert [event.name for event in timeline(session, on.brief_id)].count("opening.out_of_order_taken_back") == 2


@pytest.mark.row("7.9")
@pytest.mark.parametrize("before", [True, False])
def test_a_chairs_approval_stays_where_it_was_given_in_order(on: Stage, before: bool) -> None:
    """An assessor who was asked last has not declared: the chair approved before they were asked, or once it was announced."""
    on.declared()
    on.clock.set(CLOSES + DRAIN)
    if before:
        assert not _approve(on, on.made.chair)
        on.clock.forward(hours=1)
    with on.db.write() as session:
        late = factories.seated(session, on.made.raa_id, Role.ASSESSOR, name="Lea Late")
        add_assessor(session, on.made.chair, on.brief_id, late.known)
    _break(on, on.made.approver)
    if not before:
        assert not _approve(on, on.made.chair)
    _mend(on, on.made.approver)
    with on.db.write() as session:
        assert [one.person_id for one in approvals(session, on.brief_id, BIDS)] == [on.made.chair.known] * before
        declare_interests(session, late, on.brief_id, {})
    if before:
        assert _approve(on, on.made.commissioner)
    else:
        with pytest.raises(Refused) as no:
            _approve(on, on.made.commissioner)
        assert no.value.refusal.code == "chair_first"


@pytest.mark.row("7.9")
def test_everybody_reads_it_on_the_pages_until_it_is_taken_back(on: Stage, client_for: ClientFor) -> None:
    on.clock.set(CLOSES + DRAIN)
    approver, opening = client_for(on.made.approver), f"/briefs/{on.brief_id}/opening"
    bidder, bid = client_for(on.made.owner_a), f"/bids/{on.bids['a']}"
    pages = [(bidder, f"/opportunities/{on.brief_id}"), (bidder, bid), (bidder, f"{bid}/receipt")]
    pages.append((client_for(on.made.assessor), f"/briefs/{on.brief_id}"))

    def shown() -> list[bool]:
        return ["the agency announced that" in client.get(path).text for client, path in pages]

    assert not any(shown())
    assert approver.post(f"{opening}/out-of-order", data={"reason": REASON}).status_code == 303
    assert all(shown()) and all(REASON in client.get(path).text for client, path in pages)
    assert all("The bids are sealed still." in client.get(path).text for client, path in pages)
    back = "Take this back, and tell everybody"
    assert back in approver.get(opening).text and back not in client_for(on.made.chair).get(opening).text
    with on.db.write() as session:
        other = factories.seated(session, on.made.raa_id, Role.APPROVER, name="Una Approver")
        rival = factories.seated(session, on.made.raa_id, Role.APPROVER, name="Rae Rival")
        owns = OrganisationSeat(
            person_id=rival.known, organisation_id=on.made.provider_a, role=Role.OWNER, given_at=NOON
        )
        session.add(owns)
    assert back in client_for(other).get(opening).text, "who announced it may have left"
    assert back not in client_for(rival).get(opening).text
    with pytest.raises(Refused) as no:
        _mend(on, rival)
    assert no.value.refusal.code == "belongs"
    assert approver.post(f"{opening}/out-of-order/take-back").headers["location"] == opening
    assert not any(shown())
    _break(on, on.made.approver)
    for who in (on.made.approver, on.made.commissioner):
        _approve(on, who)
    late = approver.post(f"{opening}/out-of-order/take-back")
    assert late.status_code == 409 and "This brief is opened now" in late.text and back not in late.text
    assert all(shown()) and not any("sealed still. Two" in client.get(path).text for client, path in pages)


def _mend(on: Stage, actor: Actor) -> None:
    with on.db.write() as session:
        mend_glass(session, actor, on.brief_id)
