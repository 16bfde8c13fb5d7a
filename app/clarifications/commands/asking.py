"""What those do who ask: write a question and ask it, in confidence or not; ask it anew, let everybody see it, withdraw it.

No event and no message says who they are.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.accounts.queries import line_up
from app.briefs.models import Brief
from app.briefs.rules import why_not_say
from app.clarifications import events, queries, rules, telling
from app.clarifications.models import Clarification
from app.clarifications.queries import Place
from app.clarifications.queries.threads import about
from app.clarifications.rules import MOVES, Act, Stage, State
from app.core import audit
from app.core.actor import NOBODY, Actor
from app.core.audit import Event
from app.core.refusals import NotFound, Refusal, refuse_if
from app.memberships.queries import eligibility
from app.organisations.queries import names
from app.providers.models import Provider
from app.providers.queries import practitioners, restricted

_CANNOT_APPLY = Refusal("cannot_apply", "This provider is restricted or closed, so it cannot apply, and cannot ask.")


def write_question(
    session: Session,
    actor: Actor,
    place: Place,
    provider_id: UUID | None,
    words: str,
    private_reason: str,
    *,
    ask: bool,
) -> UUID:
    """Write a question and ask it, or keep it as a draft. With `private_reason` it is asked in confidence.

    `provider_id` is for whom; before a round opens, somebody without a provider asks for themselves. Raises `NotFound`, and
    `Refused` to those who could not bid or apply, after the day for questions, and for words that tell who asks.
    A second click, on what has just been asked or kept, asks nothing anew.
    """
    now, ineligible = place.at, _ineligible(session, place, provider_id, place.at)
    refuse_if(rules.why_not_ask(stage=place.stage, answers=place.belongs, ineligible=ineligible))
    states = (State.ASKED, State.PRIVATE_REQUESTED) if ask else (State.DRAFT,)
    if known := _the_same(session, actor, place, provider_id, words, private_reason, states):
        return known
    row = Clarification(
        round_id=place.round_id,
        brief_id=place.brief_id,
        state=State.DRAFT,
        original=words,
        private_reason=private_reason,
        asked_by=actor.known,
        provider_id=provider_id,
        written_at=now,
    )
    if ask:
        _ask(session, actor, place, row, now)
    else:
        _record(session, events.WRITTEN, row, now)
    session.add(row)
    return row.id


def rewrite_question(
    session: Session, actor: Actor, clarification_id: UUID, words: str, private_reason: str, *, ask: bool
) -> None:
    """Write a draft anew, or one that was returned, and ask it or not yet. Raises `NotFound`, `Refused`."""
    row, place, mine = queries.question(session, actor, clarification_id, lock=True)
    now = place.at
    act = _asking(private_reason) if ask else Act.WRITE
    refuse_if(rules.why_not(act, state=State(row.state), stage=place.stage, asker=mine))
    if ask:
        late = (
            Stage.OPEN if row.state == State.RETURNED else place.stage
        )  # what was asked in time may be mended after it
        ineligible = _ineligible(session, place, row.provider_id, now, known=True)
        refuse_if(rules.why_not_ask(stage=late, answers=place.belongs, ineligible=ineligible))
    row.original, row.private_reason = words, private_reason
    if ask:
        _ask(session, actor, place, row, now)
    else:
        _record(session, events.WRITTEN, row, now)


def let_public(session: Session, actor: Actor, clarification_id: UUID) -> None:
    """Let a question that is not answered in confidence be answered to everybody. A second time it changes nothing.

    Raises `NotFound`, `Refused`.
    """
    row, place, now, twice = _moved(session, actor, clarification_id, Act.LET_PUBLIC)
    if twice:
        return
    row.private_reason = ""
    _record(session, events.LET_PUBLIC, row, now, place)
    telling.tell_answering(session, place, row, now)


def withdraw_question(session: Session, actor: Actor, clarification_id: UUID) -> None:
    """Take a question back that has not been accepted. A second time it changes nothing. Raises `NotFound`, `Refused`."""
    row, place, now, twice = _moved(session, actor, clarification_id, Act.WITHDRAW)
    if twice:
        return
    _record(session, events.WITHDRAWN, row, now, place if row.asked_at else None)


def _moved(
    session: Session, actor: Actor, clarification_id: UUID, act: Act
) -> tuple[Clarification, Place, datetime, bool]:
    """The question, moved, or as it was where this has been done already, as the last says."""
    row, place, mine = queries.question(session, actor, clarification_id, lock=True)
    state = State(row.state)
    if twice := rules.is_twice(act, state=state, asker=mine):
        return row, place, place.at, twice
    refuse_if(rules.why_not(act, state=state, stage=place.stage, asker=mine))
    row.state = MOVES[act, state]
    return row, place, place.at, twice


def _the_same(
    session: Session,
    actor: Actor,
    place: Place,
    provider_id: UUID | None,
    words: str,
    private_reason: str,
    states: Collection[State],
) -> UUID | None:
    """The question that this person has asked or kept in these very words already; their own clicks wait in line here."""
    line_up(session, actor.known)
    return session.exec(
        select(Clarification.id).where(
            about(place),
            Clarification.asked_by == actor.known,
            Clarification.provider_id == provider_id,
            Clarification.original == words,
            Clarification.private_reason == private_reason,
            col(Clarification.state).in_(states),
        )
    ).first()


def _asking(private_reason: str) -> Act:
    return Act.ASK_PRIVATELY if private_reason else Act.ASK


def _ask(session: Session, actor: Actor, place: Place, row: Clarification, now: datetime) -> None:
    said = f"{row.original}\n{row.private_reason}"
    refuse_if(rules.why_not_worded(said, _own_names(session, actor, row), _own_organisation(session, row)))
    if place.brief_id:
        refuse_if(why_not_say(row.original))
    row.state = MOVES[_asking(row.private_reason), State(row.state)]
    row.asked_at, row.said = now, ""
    _record(session, events.ASKED_PRIVATELY if row.private_reason else events.ASKED, row, now, place)
    telling.tell_answering(session, place, row, now)


def _own_names(session: Session, actor: Actor, row: Clarification) -> Collection[str]:
    """Of the people by whom its asker could be known: their own, with the address, and their practitioners'."""
    person = actor if row.asked_by == actor.known else session.get_one(Person, row.asked_by)
    team = practitioners(session, row.provider_id) if row.provider_id else ()
    return (actor.name, actor.email, person.name, person.email, *(one.name for one in team))


