"""What this room tells those above it: a fact on which agencies may rely no longer is what it was, or is again."""

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


ITEM_CHANGED: Final = News[ItemChanged]("a fact changed")
