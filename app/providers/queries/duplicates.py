"""Providers that may be one and the same, for the person who registers and for the administrators; and finding one by name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select

from app.organisations.models import Organisation, OrganisationSeat
from app.providers import rules
from app.providers.models import DuplicateSuggestion, Provider
from app.providers.rules.duplicates import Traces, shared, stems, telephone_digits, website_host

_COMPARED: Final = 200
_SHOWN: Final = 5
_SETTLED_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Alike:
    """A provider that may be the same, by its public name, and what it shares."""

    provider_id: UUID
    name: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two providers that may be one, as an administrator sees them."""

    id: UUID
    name: str
    kind: rules.ProviderKind
    registered_at: datetime
    other_name: str
    other_kind: rules.ProviderKind
    other_registered_at: datetime
    why: str
    suggested_at: datetime
    settled_at: datetime | None
    outcome: str | None


def alike(session: Session, traces: Traces, *, but: UUID | None = None, person_id: UUID | None = None) -> list[Alike]:
    """The few providers most like this one. Those of `person_id` are not suggested to them, nor is `but` to itself.

    The database finds at most two hundred to compare, by the beginnings of telling words; likeness is weighed here.
    """
    wanted = (
        select(Provider.id, Organisation.name, Provider.telephone, Provider.website)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(or_(*_leads(traces)), col(Provider.archived_at).is_(None), Provider.id != but)
        .order_by(Organisation.name, col(Provider.id))
        .limit(_COMPARED)
    )
    if person_id:
        seat = OrganisationSeat
        own = select(seat.organisation_id).where(seat.person_id == person_id, col(seat.ended_at).is_(None))
        wanted = wanted.where(col(Provider.id).not_in(own))
    found = session.exec(wanted)
    return _nearest(traces, ((id_, Traces(name, telephone, website)) for id_, name, telephone, website in found))


def alike_by_name(session: Session, names: Collection[str]) -> dict[str, list[Alike]]:
    """For each of many names the few providers most like it, as `alike` finds them, in one query."""
    if not names:
        return {}
    wanted = (
        select(Provider.id, Organisation.name)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(col(Provider.archived_at).is_(None))
        .order_by(Organisation.name, col(Provider.id))
    )
    here = [(provider_id, Traces(name), name.lower()) for provider_id, name in session.exec(wanted)]
    found = {}
    for name in names:
        beginnings = stems(name)
        led = ((id_, traces) for id_, traces, lower in here if any(stem in lower for stem in beginnings))
        found[name] = _nearest(Traces(name), islice(led, _COMPARED))
    return found


def known_as(session: Session, typed: str) -> tuple[UUID, ...]:
    """The providers of exactly this name, or with this official number. Several may share a name; never more than five."""
    numbers = [
        getattr(Provider, field) == known.tidy(typed)
        for field, known in rules.IDENTIFIERS.items()
        if len(known.tidy(typed)) <= known.most
    ]
    return tuple(
        session.exec(
            select(Provider.id)
            .join(Organisation, col(Organisation.id) == Provider.id)
            .where(
                or_(func.lower(Organisation.name) == typed.lower(), *numbers),
                col(Provider.archived_at).is_(None),
            )
            .order_by(col(Provider.id))
            .limit(_SHOWN)
        )
    )


def suggested(session: Session, provider_id: UUID, others: Collection[UUID]) -> set[UUID]:
    """Those of `others` that have been suggested beside this provider, in either order."""
    row = DuplicateSuggestion
    rows = session.exec(
        select(row.provider_id, row.other_id).where(
            or_(
                and_(row.provider_id == provider_id, col(row.other_id).in_(others)),
                and_(row.other_id == provider_id, col(row.provider_id).in_(others)),
            )
        )
    )
    return {other if one == provider_id else one for one, other in rows}


def pairs(session: Session, *, settled: bool) -> list[Pair]:
    """Suggested duplicates that wait, the oldest first; or the last that were settled."""
    one, other = aliased(Provider), aliased(Provider)
    name, other_name = aliased(Organisation), aliased(Organisation)
    row = DuplicateSuggestion
    wanted = (
        select(row, one, name.name, other, other_name.name)  # type: ignore[call-overload]
        .join(one, one.id == row.provider_id)
        .join(name, name.id == row.provider_id)
        .join(other, other.id == row.other_id)
        .join(other_name, other_name.id == row.other_id)
    )
    if settled:
        wanted = (
            wanted.where(col(row.settled_at).is_not(None)).order_by(col(row.settled_at).desc()).limit(_SETTLED_SHOWN)
        )
    else:
        wanted = wanted.where(col(row.settled_at).is_(None)).order_by(col(row.suggested_at)).limit(_COMPARED)
    return [_pair(*found) for found in session.execute(wanted)]


def _nearest(traces: Traces, found: Iterable[tuple[UUID, Traces]]) -> list[Alike]:
    likes = (Alike(provider_id, other.name, shared(traces, other)) for provider_id, other in found)
    return sorted((one for one in likes if one.why), key=lambda one: (-len(one.why), one.name))[:_SHOWN]


def _leads(traces: Traces) -> list[ColumnElement[bool]]:
    leads = [func.lower(Organisation.name).contains(stem, autoescape=True) for stem in stems(traces.name)]
    if digits := telephone_digits(traces.telephone):
        plain: ColumnElement[str] = col(Provider.telephone)  # type: ignore[assignment]
        for mark in " -()":
            plain = func.replace(plain, mark, "")
        leads.append(plain.endswith(digits))
    if host := website_host(traces.website):
        leads.append(func.lower(Provider.website).contains(host, autoescape=True))
    return leads


def _pair(row: DuplicateSuggestion, one: Provider, name: str, other: Provider, other_name: str) -> Pair:
    return Pair(
        id=row.id,
        name=name,
        kind=rules.ProviderKind(one.kind),
        registered_at=one.registered_at,
        other_name=other_name,
        other_kind=rules.ProviderKind(other.kind),
        other_registered_at=other.registered_at,
        why=row.why,
        suggested_at=row.suggested_at,
        settled_at=row.settled_at,
        outcome=row.outcome,
    )
