"""What others ask of a provider's people or tell them, and what of their own word has gone stale, in one question."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, literal, union_all
from sqlmodel import Session, col, func, or_, select

from app.accounts.models import Person
from app.awards.handover.models import ReferralUndertaking
from app.awards.models import Award, OutcomeLetter
from app.awards.policy import SIGNERS
from app.awards.rules import LetterOutcome
from app.bids.models import Bid, BidPartner
from app.briefs.models import Brief
from app.briefs.queries import in_phase
from app.briefs.referral.models import ReferralDocument
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.london import london_day
from app.evidence.models import EvidenceItem
from app.evidence.rules import EXPIRES_SOON
from app.frameworks.models import Framework
from app.home.rules import Todo
from app.memberships.capacity.rules import FRESH_FOR, STATERS
from app.memberships.models import Capacity, ChangeNotice, Membership
from app.memberships.queries.live import live
from app.memberships.rules import Answer
from app.memberships.terms import Variation, VariationAnswer
from app.organisations.models import JoinRequest, Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers.models import (
    Consortium,
    ConsortiumMember,
    PersonalInsurance,
    Practitioner,
    ProfessionalRegistration,
    Provider,
    ProviderRestriction,
)
from app.providers.queries import in_force, record_not_confirmed

MOST = 12


_LAPSES: Final = {
    "expired": "On a practitioner’s record a registration or insurance has expired",
    "soon": "On a practitioner’s record a registration or insurance lapses soon",
    "record": "Confirm your national supplier record: an award to you would wait for it",
    "record_soon": "Confirm your national supplier record again soon: an award to you would wait for it",
}


def waiting_for(session: Session, actor: Actor, now: datetime) -> tuple[list[Todo], list[Todo]]:
    """What is asked: restrictions, people who ask to join, consortia that invite, bids that ask for a partner, agencies’
    questions, referrals to sign for, waiting times that are over four weeks old, new versions of agreements. And what lapses on
    people's records alone, of which no evidence tells, and of the members' own records that an award waits for.
    """
    on = london_day(now)
    parts = (_restrictions(actor, now), _joining(actor), _consortia(actor), _partners(actor, now), _questions(actor))
    rest = (_referrals(actor, now), _capacity(actor, now), _variations(actor, on))
    every = union_all(*parts, *rest, *_records(actor, on), *_supplier_records(actor, on)).limit(MOST)
    rows: Sequence[Any] = session.connection().execute(every).all()
    told = [(what in _LAPSES, _todo(what, of, name)) for what, of, name in rows]
    return [todo for lapses, todo in told if not lapses], [todo for lapses, todo in told if lapses]


def _todo(what: str, of: object, name: str) -> Todo:
    match what:
        case "restriction":
            words = f"{name} is restricted: read what this means, and whom to write to"
            return Todo(words, "", f"/providers/{of}/restriction")
        case "join":
            return Todo(f"Answer {name}, who asks to join", "", f"/organisations/{of}")
        case "consortium":
            return Todo(f"Accept or decline the consortium {name}", "", f"/consortia/{of}")
        case "partner":
            return Todo(f"Agree or decline to be a partner in a bid of {name}", "", "/partnerships")
        case "referral":
            return Todo(f"Sign for the full referral of {name}", "", f"/letters/{of}/referral")
        case "question":
            return Todo(f"Answer a question of {name} about your evidence", "", f"/evidence/{of}/relied-on")
        case "variation":
            return Todo(f"Answer the new version of the agreement: {name}", "", f"/variations/{of}")
        case "expired" | "soon":
            return Todo(_LAPSES[what], name, f"/providers/{of}/expiries")
        case "record" | "record_soon":
            return Todo(_LAPSES[what], name, f"/providers/{of}/numbers")
    return Todo("Say whether your capacity and waiting times are still right", name, "/capacity")


def _restrictions(actor: Actor, now: datetime) -> Select[tuple[str, object, str]]:
    return (
        select(literal("restriction"), ProviderRestriction.provider_id, Organisation.name)  # type: ignore[return-value]
        .join(Organisation, col(Organisation.id) == ProviderRestriction.provider_id)
        .where(col(ProviderRestriction.provider_id).in_(provider_ids(actor)), in_force(now))
    )


def _joining(actor: Actor) -> Select[tuple[str, object, str]]:
    return (
        select(literal("join"), JoinRequest.organisation_id, Person.name)  # type: ignore[return-value]
        .join(Person, col(Person.id) == JoinRequest.person_id)
        .where(
            col(JoinRequest.organisation_id).in_(provider_ids(actor, Role.OWNER)), col(JoinRequest.decided_at).is_(None)
        )
    )


def _consortia(actor: Actor) -> Select[tuple[str, object, str]]:
    return (
        select(literal("consortium"), ConsortiumMember.consortium_id, Consortium.name)  # type: ignore[return-value]
        .join(Consortium, col(Consortium.id) == ConsortiumMember.consortium_id)
        .where(
            col(ConsortiumMember.provider_id).in_(provider_ids(actor, Role.OWNER)),
            col(ConsortiumMember.accepted_at).is_(None),
            col(ConsortiumMember.declined_at).is_(None),
            col(ConsortiumMember.left_at).is_(None),
            col(Consortium.ended_at).is_(None),
        )
    )


def _partners(actor: Actor, now: datetime) -> Select[tuple[str, object, str]]:
    """Bids for open briefs whose lead waits for an owner's word."""
    return (
        select(literal("partner"), BidPartner.id, Organisation.name)  # type: ignore[return-value]
        .join(Bid, col(Bid.id) == BidPartner.bid_id)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(
            col(BidPartner.provider_id).in_(provider_ids(actor, Role.OWNER)),
            col(BidPartner.agreed_at).is_(None),
            col(BidPartner.declined_at).is_(None),
            in_phase(Phase.OPEN, now),
        )
    )


