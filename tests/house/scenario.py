"""One of everything: a world in which every door of the house has something to show, made through the house's own commands."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from app.accounts.models import OneTimeLink, SignInSession
from app.accounts.rules import LinkKind
from app.applications import commands as applications
from app.applications.models import Application, ApplicationLot
from app.applications.scoring import commands as scoring
from app.applications.scoring.models import RoundAssessor
from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import approve_award, propose_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.awards.models import BriefAssessor, OutcomeLetter
from app.awards.rules import LetterOutcome
from app.bids import commands as bids
from app.bids.library.commands import keep_answer
from app.bids.models import Bid, LibraryAnswer
from app.bids.queries import letter_in_hand
from app.bids.rules import Letter
from app.briefs.alerts.commands import save_alert
from app.briefs.alerts.rules import Often
from app.briefs.calendar.commands import make_calendar
from app.briefs.models import Brief, BriefCriterion
from app.clarifications import commands as clarifications
from app.clarifications.queries import of_members_brief, of_round
from app.clarifications.rules import Reply
from app.core import clock
from app.core.actor import NOBODY, Actor
from app.core.blobs import Blobs
from app.core.crypto import digest
from app.core.database import Database
from app.core.scoring import Mark
from app.evidence import commands as evidence
from app.evidence.models import EvidenceItem
from app.evidence.news import ItemChanged
from app.evidence.rules import NARROW, ItemFacts, ScanState
from app.evidence.rules.changes import Change, Difference
from app.evidence.rules.dbs import DbsFacts, Level, Workforce
from app.frameworks.calling_off.commands import ask_to_add
from app.frameworks.commands import create_framework
from app.frameworks.models import Question, Round, RoundScope
from app.frameworks.rules import (
    TASKS,
    CallOffFacts,
    CriterionFacts,
    FrameworkFacts,
    Known,
    LotFacts,
    PriceUnit,
    QuestionFacts,
    RegionFacts,
    Service,
)
from app.memberships.commands import note_change
from app.memberships.importing.commands import keep_list
from app.memberships.importing.rules import Line
from app.memberships.models import ChangeNotice, Membership
from app.memberships.restriction.commands import propose_restriction
from app.organisations import commands as organisations
from app.organisations.models import JoinRequest, OrganisationSeat, SeatInvitation
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands as providers
from app.providers.commands import add_site, note_duplicates, start_consortium
from app.providers.models import ConsortiumMember, DuplicateSuggestion, Practitioner
from app.providers.practice_forms import FORMS as PRACTICE_FORMS
from app.providers.rules.duplicates import Traces
from app.providers.rules.importing import Person
from app.providers.rules.sites import SiteFacts
from app.publishing.cards.commands import write_card
from app.publishing.cards.models import PublicCard
from app.settings import Settings
from tests import NOON, factories
from tests.applications.scoring import CODE, SCORED, admits, marked, named, rolls
from tests.conftest import Clock
from tests.sealing import SEAL, approve_opening

PDF = b"%PDF-1.4 a demonstration certificate"


@dataclass(frozen=True)
class Scenario:
    """`actors` by the name a test calls them; `own` gives, for each path parameter, ids that mostly belong to provider A."""

    world: factories.World
    actors: dict[str, Actor]
    objects: dict[str, tuple[UUID | str, ...]]
    open_brief: UUID
    bid_a: UUID
    closed_brief: UUID
    assessed_brief: UUID
    awarded_brief: UUID


def scenario(db: Database, blobs: Blobs, config: Settings, time: Clock, *, draft: bool = True) -> Scenario:
    """Write it whole, with the clock at noon when it is done. Provider A's bid for the open brief is a draft, or not begun.

    A bid not begun has no row; an id that is nowhere stands in for its own.
    """
    secret = config.secret_key
    time.set(NOON - timedelta(days=5))
    with db.write() as session:
        world = factories.world(session)
        actors = _actors(session, world)
    awarded = awarded_brief(db, world, secret, time)
    assessed = _assessed(db, world, secret, time)
    closed = _closed(db, world, secret, time)
    time.set(NOON)
    with db.write() as session:
        open_brief = factories.brief(session, world)
        bid_a = bids.start_bid(session, world.owner_a, open_brief, world.provider_a) if draft else uuid4()
        amendment = factories.amendment(session, world, open_brief)
        any_brief = {"framework_id": None, "region_id": None, "service": "", "often": Often.DAILY}
        alert = save_alert(session, world.owner_a, **any_brief)
        feed = make_calendar(session, world.owner_a)
        unpublished = factories.brief(session, world, published_at=None)
    documents = _documents(db, blobs, world)
    _certificate(db, world)
    _registered(db, world)
    actors["owner of C"], application, part, returned = _application(db, world)
    _scored(db, world, application)
    with db.write() as session:
        asked = _asked(session, world, open_brief)
        answers = _kept(session, world, closed)
        objects = _objects(session, world, actors)
        objects["answer_id"] = answers
        objects["partnership_id"] = (
            factories.partnership(session, closed, world.provider_b, world.provider_a, world.owner_b),
        )
    objects |= {
        "brief_id": (open_brief, unpublished, closed, assessed, awarded),
        "bid_id": (bid_a, *_bids(db, world.provider_a)),
        "document_id": documents,
        "referral_id": _referrals(db, blobs, world, open_brief, awarded),
        "item_id": _items(db, world.provider_a),
        "application_id": (application,),
        "part_id": (part,),
        "amendment_id": (amendment,),
        "alert_id": (alert,),
        "feed": (feed,),
        "returned_id": tuple(returned),
        "section": ("1",),
        "clarification_id": asked,
    }
    return Scenario(world, actors, objects, open_brief, bid_a, closed, assessed, awarded)


def _actors(session: Session, world: factories.World) -> dict[str, Actor]:
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "Test platform")
    return {
        "stranger": NOBODY,
        "nobody in particular": Actor(factories.person(session, "Nora Newcomer").id, "Nora Newcomer", "n@example.org"),
        "owner of A": world.owner_a,
        "reader of A": factories.seated(session, world.provider_a, Role.READ_ONLY, name="Rita Reader"),
        "bidder of A": factories.seated(session, world.provider_a, Role.BIDS, name="Bea Bidder"),
        "documents of A": factories.seated(session, world.provider_a, Role.DOCUMENTS, name="Dot Documents"),
        "owner of B": world.owner_b,
        "commissioner": world.commissioner,
        "approver": world.approver,
        "chair": world.chair,
        "assessor": world.assessor,
        "conflicted assessor": world.assessor_two,
        "framework lead": world.lead,
        "checker": world.checker,
        "other agency": world.other_commissioner,
        "other agency's chair": factories.seated(session, world.other_raa_id, Role.CHAIR, name="Cyd Chair"),
        "other agency's approver": factories.seated(session, world.other_raa_id, Role.APPROVER, name="Abe Approver"),
        "administrator": factories.seated(session, platform, Role.ADMINISTRATOR, name="Adam Administrator"),
        "auditor": factories.seated(session, platform, Role.AUDITOR, name="Audrey Auditor"),
    }


def _asked(session: Session, world: factories.World, brief_id: UUID) -> tuple[UUID, ...]:
    """Provider A asks about the round and the open brief: one question of each waits, one is answered."""
    asker, made = world.owner_a, []
    for place, answering in (
        (of_round(session, asker, world.round_id, NOON), world.lead),
        (of_members_brief(session, asker, brief_id, NOON), world.commissioner),
    ):
        for words in ("May two providers work together on this?", "How long should the first report be?"):
            made.append(clarifications.write_question(session, asker, place, world.provider_a, words, "", ask=True))
        clarifications.accept_question(session, answering, made[-1], "How long should the first report be?")
        clarifications.write_answer(session, answering, made[-1], Reply("Four pages will do."), send=True)
    return tuple(made)


def letter(session: Session, provider_id: UUID, *, price_pence: int = 200_000, words: str = "plainly") -> Letter:
    name = session.exec(select(Practitioner.full_name).where(Practitioner.provider_id == provider_id)).one()
    return Letter(
        approach=f"We would work {words} with the whole family over twenty weeks.",
        experience=f"We have worked {words} with forty adoptive families.",
        practitioner=name,
        price_pence=price_pence,
    )


def _bid(session: Session, owner: Actor, provider_id: UUID, brief_id: UUID, secret: str, price: int) -> None:
    bid_id = bids.start_bid(session, owner, brief_id, provider_id)
    bids.save_draft(session, owner, bid_id, letter(session, provider_id, price_pence=price), seal=SEAL)
    bids.submit_bid(session, owner, bid_id, received_at=clock.now(session), seal=SEAL)


@contextmanager
def _brief(db: Database, world: factories.World, secret: str, time: Clock) -> Iterator[UUID]:
    """A brief that both providers bid for four days ago and that closed three days ago."""
    time.set(NOON - timedelta(days=4))
    with db.write() as session:
        brief_id = factories.brief(
            session, world, published_at=NOON - timedelta(days=20), closes_at=NOON - timedelta(days=3)
        )
        _bid(session, world.owner_a, world.provider_a, brief_id, secret, 200_000)
        _bid(session, world.owner_b, world.provider_b, brief_id, secret, 250_000)
    yield brief_id


def _closed(db: Database, world: factories.World, secret: str, time: Clock) -> UUID:
    with _brief(db, world, secret, time) as brief_id:
        return brief_id


def _opened(db: Database, world: factories.World, secret: str, time: Clock, *assessors: Actor) -> UUID:
    """Opened two days ago; assessor two has an interest in provider A."""
    with _brief(db, world, secret, time) as brief_id:
        time.set(NOON - timedelta(days=2))
        with db.write() as session:
            for assessor in assessors:
                add_assessor(session, world.chair, brief_id, assessor.known)
                interests = {world.provider_a: "A colleague of mine"} if assessor is world.assessor_two else {}
                declare_interests(session, assessor, brief_id, interests)
            for opener in (world.chair, world.commissioner):
                approve_opening(session, opener, brief_id, drain=timedelta(seconds=60))
        return brief_id


def _score(session: Session, assessor: Actor, brief_id: UUID, bid_ids: list[UUID], secret: str) -> None:
    open_bids(session, assessor, brief_id, secret=secret)
    criteria = session.exec(
        select(BriefCriterion.id).where(BriefCriterion.brief_id == brief_id, BriefCriterion.is_price == False)  # noqa: E712
    ).all()
    for points, bid_id in enumerate(bid_ids, start=3):
        marks = {criterion: Mark(points, "A clear answer with evidence of results.") for criterion in criteria}
        save_scores(session, assessor, brief_id, bid_id, marks, secret=secret)
    submit_scores(session, assessor, brief_id, secret=secret)


def _assessed(db: Database, world: factories.World, secret: str, time: Clock) -> UUID:
    """The assessor has submitted; the conflicted one has opened what they may see and scored nothing."""
    brief_id = _opened(db, world, secret, time, world.assessor, world.assessor_two)
    with db.write() as session:
        _score(session, world.assessor, brief_id, _bids_of(session, brief_id), secret)
        open_bids(session, world.assessor_two, brief_id, secret=secret)
    return brief_id


def awarded_brief(db: Database, world: factories.World, secret: str, time: Clock) -> UUID:
    """Provider B has won."""
    brief_id = _opened(db, world, secret, time, world.assessor)
    with db.write() as session:
        _score(session, world.assessor, brief_id, _bids_of(session, brief_id), secret)
        winner = _bid_of(session, brief_id, world.provider_b)
        propose_award(
            session, world.chair, brief_id, winner, reason="The strongest answers on every criterion.", secret=secret
        )
        approve_award(session, world.approver, brief_id, secret=secret)
    return brief_id


def _kept(session: Session, world: factories.World, brief_id: UUID) -> tuple[UUID, ...]:
    """An answer in the library of provider A."""
    own = session.exec(select(Bid.id).where(Bid.brief_id == brief_id, Bid.provider_id == world.provider_a)).one()
    bid, brief, sent = session.get_one(Bid, own), session.get_one(Brief, brief_id), letter_in_hand(session, own, SEAL)
    saved = bids.Saved(bid, brief, sent, NOON, is_draft=False)
    keep_answer(session, world.owner_a, saved, 1, seal=SEAL)
    return tuple(session.exec(select(LibraryAnswer.id)).all())


def _bids_of(session: Session, brief_id: UUID) -> list[UUID]:
    return list(session.exec(select(Bid.id).where(Bid.brief_id == brief_id).order_by(Bid.started_at, Bid.id)))


def _bid_of(session: Session, brief_id: UUID, provider_id: UUID) -> UUID:
    from app.bids.models import Bid

    return session.exec(select(Bid.id).where(Bid.brief_id == brief_id, Bid.provider_id == provider_id)).one()


def _bids(db: Database, provider_id: UUID) -> tuple[UUID, ...]:
    with db.read() as session:
        return tuple(session.exec(select(Bid.id).where(Bid.provider_id == provider_id).order_by(Bid.id)))


def _items(db: Database, provider_id: UUID) -> tuple[UUID, ...]:
    from app.evidence.models import EvidenceItem

    with db.read() as session:
        return tuple(
            session.exec(
                select(EvidenceItem.id).where(EvidenceItem.provider_id == provider_id).order_by(EvidenceItem.id)
            )
        )


def _documents(db: Database, blobs: Blobs, world: factories.World) -> tuple[UUID, ...]:
    """One document of A for each verdict, on items that wait for a checker."""
    made = []
    for state in (ScanState.CLEAN, ScanState.QUARANTINED, ScanState.INFECTED, ScanState.SCAN_FAILED):
        blob = blobs.put(io.BytesIO(PDF + state.encode()), room="evidence")
        with db.write() as session:
            item = evidence.add_item(
                session,
                world.owner_a,
                world.provider_a,
                ItemFacts(kind=factories.INSURANCE, issuer="Example Insurance"),
            )
            document = evidence.attach_document(
                session, world.owner_a, item, blob, media_type="application/pdf", file_name=f"{state}.pdf"
            )
            if state is not ScanState.QUARANTINED:
                evidence.record_scan(session, document, state, scanner="test")
            made.append(document)
    return tuple(made)


def _referrals(db: Database, blobs: Blobs, world: factories.World, *briefs: UUID) -> tuple[UUID, ...]:
    """A clean document of each of these briefs' full referrals."""
    made = []
    for brief_id in briefs:
        blob = blobs.put(io.BytesIO(PDF + brief_id.bytes), room="referrals")
        with db.write() as session:
            made.append(factories.referral(session, world, brief_id, blob))
    return tuple(made)


