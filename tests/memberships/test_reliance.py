"""Who relies on what, how far, and what an agency adds by looking itself; told when a fact changes, with the difference."""

from datetime import date, timedelta
from email import message_from_bytes, policy
from itertools import product
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.core import audit
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotAllowed, NotFound, Refused
from app.evidence import commands as evidence
from app.evidence import duties
from app.evidence.models import EvidenceItem, OwnVerification, Verification
from app.evidence.rules import ItemFacts, KindFacts, Outcome, Reason, Standing
from app.evidence.rules.changes import Difference, difference, lapse
from app.evidence.rules.reliance import Reliance, Relied, policy_for, relied_on
from app.frameworks.models import CallOffBody, LotRequirement
from app.main import CONNECTIONS, connect
from app.memberships import commands
from app.memberships import duties as memberships_duties
from app.memberships.models import ChangeNotice, Membership
from app.memberships.queries.changes import change, changes, unanswered, unmailed
from app.memberships.queries.reliance import agency_reliance
from app.memberships.queries.relied_on import who_relies
from app.memberships.queries.relying import relying_agencies
from app.memberships.rules import why_not_check_ourselves
from app.organisations.models import Raa
from app.organisations.rules import OrganisationKind, Role
from app.settings import Settings
from app.work import work_once
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements

TODAY = NOON.date()
LEAD, AGENCY, ELSEWHERE = uuid4(), uuid4(), uuid4()


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def _item(session: Session, made: factories.World) -> EvidenceItem:
    return session.exec(
        select(EvidenceItem).where(
            EvidenceItem.provider_id == made.provider_a, EvidenceItem.kind_slug == factories.INSURANCE
        )
    ).one()


def _item_id(db: Database, made: factories.World) -> UUID:
    with db.read() as session:
        return _item(session, made).id


def _newer(db: Database, made: factories.World, *, cover: int = 100_000_000, returned: bool = False) -> UUID:
    """A newer certificate told by the owner, and decided by the checker."""
    with db.write() as session:
        facts = ItemFacts(
            kind=factories.INSURANCE,
            issuer="Second Insurance",
            reference="PL-1",
            cover_pence=cover,
            starts_on=date(2026, 11, 1),
            expires_on=date(2027, 10, 31),
        )
        item_id = evidence.add_item(session, made.owner_a, made.provider_a, facts)
        session.get_one(EvidenceItem, item_id).submitted_at = NOON
    with db.write() as session:
        if returned:
            evidence.return_item(session, made.checker, item_id, Reason.COVER_TOO_LOW, "Raise the cover.")
        else:
            ticks = factories.ticked(session, item_id)
            evidence.verify_item(session, made.checker, item_id, ticks=ticks, how="Read it")
    return item_id


# The rules


@pytest.mark.row("3.6")
def test_what_an_item_is_worth_to_an_agency_under_each_policy() -> None:
    expected = {
        (Reliance.ACCEPT_ANY, ELSEWHERE, False): Relied.YES,
        (Reliance.ACCEPT_LEAD, ELSEWHERE, False): Relied.NOT_BY_LEAD,
        (Reliance.OWN_CHECK, ELSEWHERE, False): Relied.OWN_CHECK_MISSING,
        (Reliance.ACCEPT_ANY, LEAD, False): Relied.YES,
        (Reliance.ACCEPT_LEAD, LEAD, False): Relied.YES,
        (Reliance.OWN_CHECK, LEAD, False): Relied.OWN_CHECK_MISSING,
    }
    for wanted, checked_by, own in product(Reliance, (ELSEWHERE, LEAD, AGENCY), (False, True)):
        found = relied_on(
            wanted,
            Standing.VERIFIED,
            checked_by=checked_by,
            agency=AGENCY,
            by_lead=checked_by == LEAD,
            own_check=own,
        )
        assert found is expected.get((wanted, checked_by, own), Relied.YES)
    for wanted, standing in product(Reliance, set(Standing) - {Standing.VERIFIED}):
        found = relied_on(wanted, standing, checked_by=AGENCY, agency=AGENCY, by_lead=True, own_check=True)
        assert found is Relied.NOT_CURRENT


