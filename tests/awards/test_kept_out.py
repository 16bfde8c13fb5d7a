"""Who and what is kept out of a competition: bids of the ineligible, and people of the providers invited."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import approve_award, propose_award, reject_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.awards.models import BriefAssessor
from app.awards.queries.assessment import assessment
from app.awards.queries.letters import own_letters
from app.awards.queries.opening import opening
from app.awards.queries.results import award_page, compare, results
from app.awards.queries.rivals import seated_with_rivals
from app.awards.rules import LetterOutcome
from app.awards.rules.opening import A_PARTNER_MAY_NOT
from app.bids.models import Bid, BidPartner
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.evidence.models import EvidenceItem
from app.organisations.models import OrganisationSeat
from app.organisations.rules import Role
from tests import NOON, factories
from tests.awards.stage import CLOSES, DRAIN, SECRET, Stage, marks
from tests.conftest import ClientFor, Clock
from tests.sealing import approve_opening


def _insured_until(on: Stage, days: int) -> None:
    """Alder's insurance ends that many days after the brief's close."""
    with on.db.write() as session:
        for item in session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == on.made.provider_a)):
            item.expires_on = (CLOSES + timedelta(days=days)).date()


def _excluded(on: Stage) -> Stage:
    """Alder, the cheaper, lost its insurance before the close; Birch is scored."""
    _insured_until(on, -1)
    on.opened()
    for assessor in (on.made.assessor, on.made.assessor_two):
        on.score(assessor, {"b": 3})
    return on


def _code(act: Callable[[Session], object], db: Database) -> str:
    with pytest.raises(Refused) as no, db.write() as session:
        act(session)
    return no.value.refusal.code


def _seat(on: Stage, person: Actor, *, ended: bool = False) -> None:
    """The person holds a seat at Alder, or held one once."""
    with on.db.write() as session:
        session.add(
            OrganisationSeat(
                person_id=person.known,
                organisation_id=on.made.provider_a,
                role=Role.OWNER,
                given_at=NOON,
                ended_at=NOON if ended else None,
            )
        )


@pytest.mark.invariant(5)
def test_an_ineligible_bid_is_excluded_at_the_opening_and_sets_nobodys_price_score(db: Database, on: Stage) -> None:
    _excluded(on)
    with db.read() as session:
        reasons = {bid.id: bid.excluded_reason for bid in session.exec(select(Bid))}
        assert reasons[on.bids["b"]] == "" and "expired" in reasons[on.bids["a"]]
        event = session.exec(select(audit.AuditEvent).where(audit.AuditEvent.name == "bid.excluded")).one()
        assert (event.subject_id, event.about_id) == (on.bids["a"], None)
        assert reasons[on.bids["a"]] in audit.sentence(event)
        seen = assessment(session, on.made.assessor, on.brief_id, secret=SECRET)
        assert [bid.bid_id for bid in seen.bids] == [on.bids["b"]]
        table = compare(session, session.get_one(Brief, on.brief_id), secret=SECRET)
        assert [(bid.bid_id, str(bid.lines[2].score)) for bid in table.bids] == [(on.bids["b"], "30.00")]
        assert (table.count, table.lowest_pence) == (1, 270_000)
        assert [(bid.provider_name, bid.reason) for bid in table.excluded] == [("Alder Therapy", reasons[on.bids["a"]])]
    with pytest.raises(NotFound), db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["a"], reason="x" * 30, secret=SECRET)


@pytest.mark.invariant(5)
def test_a_bid_is_excluded_for_a_partner_who_could_not_act_and_says_no_more_of_it(
    db: Database, clock: Clock, on: Stage
) -> None:
    with db.write() as session:
        cedar = factories.provider(session, "Cedar Therapy")
        asked = factories.partnership(session, on.brief_id, on.made.provider_a, cedar, on.made.owner_a)
        row = session.get_one(BidPartner, asked)
        row.agreed_at, row.agreed_by = NOON, on.made.owner_a.known
    on.opened()
    with db.read() as session:
        reasons = {bid.id: bid.excluded_reason for bid in session.exec(select(Bid))}
    assert reasons == {on.bids["a"]: A_PARTNER_MAY_NOT, on.bids["b"]: ""}


@pytest.mark.parametrize(("days", "excluded"), [(-1, True), (0, False), (1, False)])
def test_a_bid_is_judged_as_at_the_close_however_late_the_opening(
    db: Database, clock: Clock, on: Stage, days: int, excluded: bool
) -> None:
    on.declared()
    _insured_until(on, days)
    clock.set(CLOSES + timedelta(days=5))
    for person in (on.made.chair, on.made.commissioner):
        with db.write() as session:
            approve_opening(session, person, on.brief_id, drain=DRAIN)
    with db.read() as session:
        assert bool(session.get_one(Bid, on.bids["a"]).excluded_reason) == excluded


@pytest.mark.invariant(9)
def test_an_excluded_bidder_has_its_letter_with_all_the_others(db: Database, on: Stage, client_for: ClientFor) -> None:
    _excluded(on)
    page = client_for(on.made.chair).get(f"/briefs/{on.brief_id}/results").text
    assert "Bids excluded at the opening" in page and "2,400.00" not in page
    with db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["b"], reason="", secret=SECRET)
    assert "2 letters will leave together" in client_for(on.made.approver).get(f"/briefs/{on.brief_id}/award").text
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    with db.read() as session:
        (lost,), (won,) = own_letters(session, on.made.owner_a), own_letters(session, on.made.owner_b)
        assert (lost.outcome, won.outcome) == (LetterOutcome.UNSUCCESSFUL, LetterOutcome.SUCCESSFUL)
        assert lost.content["excluded"] == session.get_one(Bid, on.bids["a"]).excluded_reason
        assert lost.content["winner"] == {"provider": "Birch Therapy"}
        assert not {"own", "price_pence"} & lost.content.keys()
        assert list(audit.verify(session)) == []
    letter = client_for(on.made.owner_a).get(f"/letters/{lost.id}").text
    assert lost.content["excluded"] in letter and "Birch Therapy" in letter
    assert "of 100" not in letter and "2,700.00" not in letter


def test_when_every_bid_is_excluded_there_is_nothing_to_award(db: Database, on: Stage, client_for: ClientFor) -> None:
    with db.write() as session:
        for item in session.exec(select(EvidenceItem)):
            item.expires_on = NOON.date()
    on.opened()
    page = client_for(on.made.chair).get(f"/briefs/{on.brief_id}/results").text
    assert "No bid stands." in page and "Birch Therapy" in page
    act = lambda s: propose_award(s, on.made.chair, on.brief_id, on.bids["a"], reason="", secret=SECRET)  # noqa: E731
    assert _code(act, db) == "no_bids"


@pytest.mark.invariant(7)
def test_nobody_of_a_provider_invited_is_asked_to_assess(db: Database, on: Stage) -> None:
    for person, ended in ((on.made.assessor, False), (on.made.assessor_two, True)):
        _seat(on, person, ended=ended)
    assert _code(lambda s: add_assessor(s, on.made.chair, on.brief_id, on.made.assessor.known), db) == "belongs"
    with db.write() as session:
        add_assessor(session, on.made.chair, on.brief_id, on.made.assessor_two.known)
        assert session.exec(select(BriefAssessor.person_id)).all() == [on.made.assessor_two.known]


@pytest.mark.invariant(7)
def test_a_seat_gained_later_stops_a_declaration(db: Database, on: Stage) -> None:
    on.declared()
    _seat(on, on.made.assessor)
    assert _code(lambda s: declare_interests(s, on.made.assessor, on.brief_id, {}), db) == "belongs"


@pytest.mark.invariant(7)
def test_a_seat_gained_later_stops_reading_scoring_and_submitting(
    db: Database, on: Stage, client_for: ClientFor
) -> None:
    on.opened()
    path = f"/briefs/{on.brief_id}/assessment"
    rival, client = on.made.assessor, client_for(on.made.assessor)
    with db.write() as session:
        open_bids(session, rival, on.brief_id, secret=SECRET)
        given = marks(session, on.brief_id, 5)
        for bid_id in on.bids.values():
            save_scores(session, rival, on.brief_id, bid_id, given, secret=SECRET)
    assert "Birch approach" in client.get(path).text
    _seat(on, rival)
    answer = client.get(path)
    assert answer.status_code == 200 and "approach" not in answer.text.replace("Approach", "")
    assert "has no part in its opening, assessment or award" in answer.text
    assert client.get(f"{path}/{on.bids['b']}").status_code == 404
    assert _code(lambda s: submit_scores(s, rival, on.brief_id, secret=SECRET), db) == "belongs"
    for bid_id in on.bids.values():
        act = lambda s, i=bid_id: save_scores(s, rival, on.brief_id, i, given, secret=SECRET)  # noqa: E731
        assert _code(act, db) == "belongs"
    on.score(on.made.assessor_two, {"a": 5, "b": 4})
    with db.read() as session:
        table = results(session, on.made.chair, on.brief_id, secret=SECRET).comparison
        assert table and not table.waiting and str(table.bids[0].total) == "100.00", "nobody waits for a rival"
        refused = results(session, rival, on.brief_id, secret=SECRET)
        assert refused.comparison is None and refused.why_not and refused.why_not.code == "conflicted"


@pytest.mark.invariant(7)
def test_a_seat_gained_before_reading_stops_it(db: Database, on: Stage) -> None:
    on.opened()
    _seat(on, on.made.assessor)
    assert _code(lambda s: open_bids(s, on.made.assessor, on.brief_id, secret=SECRET), db) == "belongs"


@pytest.mark.invariant(7)
@pytest.mark.parametrize(("agreed", "kept_out"), [(True, True), (False, False)])
def test_whoever_belongs_to_a_partner_is_kept_out_once_the_bids_are_open(
    db: Database, on: Stage, agreed: bool, kept_out: bool
) -> None:
    person = on.made.assessor
    with db.write() as session:
        cedar = factories.provider(session, "Cedar Therapy")
        asked = factories.partnership(session, on.brief_id, on.made.provider_a, cedar, on.made.owner_a)
        row = session.get_one(BidPartner, asked)
        row.agreed_at, row.agreed_by = (NOON, on.made.owner_a.known) if agreed else (None, None)
        session.add(OrganisationSeat(person_id=person.known, organisation_id=cedar, role=Role.OWNER, given_at=NOON))
    on.opened()  # and nobody learnt before then whom a bid names
    if not kept_out:
        with db.write() as session:
            open_bids(session, person, on.brief_id, secret=SECRET)
        return
    assert _code(lambda s: open_bids(s, person, on.brief_id, secret=SECRET), db) == "belongs"
    with db.read() as session:
        assert person.known in session.exec(seated_with_rivals(on.brief_id)).all()
        seen = assessment(session, person, on.brief_id, secret=SECRET)
        assert seen.bids == () and seen.why_not_read and seen.why_not_read.code == "belongs"


@pytest.mark.row("9.2")
def test_nobody_of_a_provider_invited_approves_the_opening(db: Database, clock: Clock, on: Stage) -> None:
    on.declared()
    clock.set(CLOSES + DRAIN)
    with db.write() as session:
        approve_opening(session, on.made.chair, on.brief_id, drain=DRAIN)
    _seat(on, on.made.approver)
    assert _code(lambda s: approve_opening(s, on.made.approver, on.brief_id, drain=DRAIN), db) == "belongs"
    with db.read() as session:
        view = opening(session, on.made.approver, on.brief_id, drain=DRAIN)
        assert view.why_not_open and view.why_not_open.code == "belongs"


@pytest.mark.row("9.2")
def test_nobody_of_a_provider_invited_proposes_approves_or_rejects_an_award(db: Database, on: Stage) -> None:
    on.proposed()
    for person in (on.made.approver, on.made.commissioner):
        _seat(on, person)
        with db.read() as session:
            assert award_page(session, person, on.brief_id, secret=SECRET).results.comparison is None
    assert _code(lambda s: approve_award(s, on.made.approver, on.brief_id, secret=SECRET), db) == "conflicted"
    reject = lambda s: reject_award(s, on.made.approver, on.brief_id, reason="x" * 30, secret=SECRET)  # noqa: E731
    assert _code(reject, db) == "conflicted"
    propose = lambda s: propose_award(  # noqa: E731
        s, on.made.commissioner, on.brief_id, on.bids["b"], reason="x" * 30, secret=SECRET
    )
    assert _code(propose, db) == "conflicted"


def test_a_second_rejection_by_the_same_person_is_quiet(db: Database, on: Stage) -> None:
    on.proposed()
    for _ in range(2):
        with db.write() as session:
            reject_award(session, on.made.approver, on.brief_id, reason="Not within the budget.", secret=SECRET)
    with db.read() as session:
        rejected = select(audit.AuditEvent).where(audit.AuditEvent.name == "award.rejected")
        assert len(session.exec(rejected).all()) == 1
    with pytest.raises(Refused, match="over"), db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
