"""What the one eligibility function answered is kept with what was decided by it, refused or not, and breaks no seal."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from app.bids.commands import save_draft, start_bid
from app.bids.rules import Letter
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.memberships.commands import keep_answer, keep_refused
from app.memberships.models import EligibilityAnswer
from app.memberships.rules import Moment
from app.memberships.rules.answers import Answered, Ineligible
from app.providers.models import Provider
from app.settings import Settings
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World
from tests.house.scenario import awarded_brief, letter
from tests.sealing import SEAL


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def _kept(db: Database, brief_id: UUID) -> list[tuple[str, UUID, list[str]]]:
    with db.read() as session:
        rows = session.exec(
            select(EligibilityAnswer)
            .where(EligibilityAnswer.about_id == brief_id)
            .order_by(EligibilityAnswer.answered_at, EligibilityAnswer.id)  # type: ignore[arg-type]
        )
        return [(row.moment, row.provider_id, [code for code, _ in row.reasons]) for row in rows]


@pytest.mark.row("4.4")
def test_it_is_asked_and_kept_at_start_submit_close_and_award(
    db: Database, made: World, config: Settings, clock: Clock
) -> None:
    brief_id = awarded_brief(db, made, config.secret_key, clock)
    kept = _kept(db, brief_id)
    assert {(moment, who) for moment, who, _ in kept[:-2]} == {
        (moment, who) for moment in ("start", "submit", "close") for who in (made.provider_a, made.provider_b)
    }
    assert [moment for moment, _, _ in kept[-2:]] == ["award", "award"], (
        "when it is proposed, and again when it is approved"
    )
    assert {tuple(reasons) for _, _, reasons in kept} == {()}
    with db.read() as session:
        named = {(row.moment, bool(row.practitioner)) for row in session.exec(select(EligibilityAnswer))}
    assert named == {("start", False), ("submit", False), ("close", False), ("award", True)}


@pytest.mark.row("4.4")
def test_a_refused_start_and_a_refused_submit_are_kept_too(
    db: Database, made: World, config: Settings, client_for: ClientFor
) -> None:
    owner = client_for(made.owner_a)

    def pause(since: bool) -> None:
        with db.write() as session:
            session.get_one(Provider, made.provider_a).paused_at = NOON - timedelta(days=1) if since else None

    with db.write() as session:
        brief_id, given = factories.brief(session, made), letter(session, made.provider_a)
    pause(True)
    start = {"provider": str(made.provider_a)}
    assert owner.post(f"/opportunities/{brief_id}/bid", data=start).status_code == 409
    pause(False)
    with db.write() as session:
        bid_id = _draft(session, made, brief_id, given, config.secret_key)
    pause(True)
    sent = {"declared": "true", "seen": digest(given.canonical())}
    assert owner.post(f"/bids/{bid_id}/submit", data=sent).status_code == 409
    assert _kept(db, brief_id) == [
        ("start", made.provider_a, ["provider_paused"]),
        ("start", made.provider_a, []),
        ("submit", made.provider_a, ["provider_paused"]),
    ]


def _draft(session: Session, made: World, brief_id: UUID, given: Letter, secret: str) -> UUID:
    bid_id = start_bid(session, made.owner_a, brief_id, made.provider_a)
    save_draft(session, made.owner_a, bid_id, given, seal=SEAL)
    return bid_id


def test_only_a_refusal_that_carries_an_answer_leaves_one(db: Database, made: World) -> None:
    refusal = Refusal("provider_paused", "It has paused itself.")
    about = uuid4()
    answered = Answered(
        Moment.AWARD, about, made.provider_a, made.lots[0], made.regions[0], NOON, (refusal,), "Pia Practitioner"
    )
    with db.write() as session:
        keep_refused(session, made.lead, Refused(refusal))
        keep_refused(session, made.lead, Ineligible(refusal, answered))
        keep_answer(session, made.lead, answered)
    assert _kept(db, about) == [("award", made.provider_a, ["provider_paused"])] * 2
