"""Proposing an award, and approving or rejecting it; the approval sends every bidder's letter in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.awards import events
from app.awards.models import Award, OutcomeLetter
from app.awards.policy import APPROVERS, PROPOSERS, READERS
from app.awards.queries.results import (
    AwardView,
    Comparison,
    awards_of,
    compare,
    is_conflicted,
    live_award,
    may_win,
    why_not_decide_now,
    why_not_propose_now,
    why_not_tell_now,
)
from app.awards.rules import LetterOutcome
from app.awards.rules.award import why_not_as_ranked, why_not_propose, why_not_win
from app.awards.rules.letters import BidResult, ExcludedBid, fingerprint, letter, letter_of_excluded, outcome_of
from app.awards.rules.scoring import fingerprint as ranked_as
from app.awards.rules.scoring import why_not_see_results
from app.bids.partnering.commands import tell_partners_of_award
from app.briefs.commands import mark_awarded
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer, phase_of
from app.briefs.queries import facts as brief_facts
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused, over, refuse_if
from app.memberships.commands import keep_answer
from app.memberships.rules.answers import Ineligible
from app.organisations.queries import contacts, emails_of
from app.organisations.rules import Role
from app.providers.queries import supplier_record


def propose_award(
    session: Session, actor: Actor, brief_id: UUID, bid_id: UUID, *, reason: str, secret: str, seen: str | None = None
) -> None:
    """Propose a winner: the first in rank, or another with a reason. Quiet when this bid is proposed already.

    `seen` is the digest of the ranking that was on the page: an assessor may have been added since, and have scored.
    Raises `NotFound`, `Refused`.
    """
    brief = brief_of_buyer(session, actor, brief_id, *PROPOSERS, lock=True)
    award = live_award(session, brief_id)
    if award and award.bid_id == bid_id and award.proposed_by == actor.person_id:
        return
    table = _comparison(session, actor, brief, secret=secret)
    phase = phase_of(brief, clock.now(session))
    why_not = why_not_propose_now(phase, table, proposed=award is not None)
    if refusal := why_not or why_not_as_ranked(seen, ranked_as(table.ranked)):
        raise Refused(refusal)
    ranked = next((bid for bid in table.ranked if bid.bid_id == bid_id), None)
    if ranked is None:
        raise NotFound
    answer = may_win(session, brief, table, bid_id, clock.now(session))
    if refusal := why_not_propose(ranked, reason=reason, ineligible=answer.reasons):
        raise Ineligible(refusal, answer)
    refuse_if(why_not_tell_now(table, bid_id, reason))
    keep_answer(session, actor, answer)
    row = Award(
        brief_id=brief_id,
        bid_id=bid_id,
        total=ranked.total,
        reason=reason,
        proposed_at=clock.now(session),
        proposed_by=actor.known,
    )
    session.add(row)
    session.flush()
    audit.record(session, events.AWARD_PROPOSED, actor=actor, subject=row.id, about=brief_id)
    about = {"brief": brief.reference, "brief_id": str(brief_id)}
    for approver in contacts(session, brief.raa_id, Role.APPROVER):
        if approver.person_id != actor.person_id:
            key = f"award:{row.id}:{approver.person_id}"
            mail.queue(session, "awards/award_proposed.txt", to=approver.email, dedupe=key, **about)


def approve_award(session: Session, actor: Actor, brief_id: UUID, *, secret: str, seen: UUID | None = None) -> None:
    """Approve the proposed award: the brief is awarded and every bidder's letter leaves, all or nothing (invariant 9).

    Whether the winner may still win is asked again now: its provider, whom its bid names, its national supplier record. So is
    whether letters may give the reason.
    `seen` is the award that was on the page: no other is approved. Quiet when this person has approved it.
    Raises `NotFound`, `Refused`.
    """
    brief, award, decided = _award_in_hand(session, actor, brief_id, seen)
    row = session.get_one(Award, award.id, with_for_update=True)
    if row.approved_by == actor.person_id:
        return
    table = _comparison(session, actor, brief, secret=secret)
    refuse_if(decided or why_not_decide_now(session, actor, brief, award, clock.now(session)))
    refuse_if(why_not_tell_now(table, award.bid_id, award.reason, is_told=award.reason_is_told))
    winner = next(bid for bid in table.bids if bid.bid_id == award.bid_id)
    answer = may_win(session, brief, table, winner.bid_id, clock.now(session))
    if refusal := why_not_win(answer.reasons):
        raise Ineligible(refusal, answer)
    keep_answer(session, actor, answer)
    row.approved_at, row.approved_by = clock.now(session), actor.known
    mark_awarded(session, brief, row.approved_at)
    told = brief_facts(session, brief, row.approved_at)
    about = {"brief": told.reference, "title": told.title, "agency": told.raa_name, "party": told.party}
    letters = [(bid, outcome_of(bid, winner), letter(bid, winner, reason=award.reason, **about)) for bid in table.bids]
    put_aside = [(bid, LetterOutcome.UNSUCCESSFUL, letter_of_excluded(bid, winner, **about)) for bid in table.excluded]
    _send(session, actor, row, [*letters, *put_aside], row.approved_at)
    tell_partners_of_award(session, brief, winner.bid_id, row.approved_at)
    confirmed_on = supplier_record(session, winner.provider_id, london_day(row.approved_at)).confirmed_on
    audit.record(
        session,
        events.AWARD_APPROVED,
        actor=actor,
        subject=row.id,
        about=brief_id,
        count=len(table.bids) + len(table.excluded),
        record_confirmed_on=str(confirmed_on),
    )


def reject_award(
    session: Session, actor: Actor, brief_id: UUID, *, reason: str, secret: str, seen: UUID | None = None
) -> None:
    """Reject the proposed award with a reason; another may then be proposed. Quiet when this person has rejected it.

    `seen` is the award that was on the page: no other is rejected. Raises `NotFound`, `Refused`.
    """
    brief, award, decided = _award_in_hand(session, actor, brief_id, seen)
    if award.rejected_by == actor.person_id:
        return
    _comparison(session, actor, brief, secret=secret)
    if refusal := decided or why_not_decide_now(session, actor, brief, award, clock.now(session)):
        raise Refused(refusal)
    row = session.get_one(Award, award.id, with_for_update=True)
    row.rejected_at, row.rejected_by, row.rejected_reason = clock.now(session), actor.known, reason
    audit.record(session, events.AWARD_REJECTED, actor=actor, subject=row.id, about=brief_id)


def _award_in_hand(
    session: Session, actor: Actor, brief_id: UUID, seen: UUID | None
) -> tuple[Brief, AwardView, Refusal | None]:
    """The brief, locked; the award that was `seen`, or the last where nobody looked; and why nothing is left to decide about it.

    Raises `NotFound`, also to whoever does not decide about it.
    """
    brief = brief_of_buyer(session, actor, brief_id, *APPROVERS, lock=True)
    awards = awards_of(session, brief_id)
    award = next((one for one in reversed(awards) if seen in (None, one.id)), None)
    if award is None:
        raise NotFound
    since = "" if awards[-1].decided else "Another award has been proposed since. Read it before you decide."
    return brief, award, over(award.decided, since)


def _comparison(session: Session, actor: Actor, brief: Brief, *, secret: str) -> Comparison:
    """The scores, for a person who may see them. Raises `Refused`."""
    table = compare(session, brief, secret=secret)
    refusal = why_not_see_results(
        phase=phase_of(brief, clock.now(session)),
        waiting=len(table.waiting),
        conflicted=is_conflicted(session, actor, brief.id, table.bidders),
    )
    if refusal:
        raise Refused(refusal)
    return table


def _send(
    session: Session,
    actor: Actor,
    award: Award,
    letters: Sequence[tuple[BidResult | ExcludedBid, LetterOutcome, dict[str, Any]]],
    at: datetime,
) -> None:
    """Write each bidder's letter, and tell its people that it waits: as few statements for many bidders as for one."""
    rows = [
        OutcomeLetter(
            award_id=award.id,
            bid_id=own.bid_id,
            provider_id=own.provider_id,
            outcome=outcome,
            content=content,
            content_sha256=fingerprint(content),
            sent_at=at,
        )
        for own, outcome, content in letters
    ]
    session.add_all(rows)
    session.flush()
    readers = emails_of(session, {row.provider_id for row in rows}, *READERS)
    waiting = list[tuple[str, str, dict[str, str | int]]]()
    for row in rows:
        audit.record(
            session, events.LETTER_SENT, actor=actor, subject=row.id, about=row.bid_id, sha256=row.content_sha256
        )
        about: dict[str, str | int] = {"brief": row.content["brief"], "letter_id": str(row.id)}
        waiting += [
            (f"letter:{row.id}:{person_id}", email, about) for person_id, email in readers.get(row.provider_id, ())
        ]
    mail.queue_each(session, "awards/letter_waits.txt", waiting, at)
