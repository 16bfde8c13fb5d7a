"""Policies of reliance count: a member may be invited, and bid, where the agency's policy takes whoever checked its evidence."""

from datetime import date, timedelta
from itertools import product
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.bids.commands import start_bid
from app.bids.models import Bid
from app.bids.naming import practitioners
from app.bids.queries import against_named, eligible_of, not_eligible
from app.bids.rules import Letter
from app.briefs.models import Brief
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal
from app.evidence.models import EvidenceItem, OwnVerification, Verification
from app.evidence.queries import pieces
from app.evidence.rules import Outcome, Piece
from app.evidence.rules.reliance import Reliance, Relied
from app.memberships import commands
from app.memberships.queries import eligibility, framework_members, members
from app.memberships.queries.facts import fact
from app.memberships.queries.reliance import MEMBERS, PAGE, agency_reliance, own_checks
from app.memberships.queries.relied_on import all_relied_on
from app.memberships.queries.relying import reader
from app.memberships.rules import State
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements

TODAY = NOON.date()
WAITS = "evidence_unaccepted"


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def _item(session: Session, made: factories.World) -> EvidenceItem:
    return session.exec(select(EvidenceItem).where(EvidenceItem.provider_id == made.provider_a)).one()


def _verified_by(session: Session, made: factories.World, organisation_id: UUID) -> None:
    item = _item(session, made)
    row = session.exec(select(Verification).where(Verification.item_id == item.id)).one()
    row.checker_organisation_id = organisation_id
    session.flush()


def _codes(session: Session, made: factories.World, agency_id: UUID | None) -> list[str]:
    found = eligibility(
        session,
        provider_id=made.provider_a,
        lot_id=made.lots[0],
        region_id=made.regions[0],
        at=NOON,
        agency_id=agency_id,
    )
    return [reason.code for reason in found.reasons]


def _check_ourselves(session: Session, made: factories.World, actor: Actor) -> None:
    item_id = _item(session, made).id
    ticks = factories.ticked(session, item_id)
    commands.check_ourselves(session, actor, made.raa_id, item_id, how="Rang the insurer", ticks=ticks)


@pytest.mark.row("3.6")
@pytest.mark.row("4.4")
def test_eligibility_takes_whoever_checked_as_far_as_the_agencys_policy_does(
    db: Database, made: factories.World
) -> None:
    """Every policy × checker × own check, through the one function, and the SQL twin that filters says the same."""
    with db.write() as session:
        elsewhere = factories.organisation(session, OrganisationKind.LEAD, "Another hub")
        item_id = _item(session, made).id
        for policy in Reliance:
            commands.set_reliance(session, made.commissioner, made.raa_id, factories.INSURANCE, policy)
            for checked_by, own in product((made.lead_id, made.raa_id, elsewhere), (False, True)):
                _verified_by(session, made, checked_by)
                if own:
                    row = OwnVerification(
                        item_id=item_id,
                        organisation_id=made.raa_id,
                        checker_id=made.commissioner.known,
                        how="Looked",
                        at=NOON,
                    )
                    session.add(row)
                    session.flush()
                accepted = (
                    policy is Reliance.ACCEPT_ANY
                    or own
                    or checked_by == made.raa_id
                    or (policy is Reliance.ACCEPT_LEAD and checked_by == made.lead_id)
                )
                assert _codes(session, made, made.raa_id) == ([] if accepted else [WAITS]), (policy, checked_by, own)
                assert _codes(session, made, made.other_raa_id) == _codes(session, made, None) == []
                for relied in Relied:
                    lines = agency_reliance(session, made.commissioner, None, relied=relied).lines
                    assert all(line.relied is relied for line in lines)
                    if relied is Relied.YES:
                        assert accepted is (item_id in {line.item_id for line in lines})
                if own:
                    session.delete(row)
            session.flush()


