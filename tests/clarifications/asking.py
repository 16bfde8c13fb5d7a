"""A brief and a round to ask about, and what became of a question."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.clarifications import commands, queries
from app.clarifications.models import Clarification
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import Refused
from tests import NOON, factories
from tests.factories import World

WORDS = "May two therapists share the work of one family?"
REASON = "The answer would tell others how we set our prices."


class Case:
    """A brief and a round of the world, and their two sides, for tests that run over both."""

    def __init__(self, session: Session, made: World, about: str) -> None:
        self.made, self.about, self.asks = made, about, 0
        self.brief_id = factories.brief(session, made)
        self.answering = made.commissioner if about == "brief" else made.lead

    def place(self, session: Session, actor: Actor, now: object = None) -> queries.Place:
        at = now or NOON
        if self.about == "brief":
            return queries.of_members_brief(session, actor, self.brief_id, at)  # type: ignore[arg-type]
        return queries.of_round(session, actor, self.made.round_id, at)  # type: ignore[arg-type]

    def asked(self, session: Session, words: str = "", reason: str = "", *, ask: bool = True) -> UUID:
        """In words of its own, if none are given: the same words are the same question."""
        asker, self.asks = self.made.owner_a, self.asks + 1
        words = words or f"{WORDS}{' And then?' * self.asks}"
        place = self.place(session, asker)
        return commands.write_question(session, asker, place, self.made.provider_a, words, reason, ask=ask)

    def accepted(self, session: Session) -> UUID:
        made = self.asked(session)
        commands.accept_question(session, self.answering, made, WORDS)
        return made


def state(session: Session, clarification_id: UUID) -> str:
    return session.get_one(Clarification, clarification_id).state


def mails(session: Session, event: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.template == f"clarifications/{event}.txt")
    return list(session.exec(query.order_by(OutboxMessage.to_address)))


def refused(db: Database, code: str, act: Callable[[Session], object]) -> None:
    """In a write of its own, which the refusal takes back."""
    with pytest.raises(Refused) as found, db.write() as session:
        act(session)
    assert found.value.refusal.code == code
