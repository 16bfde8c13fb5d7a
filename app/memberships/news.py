"""What this room tells those above it: that a membership has ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.news import News


@dataclass(frozen=True, slots=True)
class Ended:
    """`at` is when it ended, which may be earlier than when that was written down."""

    provider_id: UUID
    lot_id: UUID
    region_id: UUID
    at: datetime


ENDED: Final = News[Ended]("a membership has ended")