@pytest.mark.row("3.6")
@pytest.mark.row("4.9")
def test_the_reason_names_the_agency_and_since_when_and_its_own_check_mends_it(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.OWN_CHECK)
        brief = factories.brief(session, made, published_at=NOON)
    page = client_for(made.owner_a).get(f"/opportunities/{brief}").text
    words = f"Test agency checks this itself, and that check is awaited since {NOON.day} {NOON:%B %Y}"
    assert words in page
    assert f"/providers/{made.provider_a}/relied-on" in page
    with db.write() as session:
        _check_ourselves(session, made, made.commissioner)
        assert _codes(session, made, made.raa_id) == []
    assert words not in client_for(made.owner_a).get(f"/opportunities/{brief}").text


@pytest.mark.row("3.6", "3.9")
def test_a_renewal_takes_nothing_away_while_the_agency_has_not_checked_it(db: Database, made: factories.World) -> None:
    """The older item that the agency has checked counts as long as it is in date, then the newer one must be checked."""
    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.OWN_CHECK)
        _check_ourselves(session, made, made.commissioner)
        old = _item(session, made)
        newer = EvidenceItem(
            provider_id=made.provider_a, kind_slug=old.kind_slug, added_at=NOON, added_by=made.owner_a.known
        )
        newer.submitted_at, newer.starts_on, newer.expires_on = NOON, TODAY, TODAY + timedelta(days=365)
        session.add(newer)
        session.flush()
        session.add(
            Verification(
                item_id=newer.id,
                checker_id=made.checker.known,
                checker_organisation_id=made.lead_id,
                outcome=Outcome.VERIFIED,
                at=NOON,
            )
        )
        old.replaced_by_id = newer.id
        session.flush()
        assert _codes(session, made, made.raa_id) == []
        old.expires_on = TODAY - timedelta(days=1)
        session.flush()
        assert _codes(session, made, made.raa_id) == [WAITS]
        assert _codes(session, made, None) == []
        old.expires_on = TODAY
        newer.cover_pence = 1
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.ACCEPT_ANY)
        assert [piece.cover_pence for piece in _pieces(session, made)] == [1], "accepted, the newer alone counts"


@pytest.mark.row("3.6", "3.8")
def test_a_certificate_in_whose_place_a_new_one_is_needed_is_relied_on_by_nobody(
    db: Database, made: factories.World
) -> None:
    """Under every policy; the SQL twin that filters agrees with what a line says."""
    with db.write() as session:
        item = _item(session, made)
        item.needs_new_at = NOON
        for policy in Reliance:
            commands.set_reliance(session, made.commissioner, made.raa_id, None, policy)
            for relied in Relied:
                lines = agency_reliance(session, made.commissioner, None, relied=relied).lines
                assert (item.id in {line.item_id for line in lines}) is (relied is Relied.NOT_CURRENT), (policy, relied)


def _pieces(session: Session, made: factories.World) -> list[Piece]:
    item = _item_kinds(session, made)
    found = pieces(session, [made.provider_a], item, TODAY, reader(made.raa_id, NOON))
    return [piece for of_kind in found[made.provider_a].values() for piece in of_kind]


def _item_kinds(session: Session, made: factories.World) -> list[str]:
    return list(session.exec(select(EvidenceItem.kind_slug).where(EvidenceItem.provider_id == made.provider_a)))


@pytest.mark.row("3.6")
def test_who_waits_for_an_own_check_is_not_invited(db: Database, made: factories.World) -> None:
    def invitable(session: Session) -> dict[str, bool]:
        where = {"lot_id": made.lots[0], "region_id": made.regions[0]}
        return {one.provider_name: not one.reasons for one in members(session, **where, at=NOON, agency_id=made.raa_id)}

    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.OWN_CHECK)
        assert invitable(session) == {"Alder Therapy": False, "Birch Therapy": False}
        _check_ourselves(session, made, made.commissioner)
        assert invitable(session) == {"Alder Therapy": True, "Birch Therapy": False}
        shown = framework_members(session, made.commissioner, made.framework_id, None).members
        assert {one.state for one in shown if one.provider_name == "Birch Therapy"} == {State.CONDITIONAL}
        led = framework_members(session, made.lead, made.framework_id, None).members
        assert {one.state for one in led} == {State.ACTIVE}, "the framework's lead sees what holds for everybody"