def _own_organisation(session: Session, row: Clarification) -> Collection[str]:
    return names(session, [row.provider_id]).values() if row.provider_id else ()


def _ineligible(
    session: Session, place: Place, provider_id: UUID | None, now: datetime, *, known: bool = False
) -> Refusal | None:
    """Why this provider, or nobody's person, may not ask. `known`: whose question it is has been settled before."""
    if provider_id is None:
        return None if place.stage is Stage.PLANNED or known else rules.PROVIDERS_ONLY
    if not known and provider_id not in dict(place.asking):
        raise NotFound
    if place.brief_id:
        brief = session.get_one(Brief, place.brief_id)
        found = eligibility(
            session,
            provider_id=provider_id,
            lot_id=brief.lot_id,
            region_id=brief.region_id,
            at=now,
            agency_id=brief.raa_id,
            called_off_at=brief.published_at,
        )
        return next(iter(found.reasons), None)
    closed = session.get_one(Provider, provider_id).archived_at is not None
    return _CANNOT_APPLY if closed or restricted(session, [provider_id], now) else None


def _record(session: Session, event: Event, row: Clarification, at: datetime, place: Place | None = None) -> None:
    """Without `place` it is on nobody's timeline: that somebody only writes is nobody's business."""
    what, label = (place.id, place.label) if place else (None, None)
    audit.record(session, event, actor=NOBODY, subject=row.id, about=what, at=at, label=label)
