"""Cards as families see them: found by place, therapy and need, one by one, or side by side. Few queries, however many cards."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, literal, not_, union_all
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.memberships.capacity.queries import Wait, waits
from app.organisations.models import Organisation
from app.organisations.rules import OrganisationKind
from app.providers.models import (
    Practitioner,
    Provider,
    ProviderArea,
    ProviderOffer,
    ProviderReach,
    ProviderRestriction,
    ProviderTherapy,
    Therapy,
)
from app.providers.policy import EDITORS
from app.providers.queries import Offered, in_force, own_provider
from app.providers.rules import Aspect, area, is_paused
from app.providers.rules.coverage import Coverage, coverage
from app.publishing.cards.models import PublicCard, PublicName
from app.publishing.cards.teams import Team, teams

PAGE: Final = 20
SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """One therapy in a sentence, with its wait, if any is stated."""

    slug: str
    name: str
    plain: str
    wait: Wait | None


@dataclass(frozen=True, slots=True)
class Card:
    """All that a family sees of a provider."""

    provider_id: UUID
    name: str
    summary: str
    expect: str
    website: str
    paused: bool
    paused_until: date | None
    listed: bool
    restricted: bool
    indexed: bool
    therapies: tuple[Offer, ...]
    offered: Offered
    authorities: tuple[str, ...]
    team: Team

    @property
    def shown(self) -> bool:
        """To anybody: the provider's own choice stands, but nothing is shown while it is restricted."""
        return self.listed and not self.restricted

    def labels(self, aspect: str) -> list[str]:
        return self.offered.labels(Aspect(aspect))

    def covers(self, sought: "Sought") -> Coverage:
        """Of several councils of the name typed, the first that the provider names, if it names one."""
        names = [name for _, name in sought.councils]
        council = next((name for name in names if name in self.authorities), next(iter(names), ""))
        return coverage(self.offered.reach(self.authorities), district=sought.district, authority=council)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a family looks for; nothing given looks for everything. `councils`: those of the name typed, by id."""

    district: str = ""
    councils: tuple[tuple[UUID, str], ...] = ()
    therapy: str = ""
    need: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A provider that names councils it works for, which no postcode is matched to: a family can only ask."""

    provider_id: UUID
    name: str
    authorities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of cards by name, and how many there are in all; and whom else to ask, where a postcode was sought."""

    cards: tuple[Card, ...]
    count: int
    number: int
    therapies: tuple[tuple[str, str], ...]
    ask: tuple[Ask, ...] = ()

    @property
    def pages(self) -> int:
        return pages(self.count)


@dataclass(frozen=True, slots=True)
class OwnCard:
    """A provider's card for those who write it, with whom they may name."""

    card: Card
    people: tuple[tuple[UUID, str], ...]
    named: tuple[UUID, ...]


def councils(session: Session, typed: str) -> tuple[tuple[UUID, str], ...]:
    """Local authorities whose name holds what was typed, by name; nothing for less than three letters."""
    typed = " ".join(typed.split())
    if len(typed) < SHORTEST:
        return ()
    named = select(Organisation.id, Organisation.name).where(
        Organisation.kind == OrganisationKind.AUTHORITY, col(Organisation.name).icontains(typed, autoescape=True)
    )
    return tuple(session.exec(named.order_by(Organisation.name, col(Organisation.id))).all())