@pytest.mark.row("3.6")
def test_a_policy_counts_from_the_next_brief_and_changes_no_competition_under_way(
    db: Database, made: factories.World, clock: Clock
) -> None:
    def reasons(session: Session, brief_id: UUID) -> list[str]:
        brief = session.get_one(Brief, brief_id)
        return [one.code for one in not_eligible(session, brief, made.provider_a, clock.moment)]

    with db.write() as session:
        before = factories.brief(session, made, published_at=NOON)
    clock.forward(hours=1)
    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.OWN_CHECK)
        strict = factories.brief(session, made, published_at=clock.moment)
    clock.forward(hours=1)
    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.ACCEPT_ANY)
        after = factories.brief(session, made, published_at=clock.moment)
        assert [reasons(session, one) for one in (before, strict, after)] == [[], [WAITS], []]


@pytest.mark.row("3.6")
def test_a_named_practitioners_evidence_waits_for_the_agencys_check_too(db: Database, made: factories.World) -> None:
    with db.write() as session:
        factories.requirement(session, made.lots[0], {"kind": "fmc"}, holder="person")
        person = session.exec(select(Practitioner).where(Practitioner.provider_id == made.provider_a)).one()
        item_id = factories.verified_evidence(
            session, made.provider_a, made.checker, kind="fmc", practitioner_id=person.id
        )
        brief = session.get_one(Brief, factories.brief(session, made, published_at=NOON))
        bid = session.get_one(Bid, start_bid(session, made.owner_a, brief.id, made.provider_a))
        letter = Letter(practitioner=person.full_name)
        people = practitioners(session, made.provider_a)

        def against() -> Refusal | None:
            own = eligible_of(session, brief, (made.provider_a,), NOON)[made.provider_a]
            return against_named(letter, people, own, bid)

        assert against() is None
        commands.set_reliance(session, made.commissioner, made.raa_id, "fmc", Reliance.OWN_CHECK)
        refusal = against()
        assert refusal is not None
        assert refusal.words.startswith(
            "Fmc of Therapist of Alder Therapy waits for one more check: Test agency checks"
        )
        commands.check_ourselves(
            session,
            made.commissioner,
            made.raa_id,
            item_id,
            how="Saw the register",
            ticks=factories.ticked(session, item_id),
        )
        assert against() is None


@pytest.mark.bar("P6")
def test_policies_cost_no_statement_whatever_they_say(db: Database, made: factories.World) -> None:
    def asked(agency_id: UUID | None) -> int:
        with db.read() as session, statements(db) as sent:
            _codes(session, made, agency_id)
        return len(sent)

    without = asked(None)
    assert asked(made.raa_id) == without
    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.OWN_CHECK)
        commands.set_reliance(session, made.commissioner, made.raa_id, factories.INSURANCE, Reliance.ACCEPT_LEAD)
    assert asked(made.raa_id) == without


@pytest.mark.row("3.6")
def test_own_checks_wanted_come_to_the_agencys_lookers_the_longest_wait_first(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.OWN_CHECK)
        row = session.exec(select(Verification).where(Verification.item_id == _item(session, made).id)).one()
        row.at = NOON + timedelta(hours=1)
        checker = factories.seated(session, made.raa_id, Role.CHECKER, name="Chip Checker")
    with db.read() as session:
        agency, lines = own_checks(session, checker, None, Role.CHECKER, at=NOON)
        assert (agency.name, [line.provider_name for line in lines]) == (
            "Test agency",
            ["Birch Therapy", "Alder Therapy"],
        )
        assert {line.since for line in lines} == {TODAY}
        assert own_checks(session, made.other_commissioner, None, at=NOON)[1] == []
    client = client_for(checker)
    assert "Add your own check" in client.get("/").text
    assert "/own-checks" in client.get("/checks").text
    assert "Birch Therapy" in client.get("/own-checks").text
    assert "/own-checks" not in client_for(made.checker).get("/checks").text
    for actor, status in ((made.chair, 404), (made.owner_a, 404), (made.other_commissioner, 404)):
        assert client_for(actor).get(f"/own-checks?agency={made.raa_id}").status_code == status


