"""Breaking the glass: never before the close, by two people with a reason, and everybody is told."""

from itertools import product
from uuid import uuid4

import pytest
from sqlmodel import select

from app.awards.commands.out_of_order import break_glass
from app.awards.models import OutOfOrder
from app.awards.rules.opening import why_not_break_glass, why_not_open
from app.briefs.models import Brief
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.audit import timeline
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from tests import NOON
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
        assert {one.to_address for one in told} == owners | openers
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