def _referrals(actor: Actor, now: datetime) -> Select[tuple[str, object, str]]:
    """What an owner has won and not signed for, where the agency has attached a referral; a restricted provider receives none."""
    signed = select(ReferralUndertaking.id).where(ReferralUndertaking.award_id == Award.id)
    attached = select(ReferralDocument.id).where(
        ReferralDocument.brief_id == Brief.id, col(ReferralDocument.withdrawn_at).is_(None)
    )
    restricted = select(ProviderRestriction.id).where(
        ProviderRestriction.provider_id == OutcomeLetter.provider_id, in_force(now)
    )
    return (
        select(literal("referral"), OutcomeLetter.id, Brief.reference)  # type: ignore[return-value]
        .join(Award, col(Award.id) == OutcomeLetter.award_id)
        .join(Brief, col(Brief.id) == Award.brief_id)
        .where(
            col(OutcomeLetter.provider_id).in_(provider_ids(actor, *SIGNERS)),
            OutcomeLetter.outcome == LetterOutcome.SUCCESSFUL,
            col(Award.approved_at).is_not(None),
            col(Award.rejected_at).is_(None),
            attached.exists(),
            ~signed.exists(),
            ~restricted.exists(),
        )
    )


def _questions(actor: Actor) -> Select[tuple[str, object, str]]:
    """What an agency asked about a fact that changed, until it says that it is content; on the version that is held now."""
    item = func.coalesce(ChangeNotice.newer_id, ChangeNotice.item_id)
    return (
        select(literal("question"), item, Organisation.name)  # type: ignore[return-value]
        .join(Organisation, col(Organisation.id) == ChangeNotice.organisation_id)
        .where(col(ChangeNotice.provider_id).in_(provider_ids(actor)), ChangeNotice.answer == Answer.ASKED)
    )


def _variations(actor: Actor, on: date) -> Select[tuple[str, object, str]]:
    """New versions of agreements that an owner has not answered, once each."""
    answered = select(VariationAnswer.id).where(
        VariationAnswer.variation_id == Variation.id, VariationAnswer.provider_id == Membership.provider_id
    )
    return (
        select(literal("variation"), Variation.id, Framework.name)  # type: ignore[return-value]
        .join(Framework, col(Framework.id) == Variation.framework_id)
        .join(Membership, col(Membership.framework_id) == Variation.framework_id)
        .where(
            col(Membership.provider_id).in_(provider_ids(actor, Role.OWNER)),
            col(Membership.signed_at).is_not(None),
            live(on),
            col(Variation.approved_at).is_not(None),
            col(Variation.answer_by) >= on,
            ~answered.exists(),
        )
        .distinct()
    )


def _records(actor: Actor, on: date) -> Iterable[Select[tuple[str, object, str]]]:
    """Once a provider, however many of its people's registrations and insurances have expired, and once that will soon."""
    proven = select(EvidenceItem.id).where(
        EvidenceItem.registration_id == ProfessionalRegistration.id,
        col(EvidenceItem.replaced_by_id).is_(None),
        col(EvidenceItem.expires_on).is_not(None),
    )
    for what, first, last in (("expired", date.min, on - timedelta(days=1)), ("soon", on, on + EXPIRES_SOON)):
        lapsing = [
            select(Practitioner.id)
            .join(record, col(record.practitioner_id) == Practitioner.id)
            .where(
                Practitioner.provider_id == Organisation.id,
                col(Practitioner.left_at).is_(None),
                col(record.expires_on).between(first, last),
                *unless,
            )
            .correlate(Organisation)
            .exists()
            for record, unless in ((ProfessionalRegistration, (~proven.exists(),)), (PersonalInsurance, ()))
        ]
        yield (
            select(literal(what), Organisation.id, Organisation.name).where(  # type: ignore[misc]
                col(Organisation.id).in_(provider_ids(actor)), or_(*lapsing)
            )
        )


def _supplier_records(actor: Actor, on: date) -> Iterable[Select[tuple[str, object, str]]]:
    """Members whose national supplier record an award could not go by, and those of whom that will be so soon."""
    member = select(Membership.id).where(col(Membership.provider_id) == Provider.id, live(on)).correlate(Provider)
    lacks, will_lack = record_not_confirmed(on), record_not_confirmed(on + EXPIRES_SOON)
    for what, is_so in (("record", lacks), ("record_soon", will_lack & ~lacks)):
        yield (
            select(literal(what), Provider.id, Organisation.name)  # type: ignore[misc]
            .join(Organisation, col(Organisation.id) == Provider.id)
            .where(col(Provider.id).in_(provider_ids(actor)), member.exists(), is_so)
        )


def _capacity(actor: Actor, now: datetime) -> Select[tuple[str, object, str]]:
    """Once a provider, however many of its figures are old."""
    newest = (
        select(Membership.provider_id.label("provider_id"), func.max(Capacity.as_of).label("as_of"))  # type: ignore[attr-defined]
        .join(Capacity, col(Capacity.membership_id) == Membership.id)
        .where(col(Membership.provider_id).in_(provider_ids(actor, *STATERS)), live(london_day(now)))
        .group_by(col(Membership.provider_id), col(Capacity.membership_id), col(Capacity.therapy_slug))
        .subquery()
    )
    return (
        select(literal("capacity"), newest.c.provider_id, Organisation.name)  # type: ignore[return-value]
        .join(Organisation, col(Organisation.id) == newest.c.provider_id)
        .where(newest.c.as_of <= now - FRESH_FOR)
        .distinct()
    )
