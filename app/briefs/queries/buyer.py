"""A brief as its own agency sees it: what it says, what must be mended, who may act. Before the opening nothing of bids."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from app.briefs import events, rules
from app.briefs.identity import Guarded
from app.briefs.models import Brief, FundingLimit
from app.briefs.policy import CANCELLERS, REFERRAL_READERS, sits_there
from app.briefs.queries.guarding import Beside, beside, guarded_texts, texts_of
from app.briefs.queries.row import BriefFacts, Invited, brief_of_buyer, criteria, facts, invited, phase_of
from app.briefs.rules import Phase, Weight
from app.core import audit
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import Refusal
from app.frameworks import queries as frameworks
from app.frameworks.entitlement import entitlements, why_not_entitled
from app.frameworks.models import Framework, Lot
from app.frameworks.rules import Phase as FrameworkPhase
from app.frameworks.rules import Service
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class CallOffChoice:
    """An agency for which this person may write briefs, and a framework on whose call-off list it stands."""

    framework_id: UUID
    framework_name: str
    raa_id: UUID
    raa_name: str


@dataclass(frozen=True, slots=True)
class BuyerPage:
    """A brief as its own agency sees it. `why_not_publish` and `why_not_cancel` are for the person who looks."""

    facts: BriefFacts
    author_name: str
    fund_limit_pence: int | None
    unready: tuple[Refusal, ...]
    guarded: tuple[Guarded, ...]
    may_edit: bool
    may_publish: bool
    why_not_publish: Refusal | None
    may_cancel: bool
    is_chair: bool
    handles_referral: bool
    invited: tuple[Invited, ...]
    events: tuple[tuple[datetime, str], ...]


def buyer_page(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> BuyerPage:
    """One brief of the person's own agency. Raises `NotFound`."""
    brief = brief_of_buyer(session, actor, brief_id)
    trail = audit.timeline(session, brief_id)
    draft = phase_of(brief, now) is Phase.DRAFT
    limit = fund_limit(session, brief.lot_id, london_day(now)) if draft else brief.fund_limit_pence
    known = beside(session, brief) if draft else None
    to_mend = unready(session, brief, now, known=known) if draft else ()
    return BuyerPage(
        facts=facts(session, brief, now),
        author_name=next((e.person_name for e in trail if e.name == events.DRAFTED.name), ""),
        fund_limit_pence=limit,
        unready=to_mend,
        guarded=guarded_texts(session, brief, known) if draft else (),
        may_edit=draft and sits_there(actor, brief.raa_id, Role.COMMISSIONER),
        may_publish=draft and sits_there(actor, brief.raa_id, Role.APPROVER),
        why_not_publish=why_not_publish(session, actor, brief, now, to_mend) if draft else None,
        may_cancel=sits_there(actor, brief.raa_id, *CANCELLERS) and why_not_cancel(actor, brief, now) is None,
        handles_referral=sits_there(actor, brief.raa_id, *REFERRAL_READERS),
        is_chair=sits_there(actor, brief.raa_id, Role.CHAIR),
        invited=tuple(invited(session, brief_id)),
        events=tuple((event.at, audit.sentence(event)) for event in trail),
    )


def authors(session: Session, brief: Brief) -> set[UUID | None]:
    """Everybody who wrote any of it, as the record says."""
    wrote = {events.DRAFTED.name, events.REVISED.name}
    return {brief.created_by, *(e.person_id for e in audit.timeline(session, brief.id) if e.name in wrote)}


def unready(
    session: Session, brief: Brief, now: datetime, *, minimum: timedelta | None = None, known: Beside | None = None
) -> tuple[Refusal, ...]:
    """Everything to mend before this brief may be published."""
    own, known = criteria(session, brief.id), known or beside(session, brief)
    allowed = frameworks.criteria(session, brief.framework_id)
    return rules.unready(
        edit=f"/briefs/{brief.id}/edit",
        texts=texts_of(brief),
        weights=[Weight(a.name, c.weight, a.weight_min, a.weight_max) for a, c in zip(allowed, own, strict=True)],
        closes_at=brief.closes_at,
        start_by=brief.start_by,
        now=now,
        minimum=minimum,
        near=known.near,
        released=known.released,
    )


def why_not_publish(
    session: Session, actor: Actor, brief: Brief, now: datetime, to_mend: Collection[Refusal]
) -> Refusal | None:
    return rules.why_not_publish(
        phase=phase_of(brief, now),
        author=actor.person_id in authors(session, brief),
        call_off=why_not_call_off(session, brief.framework_id, brief.raa_id, now),
        unready=tuple(to_mend),
    )


def why_not_call_off(session: Session, framework_id: UUID, raa_id: UUID, now: datetime) -> Refusal | None:
    today = london_day(now)
    return rules.why_not_call_off(
        framework=frameworks.phase_of(session.get_one(Framework, framework_id), today),
        entitlement=why_not_entitled(session, framework_id, raa_id, today),
    )


def why_not_cancel(actor: Actor, brief: Brief, now: datetime) -> Refusal | None:
    return rules.why_not_cancel(phase=phase_of(brief, now), chair=sits_there(actor, brief.raa_id, Role.CHAIR))


def call_off_choices(session: Session, actor: Actor, now: datetime) -> list[CallOffChoice]:
    """Under which frameworks, and for which of their agencies, this person may write a brief today."""
    today, found = london_day(now), []
    for raa_id in sorted(buyer_ids(actor, Role.COMMISSIONER)):
        rows = session.exec(
            select(Framework, Organisation.name)
            .join(Organisation, col(Organisation.id) == raa_id)
            .where(col(Framework.id).in_(entitlements(session, [raa_id], today)))
            .order_by(Framework.name)
        ).all()
        found += [
            CallOffChoice(framework.id, framework.name, raa_id, raa_name)
            for framework, raa_name in rows
            if frameworks.phase_of(framework, today) is FrameworkPhase.LIVE
        ]
    return found


def fund_limit(session: Session, lot_id: UUID, on: date) -> int | None:
    """What the Fund pays for this lot's kind of service, per child and year, on a day; None when it is not known."""
    limit = session.exec(select(FundingLimit).where(FundingLimit.starts_on <= on, FundingLimit.ends_on >= on)).first()
    if limit is None:
        return None
    is_assessment = session.get_one(Lot, lot_id).service == Service.SPECIALIST_ASSESSMENT
    return limit.assessment_pence if is_assessment else limit.therapy_pence