def test_a_policy_of_a_kind_goes_before_that_of_every_kind_and_without_one_any_check_does() -> None:
    assert policy_for("a", {}) is Reliance.ACCEPT_ANY
    assert policy_for("a", {None: Reliance.OWN_CHECK}) is Reliance.OWN_CHECK
    assert policy_for("a", {None: Reliance.OWN_CHECK, "a": Reliance.ACCEPT_LEAD}) is Reliance.ACCEPT_LEAD
    assert why_not_check_ourselves(Standing.VERIFIED) is None
    assert all(why_not_check_ourselves(one) for one in set(Standing) - {Standing.VERIFIED})


def _kind(sensitivity: str, category: str) -> KindFacts:
    return KindFacts("k", "K", "person", category, "", "Number", "", "fixed", "file", sensitivity, True)


@pytest.mark.row("1.4")
def test_a_difference_names_only_the_fields_that_differ_and_no_number_of_a_dbs_certificate() -> None:
    old = ItemFacts(kind="k", issuer="One", reference="1", cover_pence=500, expires_on=date(2027, 6, 30))
    new = ItemFacts(kind="k", issuer="One", reference="2", starts_on=date(2027, 7, 1), expires_on=date(2028, 6, 30))
    assert difference(_kind("business", "insurance"), old, old) == ()
    assert difference(_kind("business", "insurance"), old, new) == (
        Difference("Number", "1", "2"),
        Difference("Cover", "£5.00", "none"),
        Difference("Started or issued", "none", "1 July 2027"),
        Difference("Expires", "30 June 2027", "30 June 2028"),
    )
    narrow = difference(_kind("criminal-offence", "checks"), old, new)
    assert Difference("Number", "another number", "a new number") in narrow
    assert lapse(date(2027, 6, 30))[0].before == "30 June 2027"


# Who relies


@pytest.mark.row("3.6")
def test_an_agency_relies_while_it_may_call_off_and_the_provider_is_a_member_where_it_is_required(
    db: Database, made: factories.World
) -> None:
    def relies(session: Session) -> set[UUID]:
        return set(relying_agencies(session, made.provider_a, factories.INSURANCE, TODAY))

    with db.write() as session:
        assert relies(session) == {made.raa_id}
        assert not relying_agencies(session, made.provider_a, "another", TODAY)
        body = session.exec(select(CallOffBody)).one()
        body.entitled_to = TODAY
        session.flush()
        assert relies(session) == {made.raa_id}
        body.entitled_to = TODAY - timedelta(days=1)
        session.flush()
        assert relies(session) == set()
        body.entitled_to = None
        agency = session.get_one(Raa, made.raa_id)
        agency.valid_to = TODAY
        session.flush()
        assert relies(session) == set()
        agency.valid_to = None
        session.flush()
        assert relies(session) == {made.raa_id}
        for row in session.exec(select(Membership).where(Membership.provider_id == made.provider_a)):
            row.ended_at = NOON
        session.flush()
        assert relies(session) == set()


@pytest.mark.row("3.6")
@pytest.mark.invariant(10)
def test_the_provider_sees_who_relies_on_each_fact_and_how_far(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    item_id = _item_id(db, made)
    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, factories.INSURANCE, Reliance.OWN_CHECK)
    shown = client_for(made.owner_a).get(f"/evidence/{item_id}/relied-on")
    text = BeautifulSoup(shown.text, "html.parser").get_text(" ", strip=True)
    assert "Test agency" in text
    assert "Other agency" not in text
    assert "Check our own" in text
    assert "Wants its own check" in text
    assert "Who relies on this" in client_for(made.owner_a).get(f"/evidence/{item_id}").text
    assert client_for(made.owner_b).get(f"/evidence/{item_id}/relied-on").status_code == 404
    with pytest.raises(NotFound), db.read() as session:
        who_relies(session, made.commissioner, item_id)


