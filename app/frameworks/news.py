"""What this room tells those above it: what becomes of its rounds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.news import News


@dataclass(frozen=True, slots=True)
class RoundNews:
    """`by` is who did it, `at` when; `closes_at` is as it is now, and `reason` why it was changed, if it was."""

    round_id: UUID
    framework_id: UUID
    round: str
    framework: str
    opens_at: datetime
    closes_at: datetime
    at: datetime
    by: UUID
    reason: str = ""


ROUND_SET_UP: Final = News[RoundNews]("a round has been set up")
ROUND_EXTENDED: Final = News[RoundNews]("a round has been extended")
ROUND_CANCELLED: Final = News[RoundNews]("a round has been cancelled")
