"""A rating below the floor opens a decision for the framework's lead, and ends nothing by itself."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import col, select

from app.core import audit
from app.core import clock as core_clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence.models import EvidenceItem
from app.memberships.capacity.queries import groups
from app.memberships.commands import (
    confirm_end,
    decide_rating,
    end_membership,
    end_what_is_over,
    open_membership,
)
from app.memberships.floors import Rating, low_ratings
from app.memberships.models import Membership
from app.memberships.queries import held, members, memberships
from app.memberships.queries.relying import members_of, relying_by_kind, who_relied
from app.memberships.restriction.queries import decides, told_of
from app.memberships.rules import FloorChoice, State, why_not_day
from app.memberships.signing.commands import sign_agreement
from app.memberships.signing.queries import unfinished
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World

TODAY = date(2026, 11, 23)
RULE = {"all_of": [{"kind": "ofsted_asa", "floor": "good", "where_held": True}]}
WORDS = "Requires improvement to be good, below the floor of Good"


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.fixture
def item_id(db: Database, made: World) -> UUID:
    """Provider A is registered, and rated below the floor of the first lot."""
    with db.write() as session:
        factories.requirement(session, made.lots[0], RULE)
        item_id = factories.verified_evidence(session, made.provider_a, made.checker, kind="ofsted_asa")
        row = session.get_one(EvidenceItem, item_id)
        row.answer, row.rating = "registered", "requires_improvement"
        return item_id


def ratings(db: Database, actor: Actor) -> list[Rating]:
    with db.read() as session:
        return low_ratings(session, actor, core_clock.now(session))


def decide(db: Database, actor: Actor, made: World, item: UUID, choice: FloorChoice, day: date | None = None) -> None:
    with db.write() as session:
        decide_rating(session, actor, made.framework_id, item, choice, "The action plan is good.", day)


def confirm(db: Database, actor: Actor, made: World, item: UUID) -> None:
    with db.write() as session:
        confirm_end(session, actor, made.framework_id, item)


@pytest.mark.row("3.11")
def test_it_waits_for_its_lead_alone_until_it_is_decided(db: Database, made: World, item_id: UUID) -> None:
    (rating,) = ratings(db, made.lead)
    assert (rating.provider_name, rating.words, rating.open) == ("Alder Therapy", WORDS, True)
    assert [ratings(db, who) for who in (made.checker, made.commissioner, made.owner_a)] == [[], [], []]
    for actor, item in ((made.checker, item_id), (made.owner_a, item_id), (made.lead, uuid4())):
        with pytest.raises(NotFound):
            decide(db, actor, made, item, FloorChoice.KEEP)
    for _ in range(2):
        decide(db, made.lead, made, item_id, FloorChoice.KEEP)
    (rating,) = ratings(db, made.lead_two)
    assert (rating.open, rating.decided and rating.decided.by) == (False, "Leo Lead")
    with db.read() as session:
        told = [audit.sentence(event) for event in audit.timeline(session, made.framework_id)]
    assert told == [f"Leo Lead decided about Alder Therapy, {WORDS}: keep as a member. The action plan is good."]


@pytest.mark.row("3.11")
def test_under_watch_it_waits_again_on_the_day_of_its_review(
    db: Database, made: World, item_id: UUID, clock: Clock
) -> None:
    for day in (None, TODAY):
        with pytest.raises(Refused, match="day"):
            decide(db, made.lead, made, item_id, FloorChoice.WATCH, day)
    decide(db, made.lead, made, item_id, FloorChoice.WATCH, TODAY + timedelta(days=30))
    for days, waits in ((29, False), (30, True)):
        clock.set(NOON + timedelta(days=days))
        assert [rating.open for rating in ratings(db, made.lead)] == [waits]


def test_who_is_watched_or_given_notice_needs_a_day_to_come() -> None:
    for choice, day, allowed in (
        (FloorChoice.KEEP, None, True),
        (FloorChoice.WATCH, None, False),
        (FloorChoice.WATCH, TODAY + timedelta(days=1), True),
        (FloorChoice.END, TODAY, False),
        (FloorChoice.END, TODAY + timedelta(days=1), True),
    ):
        assert (why_not_day(choice, day=day, on=TODAY) is None) is allowed


LAST_DAY = TODAY + timedelta(days=30)


@pytest.mark.row("3.11")
@pytest.mark.invariant(4)
def test_two_leads_end_it_with_notice_and_on_the_day_after_it_is_over_whether_a_worker_runs_or_not(
    db: Database, made: World, item_id: UUID, clock: Clock
) -> None:
    def stands() -> list[tuple[str, State, list[str]]]:
        """A's memberships, by lot: those of the second lot ask for no rating."""
        with db.read() as session:
            found = memberships(session, made.owner_a, clock.moment)
        return [
            (one.lot[:5], one.state, [reason.code for reason in one.reasons]) for one in found if one.region == "North"
        ]

    decide(db, made.lead, made, item_id, FloorChoice.END, LAST_DAY)
    assert [state for _, state, _ in stands()] == [State.ACTIVE, State.ACTIVE], "one lead ends nothing"
    for actor, error in ((made.lead, Refused), (made.checker, NotFound), (made.owner_a, NotFound)):
        with pytest.raises(error):
            confirm(db, actor, made, item_id)
    for _ in range(2):
        confirm(db, made.lead_two, made, item_id)
    (rating,) = ratings(db, made.lead)
    assert (rating.open, rating.decided and rating.decided.confirmed_by) == (False, "Lena Lead")
    with pytest.raises(Refused, match="notice_given"):
        decide(db, made.lead, made, item_id, FloorChoice.KEEP)
    with db.read() as session:
        assert session.exec(select(OutboxMessage.to_address)).all() == [made.owner_a.email]
    clock.set(NOON + timedelta(days=30))
    assert [state for _, state, _ in stands()] == [State.ACTIVE, State.ACTIVE]
    clock.forward(days=1)
    over = [("Lot 1", State.ENDED, ["notice_over"]), ("Lot 2", State.ACTIVE, [])]
    assert stands() == over
    with db.write() as session:
        assert [end_what_is_over(session, clock.moment.date()) for _ in range(2)] == [2, 0]
    assert stands() == over
    with db.read() as session:
        ended = [row.ended_at for row in session.exec(select(Membership)) if row.ended_at]
        assert ended == [datetime(2026, 12, 24, tzinfo=UTC)] * 2
        assert ratings(db, made.lead) == []


