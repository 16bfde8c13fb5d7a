"""Adding lots and regions to a framework that a provider is a member of, and being told when that is possible again."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session

from app.applications import events, policy, queries
from app.applications.commands.applying import choose_lots, start_application
from app.applications.models import RoundWish
from app.applications.queries.adding import wishes_come_true
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.london import LONDON
from app.core.refusals import NotFound
from app.frameworks.models import Round
from app.frameworks.rules import Part
from app.memberships.queries import line_up
from app.organisations.queries import emails_of
from app.providers.queries import let_in


def add_parts(session: Session, actor: Actor, membership_id: UUID, round_id: UUID, parts: Collection[Part]) -> UUID:
    """Ask, in a round of the member's framework, for these lots and regions besides those asked for there already.

    Memberships stay as they are. Returns the application. Raises `NotFound`, `NotAllowed`, and `Refused` as starting one and
    choosing its lots do.
    """
    member, framework, _ = queries.joined(session, actor, membership_id)
    window = session.get(Round, round_id)
    if window is None or window.framework_id != framework.id:
        raise NotFound
    application_id = start_application(session, actor, round_id, member.provider_id)
    asked = {(part.lot_id, part.region_id) for part in queries.parts_of(session, application_id)}
    choose_lots(session, actor, application_id, asked | set(parts))
    return application_id


def ask_to_be_told(session: Session, actor: Actor, membership_id: UUID) -> None:
    """Of the next round in which the member could add something. Asked twice it is one wish. Raises `NotFound`, `NotAllowed`."""
    member, framework, provider_name = queries.joined(session, actor, membership_id)
    let_in(actor, member.provider_id, *policy.WRITERS)
    line_up(session, membership_id)
    if queries.wish_of(session, member.provider_id, framework.id):
        return
    row = RoundWish(
        framework_id=framework.id, provider_id=member.provider_id, asked_at=clock.now(session), asked_by=actor.known
    )
    session.add(row)
    audit.record(
        session,
        events.WISHED,
        actor=actor,
        subject=membership_id,
        about=member.provider_id,
        provider=provider_name,
        framework=framework.name,
    )


def tell_of_rounds(session: Session) -> int:
    """Queue a message to the writers of each provider whose wish an open round fulfils; returns how many wishes were."""
    at = clock.now(session)
    true_now = wishes_come_true(session, at)
    writers = emails_of(session, {one.wish.provider_id for one in true_now}, *policy.WRITERS)
    for one in true_now:
        one.wish.told_at = at
        mail.queue_all(
            session,
            "applications/round_open.txt",
            {f"round.open:{one.wish.id}:{person}": email for person, email in writers[one.wish.provider_id]},
            at,
            provider=one.provider_name,
            framework=one.framework_name,
            closes=f"{one.closes_at.astimezone(LONDON):%A %-d %B at %H:%M}",
            membership_id=str(one.membership_id),
        )
    return len(true_now)
