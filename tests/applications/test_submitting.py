"""Certifying by one and by two, taking back, withdrawing and restoring, and what a closed round leaves to carry over."""

from datetime import timedelta
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.applications import queries
from app.applications.commands import (
    accept_part,
    ask_to_certify,
    carry_application,
    certify_application,
    go_on_writing,
    propose_refusal,
    restore_application,
    start_application,
    submit_application,
    take_back,
    withdraw_application,
    write_statement,
)
from app.applications.models import Application, ApplicationBurden, ApplicationLot, EarlierSubmission
from app.applications.rules import PartState, Phase, RefusalReason
from app.core import audit
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound
from app.frameworks.models import Round, RoundScope
from app.organisations.rules import Role
from tests import NOON
from tests.applications.applying import CLOSES, WHY, code_of, everything, part_of
from tests.conftest import ClientFor, Clock
from tests.factories import World, membership, seated


@pytest.fixture
def writer(db: Database, made: World) -> Actor:
    with db.write() as session:
        return seated(session, made.provider_a, Role.BIDS, name="Wanda Writer")


def _phase(db: Database, made: World, application_id: UUID) -> Phase:
    with db.read() as session:
        return queries.application(session, made.owner_a, application_id).phase


@pytest.mark.row("2.10")
def test_a_writer_puts_it_before_the_owner_and_nothing_moves_meanwhile(
    db: Database, made: World, written: UUID, writer: Actor
) -> None:
    for _ in range(2):
        with db.write() as session:
            ask_to_certify(session, writer, written, by_two=False)
    assert _phase(db, made, written) is Phase.AWAITING_CERTIFICATION
    assert code_of(db, lambda s: write_statement(s, writer, written, "More")) == "application_awaiting_certification"
    assert code_of(db, lambda s: certify_application(s, writer, written)) == "one_certifier"
    for _ in range(2):
        with db.write() as session:
            go_on_writing(session, writer, written)
    with db.write() as session:
        write_statement(session, writer, written, "More")
        ask_to_certify(session, writer, written, by_two=False)
    with db.write() as session:
        submit_application(session, made.owner_a, written)
    with db.read() as session:
        asked = session.exec(select(OutboxMessage).where(OutboxMessage.template == "applications/certify.txt")).all()
        names = [event.name for event in audit.timeline(session, written)]
    assert {mail.to_address for mail in asked} == {made.owner_a.email}
    assert names.count("application.ready") == 2
    assert _phase(db, made, written) is Phase.SUBMITTED


@pytest.mark.row("2.10")
def test_two_people_certify_where_two_are_asked_for(db: Database, made: World, written: UUID, writer: Actor) -> None:
    with db.write() as session:
        second_owner = seated(session, made.provider_a, Role.OWNER, name="Otis Owner")
        ask_to_certify(session, writer, written, by_two=True)
    assert code_of(db, lambda s: submit_application(s, made.owner_a, written)) == "second_certifier"
    for _ in range(2):
        with db.write() as session:
            certify_application(session, made.owner_a, written)
    assert code_of(db, lambda s: certify_application(s, second_owner, written)) == "certified"
    assert code_of(db, lambda s: submit_application(s, made.owner_a, written)) == "second_certifier"
    assert code_of(db, lambda s: submit_application(s, writer, written)) == "owner_submit"
    with db.write() as session:
        submit_application(session, second_owner, written)
    with db.read() as session:
        row = session.get_one(Application, written)
        assert (row.certified_by, row.submitted_by) == (made.owner_a.person_id, second_owner.person_id)


def test_the_database_itself_keeps_the_two_apart(db: Database, made: World, written: UUID) -> None:
    with db.write() as session:
        ask_to_certify(session, made.owner_a, written, by_two=True)
        certify_application(session, made.owner_a, written)
    with pytest.raises(IntegrityError) as error, db.write() as session:
        row = session.get_one(Application, written)
        row.submitted_at, row.submitted_by, row.snapshot_sha256 = NOON, made.owner_a.known, "x"
    assert violates(error.value, "ck_application_certified_by_two")


