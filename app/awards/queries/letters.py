"""Looking at outcome letters: a bidder's own, and nobody else's."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.awards.models import OutcomeLetter
from app.awards.policy import READERS, RECEIVERS
from app.awards.rules import LetterOutcome
from app.bids.asking import Feedback, Outcome
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.organisations.policy import provider_ids


@dataclass(frozen=True, slots=True)
class LetterView:
    """`content` is what was fixed when the letter was sent (rules.letters.letter); `receives`: its reader may see what it won."""

    id: UUID
    outcome: str
    sent_at: datetime
    content: dict[str, Any]
    content_sha256: str
    receives: bool


def own_letters(session: Session, actor: Actor, *, most: int = 100) -> tuple[LetterView, ...]:
    """The letters to this person's providers, newest first."""
    rows = session.exec(_own(actor).order_by(col(OutcomeLetter.sent_at).desc(), col(OutcomeLetter.id)).limit(most))
    return tuple(_view(row, actor) for row in rows)


def own_letter(session: Session, actor: Actor, letter_id: UUID) -> LetterView:
    """Raises `NotFound`: another provider's letter does not exist."""
    row = session.exec(_own(actor).where(OutcomeLetter.id == letter_id)).first()
    if row is None:
        raise NotFound
    return _view(row, actor)


def letters_out(session: Session, bid_ids: Collection[UUID]) -> list[Feedback]:
    """What the letters about these bids say to their bidders, who alone ask: the scores and the reasons, without the price."""
    rows = session.exec(select(OutcomeLetter).where(col(OutcomeLetter.bid_id).in_(bid_ids)))
    return [
        Feedback(
            row.bid_id,
            row.outcome,
            row.content["own"]["total"],
            tuple(
                (line["name"], f"{line['score']} of {line['weight']}", tuple(line["reasons"]))
                for line in row.content["own"]["criteria"]
                if not line["price"]
            ),
        )
        for row in rows
        if "own" in row.content
    ]


def outcomes(session: Session, bid_ids: Collection[UUID]) -> list[Outcome]:
    """How these bids ended, for their bidders, who alone ask; where there are several letters about one, the last is last."""
    rows = session.exec(
        select(OutcomeLetter.bid_id, OutcomeLetter.id, OutcomeLetter.outcome)
        .where(col(OutcomeLetter.bid_id).in_(bid_ids))
        .order_by(col(OutcomeLetter.sent_at))
    )
    return [Outcome(bid_id, letter_id, outcome == LetterOutcome.SUCCESSFUL) for bid_id, letter_id, outcome in rows]


def _own(actor: Actor) -> Any:
    return select(OutcomeLetter).where(col(OutcomeLetter.provider_id).in_(provider_ids(actor, *READERS)))


def _view(row: OutcomeLetter, actor: Actor) -> LetterView:
    receives = row.outcome == LetterOutcome.SUCCESSFUL and row.provider_id in provider_ids(actor, *RECEIVERS)
    return LetterView(row.id, row.outcome, row.sent_at, row.content, row.content_sha256, receives)
