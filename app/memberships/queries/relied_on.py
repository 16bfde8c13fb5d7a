"""For a provider: which agencies rely on each of its facts, under which policy, and who still wants its own check."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.accounts.models import Person
from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence.models import OwnVerification, Verification
from app.evidence.queries import Held, held, item_page, own_item
from app.evidence.rules.reliance import Reliance, Relied, policy_for, relied_on
from app.frameworks.entitlement import entitled_on
from app.frameworks.models import CallOffBody, Framework
from app.memberships import events
from app.memberships.models import ChangeNotice
from app.memberships.queries.reliance import policies_of
from app.memberships.queries.relying import relying_by_kind
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids


@dataclass(frozen=True, slots=True)
class Relying:
    """An agency that relies on an item, through these frameworks, under its own policy.

    `question` is what it last asked, and `asker` the e-mail address to answer to.
    """

    id: UUID
    name: str
    frameworks: tuple[str, ...]
    policy: Reliance
    relied: Relied
    own_check: bool
    question: str
    asker: str


@dataclass(frozen=True, slots=True)
class ReliedOn:
    """An item with who relies on it, and each opening of its documents by an agency, the newest first."""

    item: Held
    by: tuple[Relying, ...]
    openings: tuple[tuple[datetime, str], ...] = ()


def who_relies(session: Session, actor: Actor, item_id: UUID) -> ReliedOn:
    """For the item's provider: every agency that relies on it, and how; who opened it. Raises `NotFound`."""
    row, _ = own_item(session, actor, item_id)
    on = london_day(clock.now(session))
    [found] = _relied_on(session, row.provider_id, [item_page(session, item_id, on)], on)
    told = audit.timeline(session, item_id)
    opened = [(event.at, audit.sentence(event)) for event in told if event.name == events.DOCUMENT_OPENED.name]
    return ReliedOn(found.item, found.by, tuple(reversed(opened)))


def all_relied_on(session: Session, actor: Actor, provider_id: UUID) -> tuple[str, list[ReliedOn]]:
    """The provider's name, and everything it holds on which somebody relies, in a constant number of queries.

    Raises `NotFound`.
    """
    if provider_id not in provider_ids(actor):
        raise NotFound
    on = london_day(clock.now(session))
    found = _relied_on(session, provider_id, held(session, provider_id, on), on)
    return session.get_one(Organisation, provider_id).name, [one for one in found if one.by]


def _relied_on(session: Session, provider_id: UUID, items: list[Held], on: date) -> list[ReliedOn]:
    by_kind = relying_by_kind(session, provider_id, on)
    agency_ids = {agency_id for agencies in by_kind.values() for agency_id in agencies}
    item_ids = [item.id for item in items]
    names = dict(
        session.exec(
            select(Organisation.id, Organisation.name)
            .where(col(Organisation.id).in_(agency_ids))
            .order_by(Organisation.name)
        ).all()
    )
    policies, leads = policies_of(session, agency_ids), _leads(session, agency_ids, on)
    own, questions = _own_checks(session, item_ids), _questions(session, item_ids)
    checked_by = dict(
        session.exec(
            select(Verification.item_id, Verification.checker_organisation_id).where(
                col(Verification.item_id).in_(item_ids)
            )
        ).all()
    )

    def relying(item: Held, agency_id: UUID) -> Relying:
        policy, checker = policy_for(item.kind.slug, policies[agency_id]), checked_by.get(item.id)
        relied = relied_on(
            policy,
            item.standing,
            checked_by=checker,
            agency=agency_id,
            by_lead=checker in leads[agency_id],
            own_check=(item.id, agency_id) in own,
        )
        return Relying(
            agency_id,
            names[agency_id],
            tuple(by_kind[item.kind.slug][agency_id]),
            policy,
            relied,
            (item.id, agency_id) in own,
            *questions.get((item.id, agency_id), ("", "")),
        )

    return [
        ReliedOn(item, tuple(relying(item, one) for one in names if one in by_kind.get(item.kind.slug, {})))
        for item in items
    ]


def _leads(session: Session, agency_ids: Collection[UUID], on: date) -> dict[UUID, set[UUID]]:
    """The leads of the frameworks from which each agency may call off."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    rows = session.exec(
        select(CallOffBody.organisation_id, Framework.lead_id)
        .join(Framework, col(Framework.id) == CallOffBody.framework_id)
        .where(col(CallOffBody.organisation_id).in_(agency_ids), entitled_on(on))
        .distinct()
    )
    for agency_id, lead_id in rows:
        found[agency_id].add(lead_id)
    return found


def _own_checks(session: Session, item_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Which agency has looked itself at which item."""
    rows = session.exec(
        select(OwnVerification.item_id, OwnVerification.organisation_id).where(
            col(OwnVerification.item_id).in_(item_ids)
        )
    )
    return {(item_id, agency_id) for item_id, agency_id in rows}


def _questions(session: Session, item_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], tuple[str, str]]:
    """What each agency asked last about each item, as the older or as the newer fact, and the e-mail address of who asked."""
    rows = session.exec(
        select(ChangeNotice, Person.email)
        .join(Person, col(Person.id) == ChangeNotice.answered_by)
        .where(
            or_(col(ChangeNotice.item_id).in_(item_ids), col(ChangeNotice.newer_id).in_(item_ids)),
            ChangeNotice.question != "",
        )
        .order_by(col(ChangeNotice.answered_at))
    )
    return {
        (item_id, row.organisation_id): (row.question, email)
        for row, email in rows
        for item_id in (row.item_id, row.newer_id)
        if item_id
    }