def test_what_is_taken_back_is_kept_and_what_is_submitted_again_is_new(
    db: Database, made: World, submitted: UUID, clock: Clock
) -> None:
    part = part_of(db, submitted)
    with db.write() as session:
        propose_refusal(session, made.lead, submitted, part, RefusalReason.OTHER, WHY)
        first = session.get_one(Application, submitted).snapshot_sha256
    clock.set(CLOSES - timedelta(milliseconds=2))
    for _ in range(2):
        with db.write() as session:
            take_back(session, made.owner_a, submitted)
    with db.read() as session:
        kept = session.exec(select(EarlierSubmission)).one()
        assert (kept.snapshot_sha256, kept.submitted_at, kept.taken_back_at) == (first, NOON, clock.moment)
        assert digest(canonical(kept.snapshot)) == first
        assert session.get(ApplicationBurden, submitted) is None
        assert queries.decisions(session, made.lead, NOON) == []
    with pytest.raises(NotFound), db.write() as session:
        accept_part(session, made.lead, submitted, part)
    with db.write() as session:
        write_statement(session, made.owner_a, submitted, "We have thought again.")
    with db.write() as session:
        submit_application(session, made.owner_a, submitted)
    with db.read() as session:
        view = queries.decision(session, made.lead, submitted)
        assert view.snapshot["statement"] == "We have thought again."
        assert {part.state for part in view.parts} == {PartState.REQUESTED}
        assert [one.sha256 for one in queries.application(session, made.owner_a, submitted).earlier] == [first]
        mails = session.exec(select(OutboxMessage).where(OutboxMessage.template == "applications/submitted.txt")).all()
        assert len(mails) == 2


def test_nothing_is_taken_back_after_the_close_or_a_decision_and_only_by_an_owner(
    db: Database, made: World, submitted: UUID, writer: Actor, clock: Clock
) -> None:
    assert code_of(db, lambda s: take_back(s, writer, submitted)) == "owner_take_back"
    with pytest.raises(NotFound), db.write() as session:
        take_back(session, made.owner_b, submitted)
    with db.write() as session:
        accept_part(session, made.lead, submitted, part_of(db, submitted))
    assert code_of(db, lambda s: take_back(s, made.owner_a, submitted)) == "partly_decided"
    clock.set(CLOSES)
    assert code_of(db, lambda s: take_back(s, made.owner_a, submitted)) == "round_closed"


@pytest.mark.row("2.13")
def test_a_withdrawal_is_reversible_until_the_close(db: Database, made: World, submitted: UUID, clock: Clock) -> None:
    with db.write() as session:
        withdraw_application(session, made.owner_a, submitted)
    clock.set(CLOSES - timedelta(milliseconds=1))
    for _ in range(2):
        with db.write() as session:
            restore_application(session, made.owner_a, submitted)
    assert _phase(db, made, submitted) is Phase.SUBMITTED
    with db.read() as session:
        assert [line.id for line in queries.decisions(session, made.lead, NOON)] == [submitted]
    with db.write() as session:
        withdraw_application(session, made.owner_a, submitted)
        other = start_application(session, made.owner_a, made.round_id, made.provider_a)
    assert code_of(db, lambda s: restore_application(s, made.owner_a, submitted)) == "another_application"
    with db.write() as session:
        withdraw_application(session, made.owner_a, other)
    clock.set(CLOSES)
    assert code_of(db, lambda s: restore_application(s, made.owner_a, submitted)) == "round_closed"
    with db.write() as session:
        reader = seated(session, made.provider_a, Role.READ_ONLY)
    with pytest.raises(NotAllowed), db.write() as session:
        restore_application(session, reader, submitted)


