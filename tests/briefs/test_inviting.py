"""Approval by two above a value; whom a publication considered, kept as evidence; and how a brief ends without an award."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.briefs import rules as brief_rules
from app.briefs.commands import draft_brief, revise_brief, withdraw_draft
from app.briefs.inviting import rules
from app.briefs.inviting.commands import forget_people, set_approval_limit
from app.briefs.inviting.models import MatchLine
from app.briefs.inviting.queries import limit_of, not_invited, report
from app.briefs.models import Brief
from app.briefs.rules import Ending, Phase
from app.core.actor import Actor
from app.core.audit import timeline
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence.news import PeopleForgotten
from app.organisations.rules import Role
from tests import NOON, factories
from tests.briefs.test_commands import TERMS, facts
from tests.briefs.test_pages import soup
from tests.conftest import ClientFor, hidden
from tests.databases import Furniture, statements
from tests.factories import World
from tests.sealing import publish_brief

MOST_STATEMENTS = 15


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def dear(db: Database, made: World) -> UUID:
    """A draft whose budget is above the default."""
    with db.write() as session:
        written = facts(made, budget_pence=rules.DEFAULT_LIMIT_PENCE + 1)
        return draft_brief(session, made.commissioner, made.raa_id, made.framework_id, written, TERMS)


@pytest.fixture
def second(db: Database, made: World) -> Actor:
    with db.write() as session:
        return factories.seated(session, made.raa_id, Role.APPROVER, name="Ada Approver")


def _publish(db: Database, actor: Actor, brief_id: UUID) -> Phase:
    with db.write() as session:
        publish_brief(session, actor, brief_id)
        brief = session.get_one(Brief, brief_id)
        return Phase.OPEN if brief.published_at else Phase.DRAFT


@pytest.mark.row("5.4")
@pytest.mark.parametrize(("above", "needed"), [(-1, 1), (0, 1), (1, 2)])
def test_two_approve_above_the_value(above: int, needed: int) -> None:
    assert rules.approvers_needed(rules.DEFAULT_LIMIT_PENCE + above, rules.DEFAULT_LIMIT_PENCE) == needed


@pytest.mark.row("5.4")
def test_the_first_of_two_approves_and_the_second_publishes(
    db: Database, made: World, dear: UUID, second: Actor
) -> None:
    assert _publish(db, made.approver, dear) is Phase.DRAFT
    with pytest.raises(Refused) as no:
        _publish(db, made.approver, dear)
    assert no.value.refusal.code == "approved"
    with db.read() as session:
        assert [one.to_address for one in session.exec(select(OutboxMessage))] == [second.email]
    assert _publish(db, second, dear) is Phase.OPEN
    with db.read() as session:
        names = [event.name for event in timeline(session, dear)]
        assert names == ["brief.drafted", "brief.approved", "brief.published"]


@pytest.mark.row("5.4")
def test_the_draft_says_to_its_agency_who_has_approved_and_who_can_invite_another(
    db: Database, made: World, dear: UUID, client_for: ClientFor
) -> None:
    def said(actor: Actor) -> str:
        return " ".join(soup(client_for(actor).get(f"/briefs/{dear}").text).select_one("main").text.split())

    for actor in (made.commissioner, made.approver, made.chair):
        assert "0 of 2 approved. Who approves briefs" in said(actor)
        assert "only one approver who did not write this brief, and two are needed" in said(actor)
    assert "It has no owner who could invite another." in said(made.commissioner)
    with db.write() as session:
        factories.seated(session, made.raa_id, Role.OWNER, name="Ola Owner")
    assert "Ola Owner can invite another." in said(made.commissioner)
    _publish(db, made.approver, dear)
    for actor in (made.commissioner, made.approver, made.chair):
        assert f"1 of 2 approved: {made.approver.name}, Monday 23 November 2026, 12:00 noon." in said(actor)
    with db.write() as session:
        factories.seated(session, made.raa_id, Role.APPROVER, name="Ada Approver")
    assert "can invite another" not in said(made.commissioner)


@pytest.mark.row("5.4")
def test_one_approver_who_wrote_the_brief_cannot_approve_it(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, published_at=None)
        session.get_one(Brief, brief_id).created_by = made.approver.known
    page = f"/briefs/{brief_id}"
    assert "has no approver who did not write this brief. It has" in client_for(made.commissioner).get(page).text
    with db.write() as session:
        session.get_one(Brief, brief_id).created_by = made.commissioner.known
    assert "who did not write this brief. It has" not in client_for(made.commissioner).get(page).text


@pytest.mark.row("5.4")
def test_an_approval_lapses_when_the_brief_is_written_anew(
    db: Database, made: World, dear: UUID, second: Actor
) -> None:
    _publish(db, made.approver, dear)
    with db.write() as session:
        revise_brief(session, made.commissioner, dear, facts(made, budget_pence=rules.DEFAULT_LIMIT_PENCE + 100))
    assert _publish(db, second, dear) is Phase.DRAFT
    assert _publish(db, made.approver, dear) is Phase.OPEN


@pytest.mark.row("5.4")
def test_whoever_writes_after_approving_is_none_of_the_two(
    db: Database, made: World, dear: UUID, second: Actor
) -> None:
    written = facts(made, budget_pence=rules.DEFAULT_LIMIT_PENCE + 1)
    with db.write() as session:
        both = factories.seated(session, made.raa_id, Role.COMMISSIONER, Role.APPROVER, name="Bo Both")
    assert _publish(db, both, dear) is Phase.DRAFT
    for need in ("Two siblings find it hard to sleep.", written.need):
        with db.write() as session:
            revise_brief(session, both, dear, replace(written, need=need), TERMS)
    assert _publish(db, second, dear) is Phase.DRAFT
    assert _publish(db, made.approver, dear) is Phase.OPEN


@pytest.mark.row("5.4")
@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ([], rules.DEFAULT_LIMIT_PENCE),
        ([(-2, 9_000_000)], 9_000_000),
        ([(-2, 100), (-1, 9_000_000)], 9_000_000),
        ([(1, 9_000_000)], rules.DEFAULT_LIMIT_PENCE),
        ([(0, 9_000_000)], rules.DEFAULT_LIMIT_PENCE),
        ([(1, 100)], 100),
        ([(-1, 9_000_000), (1, 100), (2, 9_000_000)], 100),
    ],
)
def test_a_higher_value_holds_for_later_drafts_alone(said: list[tuple[int, int]], limit: int) -> None:
    """(days after the draft was begun, pence)."""
    assert rules.limit_of_draft([(NOON + timedelta(days=day), pence) for day, pence in said], NOON) == limit


@pytest.mark.row("5.4")
def test_one_approver_does_not_lift_the_value_to_publish_alone(db: Database, made: World, dear: UUID) -> None:
    assert _publish(db, made.approver, dear) is Phase.DRAFT
    with db.write() as session:
        set_approval_limit(session, made.approver, made.raa_id, rules.MOST_LIMIT_PENCE)
    with pytest.raises(Refused) as no:
        _publish(db, made.approver, dear)
    assert no.value.refusal.code == "approved"


@pytest.mark.row("5.4")
def test_an_agency_sets_its_own_value_and_it_is_on_the_record(db: Database, made: World, client_for: ClientFor) -> None:
    for actor in (made.commissioner, made.chair, made.owner_a, made.other_commissioner, made.lead):
        with pytest.raises(NotFound), db.write() as session:
            set_approval_limit(session, actor, made.raa_id, 0)
    page = f"/agencies/{made.raa_id}/approval"
    client = client_for(made.approver)
    assert client.post(page, data={"limit": "-1"}).status_code == 422
    for _ in range(2):
        assert client.post(page, data={"limit": "2,500"}).status_code == 303
    assert "£2,500.00" in client_for(made.commissioner).get(page).text
    assert client_for(made.other_commissioner).get(page).status_code == 404
    with db.read() as session:
        assert limit_of(session, made.raa_id) == 250_000
        assert limit_of(session, made.other_raa_id) == rules.DEFAULT_LIMIT_PENCE
        (event,) = timeline(session, made.raa_id)
        assert (event.name, event.detail["before"], event.detail["now"]) == (
            "brief.limit_set",
            "£30,000.00",
            "£2,500.00",
        )


def _lapsed(session: Session, made: World, number: int = 1) -> UUID:
    """A member whose insurance has run out."""
    late = factories.provider(session, f"Cedar Therapy {number}")
    factories.verified_evidence(session, late, made.checker, expires_on=date(2026, 11, 22))
    factories.membership(session, late, made.framework_id, made.lots[0], made.regions[0], made.lead.known)
    return late


@pytest.mark.row("5.9")
def test_the_match_report_says_of_every_member_whether_and_why(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        late = _lapsed(session, made)
        owner = factories.seated(session, late, Role.OWNER, name="Cyd Cedar")
        brief_id = draft_brief(session, made.commissioner, made.raa_id, made.framework_id, facts(made), TERMS)
    _publish(db, made.approver, brief_id)
    with db.read() as session:
        kept = report(session, made.commissioner, brief_id)
        assert [(line.provider_name, line.invited) for line in kept.lines] == [
            ("Alder Therapy", True),
            ("Birch Therapy", True),
            ("Cedar Therapy 1", False),
        ]
        assert "expired" in kept.lines[2].reasons[0]
        assert timeline(session, brief_id)[-1].detail["match_report"] == kept.sha256
        for actor in (owner, made.owner_a, made.other_commissioner, made.lead):
            with pytest.raises(NotFound):
                report(session, actor, brief_id)
        assert not_invited(session, made.owner_a) == []
        (own,) = not_invited(session, owner)
        assert (own.provider_name, own.reasons) == ("Cedar Therapy 1", kept.lines[2].reasons)
    page = client_for(owner).get("/opportunities/not-invited").text
    assert "expired" in page
    assert "siblings" not in page, "what the brief says is for those invited"
    assert "Alder" not in page, "a member sees its own line alone"
    assert "Cedar Therapy 1" in client_for(made.chair).get(f"/briefs/{brief_id}/match").text
    with db.write() as session:
        forget_people(session, PeopleForgotten(late))
        row = session.exec(select(MatchLine).where(MatchLine.provider_id == late)).one()
        assert row.reasons == [["evidence_expired", ""]]


@pytest.mark.row("5.9")
def test_publishing_asks_as_often_for_many_members_as_for_few(db: Database, made: World) -> None:
    counts = []
    for members in (1, 12):
        with db.write() as session:
            for number in range(members):
                _lapsed(session, made, 100 * members + number)
            brief_id = draft_brief(session, made.commissioner, made.raa_id, made.framework_id, facts(made), TERMS)
        with statements(db) as sent:
            _publish(db, made.approver, brief_id)
        counts.append(len(sent))
    print(counts)
    assert counts[0] == counts[1]


@pytest.mark.row("5.6")
@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("no_suitable_bid", [True, False])
def test_how_a_brief_ends_without_an_award(phase: Phase, no_suitable_bid: bool) -> None:
    expected = {(Phase.OPENED, True): Ending.NO_SUITABLE_BID}.get((phase, no_suitable_bid), Ending.CANCELLED)
    expected = Ending.WITHDRAWN if phase is Phase.DRAFT else expected
    assert brief_rules.ending(phase=phase, no_suitable_bid=no_suitable_bid) is expected


@pytest.mark.row("5.6")
def test_the_reason_goes_to_everybody_invited_whatever_the_ending(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        opened = factories.brief(session, made, closes_at=NOON - timedelta(days=1))
        factories.opened(session, opened, NOON)
        draft = factories.brief(session, made, published_at=None)
    with db.write() as session:
        withdraw_draft(session, made.commissioner, draft, "It is no longer needed.")
    chair = client_for(made.chair)
    assert "End this brief without an award" in chair.get(f"/briefs/{opened}").text
    reason = "None of the bids met the need."
    answer = chair.post(f"/briefs/{opened}/cancel", data={"how": "no_suitable_bid", "reason": reason})
    assert answer.status_code == 303
    with db.read() as session:
        waits = session.exec(select(OutboxMessage)).all()
        assert {one.to_address for one in waits} == {made.approver.email}, "nobody else is told before it is agreed"
    approver, asked = client_for(made.approver), f"/briefs/{opened}/cancellation"
    assert approver.post(f"{asked}/agree", data=hidden(approver.get(asked).text)).status_code == 303
    with db.read() as session:
        letters = session.exec(select(OutboxMessage).where(OutboxMessage.template == "briefs/cancelled.txt")).all()
        assert {one.to_address for one in letters} == {made.owner_a.email, made.owner_b.email}
        assert all(one.context["reason"] == reason and one.context["how"] == "no_suitable_bid" for one in letters)
        assert timeline(session, opened)[-1].name == "brief.no_suitable_bid"
        assert timeline(session, draft)[-1].name == "brief.withdrawn"
    assert "found no bid suitable" in client_for(made.owner_a).get(f"/opportunities/{opened}").text
