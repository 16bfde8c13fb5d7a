"""Consortia as their members see them, built from the members' own live profiles."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.providers import rules
from app.providers.models import (
    Consortium,
    ConsortiumMember,
    Practitioner,
    Provider,
    ProviderArea,
    ProviderTherapy,
    Therapy,
)
from app.providers.rules.consortia import MemberState, member_state


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member. Before it accepts, its name is what the lead typed and nothing of its profile is told."""

    id: UUID
    provider_id: UUID
    name: str
    lead: bool
    state: MemberState
    told: "Told | None"


@dataclass(frozen=True, slots=True)
class Told:
    """What a member's own profile says today."""

    state: rules.State
    summary: str
    therapies: tuple[str, ...]
    areas: int
    practitioners: int


@dataclass(frozen=True, slots=True)
class ConsortiumView:
    id: UUID
    name: str
    lead_id: UUID
    lead_name: str
    started_at: datetime
    ended_at: datetime | None
    members: tuple[MemberView, ...]
    timeline: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class ConsortiumLine:
    """A consortium in the list of one provider."""

    id: UUID
    name: str
    lead_name: str
    state: MemberState
    ended: bool


def visible_consortium(
    session: Session, actor: Actor, consortium_id: UUID, *, ever: bool = False, lock: bool = False
) -> Consortium:
    """One in which a provider of the actor is invited or a member; with `ever`, also one it declined or left.

    Raises `NotFound`: to others it does not exist.
    """
    member = ConsortiumMember
    taking_part = select(member.consortium_id).where(col(member.provider_id).in_(provider_ids(actor)))
    if not ever:
        taking_part = taking_part.where(_live())
    wanted = select(Consortium).where(Consortium.id == consortium_id, col(Consortium.id).in_(taking_part))
    row = session.exec(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise NotFound
    return row


def own_consortium_named(session: Session, lead_id: UUID, name: str) -> UUID | None:
    return session.exec(
        select(Consortium.id).where(
            Consortium.lead_id == lead_id, Consortium.name == name, col(Consortium.ended_at).is_(None)
        )
    ).first()


def live_member(session: Session, consortium_id: UUID, provider_id: UUID) -> ConsortiumMember | None:
    """The member that is invited or has accepted."""
    return session.exec(
        select(ConsortiumMember).where(
            ConsortiumMember.consortium_id == consortium_id,
            ConsortiumMember.provider_id == provider_id,
            _live(),
        )
    ).first()


def consortia_of(session: Session, provider_id: UUID) -> tuple[ConsortiumLine, ...]:
    """Every consortium that this provider is or was asked into, the newest first."""
    rows = session.exec(
        select(Consortium, ConsortiumMember, Organisation.name)
        .join(ConsortiumMember, col(ConsortiumMember.consortium_id) == Consortium.id)
        .join(Organisation, col(Organisation.id) == Consortium.lead_id)
        .where(ConsortiumMember.provider_id == provider_id)
        .order_by(col(ConsortiumMember.invited_at).desc(), col(ConsortiumMember.id).desc())
    )
    return tuple(
        ConsortiumLine(row.id, row.name, lead_name, _state(member), row.ended_at is not None)
        for row, member, lead_name in rows
    )


def consortium(session: Session, actor: Actor, consortium_id: UUID) -> ConsortiumView:
    """Whole, to those who take part. Raises `NotFound`. Who left is told of in the timeline alone."""
    row = visible_consortium(session, actor, consortium_id)
    found = session.exec(
        select(ConsortiumMember, Provider, Organisation.name)
        .join(Provider, col(Provider.id) == ConsortiumMember.provider_id)
        .join(Organisation, col(Organisation.id) == ConsortiumMember.provider_id)
        .where(ConsortiumMember.consortium_id == consortium_id, col(ConsortiumMember.left_at).is_(None))
        .order_by(
            col(ConsortiumMember.accepted_at).is_(None), col(ConsortiumMember.invited_at), col(ConsortiumMember.id)
        )
    ).all()
    live = {provider.id for member, provider, _ in found if not member.declined_at}
    accepted = [provider for member, provider, _ in found if member.accepted_at]
    inside = any(member.accepted_at and provider.id in provider_ids(actor) for member, provider, _ in found)
    told = _told(session, accepted) if inside and row.ended_at is None else {}
    members = tuple(
        MemberView(
            id=member.id,
            provider_id=provider.id,
            name=name if member.accepted_at else member.known_as,
            lead=provider.id == row.lead_id,
            state=_state(member),
            told=told.get(provider.id),
        )
        for member, provider, name in found
        if not member.declined_at or provider.id not in live
    )
    return ConsortiumView(
        id=row.id,
        name=row.name,
        lead_id=row.lead_id,
        lead_name=next(member.name for member in members if member.lead),
        started_at=row.started_at,
        ended_at=row.ended_at,
        members=members,
        timeline=tuple((e.at, audit.sentence(e)) for e in audit.timeline(session, consortium_id)),
    )


def _live() -> ColumnElement[bool]:
    """Invited or accepted, and neither declined nor left since."""
    return col(ConsortiumMember.declined_at).is_(None) & col(ConsortiumMember.left_at).is_(None)


def _state(member: ConsortiumMember) -> MemberState:
    return member_state(accepted_at=member.accepted_at, declined_at=member.declined_at, left_at=member.left_at)


def _told(session: Session, providers: Collection[Provider]) -> dict[UUID, Told]:
    """Each member's profile in a few queries, however many they are."""
    ids = [provider.id for provider in providers]
    therapies: dict[UUID, list[str]] = defaultdict(list)
    for provider_id, name in session.exec(
        select(ProviderTherapy.provider_id, Therapy.name)
        .join(Therapy, col(Therapy.slug) == ProviderTherapy.therapy_slug)
        .where(col(ProviderTherapy.provider_id).in_(ids))
        .order_by(Therapy.name)
    ):
        therapies[provider_id].append(name)
    here = select(Practitioner.provider_id, func.count()).where(
        col(Practitioner.provider_id).in_(ids), col(Practitioner.left_at).is_(None)
    )
    people = dict(session.exec(here.group_by(col(Practitioner.provider_id))).all())
    covered = select(ProviderArea.provider_id, func.count()).where(col(ProviderArea.provider_id).in_(ids))
    areas = dict(session.exec(covered.group_by(col(ProviderArea.provider_id))).all())
    today = london_day(clock.now(session))
    return {
        provider.id: Told(
            state=_provider_state(
                provider, len(therapies[provider.id]), areas.get(provider.id, 0), people.get(provider.id, 0), today
            ),
            summary=provider.summary,
            therapies=tuple(therapies[provider.id]),
            areas=areas.get(provider.id, 0),
            practitioners=people.get(provider.id, 0),
        )
        for provider in providers
    }


def _provider_state(provider: Provider, therapies: int, areas: int, practitioners: int, today: date) -> rules.State:
    lacking = rules.unfinished(summary=provider.summary, therapies=therapies, areas=areas, practitioners=practitioners)
    return rules.state(
        paused=rules.is_paused(provider.paused_at, provider.paused_until, today),
        archived=provider.archived_at is not None,
        complete=not lacking,
    )