@pytest.mark.row("3.6")
def test_with_its_own_check_an_agency_adds_and_removes_nothing(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    item_id = _item_id(db, made)
    client = client_for(made.commissioner)
    page = f"/agencies/{made.raa_id}/reliance"
    assert client.post(page, data={"kind": "", "policy": "own_check"}).status_code == 303
    fact = f"/agencies/{made.raa_id}/facts/{item_id}"
    assert fact in client.get("/own-checks").text
    here = f"/agencies/{made.raa_id}/own-checks/{item_id}"
    assert client.post(here, data={}).status_code == 422
    unticked = client.post(here, data={"how": "Rang the insurer"})
    assert (unticked.status_code, "Tick this, or say why" in unticked.text) == (422, True)
    with db.read() as session:
        points = list(factories.ticked(session, item_id))
    for _ in range(2):
        with statements(db) as sent:
            assert client.post(here, data={"how": "Rang the insurer", "seen": points}).status_code == 303
        assert len(sent) <= 12, "its page is not read before it is sent"
    assert fact not in client.get("/own-checks").text
    assert "Rang the insurer" in client.get(fact).text
    with db.read() as session:
        own = session.exec(select(OwnVerification)).one()
        assert (own.how, own.checklist.keys()) == ("Rang the insurer", set(points))
        decision = session.exec(select(Verification).where(Verification.item_id == item_id)).one()
        assert (decision.checker_id, decision.outcome) == (made.checker.known, "verified")
        by = who_relies(session, made.owner_a, item_id).by
        assert [one.relied for one in by] == [Relied.YES]
        assert "reliance.own_check" in [event.name for event in audit.timeline(session, item_id)]
    assert "Rang the insurer" in client.get("/reliance").text


@pytest.mark.row("3.6")
def test_accepting_the_leads_check_takes_the_lead_of_a_framework_and_no_other(
    db: Database, made: factories.World
) -> None:
    def stands(session: Session) -> set[Relied]:
        found = agency_reliance(session, made.commissioner, None)
        return {line.relied for line in found.lines if line.provider_id == made.provider_a}

    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.ACCEPT_LEAD)
        assert stands(session) == {Relied.YES}
        stranger = factories.organisation(session, OrganisationKind.LEAD, "Another hub")
        row = session.exec(select(Verification).where(Verification.item_id == _item(session, made).id)).one()
        row.checker_organisation_id = stranger
        session.flush()
        assert stands(session) == {Relied.NOT_BY_LEAD}
        commands.set_reliance(session, made.commissioner, made.raa_id, factories.INSURANCE, Reliance.ACCEPT_ANY)
        commands.set_reliance(session, made.commissioner, made.raa_id, factories.INSURANCE, Reliance.ACCEPT_ANY)
        assert stands(session) == {Relied.YES}


def test_who_may_say_how_far_an_agency_relies_and_who_may_look(db: Database, made: factories.World) -> None:
    item_id = _item_id(db, made)
    for actor, error in ((made.chair, NotAllowed), (made.other_commissioner, NotFound), (made.owner_a, NotFound)):
        with pytest.raises(error), db.write() as session:
            commands.set_reliance(session, actor, made.raa_id, None, Reliance.OWN_CHECK)
        with pytest.raises(error), db.write() as session:
            commands.check_ourselves(session, actor, made.raa_id, item_id, how="Looked", ticks={})
    with pytest.raises(NotFound), db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, "no such kind", Reliance.OWN_CHECK)
    with pytest.raises(NotFound), db.write() as session:
        commands.check_ourselves(session, made.commissioner, made.raa_id, uuid4(), how="Looked", ticks={})
    with pytest.raises(NotFound), db.write() as session:
        commands.check_ourselves(session, made.other_commissioner, made.other_raa_id, item_id, how="Looked", ticks={})
    with db.write() as session:
        _item(session, made).expires_on = TODAY - timedelta(days=1)
    with pytest.raises(Refused), db.write() as session:
        commands.check_ourselves(session, made.commissioner, made.raa_id, item_id, how="Looked", ticks={})