def _next_round(session: Session, made: World) -> UUID:
    """It is open for the first lot alone."""
    window = Round(
        framework_id=made.framework_id,
        name="Round 2",
        opens_at=CLOSES + timedelta(days=1),
        closes_at=CLOSES + timedelta(days=9),
    )
    session.add(window)
    session.flush()
    session.add_all(RoundScope(round_id=window.id, lot_id=made.lots[0], region_id=region) for region in made.regions)
    return window.id


@pytest.mark.row("2.18")
def test_what_lapsed_goes_on_in_the_next_round(db: Database, made: World, written: UUID, clock: Clock) -> None:
    """Carried are the words, and of the lots those that the round is open for and the provider is no member of."""
    with db.write() as session:
        next_round = _next_round(session, made)
        membership(session, made.provider_a, made.framework_id, made.lots[0], made.regions[1], made.lead.known)
    assert code_of(db, lambda s: carry_application(s, made.owner_a, written)) == "application_in_progress"
    clock.set(CLOSES)
    assert code_of(db, lambda s: carry_application(s, made.owner_a, written)) == "no_round"
    clock.set(CLOSES + timedelta(days=2))
    ids = set()
    for _ in range(2):
        with db.write() as session:
            ids.add(carry_application(session, made.owner_a, written))
    with db.read() as session:
        row = session.exec(select(Application).where(Application.carried_from == written)).one()
        assert {row.id} == ids
        assert (row.round_id, row.statement) == (next_round, "We work with families after adoption.")
        parts = session.exec(select(ApplicationLot).where(ApplicationLot.application_id == row.id)).all()
        assert [(part.lot_id, part.region_id) for part in parts] == [(made.lots[0], made.regions[0])]
        assert len(queries.parts_of(session, written)) == len(everything(made))


def _buttons(html: str) -> list[str]:
    soup = BeautifulSoup(html, "html.parser")
    return [button.get_text(strip=True) for button in soup.select("main button")]


def test_each_page_has_the_buttons_that_its_moment_allows(
    client_for: ClientFor, db: Database, made: World, written: UUID, writer: Actor, clock: Clock
) -> None:
    owner, colleague, path = client_for(made.owner_a), client_for(writer), f"/applications/{written}"
    with db.write() as session:
        _next_round(session, made)
    assert colleague.post(f"{path}/ready", data={}).status_code == 422
    assert _buttons(colleague.get(f"{path}/check").text) == ["Ask to certify"]
    assert colleague.post(f"{path}/ready", data={"certifiers": "two"}).status_code == 303
    assert _buttons(colleague.get(path).text) == ["Go on writing"]
    assert _buttons(colleague.get(f"{path}/check").text) == ["Certify application"]
    assert colleague.post(f"{path}/certify").status_code == 303
    assert colleague.post(f"{path}/submit", data={"declaration": "true"}).status_code == 409
    assert _buttons(owner.get(f"{path}/check").text) == ["Submit application"]
    assert owner.post(f"{path}/submit", data={"declaration": "true"}).status_code == 303
    assert _buttons(owner.get(path).text) == ["Take it back to change it", "Withdraw what is not decided"]
    assert owner.post(f"{path}/take-back").status_code == 303
    assert "Submitted earlier" in owner.get(path).text
    assert owner.post(f"{path}/withdraw").status_code == 303
    assert _buttons(owner.get(path).text) == ["Restore this application"]
    assert owner.post(f"{path}/restore").status_code == 303
    assert owner.post(f"{path}/writing").status_code == 303
    clock.set(CLOSES + timedelta(days=2))
    assert _buttons(owner.get(path).text) == ["Carry it over to the round that is open"]
    assert owner.post(f"{path}/withdraw").status_code == 409
    carried = owner.post(f"{path}/carry")
    assert carried.headers["location"] not in ("", path)
    assert owner.post(f"{carried.headers['location']}/carry").status_code == 409
