"""A brief as its own agency sees it: what it says, what must be mended, who may act. Before the opening nothing of bids."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.briefs import events, rules
from app.briefs.asking import QUESTIONS_WAITING, Waiting
from app.briefs.identity import Guarded
from app.briefs.models import Brief
from app.briefs.policy import CANCELLERS, REFERRAL_READERS, sits_there
from app.briefs.queries.checking import Standing, standing
from app.briefs.queries.row import BriefFacts, Invited, brief_of_buyer, facts, invited, phase_of
from app.briefs.rules import Phase
from app.briefs.terms.models import terms_of
from app.briefs.terms.rules import Finding, Source, above_limit, advice, apply_by, countdown
from app.core import audit
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal
from app.frameworks import queries as frameworks
from app.frameworks.entitlement import entitled_by, entitled_on, entitlement_columns
from app.frameworks.models import CallOffBody, Framework
from app.frameworks.rules import Phase as FrameworkPhase
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids
from app.organisations.rules import Role

_TURNS: Final = (events.APPROVAL_ASKED.name, events.SENT_BACK.name)


@dataclass(frozen=True, slots=True)
class CallOffChoice:
    """An agency for which this person may write briefs, and a framework on whose call-off list it stands."""

    framework_id: UUID
    framework_name: str
    raa_id: UUID
    raa_name: str


@dataclass(frozen=True, slots=True)
class SentBack:
    """That an approver sent a draft back, and nobody has asked for approval since."""

    at: datetime
    person_id: UUID | None
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class BuyerPage:
    """A brief as its own agency sees it, with the checker's `advice`, which may be left as it is.

    `why_not_publish` and `why_not_cancel` are for the person who looks. `authors` wrote any of it. `asked_at`: when one
    of its writers asked for approval of the draft as it stands.
    """

    facts: BriefFacts
    authors: frozenset[UUID]
    author_name: str
    fund_limit_pence: int | None
    fund_countdown: str
    fund_apply_by: date | None
    above_limit_pence: int
    unready: tuple[Refusal, ...]
    guarded: tuple[Guarded, ...]
    advice: tuple[Finding, ...]
    asked_at: datetime | None
    sent_back: SentBack | None
    may_send_back: bool
    may_edit: bool
    may_amend: bool
    may_copy: bool
    may_publish: bool
    why_not_publish: Refusal | None
    may_cancel: bool
    is_chair: bool
    handles_referral: bool
    invited: tuple[Invited, ...]
    questions: Waiting | None
    events: tuple[tuple[datetime, str], ...]


def buyer_page(session: Session, actor: Actor, brief_id: UUID, now: datetime) -> BuyerPage:
    """One brief of the person's own agency. Raises `NotFound`."""
    brief = brief_of_buyer(session, actor, brief_id)
    trail = audit.timeline(session, brief_id)
    draft = phase_of(brief, now) is Phase.DRAFT
    waits = draft and brief.approval_asked_at is not None
    today = london_day(now)
    stands = standing(session, brief, now) if draft else Standing(brief.fund_limit_pence, (), (), ())
    limit, to_mend = stands.limit_pence, stands.unready
    wrote = {event.person_id for event in trail if event.name in (events.DRAFTED.name, events.REVISED.name)}
    writers = frozenset(one for one in wrote if one) | {brief.created_by}
    return BuyerPage(
        facts=facts(session, brief, now),
        authors=writers,
        author_name=next((e.person_name for e in trail if e.name == events.DRAFTED.name), ""),
        fund_limit_pence=limit,
        fund_countdown=countdown(brief.assessed_on, today) if draft and brief.assessed_on else "",
        fund_apply_by=apply_by(brief.assessed_on) if draft and brief.assessed_on else brief.fund_apply_by,
        above_limit_pence=above_limit(brief.budget_pence, limit, brief.children)
        if limit and brief.budget_pence and Source.FUND in terms_of(brief).funding.sources
        else 0,
        unready=to_mend,
        guarded=stands.guarded,
        advice=advice(stands.found, tuple(brief.advice_left)),
        asked_at=brief.approval_asked_at if draft else None,
        sent_back=_sent_back(brief, trail) if draft else None,
        may_send_back=waits and sits_there(actor, brief.raa_id, Role.APPROVER) and actor.person_id not in writers,
        may_edit=draft and sits_there(actor, brief.raa_id, Role.COMMISSIONER),
        may_amend=phase_of(brief, now) is Phase.OPEN and sits_there(actor, brief.raa_id, Role.COMMISSIONER),
        may_copy=sits_there(actor, brief.raa_id, Role.COMMISSIONER),
        may_publish=draft and sits_there(actor, brief.raa_id, Role.APPROVER),
        why_not_publish=_why_not_publish(session, actor, brief, now, to_mend, writers) if draft else None,
        may_cancel=sits_there(actor, brief.raa_id, *CANCELLERS) and why_not_cancel(actor, brief, now) is None,
        handles_referral=sits_there(actor, brief.raa_id, *REFERRAL_READERS),
        is_chair=sits_there(actor, brief.raa_id, Role.CHAIR),
        invited=() if draft else tuple(invited(session, brief_id)),
        questions=None if draft else next(iter(QUESTIONS_WAITING.ask(session, brief_id)), None),
        events=tuple((event.at, audit.sentence(event)) for event in trail),
    )


