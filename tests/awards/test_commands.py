"""From the close to the letters on a real database: who may, when, and all or nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, select

from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import approve_award, propose_award, reject_award
from app.awards.commands.opening import add_assessor, declare_interests, release_assessor
from app.awards.models import Award, BriefAssessor, Conflict, OpeningApproval, OutcomeLetter, Score
from app.awards.queries.assessment import assessment, bid_to_score
from app.awards.queries.letters import own_letter, own_letters
from app.awards.queries.opening import opening
from app.awards.queries.results import award_page, compare, results
from app.bids.models import Bid, BidReceipt
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.core.scoring import Mark
from app.evidence.models import EvidenceItem
from app.frameworks.models import Framework, LotRequirement
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from app.providers.commands import pause_provider
from app.providers.models import Practitioner, Provider
from tests import NOON, factories
from tests.awards.stage import CLOSES, DRAIN, SECRET, Stage, marks, written
from tests.conftest import ClientFor, Clock
from tests.sealing import approve_opening


def _refused(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.refusal.code


def _events(session: Session, *names: str) -> list[str]:
    rows = session.exec(select(audit.AuditEvent).order_by(audit.AuditEvent.position))
    return [audit.sentence(row) for row in rows if row.name in names]


# The opening


def test_an_assessor_is_asked_once_told_and_may_be_taken_off_until_they_declare(db: Database, clock: Clock) -> None:
    on = written(db, clock, bids=False)
    for _ in range(2):
        with db.write() as session:
            add_assessor(session, on.made.chair, on.brief_id, on.made.assessor.known)
    with db.read() as session:
        row = session.exec(select(BriefAssessor)).one()
        mail = session.exec(select(OutboxMessage).where(OutboxMessage.template == "awards/asked_to_assess.txt")).one()
        assert mail.to_address == on.made.assessor.email
    for _ in range(2):
        with db.write() as session:
            release_assessor(session, on.made.chair, on.brief_id, row.id)
    with db.read() as session:
        assert session.exec(select(BriefAssessor)).all() == []
        assert _events(session, "assessor.asked", "assessor.released") == [
            "Chloe Chair asked Asha Assessor to assess the bids",
            "Chloe Chair took Asha Assessor off the assessors",
        ]
    with db.write() as session:
        audit.forget(session, [on.made.assessor.known])
        assert "Asha" not in " ".join(_events(session, "assessor.asked", "assessor.released"))
    on.declared()
    with db.read() as session:
        declared = session.exec(select(BriefAssessor.id)).first()
    assert declared
    with pytest.raises(Refused) as no, db.write() as session:
        release_assessor(session, on.made.chair, on.brief_id, declared)
    assert _refused(no) == "declared"


def test_only_people_of_the_agency_who_may_assess_are_asked_and_only_by_its_chair(db: Database, clock: Clock) -> None:
    on = written(db, clock, bids=False)
    for who, whom in (
        (on.made.chair, on.made.owner_a),
        (on.made.chair, on.made.commissioner),
        (on.made.commissioner, on.made.assessor),
        (on.made.other_commissioner, on.made.assessor),
    ):
        with pytest.raises(NotFound), db.write() as session:
            add_assessor(session, who, on.brief_id, whom.known)


def test_an_interest_is_declared_against_those_invited_and_can_be_mended_before_the_opening(
    db: Database, on: Stage
) -> None:
    on.declared({})
    for interests in ({on.made.provider_b: "I worked there"}, {on.made.provider_a: "My sister works there"}):
        with db.write() as session:
            declare_interests(session, on.made.assessor, on.brief_id, interests)
    with db.read() as session:
        assert [(c.provider_id, c.nature) for c in session.exec(select(Conflict))] == [
            (on.made.provider_a, "My sister works there")
        ]
    with pytest.raises(NotFound), db.write() as session:
        declare_interests(session, on.made.assessor, on.brief_id, {uuid4(): "Not invited"})
    with pytest.raises(NotFound), db.write() as session:
        declare_interests(session, on.made.chair, on.brief_id, {})


@pytest.mark.row("8.6")
def test_a_declaration_is_fixed_by_the_opening(db: Database, on: Stage) -> None:
    on.opened()
    with pytest.raises(Refused) as no, db.write() as session:
        declare_interests(session, on.made.assessor, on.brief_id, {})
    assert _refused(no) == "fixed"


@pytest.mark.invariant(1)
def test_nobody_opens_early(db: Database, clock: Clock, on: Stage) -> None:
    on.declared()
    made = on.made
    for moment in (NOON, CLOSES - timedelta(milliseconds=1), CLOSES, CLOSES + DRAIN - timedelta(milliseconds=1)):
        clock.set(moment)
        for who in (made.chair, made.commissioner, made.approver, made.assessor, made.lead, made.checker, made.owner_a):
            with pytest.raises((Refused, NotFound)), db.write() as session:
                approve_opening(session, who, on.brief_id, drain=DRAIN)
    with db.read() as session:
        brief = session.get_one(Brief, on.brief_id)
        assert brief.opened_at is None and session.exec(select(OpeningApproval)).all() == []
        with pytest.raises(NotFound):
            compare(session, brief, secret=SECRET)


@pytest.mark.invariant(1)
def test_the_database_itself_refuses_an_opening_before_the_close(db: Database, on: Stage) -> None:
    with pytest.raises(IntegrityError) as error, db.write() as session:
        session.get_one(Brief, on.brief_id).opened_at = CLOSES - timedelta(microseconds=1)
    assert violates(error.value, "ck_brief_opened_after_close")


@pytest.mark.bar("S4")
def test_the_database_itself_refuses_an_opening_that_two_people_have_not_approved_since_the_close(
    db: Database, on: Stage
) -> None:
    moment = timedelta(microseconds=1)
    for first, second in (
        (None, None),
        (CLOSES, None),
        (CLOSES, CLOSES - moment),
        (CLOSES, CLOSES + DRAIN + moment),
        (CLOSES, CLOSES + DRAIN),
    ):
        with db.write() as session:
            session.execute(delete(OpeningApproval))
            for place, (who, at) in enumerate(((on.made.chair, first), (on.made.commissioner, second)), start=1):
                if at:
                    given = {"brief_id": on.brief_id, "person_id": who.known, "at": at, "witness": ""}
                    session.add(OpeningApproval(position=place, **given))
        if second == CLOSES + DRAIN:
            break
        with pytest.raises(IntegrityError) as error, db.write() as session:
            session.get_one(Brief, on.brief_id).opened_at = CLOSES + DRAIN
        assert violates(error.value, "ck_brief_opened_by_two"), (first, second)
    with db.write() as session:
        session.get_one(Brief, on.brief_id).opened_at = CLOSES + DRAIN


def test_two_people_open_the_chair_first_and_a_second_click_is_quiet(db: Database, clock: Clock, on: Stage) -> None:
    on.declared()
    clock.set(CLOSES + DRAIN)

    def approve(who: Actor) -> bool:
        with db.write() as session:
            return approve_opening(session, who, on.brief_id, drain=DRAIN)

    with pytest.raises(Refused) as no:
        approve(on.made.commissioner)
    assert _refused(no) == "chair_first"
    assert [approve(on.made.chair), approve(on.made.chair), approve(on.made.approver)] == [False, False, True]
    assert approve(on.made.approver) is True
    with db.read() as session:
        assert session.get_one(Brief, on.brief_id).opened_at == CLOSES + DRAIN
        opened = session.exec(select(audit.AuditEvent).where(audit.AuditEvent.name == "opening.completed")).one()
        assert opened.detail["count"] == 2
        assert set(session.exec(select(BidReceipt.content_sha256))) == set(opened.detail["receipts"])
        told = session.exec(select(OutboxMessage.to_address).where(OutboxMessage.template == "awards/bids_opened.txt"))
        assert set(told) == {on.made.assessor.email, on.made.assessor_two.email}
        assert list(audit.verify(session)) == []
    with pytest.raises(Refused) as no:
        approve(on.made.commissioner)
    assert _refused(no) == "already_open"


def test_an_opening_waits_for_every_declaration(db: Database, clock: Clock, on: Stage) -> None:
    on.declared()
    clock.set(CLOSES + DRAIN)
    with db.write() as session:
        session.exec(select(BriefAssessor)).first().declared_at = None  # type: ignore[union-attr]
    with pytest.raises(Refused) as no, db.write() as session:
        approve_opening(session, on.made.chair, on.brief_id, drain=DRAIN)
    assert _refused(no) == "undeclared"


# The assessment


@pytest.mark.row("13.2")
def test_opening_the_bids_to_read_is_recorded_for_each_bid_once(db: Database, on: Stage) -> None:
    on.opened()
    for _ in range(2):
        with db.write() as session:
            open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    with db.read() as session:
        rows = session.exec(select(audit.AuditEvent).where(audit.AuditEvent.name == "assessment.bid_read")).all()
        assert {row.subject_id for row in rows} == set(on.bids.values()) and len(rows) == 2


@pytest.mark.row("8.6")
@pytest.mark.invariant(7)
def test_an_assessor_with_an_interest_never_sees_that_bid(db: Database, on: Stage) -> None:
    on.scored({on.made.provider_b: "I worked there until last year"})
    interested = on.made.assessor
    with db.read() as session:
        seen = assessment(session, interested, on.brief_id, secret=SECRET)
        assert [bid.bid_id for bid in seen.bids] == [on.bids["a"]]
        with pytest.raises(NotFound):
            bid_to_score(session, interested, on.brief_id, on.bids["b"], secret=SECRET)
        shown = results(session, interested, on.brief_id, secret=SECRET)
        assert shown.comparison is None and shown.why_not and shown.why_not.code == "conflicted"
        read = select(audit.AuditEvent.subject_id).where(
            audit.AuditEvent.name == "assessment.bid_read", audit.AuditEvent.person_id == interested.person_id
        )
        assert list(session.exec(read)) == [on.bids["a"]]
        trail = " ".join(audit.sentence(event) for event in audit.timeline(session, on.brief_id))
        assert "Birch" not in trail and str(on.bids["b"]) not in trail


@pytest.mark.invariant(7)
def test_an_assessor_with_an_interest_cannot_score_that_bid(db: Database, on: Stage) -> None:
    on.opened({on.made.provider_b: "I worked there until last year"})
    with db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    with pytest.raises(NotFound), db.write() as session:
        given = marks(session, on.brief_id, 5)
        save_scores(session, on.made.assessor, on.brief_id, on.bids["b"], given, secret=SECRET)


@pytest.mark.row("8.4")
@pytest.mark.invariant(8)
def test_scores_are_hidden_from_everybody_until_all_are_in(db: Database, on: Stage) -> None:
    on.opened()
    on.score(on.made.assessor_two, {"a": 5, "b": 4})
    for who in (on.made.assessor, on.made.assessor_two, on.made.chair, on.made.commissioner, on.made.approver):
        with db.read() as session:
            shown = results(session, who, on.brief_id, secret=SECRET)
            assert shown.comparison is None and shown.why_not and shown.why_not.code == "waiting"
    with db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    with db.read() as session:
        assert all(not bid.marks for bid in assessment(session, on.made.assessor, on.brief_id, secret=SECRET).bids)
    on.score(on.made.assessor, {"a": 4, "b": 3})
    with db.read() as session:
        table = results(session, on.made.assessor, on.brief_id, secret=SECRET).comparison
        assert table and [bid.bid_id for bid in table.bids] == [on.bids["a"], on.bids["b"]]


def test_what_is_not_submitted_counts_nowhere(db: Database, on: Stage) -> None:
    on.scored()
    with db.write() as session:
        row = session.exec(select(BriefAssessor).where(BriefAssessor.person_id == on.made.assessor.person_id)).one()
        row.submitted_at = None
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
        assert table.waiting == {on.made.assessor.person_id} and table.ranked == () and table.bids == ()


@pytest.mark.row("8.2")
@pytest.mark.row("8.8")
def test_the_ranking_adds_up(db: Database, on: Stage) -> None:
    on.scored()
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
    assert [[str(line.score) for line in bid.lines] + [str(bid.total)] for bid in table.bids] == [
        ["45.00", "18.00", "30.00", "93.00"],
        ["35.00", "14.00", "26.67", "75.67"],
    ]
    assert all(len(line.reasons) == (0 if line.is_price else 2) for bid in table.bids for line in bid.lines)


def test_scores_can_be_changed_until_they_are_submitted_and_never_after(db: Database, on: Stage) -> None:
    on.opened()
    with db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    for points in (2, 5):
        with db.write() as session:
            given = marks(session, on.brief_id, points)
            save_scores(session, on.made.assessor, on.brief_id, on.bids["a"], given, secret=SECRET)
    with db.read() as session:
        assert [score.points for score in session.exec(select(Score))] == [5, 5]
    with pytest.raises(Refused) as no, db.write() as session:
        submit_scores(session, on.made.assessor, on.brief_id, secret=SECRET)
    assert _refused(no) == "unscored"
    on.score(on.made.assessor, {"b": 1})
    with db.write() as session:
        submit_scores(session, on.made.assessor, on.brief_id, secret=SECRET)
    with pytest.raises(Refused) as no, db.write() as session:
        given = marks(session, on.brief_id, 0)
        save_scores(session, on.made.assessor, on.brief_id, on.bids["a"], given, secret=SECRET)
    assert _refused(no) == "locked"


def test_nothing_is_scored_before_the_bids_are_read_or_off_the_list(db: Database, on: Stage) -> None:
    on.opened()
    with pytest.raises(Refused) as no, db.write() as session:
        given = marks(session, on.brief_id, 3)
        save_scores(session, on.made.assessor, on.brief_id, on.bids["a"], given, secret=SECRET)
    assert _refused(no) == "unread"
    with db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
    with pytest.raises(NotFound), db.write() as session:
        stray = {uuid4(): Mark(3, "A criterion of another brief")}
        save_scores(session, on.made.assessor, on.brief_id, on.bids["a"], stray, secret=SECRET)
    with pytest.raises(NotFound), db.write() as session:
        open_bids(session, on.made.chair, on.brief_id, secret=SECRET)


def test_a_bid_nobody_may_score_needs_a_further_assessor_who_declares_first(
    db: Database, clock: Clock, on: Stage
) -> None:
    on.declared()
    interest = {on.made.provider_b: "I worked there until last year"}
    for who in (on.made.assessor, on.made.assessor_two):
        with db.write() as session:
            declare_interests(session, who, on.brief_id, interest)
    clock.set(CLOSES + DRAIN)
    for person in (on.made.chair, on.made.approver):
        with db.write() as session:
            approve_opening(session, person, on.brief_id, drain=DRAIN)
    for who in (on.made.assessor, on.made.assessor_two):
        on.score(who, {"a": 4})
    with pytest.raises(Refused) as no, db.write() as session:
        propose_award(session, on.made.commissioner, on.brief_id, on.bids["a"], reason="", secret=SECRET)
    assert _refused(no) == "unscored"
    with db.write() as session:
        add_assessor(session, on.made.chair, on.brief_id, on.made.chair.known)
    with pytest.raises(Refused) as no, db.write() as session:
        open_bids(session, on.made.chair, on.brief_id, secret=SECRET)
    assert _refused(no) == "undeclared"
    with db.write() as session:
        declare_interests(session, on.made.chair, on.brief_id, {})
    on.score(on.made.chair, {"a": 3, "b": 5})
    with db.read() as session:
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
        assert {bid.bid_id: str(bid.total) for bid in table.bids} == {on.bids["a"]: "81.34", on.bids["b"]: "96.67"}


# The award


def test_an_award_goes_to_the_first_or_says_why(db: Database, on: Stage) -> None:
    on.scored()
    with pytest.raises(Refused) as no, db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["b"], reason="Because.", secret=SECRET)
    assert _refused(no) == "reason"
    with pytest.raises(NotFound), db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, uuid4(), reason="", secret=SECRET)
    for _ in range(2):
        with db.write() as session:
            reason = "Alder told us that it has lost its therapist."
            propose_award(session, on.made.chair, on.brief_id, on.bids["b"], reason=reason, secret=SECRET)
    with pytest.raises(Refused) as no, db.write() as session:
        propose_award(session, on.made.commissioner, on.brief_id, on.bids["a"], reason="", secret=SECRET)
    assert _refused(no) == "proposed"
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
    for _ in range(2):
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
        assert _events(session, "award.approved") == ["Ada Approver approved the award, and 2 letters left together"]


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
    assert _refused(no) == "ineligible"
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


def test_nobody_waits_for_an_assessor_who_has_left_the_agency(db: Database, on: Stage) -> None:
    on.opened()
    on.score(on.made.assessor_two, {"a": 5, "b": 4})
    with db.write() as session:
        for seat in session.exec(
            select(OrganisationSeat).where(OrganisationSeat.person_id == on.made.assessor.known)
        ).all():
            seat.ended_at = on.clock()
    with db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["a"], reason="", secret=SECRET)


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
        assert _refused(no) == code
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
    assert _refused(no) == "no_bids"
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


def test_an_assessor_of_another_brief_sees_no_results(db: Database, on: Stage) -> None:
    on.scored()
    with db.write() as session:
        idle = factories.seated(session, on.made.raa_id, Role.ASSESSOR, name="Ida Idle")
    with pytest.raises(NotAllowed), db.read() as session:
        results(session, idle, on.brief_id, secret=SECRET)


@pytest.mark.invariant(12)
def test_the_chain_holds_after_the_whole_way(db: Database, on: Stage) -> None:
    on.proposed()
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.read() as session:
        assert list(audit.verify(session)) == []
