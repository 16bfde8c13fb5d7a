"""Raising a concern, answering it, and deciding about the member: each suspension and each end by two people."""

from datetime import date, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.london import at_london, day_in_words, london_day
from app.core.refusals import NotAllowed, NotFound, Refusal, Refused, refuse_if
from app.core.working_days import after_working_days
from app.memberships import events
from app.memberships.commands import give_notice
from app.memberships.concerns import queries
from app.memberships.concerns.queries import Reach
from app.memberships.models import Concern, ConcernDecision, Membership
from app.memberships.policy import ASSURERS
from app.memberships.queries import line_up
from app.memberships.rules import concerns as rules
from app.memberships.rules import why_not_decide
from app.memberships.rules.concerns import Choice, Kind, Stage
from app.organisations.queries import contacts
from app.organisations.rules import Role

_SUBJECTS: Final = {
    "raised": "A concern about your membership",
    "planned": "A plan for your membership",
    Choice.SUSPEND.value: "Your membership is suspended",
    Choice.END.value: "Your membership ends",
    "lifted": "The suspension of your membership is lifted",
    "closed": "The concern about your membership is closed",
}


def raise_concern(session: Session, actor: Actor, membership_id: UUID, kind: Kind, words: str) -> UUID:
    """Put a concern to a member, which has ten working days to reply; its owners are told. The same open one again is that one.

    Raises `NotFound` to all but the framework's leads, `Refused` once the membership has ended.
    """
    whose, at = _led(session, actor, membership_id), clock.now(session)
    refuse_if(rules.why_not_raise(ended=whose.over))
    known = session.exec(
        select(Concern.id).where(
            Concern.membership_id == membership_id,
            Concern.kind == kind,
            Concern.words == words,
            col(Concern.closed_at).is_(None),
        )
    ).first()
    if known:
        return known
    row = Concern(
        membership_id=membership_id,
        kind=kind,
        words=words,
        raised_at=at,
        raised_by=actor.known,
        reply_by=after_working_days(london_day(at), rules.REPLY_WITHIN),
    )
    session.add(row)
    session.flush()
    word = rules.KIND_WORDS[kind][0].lower()
    _record(session, events.CONCERN_RAISED, actor, row, provider=whose.provider_name, kind=word)
    _tell_owners(session, whose, row, "raised", str(row.id), day=day_in_words(row.reply_by))
    return row.id