def _certificate(db: Database, world: factories.World) -> None:
    """A DBS certificate of A's practitioner, its record written, waits for a checker."""
    with db.write() as session:
        kind = factories.evidence_kind(session, "certificate", holder="person", sensitivity=NARROW)
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == world.provider_a)).one()
        facts = ItemFacts(kind=kind, practitioner_id=person, expires_on=NOON.date() + timedelta(days=500))
        item = evidence.add_item(session, world.owner_a, world.provider_a, facts)
        record = DbsFacts(level=Level.ENHANCED, workforce=Workforce.CHILD)
        evidence.record_dbs(session, world.owner_a, item, record)
        session.get_one(EvidenceItem, item).submitted_at = NOON


def _registered(db: Database, world: factories.World) -> None:
    """Something of A that a public register shows, sent for checking."""
    with db.write() as session:
        kind = factories.evidence_kind(session, "ico_registration")
        session.add(
            EvidenceItem(
                provider_id=world.provider_a,
                kind_slug=kind,
                issuer="Information Commissioner",
                reference="ZA123456",
                added_at=NOON,
                added_by=world.owner_a.known,
                submitted_at=NOON,
            )
        )


def _application(db: Database, world: factories.World) -> tuple[Actor, UUID, UUID, list[UUID]]:
    """A third provider's application, answered, waits for decisions, and for changes of its statement and its answer."""
    with db.write() as session:
        asked = QuestionFacts(
            section="Service", text="How do you begin?", required=False, known_as=Known.AREAS, reason="So."
        )
        scored = [replace(one, required=False) for one in (*SCORED, CODE)]
        question, *_ = factories.questions(session, world, world.round_id, asked, *scored)
        provider_id = factories.active(session, factories.provider(session, "Cedar Therapy"))
        owner = factories.seated(session, provider_id, Role.OWNER, name="Cleo Owner")
        application = applications.start_application(session, owner, world.round_id, provider_id)
        applications.choose_lots(session, owner, application, [(world.lots[0], world.regions[0])])
        applications.write_statement(session, owner, application, "We would be glad to join this lot.")
        applications.answer_section(session, owner, application, 1, {1: "With a first talk."}, confirm=False)
        applications.submit_application(session, owner, application)
        part = session.exec(select(ApplicationLot.id).where(ApplicationLot.application_id == application)).one()
        words = "Say how many families you can see."
        returned = [
            applications.request_change(session, world.lead, application, item, words)
            for item in ("statement", f"question:{question}")
        ]
    return owner, application, part, returned