def test_a_wrong_policy_is_said_beside_it_and_strangers_see_nothing(
    made: factories.World, client_for: ClientFor
) -> None:
    page = f"/agencies/{made.raa_id}/reliance"
    wrong = client_for(made.commissioner).post(page, data={"policy": "whatever"})
    assert wrong.status_code == 422
    assert "Select how far you rely" in wrong.text
    assert client_for(made.other_commissioner).get(f"/reliance?agency={made.raa_id}").status_code == 404
    assert "Alder Therapy" not in client_for(made.other_commissioner).get("/reliance").text
    assert "Alder Therapy" in client_for(made.chair).get("/reliance").text


# Changes


@pytest.mark.row("1.4")
@pytest.mark.row("3.9")
def test_a_newer_fact_tells_each_relying_agency_with_the_difference_field_by_field(
    db: Database, made: factories.World
) -> None:
    old = _item_id(db, made)
    newer = _newer(db, made)
    with db.read() as session:
        [notice] = changes(session, made.commissioner)
        assert changes(session, made.other_commissioner) == []
        assert {(one.field, one.before, one.after) for one in notice.difference} == {
            ("Insurer", "Example Insurance", "Second Insurance"),
            ("Cover", "none", "£1,000,000.00"),
            ("Started or issued", "1 January 2026", "1 November 2026"),
            ("Expires", "30 June 2027", "31 October 2027"),
        }
        page = change(session, made.commissioner, notice.id)
        assert (page.before.id, page.before.facts.issuer) == (old, "Example Insurance"), "the old one stays readable"
        assert page.after and page.after.id == newer
        with pytest.raises(NotFound):
            change(session, made.other_commissioner, notice.id)
        assert "reliance.change_told" in [event.name for event in audit.timeline(session, old)]


@pytest.mark.row("1.4")
def test_a_return_is_told_where_something_verified_was_to_be_replaced(db: Database, made: factories.World) -> None:
    newer = _newer(db, made, returned=True)
    with db.read() as session:
        [notice] = changes(session, made.commissioner)
        assert notice.change == "returned"
        page = change(session, made.commissioner, notice.id)
        assert page.before.standing is Standing.VERIFIED
        assert page.after and page.after.id == newer and page.after.decision
        assert page.after.decision.outcome is Outcome.RETURNED


def _second_look(db: Database, made: factories.World, item_id: UUID) -> None:
    """Another checker disagrees with the verification."""
    with db.write() as session:
        session.exec(select(Verification).where(Verification.item_id == item_id)).one().second_look = True
        hub = factories.organisation(session, OrganisationKind.LEAD, "Second hub")
        cleo = factories.seated(session, hub, Role.CHECKER, name="Cleo Checker")
        evidence.take_second_look(session, cleo, item_id, agrees=False, words="The limit is in all")