def reply_to_concern(session: Session, actor: Actor, concern_id: UUID, reply: str) -> None:
    """The member's own words, for its owner; written again they take the place of the earlier until the concern is closed. The
    framework's leads are told by e-mail.

    Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    row, whose = _concern(session, actor, concern_id)
    if not whose.own:
        raise NotFound
    if not whose.owns:
        raise NotAllowed
    refuse_if(rules.why_not_reply(closed=row.closed_at is not None))
    if row.reply == reply:
        return
    row.reply, row.replied_at, row.replied_by = reply, clock.now(session), actor.known
    _record(session, events.CONCERN_ANSWERED, actor, row, provider=whose.provider_name)
    leads = contacts(session, whose.lead_id, Role.FRAMEWORK_LEAD)
    addresses = {f"concern.replied:{row.id}:{row.replied_at}:{one.person_id}": one.email for one in leads}
    said = {"provider": whose.provider_name, "place": whose.place, "concern": str(row.id)}
    mail.queue_all(session, "memberships/concern_replied.txt", addresses, row.replied_at, **said)


def write_plan(session: Session, actor: Actor, concern_id: UUID, plan: str, review_on: date) -> None:
    """What the member is to put right, and when its framework's lead looks again; the owners are told.

    Raises `NotFound`, `Refused`.
    """
    row, whose = _led_concern(session, actor, concern_id)
    at = clock.now(session)
    refuse_if(rules.why_not_plan(closed=row.closed_at is not None, review_on=review_on, on=london_day(at)))
    if (row.plan, row.plan_review_on) == (plan, review_on):
        return
    row.plan, row.plan_review_on, row.planned_by = plan, review_on, actor.known
    day = day_in_words(review_on)
    _record(session, events.PLAN_MADE, actor, row, day=day)
    _tell_owners(session, whose, row, "planned", f"{row.id}:{at}", day=day)


def propose_decision(
    session: Session, actor: Actor, concern_id: UUID, choice: Choice, reason: str, day: date, *, review: bool = False
) -> UUID:
    """The first of two people. `day` is the last of a suspension or of the membership, or, with `review`, when a suspension is
    looked at again; until then the provider reads nothing of it. The same again is quietly the same.

    Raises `NotFound`, `Refused` before the member was heard, or while another such decision stands.
    """
    row, whose = _led_concern(session, actor, concern_id)
    at = clock.now(session)
    on = london_day(at)
    ends_on, review_on = (None, day) if review and choice is Choice.SUSPEND else (day, None)
    standing = _standing(session, row.membership_id, choice, on)
    if standing:
        if (standing.concern_id, standing.reason, standing.ends_on, standing.review_on, standing.proposed_by) == (
            concern_id,
            reason,
            ends_on,
            review_on,
            actor.known,
        ):
            return standing.id
        raise Refused(Refusal("standing", "A decision of this kind about this member is proposed or in force already."))
    if choice is Choice.END:  # who leaves with notice may have to be suspended until then
        refuse_if(why_not_decide(session.get_one(Membership, row.membership_id).ends_on))
    heard = rules.is_heard(replied=row.replied_at is not None, reply_by=row.reply_by, on=on)
    refuse_if(
        rules.why_not_propose(
            choice,
            Kind(row.kind),
            closed=row.closed_at is not None,
            heard=heard,
            plan_review_on=row.plan_review_on,
            day=day,
            on=on,
        )
    )
    made = ConcernDecision(
        concern_id=concern_id,
        membership_id=row.membership_id,
        choice=choice,
        reason=reason,
        ends_on=ends_on,
        review_on=review_on,
        proposed_at=at,
        proposed_by=actor.known,
    )
    session.add(made)
    session.flush()
    proposed = events.SUSPENSION_PROPOSED if choice is Choice.SUSPEND else events.END_PROPOSED
    audit.record(session, proposed, actor=actor, subject=made.id, until=_until(made), reason=reason)
    _tell_seconds(session, whose, row, made)
    return made.id


def agree_decision(session: Session, actor: Actor, decision_id: UUID) -> None:
    """The second person. A suspension begins now, an end is notice to the last day; the provider's owners are told.

    Raises `NotFound` to who may not be the second, and `Refused`. A second time it changes nothing.
    """
    row, whose = _decision(session, actor, decision_id)
    if row.agreed_by == actor.known:
        return
    at, choice, mine = clock.now(session), Choice(row.choice), row.proposed_by == actor.person_id
    seconds = rules.is_second(
        choice, leads=whose.leads, assures=whose.assures, proposed_by=row.proposed_by, person=actor.person_id
    )
    if not (seconds or mine):
        raise NotFound
    on = london_day(at)
    refuse_if(rules.why_not_agree(queries.stage_of(row, on), mine=mine, last_day=row.ends_on or row.review_on, on=on))
    row.agreed_at, row.agreed_by = at, actor.known
    concern = session.get_one(Concern, row.concern_id)
    if choice is Choice.END and row.ends_on:  # an end has one always
        membership = session.get_one(Membership, row.membership_id, with_for_update=True)
        refuse_if(why_not_decide(membership.ends_on))
        give_notice(session, actor, membership, row.ends_on, row.reason)
    else:
        audit.record(
            session,
            events.SUSPENDED,
            actor=actor,
            subject=row.membership_id,
            about=whose.provider_id,
            reason=row.reason,
            until=_until(row),
        )
    _tell_owners(session, whose, concern, choice.value, str(row.id), day=_until(row))


def decline_decision(session: Session, actor: Actor, decision_id: UUID) -> None:
    """The proposal comes to nothing; its own author takes it back by the same step. Raises `NotFound`, `Refused`."""
    row, whose = _decision(session, actor, decision_id)
    if row.declined_by == actor.known:
        return
    at = clock.now(session)
    refuse_if(rules.why_not_decline(queries.stage_of(row, london_day(at))))
    row.declined_at, row.declined_by = at, actor.known
    audit.record(session, events.PROPOSAL_DECLINED, actor=actor, subject=row.id, provider=whose.provider_name)


def lift_suspension(session: Session, actor: Actor, decision_id: UUID, reason: str) -> None:
    """A lead ends a suspension before its last day, with a reason. Whether the member may act is then for its documents.

    Raises `NotFound`, and `Refused` when there is nothing to lift. A second time it changes nothing.
    """
    row, whose = _decision(session, actor, decision_id)
    if not whose.leads:
        raise NotFound
    if (row.lifted_by, row.lift_reason) == (actor.known, reason):
        return
    at = clock.now(session)
    refuse_if(rules.why_not_lift(Choice(row.choice), queries.stage_of(row, london_day(at))))
    row.lifted_at, row.lifted_by, row.lift_reason = at, actor.known, reason
    concern = session.get_one(Concern, row.concern_id)
    _record(session, events.SUSPENSION_LIFTED, actor, concern, reason=reason)
    _tell_owners(session, whose, concern, "lifted", str(row.id), day="")


def close_concern(session: Session, actor: Actor, concern_id: UUID, outcome: str) -> None:
    """Nothing more is to be done about it, and why. Raises `NotFound`, and `Refused` while something is proposed or in force."""
    row, whose = _led_concern(session, actor, concern_id)
    if row.closed_at:
        return
    at = clock.now(session)
    on = london_day(at)
    decisions = session.exec(select(ConcernDecision).where(ConcernDecision.concern_id == concern_id)).all()
    open_still = any(
        queries.stage_of(one, on) is Stage.PROPOSED
        or (one.choice == Choice.SUSPEND and queries.stage_of(one, on) is Stage.IN_FORCE)
        for one in decisions
    )
    refuse_if(rules.why_not_close(open_still))
    row.closed_at, row.closed_by, row.outcome = at, actor.known, outcome
    _record(session, events.CONCERN_CLOSED, actor, row, outcome=outcome)
    _tell_owners(session, whose, row, "closed", str(row.id), day="")


def _until(row: ConcernDecision) -> str:
    if row.ends_on:
        return f"{'after' if row.choice == Choice.END else 'until the end of'} {day_in_words(row.ends_on)}"
    return f"until it is looked at again on {day_in_words(row.review_on)}" if row.review_on else ""


def _standing(session: Session, membership_id: UUID, choice: Choice, on: date) -> ConcernDecision | None:
    """What is proposed or in force; a suspension whose last day has passed is written down as over, which it was already."""
    row = session.exec(
        select(ConcernDecision).where(
            ConcernDecision.membership_id == membership_id,
            ConcernDecision.choice == choice,
            col(ConcernDecision.declined_at).is_(None),
            col(ConcernDecision.lifted_at).is_(None),
        )
    ).first()
    if row and row.ends_on and queries.stage_of(row, on) is Stage.OVER:
        row.lifted_at = at_london(row.ends_on + timedelta(days=1), time())
        row.lift_reason = "Its last day had passed"
        session.flush()
        return None
    return row


def _led(session: Session, actor: Actor, membership_id: UUID) -> Reach:
    """Changes to the memberships of one provider come one after another. Raises `NotFound` to all but its leads."""
    line_up(session, membership_id)
    whose = queries.reach(session, actor, membership_id)
    if not whose.leads:
        raise NotFound
    return whose


def _concern(session: Session, actor: Actor, concern_id: UUID) -> tuple[Concern, Reach]:
    row = session.get(Concern, concern_id)
    if row is None:
        raise NotFound
    line_up(session, row.membership_id)
    session.refresh(row)
    return row, queries.reach(session, actor, row.membership_id)


def _led_concern(session: Session, actor: Actor, concern_id: UUID) -> tuple[Concern, Reach]:
    row, whose = _concern(session, actor, concern_id)
    if not whose.leads:
        raise NotFound
    return row, whose


def _decision(session: Session, actor: Actor, decision_id: UUID) -> tuple[ConcernDecision, Reach]:
    row = queries.decision_row(session, decision_id)
    line_up(session, row.membership_id)
    session.refresh(row)
    whose = queries.reach(session, actor, row.membership_id)
    if not whose.decides:
        raise NotFound
    return row, whose


def _record(session: Session, event: audit.Event, actor: Actor, row: Concern, **detail: Any) -> None:
    """On the membership's own record, which its provider reads; what is only proposed stands on the decision's."""
    audit.record(session, event, actor=actor, subject=row.membership_id, **detail)


def _tell_owners(session: Session, whose: Reach, row: Concern, what: str, key: str, *, day: str) -> None:
    addresses = {
        f"concern.{what}:{key}:{one.person_id}": one.email for one in contacts(session, whose.provider_id, Role.OWNER)
    }
    said = {
        "subject": _SUBJECTS[what],
        "what": what,
        "framework": whose.framework_name,
        "place": whose.place,
        "day": day,
        "concern": str(row.id),
    }
    mail.queue_all(session, "memberships/concern.txt", addresses, clock.now(session), **said)


def _tell_seconds(session: Session, whose: Reach, row: Concern, made: ConcernDecision) -> None:
    roles = ASSURERS if made.choice == Choice.SUSPEND else (Role.FRAMEWORK_LEAD,)
    people = [one for one in contacts(session, whose.lead_id, *roles) if one.person_id != made.proposed_by]
    addresses = {f"concern.proposed:{made.id}:{one.person_id}": one.email for one in people}
    said = {"provider": whose.provider_name, "place": whose.place, "concern": str(row.id)}
    mail.queue_all(session, "memberships/concern_second.txt", addresses, clock.now(session), **said)
