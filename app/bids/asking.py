"""What this room must know of those above it, once the letter of a bid is out: how it ended and was scored, and why."""

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a bid ended, and the letter that says so to its bidder."""

    bid_id: UUID
    letter_id: UUID
    won: bool


OUTCOMES: Final = Question[Collection[UUID], Outcome]("how these bids ended, of those whose outcome letters are out")
LETTERS_OUT: Final = Question[Collection[UUID], Feedback]("what the outcome letters say of these bids")


def feedback(session: Session, bid_ids: Collection[UUID]) -> dict[UUID, Feedback]:
    """By bid; nothing of a bid whose letter is not out."""
    return {one.bid_id: one for one in LETTERS_OUT.ask(session, bid_ids)} if bid_ids else {}


def outcomes(session: Session, bid_ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """By bid; nothing of a bid whose letter is not out."""
    return {one.bid_id: one for one in OUTCOMES.ask(session, bid_ids)} if bid_ids else {}