def _mailed(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        return sorted((row.template, row.to_address) for row in session.exec(select(OutboxMessage)))


@pytest.mark.row("3.12")
@pytest.mark.row("1.4")
def test_a_verification_undone_is_told_and_mailed_at_once_and_so_is_that_it_counts_again(
    db: Database, made: factories.World, client_for: ClientFor, clock: Clock
) -> None:
    item_id, client = _item_id(db, made), client_for(made.commissioner)
    _second_look(db, made, item_id)
    assert _mailed(db) == [
        ("evidence/undone.txt", made.owner_a.email),
        ("memberships/changed.txt", made.commissioner.email),
    ]
    with db.read() as session:
        [notice] = unanswered(session, [made.raa_id])
        assert unmailed(session) == [], "it was mailed, so that the daily message does not list it"
    assert [one.before for one in notice.difference] == ["verified by Cara Checker, Test hub"]
    assert notice.difference[0].after == "undone at a second look by Cleo Checker, Second hub: The limit is in all"
    assert "Still content? Insurance public liability: a second checker disagreed" in client.get("/").text
    for page in (client.get(f"/changes/{notice.id}"), client_for(made.owner_a).get(f"/evidence/{item_id}")):
        assert "The limit is in all" in page.text
    with db.read() as session:
        assert [one.relied for one in who_relies(session, made.owner_a, item_id).by] == [Relied.NOT_CURRENT]
    client.post(f"/changes/{notice.id}/content")
    for expected in ("reinstated", "undone"):
        clock.forward(hours=1)
        if expected == "undone":
            _second_look(db, made, item_id)
        else:
            with db.write() as session:
                ticks = factories.ticked(session, item_id)
                anew = factories.seated(session, made.lead_id, Role.CHECKER, name="Chris Checker")
                evidence.verify_item(session, anew, item_id, ticks=ticks, how="Asked the insurer")
        with db.read() as session:
            latest = max(unanswered(session, [made.raa_id]), key=lambda one: one.at)
            assert (latest.change, latest.at) == (expected, clock.moment), "told afresh, each time"


@pytest.mark.row("3.12")
@pytest.mark.row("1.4")
@pytest.mark.parametrize(
    ("begins", "policy", "told"),
    [
        (TODAY, None, False),
        (TODAY + timedelta(days=1), None, True),
        (TODAY, Reliance.OWN_CHECK, True),
    ],
)
def test_a_verification_undone_is_told_to_those_for_whom_no_renewal_has_taken_its_place(
    db: Database, made: factories.World, begins: date, policy: Reliance | None, told: bool
) -> None:
    """The renewal has begun and is accepted; has not begun yet; waits for the agency's own check."""
    item_id, newer = _item_id(db, made), _newer(db, made)
    with db.write() as session:
        session.get_one(EvidenceItem, newer).starts_on = begins
        if policy:
            commands.set_reliance(session, made.commissioner, made.raa_id, None, policy)
    _second_look(db, made, item_id)
    with db.read() as session:
        assert ("undone" in {one.change for one in unanswered(session, [made.raa_id])}) is told
    assert (("memberships/changed.txt", made.commissioner.email) in _mailed(db)) is told


@pytest.mark.row("1.4")
@pytest.mark.row("3.5")
def test_what_expires_is_told_at_midnight_in_london_once(
    db: Database, blobs: Blobs, made: factories.World, clock: Clock
) -> None:
    with db.write() as session:
        _item(session, made).expires_on = TODAY
    duties.daily(db, blobs)
    with db.read() as session:
        assert unanswered(session, [made.raa_id]) == []
    clock.set(NOON + timedelta(hours=12))
    for _ in range(3):
        duties.daily(db, blobs)
        clock.forward(days=1)
    with db.read() as session:
        [notice] = unanswered(session, [made.raa_id])
        assert (notice.change, notice.at) == ("expired", NOON + timedelta(hours=12))


@pytest.mark.row("1.4")
@pytest.mark.invariant(4)
def test_a_worker_that_was_stopped_tells_of_everything_that_expired_meanwhile_once(
    db: Database, blobs: Blobs, made: factories.World, clock: Clock
) -> None:
    duties.daily(db, blobs)
    with db.write() as session:
        _item(session, made).expires_on = TODAY + timedelta(days=3)
    clock.forward(days=10)
    duties.daily(db, blobs)
    with db.read() as session:
        assert len(unanswered(session, [made.raa_id])) == 1


@pytest.mark.row("3.4")
def test_each_agency_gets_one_message_a_day_that_lists_everything(
    db: Database, blobs: Blobs, config: Settings, made: factories.World, clock: Clock
) -> None:
    work_once(db, blobs, config)
    _newer(db, made)
    with db.write() as session:
        for row in session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_b)):
            row.expires_on = TODAY
    for _ in range(3):
        clock.forward(days=1)
        work_once(db, blobs, config)
    with db.read() as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.template == "memberships/changes.txt")).all()
        assert [row.to_address for row in rows] == [made.commissioner.email]
        assert unmailed(session) == []
        assert memberships_duties.daily(db) == 0
    texts = [
        message_from_bytes(path.read_bytes(), policy=policy.default).get_content()
        for path in sorted(_mails(config).glob("*.eml"))
    ]
    [digest] = [text for text in texts if "since our last message" in text]
    assert "Insurance public liability of Alder Therapy: a newer one has been verified in its place" in digest
    assert "Insurance public liability of Birch Therapy: it has expired" in digest


