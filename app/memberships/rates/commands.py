"""Taking a member's prices over from its application, and changing one: proposed by one side, agreed by the other."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.london import day_in_words, london_day
from app.core.money import pounds
from app.core.refusals import NotAllowed, NotFound, refuse_if
from app.frameworks.rules import UNITS, PriceUnit
from app.memberships import events
from app.memberships.queries import line_up
from app.memberships.rates import queries, rules
from app.memberships.rates.queries import Card
from app.memberships.terms import MemberRate
from app.organisations.queries import contacts
from app.organisations.rules import Role


def take_over_rates(
    session: Session,
    actor: Actor,
    *,
    provider_id: UUID,
    lot_id: UUID,
    asked: Mapping[PriceUnit, int],
    asked_at: datetime,
    asked_by: UUID,
) -> None:
    """The prices that an accepted application asks become the member's, from today; one that holds for a member already stays.

    Called in the transaction of the decision, before it opens the membership, by whom it has been checked that `actor` may
    decide and the prices fit.
    """
    at = clock.now(session)
    held = queries.held_units(session, provider_id, lot_id, london_day(at))
    for unit, pence in asked.items():
        if unit in held:
            continue
        row = MemberRate(
            provider_id=provider_id,
            lot_id=lot_id,
            unit=unit,
            pence=pence,
            from_on=london_day(at),
            proposed_at=asked_at,
            proposed_by=asked_by,
            agreed_at=at,
            agreed_by=actor.known,
        )
        session.add(row)
        _record(session, events.RATE_TAKEN_OVER, actor, row)


def propose_rate(
    session: Session, actor: Actor, membership_id: UUID, unit: PriceUnit, pence: int, from_on: date, reason: str
) -> UUID:
    """One side's proposal, for all regions of the lot; the other side is told. The same again is quietly the same.

    Raises `NotFound`, `NotAllowed` to those who neither own the provider nor lead the framework, and `Refused`.
    """
    line_up(session, membership_id)
    at = clock.now(session)
    found = queries.card(session, actor, membership_id, at)
    if not (found.owns or found.leads):
        raise NotAllowed
    price = found.price(unit)
    if price is None:
        raise NotFound
    waiting = price.waiting
    if waiting and (waiting.pence, waiting.from_on, waiting.by_lead) == (pence, from_on, found.leads):
        return waiting.id
    refuse_if(
        rules.why_not_propose(
            unit=unit,
            own=price.own,
            most_pence=price.most_pence,
            pence=pence,
            waiting=waiting is not None,
            ended=found.ended,
            from_on=from_on,
            on=london_day(at),
        )
    )
    row = MemberRate(
        provider_id=found.provider_id,
        lot_id=found.lot_id,
        unit=unit,
        pence=pence,
        from_on=from_on,
        reason=reason,
        by_lead=found.leads,
        proposed_at=at,
        proposed_by=actor.known,
    )
    session.add(row)
    session.flush()
    _record(session, events.RATE_PROPOSED, actor, row)
    _tell(session, found, row, "proposed", at, to_lead=not row.by_lead)
    return row.id


def agree_rate(session: Session, actor: Actor, rate_id: UUID) -> None:
    """The other side agrees: the price holds from its day, or from today if that is later. `NotFound`, `Refused`.

    A second time it changes nothing.
    """
    row, found, at = _to_answer(session, actor, rate_id, ours=False)
    if row.agreed_by == actor.known:
        return
    refuse_if(rules.why_not_answer(settled=bool(row.agreed_at or row.declined_at), ended=found.ended))
    row.agreed_at, row.agreed_by = at, actor.known
    _record(session, events.RATE_AGREED, actor, row)
    _tell(session, found, row, "agreed", at, to_lead=row.by_lead)


def decline_rate(session: Session, actor: Actor, rate_id: UUID) -> None:
    """The other side declines, or its own side takes the proposal back. `NotFound`, `Refused`. A second time nothing changes."""
    row, found, at = _to_answer(session, actor, rate_id, ours=True)
    if row.declined_by == actor.known:
        return
    refuse_if(rules.why_not_answer(settled=bool(row.agreed_at or row.declined_at)))
    row.declined_at, row.declined_by = at, actor.known
    _record(session, events.RATE_DECLINED, actor, row)
    _tell(session, found, row, "declined", at, to_lead=row.by_lead)


def _to_answer(session: Session, actor: Actor, rate_id: UUID, *, ours: bool) -> tuple[MemberRate, Card, datetime]:
    """With the moment of the answer. `ours`: the side that has proposed may, too. Raises `NotFound`."""
    row, at = queries.rate_row(session, rate_id), clock.now(session)
    found = queries.card(session, actor, queries.membership_of(session, rate_id, at), at)
    if not ((found.owns if row.by_lead else found.leads) or (ours and (found.owns or found.leads))):
        raise NotFound
    return row, found, at


def _record(session: Session, event: audit.Event, actor: Actor, row: MemberRate) -> None:
    audit.record(
        session,
        event,
        actor=actor,
        subject=row.id,
        about=row.provider_id,
        price=pounds(row.pence),
        unit=UNITS[PriceUnit(row.unit)],
        day=day_in_words(row.from_on),
    )


def _tell(session: Session, found: Card, row: MemberRate, what: str, at: datetime, *, to_lead: bool) -> None:
    people = (
        contacts(session, found.lead_id, Role.FRAMEWORK_LEAD)
        if to_lead
        else contacts(session, found.provider_id, Role.OWNER)
    )
    mail.queue_all(
        session,
        "memberships/rate.txt",
        {f"rate.{what}:{row.id}:{one.person_id}": one.email for one in people},
        at,
        what=what,
        provider=found.provider_name,
        framework=found.framework_name,
        lot=found.lot,
        membership=str(found.membership_id),
    )
