"""Rounds that are extended and cancelled: by the clock, for everybody, with a reason, and nothing written is lost."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.applications import commands, queries
from app.applications.commands.submitting import back_to_draft
from app.applications.models import Application, ApplicationLot, EarlierSubmission
from app.applications.rules import Phase
from app.core import audit
from app.core.database import Database
from app.core.london import at_london, day_in_words
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks.commands import cancel_round, extend_round, open_round
from app.frameworks.models import Round, RoundExtension
from app.frameworks.news import RoundNews
from app.frameworks.rules import RoundPhase, round_phase, why_not_cancel_round, why_not_extend_round
from app.memberships.commands import tell_members_of_round
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World, membership, world_without_members

DAY = timedelta(days=1)
LATER = NOON + 30 * DAY
WHY = "The school holidays fall into it."


@pytest.fixture
def furniture() -> Furniture:
    return world_without_members


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


def _applied(db: Database, made: World, *, submit: bool, other: bool = False) -> UUID:
    owner, provider_id = (made.owner_b, made.provider_b) if other else (made.owner_a, made.provider_a)
    with db.write() as session:
        application = commands.start_application(session, owner, made.round_id, provider_id)
        commands.choose_lots(session, owner, application, [(made.lots[0], made.regions[0])])
        commands.write_statement(session, owner, application, "We would be glad to join.")
        if submit:
            commands.submit_application(session, owner, application)
    return application


def _mails(session: Session, template: str) -> list[str]:
    found = select(OutboxMessage.to_address).where(OutboxMessage.template == template)
    return sorted(session.exec(found).all())


@pytest.mark.row("2.5")
@pytest.mark.parametrize(
    ("phase", "rolling", "until", "overlaps", "code"),
    [
        (RoundPhase.OPEN, False, LATER, None, None),
        (RoundPhase.PLANNED, False, LATER, None, None),
        (RoundPhase.CLOSED, False, LATER, None, "closed"),
        (RoundPhase.OPEN, True, LATER, None, "rolling"),
        (RoundPhase.OPEN, False, NOON, None, "not_later"),
        (RoundPhase.OPEN, False, NOON + 41 * DAY, None, "after_the_end"),
        (RoundPhase.OPEN, False, LATER, "Round 2", "overlap"),
    ],
)
def test_a_round_is_extended_only_before_it_closes(
    phase: RoundPhase, rolling: bool, until: datetime, overlaps: str | None, code: str | None
) -> None:
    found = why_not_extend_round(
        phase=phase, rolling=rolling, closes_at=NOON, until=until, ends=NOON + 40 * DAY, overlaps=overlaps
    )
    assert (found and found.code) == code
    assert (why_not_cancel_round(phase) is None) == (phase is not RoundPhase.CLOSED)
    assert round_phase(opens_at=NOON + DAY, closes_at=NOON, now=NOON) is RoundPhase.CLOSED


@pytest.mark.row("2.5")
def test_the_close_moves_for_everybody_and_who_has_a_draft_is_told(db: Database, made: World, clock: Clock) -> None:
    draft, sent = _applied(db, made, submit=False), _applied(db, made, submit=True, other=True)
    for actor, error in ((made.commissioner, NotFound), (made.checker, NotAllowed)):
        with pytest.raises(error), db.write() as session:
            extend_round(session, actor, made.framework_id, made.round_id, LATER, WHY)
    with db.write() as session:
        extend_round(session, made.lead, made.framework_id, made.round_id, LATER, WHY)
    clock.set(LATER - DAY)
    with db.write() as session:
        assert _mails(session, "applications/round_extended.txt") == [made.owner_a.email]
        kept = session.exec(select(RoundExtension)).one()
        assert (kept.closed_at, kept.closes_at, kept.reason) == (NOON + 20 * DAY, LATER, WHY)
        commands.submit_application(session, made.owner_a, draft)
        commands.take_back(session, made.owner_b, sent)
    clock.set(LATER)
    with pytest.raises(Refused, match="closed"), db.write() as session:
        extend_round(session, made.lead, made.framework_id, made.round_id, LATER + DAY, WHY)
    with pytest.raises(IntegrityError, match="before_the_close"), db.write() as session:
        late = {"closed_at": LATER, "closes_at": LATER + DAY, "reason": WHY, "at": LATER, "by": made.lead.known}
        session.add(RoundExtension(round_id=made.round_id, **late))


@pytest.mark.row("2.5")
def test_a_round_that_would_overlap_or_outlive_its_framework_is_not_extended(db: Database, made: World) -> None:
    part = [(made.lots[0], made.regions[0])]
    with db.write() as session:
        open_round(session, made.lead, made.framework_id, "Round 2", NOON + 25 * DAY, NOON + 40 * DAY, part)
        with pytest.raises(Refused, match="overlap"):
            extend_round(session, made.lead, made.framework_id, made.round_id, LATER, WHY)
        with pytest.raises(Refused, match="after_the_end"):
            extend_round(session, made.lead, made.framework_id, made.round_id, NOON + 3000 * DAY, WHY)
        extend_round(session, made.lead, made.framework_id, made.round_id, NOON + 25 * DAY, WHY)


@pytest.mark.row("2.18")
def test_what_was_written_for_a_cancelled_round_is_kept_and_carried(db: Database, made: World, clock: Clock) -> None:
    draft, sent = _applied(db, made, submit=False), _applied(db, made, submit=True, other=True)
    for _ in range(2):
        with db.write() as session:
            cancel_round(session, made.lead, made.framework_id, made.round_id, WHY)
    with db.read() as session:
        rows = [session.get_one(Application, key) for key in (draft, sent)]
        assert [queries.phase_of(session, row, NOON) for row in rows] == [Phase.LAPSED, Phase.LAPSED]
        kept = session.exec(select(EarlierSubmission)).one()
        assert (kept.application_id, kept.taken_back_by) == (sent, made.lead.known)
        assert _mails(session, "applications/round_cancelled.txt") == sorted((made.owner_a.email, made.owner_b.email))
        assert [event.name for event in audit.timeline(session, sent)][-1] == "application.handed_back"
        assert queries.decisions(session, made.lead, NOON) == []
    with pytest.raises(Refused), db.write() as session:
        commands.submit_application(session, made.owner_a, draft)
    clock.forward(days=1)
    with db.write() as session:
        part = [(made.lots[0], made.regions[0])]
        open_round(session, made.lead, made.framework_id, "Again", clock.moment, NOON + 9 * DAY, part)
        carried = commands.carry_application(session, made.owner_b, sent)
        assert session.get_one(Application, carried).statement == "We would be glad to join."


@pytest.mark.row("2.18")
def test_the_provider_reads_who_ended_it_and_why_and_is_offered_what_can_be_done(
    db: Database, made: World, clock: Clock, client_for: ClientFor
) -> None:
    sent = _applied(db, made, submit=True)
    with db.write() as session:
        cancel_round(session, made.lead, made.framework_id, made.round_id, WHY)
    client, here = client_for(made.owner_a), f"/applications/{sent}"

    def read(path: str) -> str:
        return BeautifulSoup(client.get(path).text, "html.parser").select_one("main").get_text(" ", strip=True)

    for path in ("", "/lots", "/statement", "/check", "/prices"):
        words = read(here + path)
        assert f"The round was cancelled on {day_in_words(NOON.date())}, because: {WHY}" in words, path
        assert "before this application was submitted" not in words and "taken back" not in words
        assert "Save" not in words and "Carry it over" not in words
        assert path == "" or "Back to the tasks" in words
    assert "a draft again since the round was cancelled" in read(here)
    assert f"{here}/check" not in client.get(here).text
    clock.forward(days=1)
    with db.write() as session:
        part = [(made.lots[0], made.regions[0])]
        open_round(session, made.lead, made.framework_id, "Again", clock.moment, NOON + 9 * DAY, part)
    assert "Carry it over" in read(here)


@pytest.mark.row("2.5")
def test_what_was_decided_in_part_is_decided_to_its_end(db: Database, made: World) -> None:
    sent = _applied(db, made, submit=True)
    with db.write() as session:
        part = session.exec(select(ApplicationLot.id).where(ApplicationLot.application_id == sent)).one()
        commands.accept_part(session, made.lead, sent, part)
        cancel_round(session, made.lead, made.framework_id, made.round_id, WHY)
        assert session.get_one(Application, sent).submitted_at is not None
        assert _mails(session, "applications/round_cancelled.txt") == []


@pytest.mark.row("2.5")
def test_a_planned_round_is_cancelled_too_and_gives_its_time_free(db: Database, made: World) -> None:
    part = [(made.lots[0], made.regions[0])]
    window = (NOON + 25 * DAY, NOON + 40 * DAY, part)
    with db.write() as session:
        planned = open_round(session, made.lead, made.framework_id, "Round 2", *window)
        cancel_round(session, made.lead, made.framework_id, planned, WHY)
        assert session.get_one(Round, planned).cancelled_reason == WHY
        open_round(session, made.lead, made.framework_id, "Round 3", *window)
    with pytest.raises(IntegrityError, match="cancelled_by_somebody"), db.write() as session:
        session.get_one(Round, made.round_id).cancelled_at = NOON


@pytest.mark.row("2.5")
def test_who_is_a_member_learns_that_there_is_no_need_to_apply_again(db: Database, made: World) -> None:
    with db.write() as session:
        for region_id in made.regions:
            membership(session, made.provider_a, made.framework_id, made.lots[1], region_id, made.lead.known)
        part = [(made.lots[1], made.regions[0])]
        opens = NOON + 25 * DAY
        open_round(session, made.lead, made.framework_id, "Round 2", opens, opens + DAY, part)
        told = session.exec(select(OutboxMessage).where(OutboxMessage.template == "memberships/round.txt")).one()
    assert (told.to_address, told.context["round"], told.context["count"]) == (made.owner_a.email, "Round 2", 1)


@pytest.mark.row("2.5")
def test_news_of_a_round_that_comes_twice_is_told_once(db: Database, made: World) -> None:
    draft, sent = _applied(db, made, submit=False), _applied(db, made, submit=True, other=True)
    with db.write() as session:
        membership(session, made.provider_b, made.framework_id, made.lots[0], made.regions[0], made.lead.known)
        window = session.get_one(Round, made.round_id)
        times = (window.opens_at, window.closes_at, NOON)
        news = RoundNews(window.id, made.framework_id, "Round 1", "Test framework", *times, made.lead.known, WHY)
        for _ in range(2):
            commands.tell_of_extension(session, news)
            tell_members_of_round(session, news)
        for _ in range(2):
            commands.keep_for_later(session, news)
            back_to_draft(session, made.lead, session.get_one(Application, draft), (), NOON)
        assert session.exec(select(EarlierSubmission.application_id)).all() == [sent]
        told = ("applications/round_extended.txt", "applications/round_cancelled.txt", "memberships/round.txt")
        owners = [made.owner_a.email, made.owner_b.email]
        assert [_mails(session, one) for one in told] == [owners[:1], sorted(owners), owners[1:]]


@pytest.mark.row("2.5")
def test_a_lead_extends_and_cancels_on_screen(db: Database, client_for: ClientFor, made: World) -> None:
    lead, here = client_for(made.lead), f"/frameworks/{made.framework_id}"
    page = f"{here}/rounds/{made.round_id}"
    assert page in lead.get(here).text and page not in client_for(made.commissioner).get(here).text
    assert lead.post(f"{page}/extend", data={"reason": WHY}).status_code == 422
    day = {"until-day": "26", "until-month": "12", "until-year": "2026"}
    early = {**day, "until-year": "2025"}
    assert lead.post(f"{page}/extend", data={"reason": WHY, **early}).status_code == 409
    assert lead.post(f"{page}/extend", data={"reason": WHY, **day}).status_code == 303
    assert f"Extended from Sunday 13 December 2026, 12:00 noon: {WHY}" in client_for(made.owner_a).get(here).text
    with db.read() as session:
        until = datetime(2026, 12, 26).date()  # noqa: DTZ001 - a day has no zone
        assert session.get_one(Round, made.round_id).closes_at == at_london(until, NOON.time())
    assert lead.post(f"{page}/cancel", data={}).status_code == 422
    assert lead.post(f"{page}/cancel", data={"cancel_reason": WHY}).status_code == 303
    shown = client_for(made.owner_a).get(here).text
    assert "was cancelled on" in shown and WHY in shown and "Apply to join" not in shown
    assert "It was cancelled on" in lead.get(page).text
