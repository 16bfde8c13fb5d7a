"""The demonstration is whole, true to its rooms' rules, the same at every filling, and never in anybody's way."""

import json
from collections import Counter
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session, col, func, select

from app.accounts import queries as accounts
from app.accounts.models import Person
from app.accounts.passwords import matches
from app.applications.models import Application, ApplicationAnswer, ApplicationLot
from app.awards.models import Award, BriefAssessor, OutcomeLetter
from app.bids.models import Bid, BidReceipt
from app.briefs.identity import identifying
from app.briefs.models import Brief
from app.briefs.queries import phase_of
from app.core import audit
from app.core.audit import AuditEvent
from app.core.blobs import Blobs, find
from app.core.database import Database
from app.core.london import london_day
from app.core.mail import OutboxMessage
from app.demo import PASSWORD, fill, personas
from app.evidence.check_models import RefusalProposal, RegisterCheck
from app.evidence.models import Document, EvidenceItem, Verification
from app.evidence.rules import working_days
from app.frameworks.calling_off.models import Accession
from app.frameworks.models import CallOffBody, Framework, Lot, Region, RegionAuthority
from app.memberships.models import Membership
from app.memberships.queries import members
from app.memberships.terms import Variation, VariationAnswer
from app.organisations.models import Organisation
from app.organisations.queries import contacts_of
from app.organisations.rules import Role
from app.providers.models import Practitioner
from app.settings import Settings
from app.work import renderer
from tests import NOON, factories
from tests.conftest import Clock
from tests.demo.conftest import Demonstration, load_reference, settings_in

pytestmark = [pytest.mark.walk, pytest.mark.timeout(300)]  # the first test waits for a whole filling


def test_filling_again_changes_nothing(demonstration: Demonstration) -> None:
    def events() -> int:
        with demonstration.database.read() as session:
            return session.exec(select(func.count()).select_from(AuditEvent)).one()

    before = events()
    assert fill(demonstration.database, demonstration.blobs, demonstration.config) is False
    assert events() == before > 900


def test_a_service_in_use_is_left_as_it_is(db: Database, blobs: Blobs, config: Settings) -> None:
    with db.write() as session:
        factories.person(session, "A first user")
    assert fill(db, blobs, config) is False
    with db.read() as session:
        assert session.exec(select(Person.name)).all() == ["A first user"]


def test_a_filling_that_breaks_off_leaves_nothing_behind(
    db: Database, blobs: Blobs, config: Settings, clock: Clock
) -> None:
    with pytest.raises(NoResultFound):  # without the reference data there is nothing to fill from
        fill(db, blobs, config)
    with db.read() as session:
        assert session.exec(select(Person.id)).all() == []
        assert session.exec(select(AuditEvent.id)).all() == []