def _scored(db: Database, world: factories.World, application: UUID) -> None:
    """Its round is always open, and takes the best three; two have scored it, and a third assessor has an interest."""
    with db.write() as session:
        asked = session.get_one(Round, world.round_id).question_set_id
        weighed = select(Question.id).where(Question.set_id == asked, col(Question.weight).is_not(None))
        marks = dict.fromkeys(session.exec(weighed), 4)
        rolls(session, world, NOON.date())
        for lot_id in world.lots:
            admits(session, lot_id, most=3)
        provider_id = session.get_one(Application, application).provider_id
        colleague = factories.seated(session, world.raa_id, Role.ASSESSOR, name="Corin Colleague")
        named(session, world, world.assessor, colleague)
        scoring.name_assessor(session, world.lead, world.round_id, world.assessor_two.known)
        interests = {provider_id: "A colleague of mine"}
        scoring.declare_interests(session, world.assessor_two, world.round_id, [provider_id], interests)
        for assessor in (world.assessor, colleague):
            marked(session, world, assessor, application, marks)


def _links(session: Session, person: Actor) -> list[str]:
    """A token of each kind of one-time link, as the mails would carry them."""
    made = []
    for kind in LinkKind:
        token = f"token-to-{kind}"
        session.add(
            OneTimeLink(
                token_digest=digest(token.encode()),
                person_id=person.known,
                kind=kind,
                made_at=NOON,
                ends_at=NOON + timedelta(hours=1),
            )
        )
        made.append(token)
    session.flush()
    return made


