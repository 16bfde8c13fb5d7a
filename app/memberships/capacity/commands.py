"""Stating capacity, and saying that it is still right."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound, Refusal, Refused
from app.memberships import events
from app.memberships.capacity import queries, rules
from app.memberships.capacity.rules import Figures
from app.memberships.models import Capacity, Membership
from app.memberships.queries.live import live
from app.organisations.policy import provider_ids


def state_capacity(session: Session, actor: Actor, said: Mapping[tuple[UUID, str], Figures]) -> int:
    """Write down what is said of each membership and therapy, as of now, and how many lines were news.

    The same again within the hour is no news. Raises `NotFound` for another's membership, `NotAllowed` where the role does
    not reach, `Refused` for a therapy that the provider does not offer there.
    """
    _own(session, actor, {membership_id for membership_id, _ in said})
    if not set(said) <= _offered(session, actor, {membership_id for membership_id, _ in said}):
        raise Refused(Refusal("not_offered", "A therapy or a membership has gone meanwhile. Look at the page again."))
    return _write(session, actor, said)


def state_lot(
    session: Session,
    actor: Actor,
    provider_id: UUID,
    lot_id: UUID,
    said: Mapping[str, Figures],
    *,
    apart: Collection[UUID] = (),
) -> int:
    """Say the same of each therapy in every region of a provider's lot, but in the memberships `apart`, which keep theirs.

    Returns how many lines were news. Raises as `state_capacity` does, and `Refused` when no region is left.
    """
    everywhere = [group.membership_id for group in queries.lot_statement(session, actor, provider_id, lot_id).groups]
    wanted = [membership_id for membership_id in everywhere if membership_id not in apart]
    if not wanted:
        raise Refused(
            Refusal("all_apart", "Leave at least one region unticked, or change each region on its own page.")
        )
    return state_capacity(session, actor, {(key, slug): figures for key in wanted for slug, figures in said.items()})


def renew_capacity(
    session: Session, actor: Actor, *, provider_id: UUID | None = None, lot_id: UUID | None = None
) -> int:
    """All that this person's providers said, or one of them, or in one lot, is still right: the same figures, as of now.

    Raises `NotFound` where there is no such membership, `NotAllowed` where the role does not reach.
    """
    narrowed = {col(Membership.provider_id): provider_id, col(Membership.lot_id): lot_id}
    found = queries.groups(session, actor, *(column == value for column, value in narrowed.items() if value))
    ours = {group.membership_id for group in found if provider_id or lot_id or group.may_state}
    if not ours:
        raise NotFound
    _own(session, actor, ours)
    offered, newest = _offered(session, actor, ours), queries.newest(session, ours)
    said = {key: Figures(row.places, row.waiting_weeks) for key, row in newest.items() if key in offered}
    return _write(session, actor, said)


def _offered(session: Session, actor: Actor, membership_ids: Collection[UUID]) -> set[tuple[UUID, str]]:
    found = queries.groups(session, actor, col(Membership.id).in_(membership_ids))
    return {(group.membership_id, line.slug) for group in found for line in group.lines}


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
            live(london_day(clock.now(session))),
        )
        .order_by(col(Membership.id))
        .with_for_update()
    ).all()
    if {row.id for row in found} != set(membership_ids):
        raise NotFound
    if not all(rules.states_for(actor, row.provider_id) for row in found):
        raise NotAllowed
