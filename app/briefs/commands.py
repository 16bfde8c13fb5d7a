"""Changing briefs: write, change, publish, end; mark opened and awarded; answer an invitation with "not this time"."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.briefs import events, queries, rules
from app.briefs.inviting.papers import brief_to_publish, draft_as_read, papers
from app.briefs.inviting.writing import (
    approve_brief,
    approvers,
    end_approvals,
    invite,
    take_approval_back,
    tell_writers,
)
from app.briefs.models import Brief, BriefCriterion, BriefInvitation
from app.briefs.policy import CANCELLERS, sits_there
from app.briefs.rules import DeclineReason, Facts, Phase
from app.briefs.terms.models import columns_of, terms_of
from app.briefs.terms.rules import ROUTES, Route, Terms, apply_by
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal, Refused, refuse_if
from app.core.rows import reference
from app.frameworks import queries as frameworks
from app.memberships import queries as memberships
from app.organisations.policy import provider_ids
from app.organisations.queries import contacts_of
from app.organisations.rules import Role
from app.sealing.asking import KeyMissing
from app.sealing.rules import Holder


def draft_brief(
    session: Session,
    actor: Actor,
    raa_id: UUID,
    framework_id: UUID,
    facts: Facts,
    terms: Terms | None = None,
    *,
    copied_from: UUID | None = None,
    at: datetime | None = None,
) -> UUID:
    """Write a brief's first draft for an agency, perhaps unfinished, perhaps from a copy of another.

    `at`, where the caller knows it, is now. Raises `NotFound` to all but its commissioners, and `Refused`.
    """
    if not sits_there(actor, raa_id, Role.COMMISSIONER):
        raise NotFound
    now, criteria = at or clock.now(session), frameworks.criteria(session, framework_id)
    call_off_id = _refuse_unless_possible(session, framework_id, raa_id, facts, len(criteria), now)
    brief = Brief(
        reference=reference("B"),
        framework_id=framework_id,
        raa_id=raa_id,
        call_off_id=call_off_id,
        created_at=now,
        created_by=actor.known,
        copied_from_id=copied_from,
        **_columns(facts),
        **columns_of(terms or Terms()),
    )
    session.add(brief)
    session.flush()
    for criterion, weight in zip(criteria, facts.weights, strict=True):
        session.add(
            BriefCriterion(
                brief_id=brief.id,
                position=criterion.position,
                name=criterion.name,
                guidance=criterion.guidance,
                is_price=criterion.is_price,
                weight=weight,
            )
        )
    audit.record(session, events.DRAFTED, actor=actor, subject=brief.id, at=now, reference=brief.reference)
    _record_route(session, actor, brief, before=None)
    return brief.id


def revise_brief(
    session: Session,
    actor: Actor,
    brief_id: UUID,
    facts: Facts,
    terms: Terms | None = None,
    *,
    seen: str | None = None,
    at: datetime | None = None,
) -> None:
    """Write a draft anew; without terms it keeps those it has. `at`, where the caller knows it, is now.

    `seen` is the digest of the draft that the writer began from: what was saved since is not written over unread. Approvals
    end with a change, and whoever asked for them asks again. Raises `NotFound` to all but its agency's commissioners,
    `Refused` once it is published.
    """
    brief = queries.brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, lock=True)
    now = at or clock.now(session)
    refuse_if(queries.why_not_revise(brief, now))
    own = session.exec(
        select(BriefCriterion, approvers(brief_id))
        .where(BriefCriterion.brief_id == brief_id)
        .order_by(col(BriefCriterion.position))
    ).all()
    _refuse_unless_possible(session, brief.framework_id, brief.raa_id, facts, len(own), now)
    route, before = brief.route, queries.written(brief, terms_of(brief), [one.weight for one, _ in own])
    brief.sqlmodel_update(_columns(facts) | (columns_of(terms) if terms else {}))
    changes = queries.written(brief, terms_of(brief), facts.weights) != before
    if changes and (refusal := rules.why_not_overwrite(seen, before, brief_id=brief_id)):
        raise Refused(refusal)
    for (criterion, _), weight in zip(own, facts.weights, strict=True):
        criterion.weight = weight
    approved = own[0][1] if own else None
    if changes:
        brief.approval_asked_at = None
        end_approvals(session, actor, brief, approved, now, what="A colleague has changed the draft")
    elif approved:
        take_approval_back(session, actor, brief_id)
    audit.record(session, events.REVISED, actor=actor, subject=brief.id, reference=brief.reference)
    _record_route(session, actor, brief, before=route)


def publish_brief(
    session: Session, actor: Actor, brief_id: UUID, *, minimum: timedelta | None = None, seen: str | None = None
) -> None:
    """Freeze the brief, keep the Fund's limit of the day, and invite every eligible member of its lot and region, by mail.

    Where its budget takes two approvers, the first only approves, and the second publishes. A second time it changes nothing.
    `minimum` replaces the least number of working days, for a demonstration. `seen` is
    the digest of the brief that the approver read: its author may have written on since. Raises `NotFound` to all but the
    agency's approvers, `Refused` with the first of the reasons that the page shows, and `KeyMissing` while the keyholder has
    not made the key with which its bids are to be sealed: that is asked first, because then all is asked again.
    """
    brief, key_opens, now = brief_to_publish(session, actor, brief_id)
    if (phase := queries.phase_of(brief, now)) not in (Phase.DRAFT, Phase.CANCELLED):
        return
    if key_opens != brief.closes_at:
        raise KeyMissing(Holder.BRIEF, brief_id)
    beside = papers(session, brief, now)
    stands, as_read = draft_as_read(session, brief, beside.on, now, minimum)
    call_off = beside.called_off
    refusal = rules.why_not_publish(
        phase=phase,
        author=actor.person_id in beside.authors,
        call_off=call_off if isinstance(call_off, Refusal) else None,
        unready=stands.unready,
        asked=brief.approval_asked_at is not None,
    )
    if refusal := refusal or rules.why_not_as_seen(seen, as_read.seen):
        raise Refused(refusal)
    if isinstance(call_off, Refusal):
        raise Refused(call_off)
    if not approve_brief(session, actor, brief, beside, as_read.seen, now):
        return
    members = memberships.members(
        session, lot_id=brief.lot_id, region_id=brief.region_id, at=now, agency_id=brief.raa_id, needs=beside.needs
    )
    invited, report = invite(session, brief, members, now, beside.limit_pence)
    if not invited:
        raise Refused(Refusal("nobody", "No member of this lot and region can be invited today, so nobody could bid."))
    brief.call_off_id, brief.contracting_id = call_off, as_read.signer_id
    brief.published_at, brief.published_by = now, actor.known
    brief.fund_limit_pence = stands.limit_pence
    brief.fund_apply_by = apply_by(brief.assessed_on) if brief.assessed_on else None
    _tell(session, brief, "invited", invited, now, closes_at=rules.in_words(brief.closes_at))
    audit.record(
        session,
        events.PUBLISHED,
        actor=actor,
        subject=brief.id,
        at=now,
        reference=brief.reference,
        closes_at=rules.in_words(brief.closes_at),
        invited=f"{len(invited)} member{'' if len(invited) == 1 else 's'}",
        not_invited=[f"{m.provider_name}: {', '.join(why.code for why in m.reasons)}" for m in members if m.reasons],
        match_report=report,
    )


def withdraw_draft(session: Session, actor: Actor, brief_id: UUID, reason: str) -> None:
    """End a draft, which nobody was invited to, and tell its writers; a second time it changes nothing.

    Raises `NotFound`, and `Refused` once it is published, which takes two people to cancel, and for a reason that could tell
    who the child is.
    """
    brief = queries.brief_of_buyer(session, actor, brief_id, *CANCELLERS, lock=True)
    if brief.cancelled_at:
        return
    now = clock.now(session)
    if refusal := rules.why_not_withdraw(phase=queries.phase_of(brief, now)) or rules.why_not_say(reason):
        raise Refused(refusal)
    end_brief(session, actor, brief, reason, now)
    tell_writers(session, actor, brief, "briefs/withdrawn.txt", now)


def end_brief(
    session: Session, actor: Actor, brief: Brief, reason: str, now: datetime, *, no_suitable_bid: bool = False
) -> None:
    """The brief, locked, ends without an award, and every invited member is told why. Whoever calls this has asked the rules.

    Whoever started a bid was invited. Once the bids are open it may be said that none was suitable.
    """
    phase = queries.phase_of(brief, now)
    brief.cancelled_as = rules.ending(phase=phase, no_suitable_bid=no_suitable_bid)
    brief.cancelled_at, brief.cancelled_reason = now, reason
    opened = "yes" if brief.opened_at else ""
    told = [one.provider_id for one in queries.invited(session, brief.id)]
    _tell(session, brief, "cancelled", told, now, reason=reason, how=brief.cancelled_as, opened=opened)
    audit.record(
        session,
        _ENDINGS[rules.Ending(brief.cancelled_as)],
        actor=actor,
        subject=brief.id,
        at=now,
        reference=brief.reference,
        reason=reason,
    )


_ENDINGS = {
    rules.Ending.WITHDRAWN: events.WITHDRAWN,
    rules.Ending.CANCELLED: events.CANCELLED,
    rules.Ending.NO_SUITABLE_BID: events.NO_SUITABLE_BID,
}


def mark_opened(session: Session, brief: Brief, at: datetime) -> None:
    """The bids are opened. `brief` is locked exclusively, and `at` is the clock under that lock. Raises `Refused`.

    Who opened it, and how long after the close, is for the room above to decide and to record.
    """
    if queries.phase_of(brief, at) is not Phase.CLOSED:
        raise Refused(Refusal("not_closed", "Bids can be opened only once the brief has closed."))
    brief.opened_at = at


def mark_prices_opened(session: Session, brief: Brief, at: datetime) -> None:
    """The second of two envelopes is opened. `brief` is locked exclusively. Raises `Refused` unless it has one that is sealed."""
    if queries.phase_of(brief, at) is not Phase.OPENED or queries.prices_are_open(brief):
        raise Refused(Refusal("no_prices", "No prices of this brief wait to be opened."))
    brief.prices_opened_at = at


def mark_awarded(session: Session, brief: Brief, at: datetime) -> None:
    """The award is approved. `brief` is locked exclusively. Raises `Refused` unless its bids have been opened, prices too."""
    if queries.phase_of(brief, at) is not Phase.OPENED or not queries.prices_are_open(brief):
        raise Refused(Refusal("not_opened", "A brief can be awarded only once its bids and prices have been opened."))
    brief.awarded_at = at


def decline_invitation(
    session: Session, actor: Actor, brief_id: UUID, provider_id: UUID, reason: DeclineReason, words: str = ""
) -> None:
    """Say "not this time", with a reason, and more in words of one's own if one likes; a second time it changes nothing.

    Raises `NotFound`, and `Refused` after the close and for words that could tell who somebody is.
    """
    invitation, brief, now = _answering(session, actor, brief_id, provider_id)
    if invitation.declined_at:
        return
    if refusal := rules.why_not_answer(phase=queries.phase_of(brief, now)) or rules.why_not_say(words):
        raise Refused(refusal)
    invitation.declined_at, invitation.declined_reason, invitation.declined_words = now, reason, words
    audit.record(
        session,
        events.DECLINED,
        actor=actor,
        subject=invitation.id,
        at=now,
        reference=brief.reference,
        reason=reason.words.lower(),
    )


def undo_decline(session: Session, actor: Actor, brief_id: UUID, provider_id: UUID) -> None:
    """Take "not this time" back while the brief is open; a second time it changes nothing. Raises `NotFound`, `Refused`."""
    invitation, brief, now = _answering(session, actor, brief_id, provider_id)
    if not invitation.declined_at:
        return
    if refusal := rules.why_not_answer(phase=queries.phase_of(brief, now)):
        raise Refused(refusal)
    invitation.declined_at, invitation.declined_reason, invitation.declined_words = None, "", ""
    audit.record(session, events.DECLINE_UNDONE, actor=actor, subject=invitation.id, at=now, reference=brief.reference)


def _answering(
    session: Session, actor: Actor, brief_id: UUID, provider_id: UUID
) -> tuple[BriefInvitation, Brief, datetime]:
    """The invitation that this person may answer, locked, with its brief and the time. Raises `NotFound`."""
    if provider_id not in provider_ids(actor, Role.OWNER, Role.BIDS):
        raise NotFound
    invitation = queries.invitation_of(session, brief_id, provider_id)
    return invitation, session.get_one(Brief, brief_id), clock.now(session)


def _record_route(session: Session, actor: Actor, brief: Brief, *, before: str | None) -> None:
    """Another route to market than a mini-competition, which its publication records, is on the record once a draft names it."""
    if brief.route and brief.route != (before or Route.MINI_COMPETITION):
        route = ROUTES[Route(brief.route)].name
        audit.record(session, events.ROUTED, actor=actor, subject=brief.id, reference=brief.reference, route=route)


def _columns(facts: Facts) -> dict[str, Any]:
    told = {name: value for name, value in asdict(facts).items() if name != "weights"}
    return told | {"age_band": facts.age_band or ""}


def _refuse_unless_possible(
    session: Session, framework_id: UUID, raa_id: UUID, facts: Facts, criteria: int, now: datetime
) -> UUID:
    """The agency's time on the call-off list. There are so many criteria, to which weights were given. Raises `Refused`."""
    call_off, on_framework = queries.possible(session, framework_id, raa_id, facts, now)
    refusal = rules.why_not_write(
        call_off=call_off if isinstance(call_off, Refusal) else None,
        on_framework=on_framework,
        weights_wanted=criteria,
        weights=facts.weights,
    )
    if refusal:
        raise Refused(refusal)
    if isinstance(call_off, Refusal):
        raise Refused(call_off)
    return call_off


def _tell(session: Session, brief: Brief, template: str, providers: list[UUID], now: datetime, **words: str) -> None:
    """Mail to owners and bid writers that something waits behind the sign-in; never what the brief says."""
    people = contacts_of(session, providers, Role.OWNER, Role.BIDS)
    mail.queue_all(
        session,
        f"briefs/{template}.txt",
        {f"brief {brief.id} {template} {person.person_id}": person.email for person in people},
        now,
        reference=brief.reference,
        brief_id=str(brief.id),
        **words,
    )