@pytest.mark.row("3.6")
def test_the_provider_sees_every_fact_with_who_relies_and_who_still_wants_its_own_check(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        commands.set_reliance(session, made.commissioner, made.raa_id, None, Reliance.OWN_CHECK)
        name, [one] = all_relied_on(session, made.owner_a, made.provider_a)
        assert (name, [(by.name, by.relied) for by in one.by]) == (
            "Alder Therapy",
            [("Test agency", Relied.OWN_CHECK_MISSING)],
        )
    client, here = client_for(made.owner_a), f"/providers/{made.provider_a}/relied-on"
    assert "Wants its own check" in client.get(here).text
    with db.write() as session:
        _check_ourselves(session, made, made.commissioner)
    text = client.get(here).text
    assert "Wants its own check" not in text
    assert "It has looked itself" in text
    assert client_for(made.owner_b).get(here).status_code == 404


@pytest.mark.row("3.9")
def test_an_older_version_stays_readable_to_whoever_relied_on_it_and_to_nobody_else(
    db: Database, made: factories.World, clock: Clock, client_for: ClientFor
) -> None:
    with db.write() as session:
        old = _item(session, made)
        newer = factories.verified_evidence(session, made.provider_a, made.checker, expires_on=date(2028, 1, 1))
        old.replaced_by_id = newer
        session.flush()
        before, after = (fact(session, made.commissioner, made.raa_id, one) for one in (old.id, newer))
        assert (before.wanted, after.older_id, after.item.replaced_by_id) == (False, old.id, None)
        old_id = old.id
    assert f"/facts/{newer}" in client_for(made.commissioner).get(f"/agencies/{made.raa_id}/facts/{old_id}").text
    for actor, agency in ((made.other_commissioner, made.other_raa_id), (made.owner_a, made.raa_id)):
        assert client_for(actor).get(f"/agencies/{agency}/facts/{old_id}").status_code == 404


@pytest.mark.bar("P6")
def test_reliance_is_filtered_and_shown_page_by_page(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    with db.write() as session:
        for number in range(PAGE):
            provider_id = factories.provider(session, f"Cedar {number:02}")
            factories.verified_evidence(
                session, provider_id, made.checker, expires_on=TODAY - timedelta(days=1) if number == 0 else None
            )
            factories.membership(
                session, provider_id, made.framework_id, made.lots[0], made.regions[0], made.lead.known
            )
        told, after = [], None
        while after or not told:
            found = agency_reliance(session, made.commissioner, None, after=after)
            assert (found.begins, len(found.lines)) == (after is None, MEMBERS if found.last else 2)
            told += [line.provider_name for line in found.lines]
            after = found.last
        assert told == ["Alder Therapy", "Birch Therapy", *(f"Cedar {number:02}" for number in range(PAGE))]
        lapsed = agency_reliance(session, made.commissioner, None, relied=Relied.NOT_CURRENT)
        assert [line.provider_name for line in lapsed.lines] == ["Cedar 00"]
        one = agency_reliance(session, made.commissioner, None, provider="birch")
        assert {line.provider_name for line in one.lines} == {"Birch Therapy"}
        assert agency_reliance(session, made.commissioner, None, kind="another").lines == ()
        first = framework_members(session, made.lead, made.framework_id, None)
        second = framework_members(session, made.lead, made.framework_id, None, after=first.last)
        listed = [(one.region, one.provider_name) for page in (first, second) for one in page.members]
        assert listed == sorted(listed) and len(set(listed)) == PAGE + 4
        assert [(page.begins, page.last is None) for page in (first, second)] == [(True, False), (False, True)]
    client = client_for(made.commissioner)
    assert "Next page" in client.get("/reliance").text
    narrowed = client.get("/reliance?standing=not+current").text
    assert ("Cedar 00" in narrowed, "Cedar 01</th>" in narrowed) == (True, False)
    assert "Nothing here matches" in client.get("/reliance?kind=nothing").text
    assert "First page" in client.get(f"/frameworks/{made.framework_id}/members?after={first.last}").text