@pytest.mark.row("3.11")
def test_notice_that_ends_sooner_stands_and_the_record_tells_both(db: Database, made: World, item_id: UUID) -> None:
    with db.read() as session:
        wanted = select(Membership.id).where(
            Membership.provider_id == made.provider_a, Membership.lot_id == made.lots[0]
        )
        soon, late = sorted(session.exec(wanted))
    decide(db, made.lead, made, item_id, FloorChoice.END, LAST_DAY)
    for one, days in ((soon, 5), (late, 90)):
        with db.write() as session:
            end_membership(session, made.owner_a, one, "We leave", TODAY + timedelta(days=days))
    confirm(db, made.lead_two, made, item_id)
    with db.read() as session:
        ends = [(row.ends_on, row.ended_reason) for row in (session.get_one(Membership, one) for one in (soon, late))]
        told = [[audit.sentence(event) for event in audit.timeline(session, one)] for one in (soon, late)]
    assert ends == [(TODAY + timedelta(days=5), "We leave"), (LAST_DAY, "The action plan is good.")]
    notice = "Lena Lead gave notice: the membership ends after 23 December 2026. The action plan is good."
    assert (notice in told[0], notice in told[1]) == (False, True)


def test_whoever_writes_down_ends_takes_the_rows_in_one_order(db: Database, made: World) -> None:
    with db.write() as session, statements(db) as sent:
        end_what_is_over(session, TODAY)
    assert "ORDER BY membership.id" in sent[0]


def test_notice_written_down_earlier_is_still_read_with_its_day(db: Database, made: World) -> None:
    with db.write() as session:
        old = audit.EVENTS["membership.notice_given"]
        audit.record(session, old, actor=made.lead, subject=made.provider_a, day="23 December 2026", reason="No plan.")
    with db.read() as session:
        (told,) = [audit.sentence(event) for event in audit.timeline(session, made.provider_a)]
    assert told == "Leo Lead gave notice: the membership ends on 23 December 2026. No plan."


def test_what_is_decided_otherwise_is_not_confirmed_any_more(db: Database, made: World, item_id: UUID) -> None:
    decide(db, made.lead, made, item_id, FloorChoice.END, LAST_DAY)
    decide(db, made.lead_two, made, item_id, FloorChoice.KEEP)
    with pytest.raises(Refused, match="nothing_to_confirm"):
        confirm(db, made.lead_two, made, item_id)


@pytest.mark.row("3.11")
def test_the_second_lead_finds_it_at_home_and_confirms_on_the_page(
    db: Database, made: World, item_id: UUID, client_for: ClientFor
) -> None:
    first, second, here = client_for(made.lead), client_for(made.lead_two), f"/frameworks/{made.framework_id}/ratings"
    given = {"item_id": str(item_id), "choice": "end", "reason": "No plan was sent"}
    assert "Enter the last day of the membership" in first.post(here, data=given).text
    day = {"day-day": "23", "day-month": "12", "day-year": "2026"}
    assert first.post(here, data=given | day).status_code == 303
    waits = "Confirm or refuse the end of the membership of Alder Therapy"
    assert (waits in first.get("/").text, waits in second.get("/").text) == (False, True)
    assert "Another lead must confirm this" in first.get(here).text
    confirming = {"confirmed_id": str(item_id)}
    assert first.post(f"{here}/confirm", data=confirming).status_code == 409
    assert second.post(f"{here}/confirm").status_code == 422
    assert "Confirm and give notice" in second.get(here).text
    assert second.post(f"{here}/confirm", data=confirming).status_code == 303
    assert "Ends on 23 December 2026: No plan was sent" in second.get(here).text
    with db.read() as session:
        mine = [row.id for row in session.exec(select(Membership)) if row.ends_on]
    assert "this membership ends after 23 December 2026" in client_for(made.owner_a).get(f"/memberships/{mine[0]}").text


