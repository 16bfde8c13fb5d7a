"""Whom a provider works with and how, as ticked, as told, and whether it covers a postcode."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.core.actor import Actor
from app.core.refusals import NotFound
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import OrganisationKind
from app.providers import policy, rules
from app.providers.models import Provider, ProviderArea, ProviderOffer, ProviderReach
from app.providers.rules import Aspect
from app.providers.rules.coverage import Reach


@dataclass(frozen=True, slots=True)
class Offered:
    """What is ticked, by aspect; how far somebody travels and from which district, where they said so."""

    chosen: Mapping[Aspect, frozenset[str]]
    travels_from: str = ""
    miles: int | None = None

    def reach(self, authorities: Collection[str] = ()) -> Reach:
        """Where they work, for the question whether they cover a place."""
        districts, modes = self.chosen.get(Aspect.DISTRICT, ()), self.chosen.get(Aspect.MODE, ())
        return Reach(districts, authorities, self.travels_from, self.miles, "online" in modes)

    def labels(self, aspect: Aspect) -> list[str]:
        """In the order of the list they were ticked in; districts by name."""
        known, ticked = rules.CHOICES.get(aspect), self.chosen.get(aspect, frozenset())
        return [words for value, words in known.items() if value in ticked] if known else sorted(ticked)

    def told(self) -> tuple[tuple[str, str], ...]:
        """Heading and words for each aspect of which anything is said."""
        lines = [(rules.WORDS[aspect], "; ".join(self.labels(aspect))) for aspect in Aspect]
        if self.miles:
            lines.append(
                ("Travels", f"Up to {self.miles} {'mile' if self.miles == 1 else 'miles'} from {self.travels_from}")
            )
        return tuple((heading, words) for heading, words in lines if words)


def offered(session: Session, provider_id: UUID) -> Offered:
    """Two queries."""
    chosen: dict[Aspect, set[str]] = defaultdict(set)
    for aspect, value in session.exec(
        select(ProviderOffer.aspect, ProviderOffer.value).where(ProviderOffer.provider_id == provider_id)
    ):
        chosen[Aspect(aspect)].add(value)
    reach = session.get(ProviderReach, provider_id)
    kept = {aspect: frozenset(values) for aspect, values in chosen.items()}
    return Offered(kept, reach.travels_from, reach.miles) if reach else Offered(kept)


def services(session: Session, actor: Actor, provider_id: UUID) -> tuple[str, Offered]:
    """The provider's name and services, to its own people and to buyers. Raises `NotFound`."""
    if provider_id not in provider_ids(actor) and not policy.sees_every_provider(actor):
        raise NotFound
    name = session.exec(
        select(Organisation.name).join(Provider, col(Provider.id) == Organisation.id).where(Provider.id == provider_id)
    ).first()
    if name is None:
        raise NotFound
    return name, offered(session, provider_id)


def authorities(session: Session) -> list[tuple[UUID, str]]:
    """Every local authority by name."""
    rows = session.exec(
        select(Organisation.id, Organisation.name)
        .where(Organisation.kind == OrganisationKind.AUTHORITY)
        .order_by(Organisation.name)
    )
    return [(authority_id, name) for authority_id, name in rows]


def authorities_served(session: Session, provider_id: UUID) -> frozenset[str]:
    """The names of the authorities whose families this provider says it can serve."""
    rows = session.exec(
        select(Organisation.name)
        .join(ProviderArea, col(ProviderArea.authority_id) == Organisation.id)
        .where(ProviderArea.provider_id == provider_id)
    )
    return frozenset(rows)
