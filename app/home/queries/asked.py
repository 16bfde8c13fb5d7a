"""What others ask of a provider's people or tell them, and what of their own word has gone stale, in one question."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, union_all
from sqlmodel import Session, col, func, select

from app.accounts.models import Person
from app.core.actor import Actor
from app.core.london import london_day
from app.home.rules import Todo
from app.memberships.capacity.rules import FRESH_FOR, STATERS
from app.memberships.models import Capacity, Membership
from app.memberships.queries.live import live
from app.organisations.models import JoinRequest, Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers.models import Consortium, ConsortiumMember, ProviderRestriction
from app.providers.queries import in_force

MOST = 12


def waiting_for(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Restrictions, people who ask to join, consortia that invite, and waiting times that are over four weeks old."""
    every = union_all(_restrictions(actor, now), _joining(actor), _consortia(actor), _capacity(actor, now)).limit(MOST)
    rows: Sequence[Any] = session.connection().execute(every).all()
    return [_todo(what, of, name) for what, of, name in rows]


def _todo(what: str, of: object, name: str) -> Todo:
    match what:
        case "restriction":
            words = f"{name} is restricted: read what this means, and whom to write to"
            return Todo(words, "", f"/providers/{of}/restriction")
        case "join":
            return Todo(f"Answer {name}, who asks to join", "", f"/organisations/{of}")
        case "consortium":
            return Todo(f"Accept or decline the consortium {name}", "", f"/consortia/{of}")
    return Todo("Say whether your capacity and waiting times are still right", name, "/capacity")


def _restrictions(actor: Actor, now: datetime) -> Select[tuple[str, object, str]]:
    return (
        select(literal("restriction"), ProviderRestriction.provider_id, Organisation.name)  # type: ignore[return-value]
        .join(Organisation, col(Organisation.id) == ProviderRestriction.provider_id)
        .where(col(ProviderRestriction.provider_id).in_(provider_ids(actor)), in_force(now))
    )


def _joining(actor: Actor) -> Select[tuple[str, object, str]]:
    return (
        select(literal("join"), JoinRequest.organisation_id, Person.name)  # type: ignore[return-value]
        .join(Person, col(Person.id) == JoinRequest.person_id)
        .where(
            col(JoinRequest.organisation_id).in_(provider_ids(actor, Role.OWNER)), col(JoinRequest.decided_at).is_(None)
        )
    )


def _consortia(actor: Actor) -> Select[tuple[str, object, str]]:
    return (
        select(literal("consortium"), ConsortiumMember.consortium_id, Consortium.name)  # type: ignore[return-value]
        .join(Consortium, col(Consortium.id) == ConsortiumMember.consortium_id)
        .where(
            col(ConsortiumMember.provider_id).in_(provider_ids(actor, Role.OWNER)),
            col(ConsortiumMember.accepted_at).is_(None),
            col(ConsortiumMember.declined_at).is_(None),
            col(ConsortiumMember.left_at).is_(None),
            col(Consortium.ended_at).is_(None),
        )
    )


def _capacity(actor: Actor, now: datetime) -> Select[tuple[str, object, str]]:
    """Once a provider, however many of its figures are old."""
    newest = (
        select(Membership.provider_id.label("provider_id"), func.max(Capacity.as_of).label("as_of"))  # type: ignore[attr-defined]
        .join(Capacity, col(Capacity.membership_id) == Membership.id)
        .where(col(Membership.provider_id).in_(provider_ids(actor, *STATERS)), live(london_day(now)))
        .group_by(col(Membership.provider_id), col(Capacity.membership_id), col(Capacity.therapy_slug))
        .subquery()
    )
    return (
        select(literal("capacity"), newest.c.provider_id, Organisation.name)  # type: ignore[return-value]
        .join(Organisation, col(Organisation.id) == newest.c.provider_id)
        .where(newest.c.as_of <= now - FRESH_FOR)
        .distinct()
    )
