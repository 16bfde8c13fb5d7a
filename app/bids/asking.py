"""What this room must know of those above it: how a bid was scored, and what its assessors wrote, once its letter is out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from app.core.news import Question


@dataclass(frozen=True, slots=True)
class Feedback:
    """`lines` are (criterion, score of its weight in words, the assessors' reasons), price left out."""

    bid_id: UUID
    outcome: str
    total: str
    lines: tuple[tuple[str, str, tuple[str, ...]], ...]


LETTERS_OUT: Final = Question[Collection[UUID], Feedback]("what the outcome letters say of these bids")


def feedback(session: Session, bid_ids: Collection[UUID]) -> dict[UUID, Feedback]:
    """By bid; nothing of a bid whose letter is not out."""
    return {one.bid_id: one for one in LETTERS_OUT.ask(session, bid_ids)} if bid_ids else {}
