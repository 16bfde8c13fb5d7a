"""All the rest that the scenario has one of, by the path parameter that names it."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, select

from app.accounts.models import OneTimeLink, SignInSession
from app.accounts.rules import LinkKind
from app.applications.scoring.models import RoundAssessor
from app.awards.models import BriefAssessor, OutcomeLetter
from app.awards.rules import LetterOutcome
from app.core.actor import Actor
from app.core.crypto import digest
from app.evidence import commands as evidence
from app.frameworks.calling_off.commands import ask_to_add
from app.frameworks.commands import create_framework
from app.frameworks.models import Round, RoundScope
from app.frameworks.rules import (
    TASKS,
    CallOffFacts,
    CriterionFacts,
    FrameworkFacts,
    LotFacts,
    PriceUnit,
    QuestionFacts,
    RegionFacts,
    Service,
)
from app.memberships.importing.commands import keep_list
from app.memberships.importing.rules import Line
from app.memberships.models import Membership
from app.memberships.restriction.commands import propose_restriction
from app.organisations import commands as organisations
from app.organisations.models import JoinRequest, OrganisationSeat, SeatInvitation
from app.organisations.rules import Role
from app.providers import commands as providers
from app.providers.commands import add_site, note_duplicates, start_consortium
from app.providers.models import ConsortiumMember, DuplicateSuggestion, Practitioner
from app.providers.practice_forms import FORMS as PRACTICE_FORMS
from app.providers.rules.duplicates import Traces
from app.providers.rules.importing import Person
from app.providers.rules.sites import SiteFacts
from app.publishing.cards.commands import write_card
from app.publishing.cards.models import PublicCard
from tests import NOON, factories
from tests.house.scenario.evidence import changed


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


def objects_of(session: Session, world: factories.World, actors: dict[str, Actor]) -> dict[str, tuple[UUID | str, ...]]:
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
        "notice_id": changed(session, world),
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
