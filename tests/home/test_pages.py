"""The first page of each kind of person, and the pages everybody may read."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.applications.commands import start_application
from app.awards.commands.award import approve_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.bids.commands import start_bid
from app.core.actor import NOBODY, Actor
from app.core.database import Database
from app.evidence.models import Document, EvidenceItem, Verification
from app.evidence.rules import Outcome
from app.evidence.rules.registration import ASKED_FIRST
from app.home.queries.today import today
from app.memberships.models import Capacity, ChangeNotice, Membership
from app.organisations.commands import ask_to_join
from app.organisations.rules import OrganisationKind, Role
from app.providers import reference
from app.providers.commands import invite_member, start_consortium
from app.providers.models import Practitioner, ProfessionalRegistration, Provider, Therapy
from tests import NOON, factories
from tests.awards.stage import CLOSES, DRAIN, SECRET, written
from tests.conftest import ClientFor, Clock
from tests.databases import statements
from tests.sealing import approve_opening


def _page(client_for: ClientFor, actor: Actor, path: str = "/") -> BeautifulSoup:
    answer = client_for(actor).get(path)
    assert answer.status_code == 200
    page = BeautifulSoup(answer.text, "html.parser")
    assert len(page.select("h1")) == 1
    return page


def _todos(client_for: ClientFor, actor: Actor) -> list[tuple[str, str]]:
    return [(link.text, str(link["href"])) for link in _page(client_for, actor).select(".portal-todos a")]


def _figures(db: Database, actor: Actor) -> list[tuple[int, str, str]]:
    with db.read() as session:
        return [(one.count, one.words, one.href) for one in today(session, actor).figures]


def _words(client_for: ClientFor, actor: Actor) -> list[str]:
    return [words for words, _ in _todos(client_for, actor)]


@pytest.mark.parametrize("path", ["/", "/about", "/accessibility", "/privacy"])
def test_anybody_reads_the_front_pages(client_for: ClientFor, path: str) -> None:
    page = _page(client_for, NOBODY, path)
    assert "signed in" not in page.select_one("h1").text  # type: ignore[union-attr]


def test_the_front_page_leads_to_the_doors(client_for: ClientFor) -> None:
    page = _page(client_for, NOBODY)
    assert [str(link["href"]) for link in page.select(".portal-front a")] == ["/sign-in", "/register"]
    assert len(page.select(".portal-how > li")) == 3


def test_somebody_without_a_seat_learns_how_to_get_one(db: Database, client_for: ClientFor) -> None:
    with db.write() as session:
        person = factories.person(session, "Nell New")
        actor = Actor(person.id, person.name, person.email)
    page = _page(client_for, actor)
    assert page.select_one('main a[href="/providers/register"]')
    assert not page.select(".portal-todos")


@pytest.mark.row("1.5", "1.7", "1.11")
def test_what_others_ask_and_what_has_gone_stale_is_said(db: Database, clock: Clock, client_for: ClientFor) -> None:
    with db.write() as session:
        made = factories.world(session)
        person = factories.person(session, "Jo Joiner")
        asker = Actor(person.id, person.name, person.email)
        ask_to_join(session, asker, [made.provider_a], words="I write your bids")
        consortium = start_consortium(session, made.owner_b, made.provider_b, name="The Two Trees")
        invite_member(session, made.owner_b, consortium, known_as="Alder Therapy")
        membership = session.exec(select(Membership.id).where(Membership.provider_id == made.provider_a)).first()
        reference.load(session)
        therapy = session.exec(select(Therapy.slug)).first()
        session.add(
            Capacity(
                membership_id=membership,
                therapy_slug=therapy,
                places=2,
                waiting_weeks=3,
                as_of=NOON,
                said_by=made.owner_a.known,
            )
        )
    asked = [f"/organisations/{made.provider_a}", f"/consortia/{consortium}"]
    assert sorted(href for _, href in _todos(client_for, made.owner_a)) == sorted(asked)
    clock.forward(days=28)
    assert sorted(href for _, href in _todos(client_for, made.owner_a)) == sorted([*asked, "/capacity"])
    assert "Answer Jo Joiner, who asks to join" in _words(client_for, made.owner_a)


@pytest.mark.row("14.3")
def test_a_provider_sees_what_it_can_bid_for_and_what_to_finish(
    db: Database, clock: Clock, client_for: ClientFor
) -> None:
    with db.write() as session:
        made = factories.world(session)
        brief_id = factories.brief(session, made)
        bid_id = start_bid(session, made.owner_a, brief_id, made.provider_a)
    assert _todos(client_for, made.owner_a) == [("Finish and submit your sealed bid", f"/bids/{bid_id}")]
    assert [href for _, href in _todos(client_for, made.owner_b)] == [f"/opportunities/{brief_id}"]


@pytest.mark.row("14.3")
def test_a_restricted_provider_is_told_so_and_asked_for_no_bid(
    db: Database, clock: Clock, client_for: ClientFor
) -> None:
    with db.write() as session:
        made = factories.world(session)
        factories.brief(session, made)
        bid_id = start_bid(session, made.owner_a, factories.brief(session, made), made.provider_a)
        factories.restricted(session, made, made.provider_a)
    page = f"/providers/{made.provider_a}/restriction"
    assert [href for _, href in _todos(client_for, made.owner_a)] == [page]
    for path in ("/opportunities", f"/bids/{bid_id}"):
        assert len(_page(client_for, made.owner_a, path).select(f'.portal-refusal a[href="{page}"]')) == 1
    assert not _page(client_for, made.owner_b, "/opportunities").select(".portal-refusal")
    assert len(_todos(client_for, made.owner_b)) == 2


def test_a_new_provider_is_shown_its_first_steps_until_it_has_taken_them(
    db: Database, clock: Clock, client_for: ClientFor
) -> None:
    with db.write() as session:
        made = factories.world(session, members=False)
    tasks = f"/providers/{made.provider_a}/tasks"
    assert [href for _, href in _todos(client_for, made.owner_a)] == [tasks, "/frameworks"]
    with db.write() as session:
        provider = session.get_one(Provider, made.provider_a)
        provider.numbers_told_at = NOON
        person = session.exec(select(Practitioner).where(Practitioner.provider_id == made.provider_a)).one()
        person.profession = "Social worker"
    for kind in ASKED_FIRST:
        assert [href for _, href in _todos(client_for, made.owner_a)] == [tasks, "/frameworks"]
        with db.write() as session:
            factories.verified_evidence(session, made.provider_a, made.checker, kind=kind)
    assert [href for _, href in _todos(client_for, made.owner_a)] == ["/frameworks"]
    assert client_for(made.owner_a).get(f"/providers/{made.provider_a}").text.count(f'href="{tasks}"') == 1
    with db.write() as session:
        start_application(session, made.owner_a, made.round_id, made.provider_a)
    assert "/frameworks" not in [href for _, href in _todos(client_for, made.owner_a)]


@pytest.mark.row("14.3")
def test_evidence_about_to_lapse_is_told_sixty_days_before(db: Database, clock: Clock, client_for: ClientFor) -> None:
    with db.write() as session:
        made = factories.world(session, members=False)
        for days, reference in ((60, "soon"), (61, "later")):
            kind = factories.evidence_kind(session, f"kind_{reference}")
            expires = (NOON + timedelta(days=days)).date()
            factories.verified_evidence(session, made.provider_a, made.checker, kind=kind, expires_on=expires)
    assert [words for words in _words(client_for, made.owner_a) if "lapses" in words] == [
        "Kind soon lapses soon: supply the new one"
    ]


@pytest.mark.row("14.3")
def test_nothing_is_called_missing_that_is_and_whatever_waits_for_the_provider_is_said(
    db: Database, clock: Clock, client_for: ClientFor
) -> None:
    """What is uploaded and not sent, what was refused, an agency's question, and what a person's record alone says."""
    with db.write() as session:
        made = factories.world(session)
        membership = session.exec(select(Membership).where(Membership.provider_id == made.provider_a)).first()
        assert membership
        evidence_awaits = factories.evidence_kind(session, "awaited")
        factories.requirement(session, membership.lot_id, {"kind": evidence_awaits})
        awaited = factories.verified_evidence(session, made.provider_a, made.checker, kind=evidence_awaits)
        session.delete(session.exec(select(Verification).where(Verification.item_id == awaited)).one())
    page = _page(client_for, made.owner_a)
    assert "Nothing is missing" not in page.text
    assert "Nothing here waits for you, but 2 memberships are not active yet." in page.text
    with db.write() as session:
        unsent, refused, asked = (
            factories.verified_evidence(session, made.provider_a, made.checker, kind=kind, expires_on=None)
            for kind in ("unsent", "refused", "asked")
        )
        session.delete(session.exec(select(Verification).where(Verification.item_id == unsent)).one())
        session.get_one(EvidenceItem, unsent).submitted_at = None
        decision = session.exec(select(Verification).where(Verification.item_id == refused)).one()
        decision.outcome, decision.confirmed_by = Outcome.REFUSED, made.lead.known
        decision.reason_code, decision.fix = "not_genuine", "The insurer does not know it."
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
        for days in (-1, 30):
            expires = (NOON + timedelta(days=days)).date()
            row = ProfessionalRegistration(practitioner_id=person, number="SW1", expires_on=expires, added_at=NOON)
            session.add(row)
        notice = ChangeNotice(
            organisation_id=made.raa_id,
            provider_id=made.provider_a,
            item_id=asked,
            change="expired",
            at=NOON,
            answer="asked",
            answered_at=NOON,
            answered_by=made.commissioner.known,
            question="Is the cover for each claim?",
        )
        session.add(notice)
    expiries, others = f"/providers/{made.provider_a}/expiries", f"/evidence/{asked}/relied-on"
    told = [href for _, href in _todos(client_for, made.owner_a)]
    assert sorted(told) == sorted([f"/evidence/{refused}", others, expiries, expiries])
    assert _figures(db, made.owner_a) == [(2, "reminders of what has ended or ends soon", expiries)], (
        "it blocks nothing"
    )
    with db.write() as session:
        document = Document(
            item_id=unsent,
            blob_key="k",
            sha256="0" * 64,
            size=1,
            media_type="application/pdf",
            file_name="a.pdf",
            uploaded_at=NOON,
            uploaded_by=made.owner_a.known,
        )
        session.add(document)
    assert ("Unsent is uploaded but not sent: send it for checking", f"/evidence/{unsent}") in _todos(
        client_for, made.owner_a
    )
    assert "Uploaded, not sent yet" in client_for(made.owner_a).get(f"/evidence/{unsent}").text
    assert _words(client_for, made.owner_b) == ["Awaited is missing."]
    assert _figures(db, made.owner_b) == [(1, "to put right before you can be invited or win", "/memberships")]
    with db.write() as session:
        factories.requirement(session, membership.lot_id, {"kind": "asked"})
    answered = client_for(made.owner_a).get(others).text
    assert f"mailto:{made.commissioner.email}" in answered


@pytest.mark.row("14.3")
def test_each_person_of_an_agency_is_asked_for_their_part(db: Database, clock: Clock, client_for: ClientFor) -> None:
    on = written(db, clock)
    made = on.made
    assert _words(client_for, made.chair) == ["Choose the assessors"]
    with db.write() as session:
        for assessor in (made.assessor, made.assessor_two):
            add_assessor(session, made.chair, on.brief_id, assessor.known)
    assert _words(client_for, made.assessor) == ["Declare your interests"]
    with db.write() as session:
        for assessor in (made.assessor, made.assessor_two):
            declare_interests(session, assessor, on.brief_id, {})
    clock.set(CLOSES + DRAIN)
    assert _words(client_for, made.chair) == ["Approve the opening of the bids"]
    assert _words(client_for, made.commissioner) == []
    with db.write() as session:
        approve_opening(session, made.chair, on.brief_id, drain=DRAIN)
    assert _words(client_for, made.commissioner) == ["Open the bids, as the second person"]
    with db.write() as session:
        approve_opening(session, made.commissioner, on.brief_id, drain=DRAIN)
    assert _words(client_for, made.assessor) == ["Score the bids"]
    for assessor in (made.assessor, made.assessor_two):
        on.score(assessor, {"a": 4, "b": 3})
    assert _words(client_for, made.commissioner) == ["Propose an award: all scores are in"]
    assert _words(client_for, made.assessor) == []


@pytest.mark.row("14.3")
def test_an_approver_decides_and_then_a_bidder_has_a_letter(db: Database, clock: Clock, client_for: ClientFor) -> None:
    on = written(db, clock).proposed()
    assert _words(client_for, on.made.approver) == ["Decide on the proposed award"]
    assert "Read your outcome letter" not in _words(client_for, on.made.owner_a)
    with db.write() as session:
        approve_award(session, on.made.approver, on.brief_id, secret=SECRET)
    assert "Read your outcome letter" in _words(client_for, on.made.owner_a)
    assert _words(client_for, on.made.approver) == []


@pytest.mark.invariant(10)
def test_another_agency_is_asked_for_nothing(db: Database, clock: Clock, client_for: ClientFor) -> None:
    on = written(db, clock).proposed()
    assert _todos(client_for, on.made.other_commissioner) == []
    page = _page(client_for, on.made.other_commissioner)
    assert "Therapy for two siblings" not in page.text and not page.select(".portal-figures")


def test_the_list_takes_as_many_queries_for_many_rows_as_for_one(db: Database, clock: Clock) -> None:
    counts = []
    with db.write() as session:
        made = factories.world(session)
        factories.brief(session, made)
        roles = (Role.COMMISSIONER, Role.APPROVER, Role.CHAIR, Role.ASSESSOR)
        lead_id = factories.organisation(session, OrganisationKind.LEAD, "Second hub")
        people = [
            factories.seated(session, made.raa_id, *roles),
            factories.seated(session, made.provider_a, Role.OWNER),
        ]
        people.append(factories.seated(session, lead_id, Role.CHECKER, Role.FRAMEWORK_LEAD))
        everybody = Actor(people[0].person_id, "Eve Everybody", "", tuple(seat for who in people for seat in who.seats))
    for _ in range(2):
        with statements(db) as seen, db.read() as session:
            today(session, everybody)
        counts.append(len(seen))
        with db.write() as session:
            for _ in range(10):
                factories.brief(session, made)
    assert counts[0] == counts[1] < 40
