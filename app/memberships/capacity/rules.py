"""When a figure has gone stale, and who may state one. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.actor import Actor
from app.organisations.policy import provider_ids
from app.organisations.rules import Role

FRESH_FOR: Final = timedelta(days=28)
NEWLY_SAID: Final = timedelta(hours=1)
MOST_PLACES: Final = 999
MOST_WEEKS: Final = 104
STATERS: Final = (Role.OWNER, Role.BIDS, Role.DOCUMENTS)


@dataclass(frozen=True, slots=True)
class Figures:
    """Places free now, and how many weeks a family would wait for the first session."""

    places: int
    weeks: int


def usual(said: Iterable[Figures]) -> Figures | None:
    """What is said most often; of two said as often, the one that was said first."""
    counted = Counter(said)
    return max(counted, key=counted.__getitem__, default=None)


def stale(as_of: datetime, now: datetime) -> bool:
    return now - as_of >= FRESH_FOR


def newly_said(as_of: datetime, now: datetime) -> bool:
    """The same said again within the hour is a second click, and no news."""
    return now - as_of < NEWLY_SAID


def states_for(actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, *STATERS)
