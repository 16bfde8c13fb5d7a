"""Who works at a provider, as families see it: names of those alone who agreed, and what all hold together."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, null, union_all
from sqlalchemy import select as columns
from sqlmodel import Session, col, or_

from app.core.london import london_day
from app.evidence.queries import proven_registrations
from app.providers.models import Practitioner, ProfessionalBody, ProfessionalRegistration, Qualification
from app.publishing.cards.models import PublicName


@dataclass(frozen=True, slots=True)
class Named:
    """A practitioner who agreed to be named, with what they are registered with and have learnt."""

    name: str
    profession: str
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """Those named; of the others how many there are of each profession; and what all of them together hold."""

    named: tuple[Named, ...]
    others: tuple[tuple[str, int], ...]
    registrations: tuple[tuple[str, int], ...]
    qualifications: tuple[str, ...]


def teams(session: Session, provider_ids: Collection[UUID], now: datetime) -> dict[UUID, Team]:
    """Who works there: names of those alone who agreed, registrations that a checker has verified. One query."""
    on = london_day(now)
    current = (col(Practitioner.provider_id).in_(provider_ids), col(Practitioner.left_at).is_(None))
    people: Any = columns(
        col(Practitioner.provider_id),
        col(Practitioner.id),
        col(Practitioner.full_name),
        col(Practitioner.profession),
        col(PublicName.practitioner_id),
    ).outerjoin(PublicName, col(PublicName.practitioner_id) == Practitioner.id)
    registered = (
        people.add_columns(literal("registration"), col(ProfessionalBody.name))
        .join(ProfessionalRegistration, col(ProfessionalRegistration.practitioner_id) == Practitioner.id)
        .join(ProfessionalBody, col(ProfessionalBody.slug) == ProfessionalRegistration.body_slug)
        .where(
            *current,
            col(ProfessionalRegistration.id).in_(proven_registrations(on)),
            or_(
                col(ProfessionalRegistration.expires_on).is_(None),
                col(ProfessionalRegistration.expires_on) >= on,
            ),
        )
    )
    learnt = (
        people.add_columns(literal("qualification"), col(Qualification.name))
        .join(Qualification, col(Qualification.practitioner_id) == Practitioner.id)
        .where(*current)
    )
    everybody = people.add_columns(literal(""), null()).where(*current)
    of: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.execute(union_all(everybody, registered, learnt)):
        of[row[0]].append(row)
    return defaultdict(lambda: Team((), (), (), ()), {key: _team(rows) for key, rows in of.items()})


def _team(rows: list[Any]) -> Team:
    held: dict[UUID, list[str]] = defaultdict(list)
    kinds: dict[str, set[tuple[UUID, str]]] = defaultdict(set)
    people = {}
    for _, person_id, name, profession, agreed, kind, words in rows:
        people[person_id] = (name, profession, agreed is not None)
        if kind:
            held[person_id].append(words)
            kinds[kind].add((person_id, words))
    named = sorted(
        (
            Named(name, profession, tuple(sorted(set(held[key]))))
            for key, (name, profession, agreed) in people.items()
            if agreed
        ),
        key=lambda one: one.name,
    )
    others = Counter(profession or "Practitioner" for _, profession, agreed in people.values() if not agreed)
    bodies = Counter(words for _, words in kinds["registration"])
    qualifications = sorted({words for _, words in kinds["qualification"]})
    return Team(tuple(named), tuple(sorted(others.items())), tuple(sorted(bodies.items())), tuple(qualifications))
