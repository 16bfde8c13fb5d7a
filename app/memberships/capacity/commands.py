"""Stating capacity, and saying that it is still right."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotAllowed, NotFound, Refusal, Refused
from app.memberships import events
from app.memberships.capacity import queries, rules
from app.memberships.capacity.rules import Figures
from app.memberships.models import Capacity, Membership
from app.organisations.policy import provider_ids


def state_capacity(session: Session, actor: Actor, said: Mapping[tuple[UUID, str], Figures]) -> int:
    """Write down what is said of each membership and therapy, as of now, and how many lines were news.

    The same again within the hour is no news. Raises `NotFound` for another's membership, `NotAllowed` where the role does
    not reach, `Refused` for a therapy that the provider does not offer there.
    """
    _own(session, actor, {membership_id for membership_id, _ in said})
    known = {(line.membership_id, line.slug) for line in queries.every_line(session, actor)}
    if not set(said) <= known:
        raise Refused(Refusal("not_offered", "A therapy or a membership has gone meanwhile. Look at the page again."))
    return _write(session, actor, said)


def renew_capacity(session: Session, actor: Actor, membership_ids: frozenset[UUID]) -> int:
    """All that was said of these memberships is still right: the same figures, as of now."""
    _own(session, actor, membership_ids)
    offered = {(line.membership_id, line.slug) for line in queries.every_line(session, actor)}
    newest = queries.newest(session, membership_ids)
    said = {key: Figures(row.places, row.waiting_weeks) for key, row in newest.items() if key in offered}
    return _write(session, actor, said)


def _write(session: Session, actor: Actor, said: Mapping[tuple[UUID, str], Figures]) -> int:
    now, before = clock.now(session), queries.newest(session, {membership_id for membership_id, _ in said})
    counts: dict[UUID, int] = defaultdict(int)
    for (membership_id, slug), figures in said.items():
        last = before.get((membership_id, slug))
        if last and rules.newly_said(last.as_of, now) and Figures(last.places, last.waiting_weeks) == figures:
            continue
        counts[membership_id] += 1
        session.add(
            Capacity(
                membership_id=membership_id,
                therapy_slug=slug,
                places=figures.places,
                waiting_weeks=figures.weeks,
                as_of=now,
                said_by=actor.known,
            )
        )
    for membership_id, count in counts.items():
        words = "therapy" if count == 1 else "therapies"
        audit.record(
            session,
            events.CAPACITY_STATED,
            actor=actor,
            subject=membership_id,
            at=now,
            count=count,
            therapies=words,
        )
    return sum(counts.values())


def _own(session: Session, actor: Actor, membership_ids: frozenset[UUID] | set[UUID]) -> None:
    """Lock these memberships, live and one's own."""
    found = session.exec(
        select(Membership)
        .where(
            col(Membership.id).in_(membership_ids),
            col(Membership.provider_id).in_(provider_ids(actor)),
            col(Membership.ended_at).is_(None),
        )
        .order_by(col(Membership.id))
        .with_for_update()
    ).all()
    if {row.id for row in found} != set(membership_ids):
        raise NotFound
    if not all(rules.states_for(actor, row.provider_id) for row in found):
        raise NotAllowed