@pytest.mark.invariant(12)
def test_the_chain_verifies_and_reads_in_order_of_time(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        assert list(audit.verify(session)) == []
        trail = list(session.exec(select(AuditEvent).order_by(col(AuditEvent.position))))
    told = [event.at for event in trail if event.name != "organisation.directory_loaded"]
    assert told == sorted(told)
    assert told[-1] < NOON
    assert all(audit.sentence(event) for event in trail)


def test_every_message_reads_well_and_goes_to_an_invented_address(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        messages = list(session.exec(select(OutboxMessage)))
    assert len({message.template for message in messages}) >= 12
    render = renderer(demonstration.config)
    for message in messages:
        subject, body = render(message.template, message.context)
        assert subject and len(subject) < 120, message.template
        assert body.strip() and "None" not in body, message.template
        assert message.to_address.endswith(".example")


def test_briefs_stand_at_every_stage(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        stages = Counter(str(phase_of(brief, NOON)) for brief in session.exec(select(Brief)))
        closes = [b.closes_at for b in session.exec(select(Brief)) if phase_of(b, NOON) == "open"]
        proposed = session.exec(
            select(Brief.title).join(Award, col(Award.brief_id) == Brief.id).where(col(Award.approved_at).is_(None))
        ).all()
    assert stages == {"draft": 4, "open": 3, "closed": 1, "opened": 2, "awarded": 2, "cancelled": 1}
    minutes = sorted((moment - NOON).total_seconds() / 60 for moment in closes)
    assert 11 < minutes[0] < 15
    assert minutes[1] // (24 * 60) == 9
    assert proposed == ["Dyadic therapy for a child who trusts nobody yet"]


def test_one_brief_is_being_assessed_by_one_who_has_finished_and_one_with_an_interest(
    demonstration: Demonstration,
) -> None:
    with demonstration.database.read() as session:
        rows = session.exec(
            select(Person.name, BriefAssessor.submitted_at)
            .join(BriefAssessor, col(BriefAssessor.person_id) == Person.id)
            .join(Brief, col(Brief.id) == BriefAssessor.brief_id)
            .where(Brief.title == "Help for a family living with a child's violence")
            .order_by(Person.name)
        ).all()
    assert [(name, bool(submitted)) for name, submitted in rows] == [
        ("Bethan Pryce-Jones", False),
        ("Farid Hosseini", True),
        ("Tomasz Wilk", True),
    ]


def test_every_bidder_of_an_awarded_brief_has_a_letter(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        letters = session.exec(
            select(Organisation.name, OutcomeLetter.outcome)
            .join(OutcomeLetter, col(OutcomeLetter.provider_id) == Organisation.id)
            .order_by(Organisation.name)
        ).all()
    assert letters == [
        ("Bramblegate Family Mediation", "successful"),
        ("Lanternhouse Adoption", "unsuccessful"),
        ("Quillfeather Creative Therapies", "unsuccessful"),
        ("Thistlewood Play Therapy", "successful"),
    ]


def test_bids_are_sealed_drafts_or_have_a_receipt(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        states = Counter(session.exec(select(Bid.state)))
        receipts = session.exec(select(func.count()).select_from(BidReceipt)).one()
    assert states == {"draft": 1, "submitted": receipts}


def test_the_checkers_queue_has_ages_and_the_oldest_is_late(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        sent = session.exec(
            select(EvidenceItem.submitted_at)
            .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
            .where(col(EvidenceItem.submitted_at).is_not(None), col(Verification.id).is_(None))
            .order_by(col(EvidenceItem.submitted_at))
        ).all()
        returned = session.exec(select(Verification.reason_code).where(Verification.outcome == "returned")).all()
    today = london_day(NOON)
    assert [working_days(london_day(moment), today) for moment in sent if moment] == [13, 8, 6, 3, 2, 1]
    assert returned == ["facts_differ"]


def test_one_insurance_has_lapsed_two_people_suspended_one_and_two_agreements_are_not_complete(
    demonstration: Demonstration,
) -> None:
    with demonstration.database.read() as session:
        places = session.exec(select(Membership.lot_id, Membership.region_id).distinct()).all()
        found = [
            member
            for lot, region in places
            for member in members(session, lot_id=lot, region_id=region, at=NOON, agency_id=None)
        ]
    assert {(m.provider_name, r.code) for m in found for r in m.reasons} == {
        ("Merrowvale Breaks", "on_hold"),
        ("Pennywhistle Music Therapy", "not_countersigned"),
        ("Wickerwold Trauma Practice", "evidence_expired"),
        ("Tansy and Teasel Training", "provider_restricted"),
    }
    assert len(found) == 50


def test_one_application_waits_whole_one_was_refused_in_part_and_one_is_written(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        submitted = select(ApplicationLot.decision).join(Application).where(col(Application.submitted_at).is_not(None))
        decisions = Counter(session.exec(submitted))
        (written,) = session.exec(select(Application).where(col(Application.submitted_at).is_(None))).all()
        carried = select(ApplicationAnswer).where(ApplicationAnswer.application_id == written.id)
        assert [answer.confirmed_at for answer in session.exec(carried)] == [None]
        refused = session.exec(select(ApplicationLot).where(ApplicationLot.decision == "refused")).all()
    assert decisions == {"accepted": 50, None: 20, "refused": 2}
    assert all(part.reason and part.proposed_by != part.decided_by for part in refused)


def test_yorkshire_and_humber_is_three_agencies_and_fifteen_authorities(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        framework = session.exec(select(Framework).where(Framework.slug == "yorkshire")).one()
        agencies = _count(session, CallOffBody, framework)
        authorities = session.exec(
            select(func.count())
            .select_from(RegionAuthority)
            .join(Region, col(Region.id) == RegionAuthority.region_id)
            .where(Region.framework_id == framework.id)
        ).one()
        lots = _count(session, Lot, framework)
    assert (agencies, authorities, lots) == (3, 15, 5)


def test_members_of_yorkshire_are_asked_about_a_new_version_and_two_have_answered(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        answers = session.exec(select(VariationAnswer.agrees)).all()
        [version] = session.exec(select(Variation)).all()
    assert (sorted(answers), version.approved_at is not None) == ([False, True], True)
    assert version.answer_by > NOON.date()


def test_call_off_lists_have_a_past_and_something_to_confirm(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        times = session.exec(
            select(Organisation.slug, CallOffBody.entitled_to)
            .join(CallOffBody, col(CallOffBody.organisation_id) == Organisation.id)
            .join(Framework, col(Framework.id) == CallOffBody.framework_id)
            .where(Framework.slug == "essex")
        ).all()
        waiting = session.exec(select(Accession).where(col(Accession.confirmed_at).is_(None))).all()
        parties = {brief.contracting_id is not None for brief in session.exec(select(Brief)) if brief.published_at}
    assert {slug: ended is not None for slug, ended in times} == {
        "adopt-east": False,
        "thurrock": False,
        "southend-on-sea": True,
    }
    assert len(waiting) == 1
    assert parties == {True}


def _count(session: Session, table: type[CallOffBody] | type[Lot], framework: Framework) -> int:
    return session.exec(select(func.count()).select_from(table).where(table.framework_id == framework.id)).one()


def test_essex_is_the_five_lots_of_its_specification(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        lots = session.exec(
            select(Lot.name)
            .join(Framework, col(Framework.id) == Lot.framework_id)
            .where(Framework.slug == "essex")
            .order_by(col(Lot.number))
        ).all()
    assert lots == ["Training", "Specialist assessments", "Mediation", "Therapeutic interventions", "Short breaks"]


def test_no_brief_says_who_a_child_is(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        briefs = list(session.exec(select(Brief)))
    assert [found for b in briefs for text in (b.title, b.need, b.outcomes) for found in identifying(text)] == []


def test_every_document_opens_and_says_that_it_is_a_specimen(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        documents = session.exec(select(Document.blob_key, Document.size, Document.scan_state)).all()
    assert len(documents) > 80
    for key, size, scan_state in documents:
        with demonstration.database.read() as session:
            content = b"".join(demonstration.blobs.read(find(session, key)))
        assert (len(content), scan_state) == (size, "clean")
        with pikepdf.open(BytesIO(content)) as file:
            assert str(file.docinfo["/Title"])
            assert "not a real document" in str(file.docinfo["/Keywords"])


def test_personas_are_introduced_and_open_with_the_one_password(demonstration: Demonstration) -> None:
    people = personas(demonstration.database)
    assert len(people) == 21
    assert people[0][:2] == ("Marnie Thistlewood", "marnie@thistlewood.example")
    assert people[0][2].startswith("Sole play therapist")
    with demonstration.database.read() as session:
        assert list(accounts.personas(session)) == ["Providers", "Agencies", "Framework hub", "The service"]
        marnie = session.exec(select(Person).where(Person.email == people[0][1])).one()
        agency = session.exec(select(Organisation.id).where(Organisation.slug == "one-adoption-west-yorkshire")).one()
        approvers = {one.name for one in contacts_of(session, [agency], Role.APPROVER)}
    assert len(approvers) == 2 and approvers <= {name for name, _, _ in people}, "a brief that needs two can be shown"
    assert matches(marnie.password_hash, PASSWORD)


def test_the_story_is_the_same_at_every_filling(
    demonstration: Demonstration, db: Database, clock: Clock, tmp_path: Path
) -> None:
    load_reference(db)
    assert fill(db, Blobs(settings_in(tmp_path).blob_url, settings_in(tmp_path).document_keys), settings_in(tmp_path))
    assert _told(db) == _told(demonstration.database)


def _told(database: Database) -> dict[str, list[str]]:
    """All that has no id in it: names, titles, moments, numbers, and the digests of files."""
    with database.read() as session:
        return {
            "people": sorted(session.exec(select(Person.email))),
            "organisations": sorted(session.exec(select(Organisation.name))),
            "practitioners": sorted(session.exec(select(Practitioner.full_name))),
            "evidence": sorted(
                f"{i.kind_slug} {i.reference} {i.expires_on}" for i in session.exec(select(EvidenceItem))
            ),
            "files": sorted(session.exec(select(Document.sha256))),
            "briefs": sorted(f"{b.title} {b.closes_at:%c}" for b in session.exec(select(Brief))),
            "letters": sorted(json.dumps(content["own"]) for content in session.exec(select(OutcomeLetter.content))),
            "events": list(session.exec(select(AuditEvent.name).order_by(col(AuditEvent.position)))),
        }


def test_a_refusal_waits_for_a_second_checker_and_a_rating_for_its_lead(demonstration: Demonstration) -> None:
    with demonstration.database.read() as session:
        doubted = session.exec(
            select(Organisation.name)
            .join(EvidenceItem, col(EvidenceItem.provider_id) == Organisation.id)
            .join(RefusalProposal, col(RefusalProposal.item_id) == EvidenceItem.id)
            .where(col(RefusalProposal.settled_at).is_(None))
        ).all()
        rated = session.exec(select(EvidenceItem.rating).where(EvidenceItem.kind_slug == "ofsted_asa")).all()
        looks = session.exec(select(RegisterCheck.result)).all()
    assert doubted == ["Cobblecroft Family Centre"]
    assert sorted(rating or "" for rating in rated) == ["good", "requires_improvement"]
    assert set(looks) == {"matches"}
    assert len(looks) > 10