def _changed(session: Session, world: factories.World) -> tuple[UUID, ...]:
    """What the test agency is told when A's insurance changes."""
    item = session.exec(
        select(EvidenceItem).where(
            EvidenceItem.provider_id == world.provider_a, EvidenceItem.expires_on == date(2027, 6, 30)
        )
    ).one()
    what = ItemChanged(
        item_id=item.id,
        newer_id=None,
        provider_id=item.provider_id,
        kind_slug=item.kind_slug,
        change=Change.EXPIRED,
        difference=(Difference("Expires", "30 June 2027", "expired"),),
        at=NOON,
    )
    note_change(session, what)
    return tuple(session.exec(select(ChangeNotice.id).where(ChangeNotice.organisation_id == world.raa_id)))


def _draft(session: Session, world: factories.World) -> UUID:
    """A framework of the test hub that nobody has approved, with one part of every kind."""
    facts = FrameworkFacts(
        slug="draft",
        name="Test draft",
        rule_set_slug="light_touch",
        starts_on=NOON.date(),
        ends_on=NOON.date() + timedelta(days=365),
        lots=(LotFacts(1, "Training", Service.TRAINING, "Days", PriceUnit.DAY, 95_000, (factories.INSURANCE,)),),
        regions=(RegionFacts("North", ()),),
        call_off=(CallOffFacts(world.raa_id, NOON.date()),),
        criteria=(CriterionFacts("Approach", "", 100, 100),),
        questions=(QuestionFacts("You", "How do you work?"),),
    )
    return create_framework(session, world.lead, world.lead_id, facts)