def _mails(config: Settings) -> Path:
    return Path(config.mail_url.removeprefix("folder:"))


@pytest.mark.row("1.4")
def test_still_content_or_a_question_is_kept_and_the_provider_reads_it(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    _newer(db, made)
    with db.read() as session:
        [notice] = changes(session, made.commissioner)
    client = client_for(made.commissioner)
    assert "Still content?" in client.get("/").text
    here = f"/changes/{notice.id}"
    assert client.post(f"{here}/ask", data={"question": " "}).status_code == 422
    for _ in range(2):
        assert client.post(f"{here}/ask", data={"question": "Why is the cover lower?"}).status_code == 303
    assert "Why is the cover lower?" in client.get(here).text
    with db.read() as session:
        asked = session.exec(select(OutboxMessage).where(OutboxMessage.template == "memberships/asked.txt")).all()
        assert [row.to_address for row in asked] == [made.owner_a.email]
        item = session.exec(select(ChangeNotice.item_id)).one()
    assert "Why is the cover lower?" in client_for(made.owner_a).get(f"/evidence/{item}/relied-on").text
    for _ in range(2):
        assert client.post(f"{here}/content").status_code == 303
    assert "Still content?" not in client.get("/").text
    with db.read() as session:
        row = session.exec(select(ChangeNotice)).one()
        assert (row.answer, row.answered_by) == ("content", made.commissioner.known)
        names = [event.name for event in audit.timeline(session, row.id)]
        assert names == ["reliance.change_asked", "reliance.change_accepted"]
    for path in (f"{here}/content", f"{here}/ask"):
        assert client_for(made.chair).post(path, data={"question": "What?"}).status_code in (403, 404)
        assert client_for(made.other_commissioner).post(path, data={"question": "What?"}).status_code == 404


def test_answers_are_for_those_who_speak_for_the_agency(db: Database, made: factories.World) -> None:
    _newer(db, made)
    with db.read() as session:
        [notice] = changes(session, made.commissioner)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.accept_change(session, made.approver, notice.id)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.ask_about_change(session, made.approver, notice.id, "What?")
    with pytest.raises(NotFound), db.write() as session:
        commands.accept_change(session, made.owner_a, notice.id)
    with db.write() as session:
        assert commands.mail_changes(session, TODAY) == 1
        assert commands.mail_changes(session, TODAY) == 0
        owner = factories.seated(session, made.raa_id, Role.OWNER)
        commands.accept_change(session, owner, notice.id)


def test_news_goes_through_the_table_of_connections_and_a_second_connection_is_none(
    db: Database, made: factories.World
) -> None:
    assert CONNECTIONS
    connect()
    _newer(db, made)
    with db.read() as session:
        assert len(session.exec(select(ChangeNotice)).all()) == 1


def test_where_nobody_relies_nobody_is_told(db: Database, made: factories.World) -> None:
    with db.write() as session:
        for row in session.exec(select(LotRequirement)):
            session.delete(row)
    _newer(db, made)
    with db.read() as session:
        assert session.exec(select(ChangeNotice)).all() == []
