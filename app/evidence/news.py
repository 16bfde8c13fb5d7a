"""What this room tells those above it: a fact on which agencies rely is not what it was, or is again; people were forgotten."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.news import News
from app.evidence.rules.changes import Change, Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChanged:
    """`item_id` is the fact that was relied on, `newer_id` what took or was to take its place; no content of a DBS file."""

    item_id: UUID
    newer_id: UUID | None
    provider_id: UUID
    kind_slug: str
    change: Change
    difference: tuple[Difference, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class PeopleForgotten:
    """The names of a closed provider's people have gone here, and go from what it shared."""

    provider_id: UUID


PEOPLE_FORGOTTEN: Final = News[PeopleForgotten]("the people of a provider were forgotten")
ITEM_CHANGED: Final = News[ItemChanged]("a fact changed")