def _list_of_members(session: Session, world: factories.World) -> UUID:
    """A list that the second lead has sent: one who is here, and one who looks like somebody."""
    lines = [
        Line(2, {"name": "Alder Therapie", "company_number": "12345678", "kind": "company", "email": "a@example.org"}),
        Line(3, {"name": "Fern Mediation", "company_number": "87654321", "kind": "company", "email": "f@example.org"}),
    ]
    for line in lines:
        line.values.update(lots=[1], regions=["North"])
    return keep_list(session, world.lead_two, world.framework_id, file_name="list.csv", sha256="0" * 64, lines=lines)


def _objects(session: Session, world: factories.World, actors: dict[str, Actor]) -> dict[str, tuple[UUID | str, ...]]:
    invitation = organisations.invite(
        session, world.owner_a, organisation_id=world.provider_a, email="new@example.org", role=Role.BIDS
    )
    organisations.ask_to_join(
        session, actors["nobody in particular"], [world.provider_a], words="I work in your Leeds team."
    )
    site_id = add_site(
        session, world.owner_a, world.provider_a, SiteFacts(name="Clinic", address="1 Test Street", postcode="LS6 1AA")
    )
    write_card(session, world.owner_a, world.provider_a, summary="We help families.", expect="A first talk.")
    session.get_one(PublicCard, world.provider_a).listed_at = NOON
    consortium_id = start_consortium(session, world.owner_a, world.provider_a, name="Alder and others")
    note_duplicates(session, world.provider_a, Traces("Alder Therapie"))
    session.flush()
    later = Round(
        framework_id=world.framework_id,
        name="Round 2",
        opens_at=NOON + timedelta(days=40),
        closes_at=NOON + timedelta(days=80),
    )
    session.add(later)
    session.flush()
    session.add(RoundScope(round_id=later.id, lot_id=world.lots[0], region_id=world.regions[0]))
    signed_in = SignInSession(
        token_digest="x" * 64, person_id=world.owner_a.known, began_at=NOON, ends_at=NOON + timedelta(hours=12)
    )
    session.add(signed_in)
    session.flush()
    person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == world.provider_a)).one()
    entry = providers.keep_registration(session, world.owner_a, person, body_slug=None, number="12345")
    newcomer = Person(2, {"full_name": "Imogen Imported", "profession": "Therapist"}, False, ())
    waiting = providers.keep_import(
        session, world.owner_a, world.provider_a, file_name="people.xlsx", people=[newcomer]
    )
    concern_id, decision_id = factories.suspension(session, world, agreed=False)
    everything = {
        "organisation_id": (world.provider_a,),
        "provider_id": (world.provider_a,),
        "framework_id": (world.framework_id,),
        "lot_id": world.lots,
        "region_id": world.regions,
        "round_assessor_id": tuple(session.exec(select(RoundAssessor.id))),
        "draft_id": (_draft(session, world),),
        "task": tuple(task for task, _ in TASKS),
        "place": ("1",),
        "item": ("1",),
        "round_id": (world.round_id, later.id),
        "membership_id": tuple(
            session.exec(
                select(Membership.id).where(Membership.provider_id == world.provider_a).order_by(Membership.id)
            )
        ),
        "practitioner_id": tuple(
            session.exec(select(Practitioner.id).where(Practitioner.provider_id == world.provider_a))
        ),
        "part": tuple(PRACTICE_FORMS),
        "group": ("needs", "delivery", "languages", "districts"),
        "entry_id": (entry,),
        "import_id": (waiting,),
        "list_id": (_list_of_members(session, world),),
        "won_id": tuple(
            session.exec(
                select(OutcomeLetter.id).where(
                    OutcomeLetter.provider_id == world.provider_b, OutcomeLetter.outcome == LetterOutcome.SUCCESSFUL
                )
            )
        ),
        "letter_id": tuple(session.exec(select(OutcomeLetter.id).where(OutcomeLetter.provider_id == world.provider_a))),
        "assessor_id": tuple(session.exec(select(BriefAssessor.id).order_by(BriefAssessor.id))),
        "seat_id": tuple(
            session.exec(select(OrganisationSeat.id).where(OrganisationSeat.person_id == actors["reader of A"].known))
        ),
        "invitation_id": tuple(session.exec(select(SeatInvitation.id))),
        "request_id": tuple(session.exec(select(JoinRequest.id))),
        "site_id": (site_id,),
        "consortium_id": (consortium_id,),
        "member_id": tuple(session.exec(select(ConsortiumMember.id))),
        "suggestion_id": tuple(session.exec(select(DuplicateSuggestion.id))),
        "session_id": (signed_in.id,),
        "token": (invitation, *_links(session, world.owner_a)),
        "what": ("confirmation",),
        "agency_id": (world.raa_id,),
        "notice_id": _changed(session, world),
        "hold_id": (
            evidence.set_legal_hold(session, actors["administrator"], world.provider_b, "A claim before the court"),
        ),
        "register": ("ico",),
        "concern_id": (concern_id,),
        "rate_id": (factories.asked_rate(session, world),),
        "variation_id": (factories.variation(session, world),),
        "decision_id": (decision_id,),
        "restriction_id": (propose_restriction(session, world.lead_two, world.provider_a, factories.GROUNDS),),
        "kind": ("joins", "leaves"),
        "accession_id": (
            ask_to_add(
                session, world.lead_two, world.framework_id, world.other_raa_id, NOON.date(), "A decision of today"
            ),
        ),
    }
    return {name: tuple(ids) for name, ids in everything.items()}