def pages(count: int) -> int:
    return max(1, -(-count // PAGE))


def find(session: Session, sought: Sought, number: int = 1) -> Found:
    """Listed cards that fit, a page of them: past the end the last. Seven queries."""
    here = _listed(clock.now(session))
    offered: Any = select(col(ProviderTherapy.therapy_slug)).distinct()
    therapies = session.execute(
        select(Therapy.slug, Therapy.name)
        .where(col(Therapy.slug).in_(offered.where(col(ProviderTherapy.provider_id).in_(here))))
        .order_by(Therapy.name)
    )
    fits = (col(Organisation.id).in_(here), *_fits(sought))
    wanted = select(Organisation.id, func.count().over()).where(*fits)
    wanted = wanted.order_by(Organisation.name, col(Organisation.id)).limit(PAGE)
    rows = session.execute(wanted.offset((number - 1) * PAGE)).all()
    if not rows and number > 1:
        count = session.exec(select(func.count()).select_from(Organisation).where(*fits)).one()
        return find(session, sought, pages(count))
    count = rows[0][1] if rows else 0
    shown = cards(session, [provider_id for provider_id, _ in rows])
    ask = _to_ask(session, here, sought) if sought.district else ()
    return Found(shown, count, number, tuple((slug, name) for slug, name in therapies), ask)


def listed_cards(session: Session, provider_ids: Collection[UUID]) -> tuple[Card, ...]:
    """Those of these cards that anybody may see, in the order asked for."""
    kept = {card.provider_id: card for card in cards(session, provider_ids) if card.shown}
    return tuple(kept[key] for key in dict.fromkeys(provider_ids) if key in kept)


def listed_card(session: Session, provider_id: UUID) -> Card:
    """One card that anybody may see. Raises `NotFound`."""
    for card in listed_cards(session, [provider_id]):
        return card
    raise NotFound


def own_card(session: Session, actor: Actor, provider_id: UUID) -> OwnCard:
    """To those who keep the provider's profile, listed or not. Raises `NotFound`, `NotAllowed`."""
    own_provider(session, actor, provider_id, *EDITORS)
    [card] = cards(session, [provider_id])
    people = session.exec(
        select(Practitioner.id, Practitioner.full_name, PublicName.practitioner_id)
        .outerjoin(PublicName, col(PublicName.practitioner_id) == Practitioner.id)
        .where(Practitioner.provider_id == provider_id, col(Practitioner.left_at).is_(None))
        .order_by(Practitioner.full_name)
    ).all()
    return OwnCard(
        card,
        tuple((person_id, name) for person_id, name, _ in people),
        tuple(person_id for person_id, _, agreed in people if agreed),
    )


def cards(session: Session, provider_ids: Collection[UUID]) -> tuple[Card, ...]:
    """The cards of these providers by name, listed or not. Four queries."""
    now = clock.now(session)
    rows = session.execute(
        select(Provider, Organisation.name, PublicCard, ProviderReach)
        .add_columns(col(ProviderRestriction.id))
        .join(Organisation, col(Organisation.id) == Provider.id)
        .outerjoin(PublicCard, col(PublicCard.provider_id) == Provider.id)
        .outerjoin(ProviderReach, col(ProviderReach.provider_id) == Provider.id)
        .outerjoin(ProviderRestriction, (col(ProviderRestriction.provider_id) == Provider.id) & in_force(now))
        .where(col(Provider.id).in_(provider_ids))
        .order_by(Organisation.name, col(Provider.id))
    ).all()
    offers, people, waiting = (
        _offers(session, provider_ids),
        teams(session, provider_ids, now),
        waits(session, provider_ids, now),
    )
    return tuple(
        Card(
            provider_id=provider.id,
            name=name,
            summary=card.summary if card else "",
            expect=card.expect if card else "",
            website=provider.website,
            paused=is_paused(provider.paused_at, provider.paused_until, london_day(now)),
            paused_until=provider.paused_until,
            listed=bool(card and card.listed_at and not provider.archived_at),
            restricted=restriction is not None,
            indexed=bool(card and card.indexed),
            therapies=tuple(
                Offer(slug, words, plain, waiting[provider.id].get(slug))
                for slug, words, plain in sorted(offers[provider.id]["therapy"], key=lambda one: one[1])
            ),
            offered=Offered(
                {aspect: frozenset(slug for slug, _, _ in offers[provider.id][aspect]) for aspect in Aspect},
                *((reach.travels_from, reach.miles) if reach else ()),
            ),
            authorities=tuple(sorted(words for _, words, _ in offers[provider.id]["authority"])),
            team=people[provider.id],
        )
        for provider, name, card, reach, restriction in rows
    )


def _listed(now: datetime) -> Any:
    restricted = select(ProviderRestriction.provider_id).where(in_force(now))
    return (
        select(PublicCard.provider_id)
        .join(Provider, col(Provider.id) == PublicCard.provider_id)
        .where(
            col(PublicCard.listed_at).is_not(None),
            col(Provider.archived_at).is_(None),
            col(Provider.id).not_in(restricted),
        )
    )


def _to_ask(session: Session, here: Any, sought: Sought) -> tuple[Ask, ...]:
    """Who fits but for the postcode, and names councils: the first by name. One query."""
    elsewhere = (
        col(Organisation.id).in_(here),
        col(Organisation.id).in_(select(ProviderArea.provider_id)),
        not_(_near(sought.district)),
        *_fits(replace(sought, district="")),
    )
    first = select(Organisation.id).where(*elsewhere).order_by(Organisation.name, col(Organisation.id)).limit(PAGE)
    council = aliased(Organisation)
    found: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for provider_id, name, words in session.exec(
        select(Organisation.id, Organisation.name, council.name)
        .join(ProviderArea, col(ProviderArea.provider_id) == Organisation.id)
        .join(council, col(council.id) == ProviderArea.authority_id)
        .where(col(Organisation.id).in_(first))
        .order_by(Organisation.name, col(Organisation.id), council.name)
    ):
        found[provider_id, name].append(words)
    return tuple(Ask(*whose, tuple(words)) for whose, words in found.items())


def _offering(aspect: Aspect, *values: str) -> ColumnElement[bool]:
    return col(Organisation.id).in_(
        select(ProviderOffer.provider_id).where(
            col(ProviderOffer.aspect) == aspect, col(ProviderOffer.value).in_(values)
        )
    )


def _near(district: str) -> ColumnElement[bool]:
    region = area(district)
    near = select(ProviderReach.provider_id).where(col(ProviderReach.travels_from).regexp_match(f"^{region}([0-9]|$)"))
    return or_(
        _offering(Aspect.DISTRICT, district, region),
        col(Organisation.id).in_(near),
        _offering(Aspect.MODE, "online"),
    )


def _fits(sought: Sought) -> list[ColumnElement[bool]]:
    """A place fits where it is listed, where somebody travels from it or near it, or where they work online."""
    here = col(Organisation.id)
    fits: list[ColumnElement[bool]] = []
    if sought.district:
        fits.append(_near(sought.district))
    if sought.councils:
        ids = [council_id for council_id, _ in sought.councils]
        theirs = select(ProviderArea.provider_id).where(col(ProviderArea.authority_id).in_(ids))
        fits.append(or_(here.in_(theirs), _offering(Aspect.MODE, "online")))
    if sought.therapy:
        fits.append(
            here.in_(select(ProviderTherapy.provider_id).where(col(ProviderTherapy.therapy_slug) == sought.therapy))
        )
    if sought.need:
        fits.append(_offering(Aspect.NEED, sought.need))
    return fits


def _offers(session: Session, provider_ids: Collection[UUID]) -> dict[UUID, dict[str, list[tuple[str, str, str]]]]:
    """Value, words and plain words of what each provider offers, by aspect; therapies and authorities too. One query."""
    ticked = columns(
        col(ProviderOffer.provider_id), col(ProviderOffer.aspect), col(ProviderOffer.value), literal(""), literal("")
    ).where(col(ProviderOffer.provider_id).in_(provider_ids))
    therapies = (
        columns(
            col(ProviderTherapy.provider_id),
            literal("therapy"),
            col(Therapy.slug),
            col(Therapy.name),
            col(Therapy.plain),
        )
        .join(Therapy, col(Therapy.slug) == ProviderTherapy.therapy_slug)
        .where(col(ProviderTherapy.provider_id).in_(provider_ids))
    )
    authorities = (
        columns(col(ProviderArea.provider_id), literal("authority"), literal(""), col(Organisation.name), literal(""))
        .join(Organisation, col(Organisation.id) == ProviderArea.authority_id)
        .where(col(ProviderArea.provider_id).in_(provider_ids))
    )
    found: dict[UUID, dict[str, list[tuple[str, str, str]]]] = defaultdict(lambda: defaultdict(list))
    for provider_id, aspect, value, words, plain in session.execute(union_all(ticked, therapies, authorities)):
        found[provider_id][aspect].append((value, words, plain))
    return found
