"""What this room tells those above it: what becomes of its briefs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.actor import Actor
from app.core.news import News


@dataclass(frozen=True, slots=True)
class BriefNews:
    """A new version of a published brief, made by `by` at `at`. `amended`: it says something else, and not the deadline alone,
    moved by an outage or an early close.
    """

    brief_id: UUID
    version: int
    amended: bool
    by: Actor
    at: datetime


VERSION_PUBLISHED: Final = News[BriefNews]("a brief has a new version")
