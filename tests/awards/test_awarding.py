"""From the proposal of an award to the letters on a real database: who may, who may win, and all or nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, select

from app.awards.commands.award import approve_award, propose_award, reject_award
from app.awards.models import Award, OutcomeLetter
from app.awards.queries.assessment import assessment
from app.awards.queries.letters import own_letter, own_letters
from app.awards.queries.opening import opening
from app.awards.queries.results import award_page, results
from app.bids.models import Bid
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence.models import EvidenceItem
from app.frameworks.models import Framework, LotRequirement
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from app.providers.commands import pause_provider
from app.providers.models import Practitioner, Provider
from tests import NOON, factories
from tests.awards.stage import CLOSES, DRAIN, SECRET, Stage, events, refused, written
from tests.conftest import ClientFor, Clock, hidden
from tests.databases import statements
from tests.house.test_reading import TWO_MORE


def test_an_award_goes_to_the_first_or_says_why(db: Database, on: Stage) -> None:
    on.scored()
    with pytest.raises(Refused) as no, db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["b"], reason="Because.", secret=SECRET)
    assert refused(no) == "reason"
    with pytest.raises(NotFound), db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, uuid4(), reason="", secret=SECRET)
    for _ in range(2):
        with db.write() as session:
            reason = "Alder told us that it has lost its therapist."
            propose_award(session, on.made.chair, on.brief_id, on.bids["b"], reason=reason, secret=SECRET)
    with pytest.raises(Refused) as no, db.write() as session:
        propose_award(session, on.made.commissioner, on.brief_id, on.bids["a"], reason="", secret=SECRET)
    assert refused(no) == "proposed"
    with db.read() as session:
        assert [str(award.total) for award in session.exec(select(Award))] == ["75.67"]
        told = session.exec(
            select(OutboxMessage.to_address).where(OutboxMessage.template == "awards/award_proposed.txt")
        )
        assert list(told) == [on.made.approver.email]


@pytest.mark.row("9.1")
def test_there_is_one_live_award_a_brief(db: Database, on: Stage) -> None:
    on.proposed()
    with pytest.raises(IntegrityError) as error, db.write() as session:
        first = session.exec(select(Award)).one()
        session.add(Award(**first.model_dump(exclude={"id", "bid_id"}), bid_id=on.bids["b"]))
    assert violates(error.value, "uq_award_live")


@pytest.mark.row("9.5")
@pytest.mark.row("9.6")
@pytest.mark.row("8.10")
def test_an_approval_awards_the_brief_and_sends_every_letter(db: Database, clock: Clock, on: Stage) -> None:
    on.proposed()
    with statements(db) as sent, db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    assert len([one for one in sent if "outcome_letter" in one or "outbox_message" in one]) == 2, "however many bidders"
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.read() as session:
        assert session.get_one(Brief, on.brief_id).awarded_at == clock.moment
        (won,), (lost,) = own_letters(session, on.made.owner_a), own_letters(session, on.made.owner_b)
        assert (won.outcome, lost.outcome) == ("successful", "unsuccessful")
        assert lost.content["own"]["total"] == "75.67" and lost.content["winner"]["total"] == "93.00"
        assert lost.content["winner"]["provider"] == "Alder Therapy"
        assert all(line["reasons"] or line["price"] for line in lost.content["own"]["criteria"])
        whole = str(won.content) + str(lost.content)
        assert "Assessor" not in whole and "Birch" not in str(won.content)
        with pytest.raises(NotFound):
            own_letter(session, on.made.owner_a, lost.id)
        with pytest.raises(NotFound):
            own_letter(session, on.made.commissioner, lost.id)
        told = session.exec(select(OutboxMessage).where(OutboxMessage.template == "awards/letter_waits.txt")).all()
        assert {message.to_address for message in told} == {on.made.owner_a.email, on.made.owner_b.email}
        assert all(message.context.keys() == {"brief", "letter_id"} for message in told)
        assert events(session, "award.approved") == [
            "Ada Approver approved the award, and all letters left together: 2"
        ]


@pytest.mark.bar("P6")
def test_the_steps_of_an_award_ask_little(db: Database, on: Stage, client_for: ClientFor) -> None:
    """With the two that every request asks in life. Those that are over only ever ask less."""
    on.scored()
    propose = (on.made.chair, "award", {"bid_id": str(on.bids["a"]), "reason": ""}, 19)
    reject = (on.made.approver, "award/reject", {"reason": "It does not say who holds the sessions."}, 15)
    approve = (on.made.approver, "award/approve", {}, 26)
    for who, step, typed, most in (propose, reject, propose, approve):
        seen = hidden(client_for(who).get(f"/briefs/{on.brief_id}/award").text)
        with statements(db) as sent:
            assert client_for(who).post(f"/briefs/{on.brief_id}/{step}", data=seen | typed).status_code == 303
        assert len(sent) + TWO_MORE <= most, "\n".join(sent)


FAIL = {
    "sqlite": (
        "CREATE TRIGGER fail_last BEFORE INSERT ON outcome_letter WHEN (SELECT count(*) FROM outcome_letter) >= 1 "
        "BEGIN SELECT RAISE(ABORT, 'the last letter fails'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION fail_last() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (SELECT count(*) FROM outcome_letter) >= 1 THEN RAISE EXCEPTION 'the last letter fails'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER fail_last BEFORE INSERT ON outcome_letter FOR EACH ROW EXECUTE FUNCTION fail_last()",
    ),
}


@pytest.mark.invariant(9)
def test_all_letters_leave_together_or_not_at_all(db: Database, on: Stage) -> None:
    on.proposed()
    for statement in FAIL[db.engine.dialect.name]:
        with db.engine.begin() as connection:
            connection.execute(text(statement))
    with db.read() as session:
        before = len(session.exec(select(audit.AuditEvent)).all()), len(session.exec(select(OutboxMessage)).all())
    with pytest.raises(DBAPIError, match="the last letter fails"), db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.read() as session:
        assert session.exec(select(OutcomeLetter)).all() == []
        assert session.exec(select(Award)).one().approved_at is None
        assert session.get_one(Brief, on.brief_id).awarded_at is None
        after = len(session.exec(select(audit.AuditEvent)).all()), len(session.exec(select(OutboxMessage)).all())
        assert after == before


def _insurance_lapses(session: Session, on: Stage) -> None:
    for item in session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == on.made.provider_a)):
        item.expires_on = NOON.date()


def _practitioner_leaves(session: Session, on: Stage) -> None:
    session.exec(select(Practitioner).where(Practitioner.provider_id == on.made.provider_a)).one().left_at = NOON


def _registration_lapses(session: Session, on: Stage) -> None:
    person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == on.made.provider_a)).one()
    kind = factories.evidence_kind(session, "registration", holder="person")
    session.add(LotRequirement(lot_id=session.get_one(Brief, on.brief_id).lot_id, kind_slug=kind))
    for practitioner_id, expires_on in ((person, NOON.date()), (None, None)):
        factories.verified_evidence(
            session,
            on.made.provider_a,
            on.made.checker,
            kind=kind,
            practitioner_id=practitioner_id,
            expires_on=expires_on,
        )


def _share_code_goes(session: Session, on: Stage) -> None:
    session.get_one(Provider, on.made.provider_a).share_code = None


def _record_grows_old(session: Session, on: Stage) -> None:
    session.get_one(Provider, on.made.provider_a).record_confirmed_on = NOON.date() - timedelta(days=200)


def _record_is_not_confirmed(session: Session, on: Stage) -> None:
    session.get_one(Provider, on.made.provider_a).record_confirmed_on = None


@pytest.mark.invariant(5)
@pytest.mark.row("1.14")
@pytest.mark.row("4.4")
@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (_insurance_lapses, "has expired"),
        (_practitioner_leaves, "Therapist of Alder Therapy is not one of the provider’s current practitioners"),
        (_registration_lapses, "Registration of Therapist of Alder Therapy has expired"),
        (_share_code_goes, "has not given the share code of its national supplier record"),
        (_record_is_not_confirmed, "has not confirmed that its national supplier record is current"),
        (_record_grows_old, "more than six months ago"),
    ],
)
def test_whoever_may_no_longer_win_is_refused_with_the_reason_at_proposal_and_at_approval(
    db: Database, on: Stage, happens: Callable[[Session, Stage], None], words: str
) -> None:
    on.proposed()
    with db.write() as session:
        happens(session, on)
    with pytest.raises(Refused) as no, db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    assert refused(no) == "ineligible"
    assert words in no.value.refusal.words
    with db.read() as session:
        page = award_page(session, on.made.approver, on.brief_id, secret=SECRET)
        assert page.why_not_win == no.value.refusal
    with db.write() as session:
        reject_award(session, on.made.approver, on.brief_id, reason="Not as things stand today.", secret=SECRET)
    with pytest.raises(Refused, match="ineligible"), db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["a"], reason="", secret=SECRET)


@pytest.mark.row("1.14")
def test_the_award_page_shows_the_winners_record_and_the_trail_keeps_when_it_was_confirmed(
    db: Database, on: Stage, client_for: ClientFor
) -> None:
    on.proposed()
    page = client_for(on.made.approver).get(f"/briefs/{on.brief_id}/award").text
    assert f"share code Zz99Test, confirmed current on {NOON.day} {NOON:%B %Y}" in page
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.read() as session:
        approved = session.exec(select(audit.AuditEvent).where(audit.AuditEvent.name == "award.approved")).one()
        assert approved.detail["record_confirmed_on"] == NOON.date().isoformat()


@pytest.mark.row("9.2")
def _end_framework(db: Database, on: Stage, day: date) -> None:
    with db.write() as session:
        session.get_one(Framework, on.made.framework_id).ends_on = day


def test_a_published_brief_runs_on_when_its_framework_has_ended(db: Database, on: Stage) -> None:
    """State machine 2: no new briefs after the end; those published are bid for, opened and awarded."""
    _end_framework(db, on, NOON.date())
    on.proposed()
    with db.read() as session:
        assert [bid.excluded_reason for bid in session.exec(select(Bid))] == ["", ""]
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.read() as session:
        assert session.get_one(Brief, on.brief_id).awarded_at


def test_what_happens_after_the_close_excludes_no_bid(db: Database, on: Stage) -> None:
    on.declared()
    on.clock.set(CLOSES + timedelta(seconds=30))
    with db.write() as session:
        pause_provider(session, on.made.owner_a, on.made.provider_a)
    on.opened()
    with db.read() as session:
        assert [bid.excluded_reason for bid in session.exec(select(Bid))] == ["", ""]


def test_the_results_of_an_award_stay_when_an_excused_assessor_could_score_again(db: Database, on: Stage) -> None:
    on.opened()
    on.score(on.made.assessor_two, {"a": 5, "b": 4})
    with db.write() as session:
        seat = OrganisationSeat(
            person_id=on.made.assessor.known, organisation_id=on.made.provider_b, role=Role.OWNER, given_at=on.clock()
        )
        session.add(seat)
    with db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["a"], reason="", secret=SECRET)
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
        session.get_one(OrganisationSeat, seat.id).ended_at = on.clock()
    with db.read() as session:
        assert results(session, on.made.chair, on.brief_id, secret=SECRET).why_not is None


def test_an_award_is_decided_by_an_approver_who_did_nothing_else_in_it(db: Database, on: Stage) -> None:
    on.scored()
    with db.write() as session:
        both = factories.seated(session, on.made.raa_id, Role.CHAIR, Role.APPROVER, name="Bo Both")
        propose_award(session, both, on.brief_id, on.bids["a"], reason="", secret=SECRET)
    for who, code in ((both, "same_person"), (_also_approver(on.made.assessor, on.made.raa_id), "assessor")):
        with pytest.raises(Refused) as no, db.write() as session:
            approve_award(session, who, on.brief_id, secret=SECRET)
        assert refused(no) == code
    for who in (on.made.chair, on.made.commissioner, on.made.other_commissioner, on.made.owner_a):
        with pytest.raises(NotFound), db.write() as session:
            approve_award(session, who, on.brief_id, secret=SECRET)
    with pytest.raises(IntegrityError) as error, db.write() as session:
        row = session.exec(select(Award)).one()
        row.approved_by = row.proposed_by
    assert violates(error.value, "ck_award_two_people")


def _also_approver(actor: Actor, raa_id: UUID) -> Actor:
    seat = actor.seats[0]
    return Actor(actor.person_id, actor.name, actor.email, (*actor.seats, type(seat)(raa_id, "", "raa", Role.APPROVER)))


def test_a_rejected_award_leaves_room_for_another(db: Database, on: Stage) -> None:
    on.proposed()
    with db.write() as session:
        reject_award(session, on.made.approver, on.brief_id, reason="The budget does not reach so far.", secret=SECRET)
    with db.write() as session:
        propose_award(session, on.made.commissioner, on.brief_id, on.bids["a"], reason="", secret=SECRET)
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.read() as session:
        assert [bool(award.rejected_at) for award in session.exec(select(Award).order_by(Award.proposed_at))] == [
            True,
            False,
        ]
        assert len(session.exec(select(OutcomeLetter)).all()) == 2


def test_a_brief_written_opens_and_cannot_be_awarded(db: Database, clock: Clock) -> None:
    on = written(db, clock, bids=False).opened()
    with pytest.raises(Refused) as no, db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, uuid4(), reason="", secret=SECRET)
    assert refused(no) == "no_bids"
    with db.read() as session:
        assert results(session, on.made.chair, on.brief_id, secret=SECRET).comparison.count == 0  # type: ignore[union-attr]


@pytest.mark.row("16.6")
@pytest.mark.invariant(10)
def test_another_agency_finds_nothing(db: Database, on: Stage) -> None:
    on.proposed()
    with db.write() as session:
        roles = (Role.CHAIR, Role.COMMISSIONER, Role.APPROVER, Role.ASSESSOR)
        other = factories.seated(session, on.made.other_raa_id, *roles)
    with db.read() as session:
        for look in (
            lambda: opening(session, other, on.brief_id, drain=DRAIN),
            lambda: assessment(session, other, on.brief_id, secret=SECRET),
            lambda: results(session, other, on.brief_id, secret=SECRET),
            lambda: award_page(session, other, on.brief_id, secret=SECRET),
        ):
            with pytest.raises(NotFound):
                look()


@pytest.mark.invariant(12)
def test_the_chain_holds_after_the_whole_way(db: Database, on: Stage) -> None:
    on.proposed()
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.read() as session:
        assert list(audit.verify(session)) == []
