"""What this room must know of those above it: whether questions about a brief wait for an answer, and who assesses it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.news import Question


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the oldest does."""

    count: int
    oldest: datetime


QUESTIONS_WAITING: Final = Question[UUID, Waiting]("how many questions about a brief wait for an answer")
ASSESSORS: Final = Question[UUID, UUID]("which people are asked to assess a brief")