def sent_back(session: Session, brief: Brief) -> SentBack | None:
    """Whether a draft was sent back last, in one query; None where approval is asked for."""
    if brief.approval_asked_at:
        return None
    did = select(AuditEvent.name, AuditEvent.at, AuditEvent.person_id, AuditEvent.person_name)
    rows = session.execute(
        did.add_columns(col(AuditEvent.detail))
        .where(col(AuditEvent.subject_id) == brief.id, col(AuditEvent.name).in_(_TURNS))
        .order_by(col(AuditEvent.position))
    )
    return _sent_back(brief, rows.all())


def _sent_back(brief: Brief, did: Sequence[Any]) -> SentBack | None:
    """`did` are events of the brief, oldest first."""
    last = next((one for one in reversed(did) if one.name in _TURNS), None)
    if brief.approval_asked_at or last is None or last.name != events.SENT_BACK.name:
        return None
    return SentBack(last.at, last.person_id, last.person_name, last.detail["reason"])


def authors(session: Session, brief: Brief) -> set[UUID | None]:
    """Everybody who wrote any of it, as the record says."""
    return authors_of(session, [brief])[brief.id]


def authors_of(session: Session, briefs: Collection[Brief]) -> dict[UUID, set[UUID | None]]:
    """The same for many briefs at once."""
    wrote: dict[UUID, set[UUID | None]] = {brief.id: {brief.created_by} for brief in briefs}
    for brief_id, person_id in audit.actors(session, wrote, events.DRAFTED, events.REVISED):
        wrote[brief_id].add(person_id)
    return wrote


def _why_not_publish(
    session: Session,
    actor: Actor,
    brief: Brief,
    now: datetime,
    to_mend: Collection[Refusal],
    writers: Collection[UUID],
) -> Refusal | None:
    called_off = call_off(session, brief.framework_id, brief.raa_id, now)
    return rules.why_not_publish(
        phase=phase_of(brief, now),
        author=actor.person_id in writers,
        call_off=called_off if isinstance(called_off, Refusal) else None,
        unready=tuple(to_mend),
        asked=brief.approval_asked_at is not None,
    )


def call_off(session: Session, framework_id: UUID, raa_id: UUID, now: datetime) -> UUID | Refusal:
    """The time on the list under which the agency may write briefs and publish them today, or why it may not."""
    columns = select(Framework, *entitlement_columns(framework_id, raa_id)).where(Framework.id == framework_id)
    return called_off(*session.execute(columns).one(), now=now)


def called_off(framework: Framework, times: str | None, agency_ended: date | None, *, now: datetime) -> UUID | Refusal:
    """What `call_off` says, from a framework and the values of `entitlement_columns`."""
    today = london_day(now)
    entitled = entitled_by(times, agency_ended, framework_id=framework.id, on=today)
    refusal = rules.why_not_call_off(
        framework=frameworks.phase_of(framework, today),
        entitlement=entitled if isinstance(entitled, Refusal) else None,
    )
    return refusal or entitled


def possible(
    session: Session, framework_id: UUID, raa_id: UUID, facts: rules.Facts, now: datetime
) -> tuple[UUID | Refusal, bool]:
    """What `call_off` says, and whether the framework offers the lot, the region and the area. Raises `NotFound`."""
    offered = frameworks.offers(facts.lot_id, facts.region_id, facts.area)
    wanted = select(Framework, offered, *entitlement_columns(framework_id, raa_id))
    approved = Framework.id == framework_id, col(Framework.approved_at).is_not(None)
    found = session.execute(wanted.where(*approved)).first()
    if found is None:
        raise NotFound
    framework, is_offered, *times = found
    return called_off(framework, *times, now=now), bool(is_offered)


def why_not_revise(brief: Brief, now: datetime) -> Refusal | None:
    published = brief.published_at is not None
    return rules.why_not_revise(phase=phase_of(brief, now), published=published, brief_id=brief.id)


def why_not_cancel(actor: Actor, brief: Brief, now: datetime) -> Refusal | None:
    return rules.why_not_cancel(phase=phase_of(brief, now), chair=sits_there(actor, brief.raa_id, Role.CHAIR))


def call_off_choices(session: Session, actor: Actor, now: datetime) -> list[CallOffChoice]:
    """Under which frameworks, and for which of their agencies, this person may write a brief today."""
    today, found = london_day(now), []
    for raa_id in sorted(buyer_ids(actor, Role.COMMISSIONER)):
        entitled = select(CallOffBody.framework_id).where(CallOffBody.organisation_id == raa_id, entitled_on(today))
        rows = session.exec(
            select(Framework, Organisation.name)
            .join(Organisation, col(Organisation.id) == raa_id)
            .where(col(Framework.id).in_(entitled))
            .order_by(Framework.name)
        ).all()
        found += [
            CallOffChoice(framework.id, framework.name, raa_id, raa_name)
            for framework, raa_name in rows
            if frameworks.phase_of(framework, today) is FrameworkPhase.LIVE
        ]
    return found