@pytest.mark.row("3.11")
def test_the_lead_finds_it_at_home_and_decides_on_its_page(
    db: Database, made: World, item_id: UUID, client_for: ClientFor
) -> None:
    client, here = client_for(made.lead), f"/frameworks/{made.framework_id}/ratings"
    assert "Decide about Alder Therapy" in client.get("/").text
    assert here in client.get(f"/frameworks/{made.framework_id}/members").text
    wrong = client.post(here, data={"item_id": str(item_id), "choice": "watch", "reason": "An action plan"})
    assert wrong.status_code == 422
    assert "Enter the day, after today" in wrong.text
    assert "An action plan" in wrong.text
    assert client.post(here, data={}).status_code == 422
    good = {"item_id": str(item_id), "choice": "keep", "reason": "An action plan"}
    assert client.post(here, data=good).status_code == 303
    shown = BeautifulSoup(client.get(here).text, "html.parser").select_one("main table").get_text(" ", strip=True)
    assert "Keep as a member: An action plan" in shown
    assert "Decide about Alder Therapy" not in client.get("/").text
    assert client_for(made.commissioner).get(here).status_code == 404


def test_ratings_are_asked_for_in_a_constant_number_of_queries(db: Database, made: World, item_id: UUID) -> None:
    with db.read() as session, statements(db) as sent:
        low_ratings(session, made.lead, NOON)
    assert len(sent) == 5


@pytest.mark.row("3.11")
@pytest.mark.invariant(4)
def test_a_notice_that_is_over_ends_it_everywhere_before_any_worker_has_written_it_down(
    db: Database, made: World, item_id: UUID, clock: Clock
) -> None:
    """Both last days are over: what runs is nothing, and who is accepted again becomes a member again."""
    lot, north = made.lots[0], made.regions[0]
    with db.write() as session:
        dead = session.exec(select(Membership).where(Membership.provider_id == made.provider_a)).all()
        ids = {row.id for row in dead}
        for row in dead:
            row.ends_on, row.ended_reason = LAST_DAY, "The rating."
        next(row for row in dead if (row.lot_id, row.region_id) == (lot, north)).signed_at = None

    def seen() -> tuple[bool, ...]:
        with db.read() as session:
            on, at = clock.moment.date(), clock.moment
            owner, provider_id = made.owner_a, made.provider_a
            item = session.get_one(EvidenceItem, item_id)
            agencies, leads = told_of(session, provider_id, on)
            return (
                bool(relying_by_kind(session, provider_id, on)),
                who_relied(session, item, at, {made.raa_id}) is not None,
                bool(session.execute(members_of(made.raa_id, on).where(Membership.provider_id == provider_id)).all()),
                bool(agencies or leads),
                decides(session, made.lead, provider_id),
                bool(groups(session, owner)),
                bool(held(session, provider_id, made.framework_id, on)),
                bool(unfinished(session, made.lead, made.framework_id).found),
                provider_id
                in {one.provider_id for one in members(session, lot_id=lot, region_id=north, at=at, agency_id=None)},
            )

    clock.set(NOON + timedelta(days=30))
    assert seen() == (True,) * 9
    clock.forward(days=1)
    assert seen() == (False,) * 9
    with db.read() as session:
        unsigned_id = session.exec(select(Membership.id).where(col(Membership.signed_at).is_(None))).one()
    with db.write() as session, pytest.raises(Refused):
        sign_agreement(session, made.owner_a, unsigned_id)
    with db.write() as session:
        end_membership(session, made.owner_a, unsigned_id, "We leave.")
        assert session.get_one(Membership, unsigned_id).ended_at is None, "it has ended already"
    again = []
    for _ in range(2):
        with db.write() as session:
            again.append(
                open_membership(
                    session,
                    made.lead,
                    provider_id=made.provider_a,
                    framework_id=made.framework_id,
                    lot_id=lot,
                    region_id=north,
                )
            )
    assert again[0] == again[1]
    assert again[0] not in ids
    with db.read() as session:
        assert session.get_one(Membership, unsigned_id).ended_at == datetime(2026, 12, 24, tzinfo=UTC)
        assert groups(session, made.owner_a)[0].membership_id == again[0]
