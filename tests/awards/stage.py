"""One brief with two sealed bids, taken as far as a test needs: closed, declared, opened, scored, proposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import propose_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.awards.queries.assessment import criteria_of
from app.bids.rules import Letter
from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refused
from app.core.scoring import Mark
from app.settings import DEVELOPMENT_SECRET
from tests import NOON, factories
from tests.conftest import Clock
from tests.sealing import approve_opening, approve_prices, finish_quality

SECRET = DEVELOPMENT_SECRET
DRAIN = timedelta(seconds=60)
CLOSES = NOON + timedelta(days=10)
LETTERS = {
    "a": Letter(
        "Alder approach, slow and steady", "Alder experience, twelve years", "Therapist of Alder Therapy", 240_000
    ),
    "b": Letter(
        "Birch approach, lively and warm", "Birch experience, three years", "Therapist of Birch Therapy", 270_000
    ),
}


def marks(session: Session, brief_id: UUID, points: int, whose: str = "Somebody") -> dict[UUID, Mark]:
    """The same points for every criterion but price, with a reason that can be told from every other."""
    return {
        criterion.id: Mark(points, f"Points {points} for {criterion.name}: written by hand {_code(whose)}.")
        for criterion in criteria_of(session, brief_id)
        if not criterion.is_price
    }


def _code(whose: str) -> str:
    """A mark of whose reason it is that names nobody, as a reason must not."""
    return sha256(whose.encode()).hexdigest()[:8]


@dataclass
class Stage:
    """Bid `a` is Alder's, at the lowest price; bid `b` is Birch's."""

    db: Database
    clock: Clock
    made: factories.World
    brief_id: UUID
    bids: dict[str, UUID]

    def declared(self, interests: Mapping[UUID, str] | None = None) -> "Stage":
        """Both assessors have declared; the first with `interests`."""
        with self.db.write() as session:
            for assessor, told in ((self.made.assessor, interests or {}), (self.made.assessor_two, {})):
                add_assessor(session, self.made.chair, self.brief_id, assessor.known)
                declare_interests(session, assessor, self.brief_id, told)
        return self

    def opened(self, interests: Mapping[UUID, str] | None = None) -> "Stage":
        self.declared(interests)
        self.clock.set(CLOSES + DRAIN)
        for person in (self.made.chair, self.made.commissioner):
            with self.db.write() as session:
                approve_opening(session, person, self.brief_id, drain=DRAIN)
        return self

    def scored(self, interests: Mapping[UUID, str] | None = None) -> "Stage":
        """Alder has 4 and 5 of 5, Birch 3 and 4, except from an assessor with an interest."""
        self.opened(interests)
        self.score(self.made.assessor, {"a": 4, "b": 3}, but=frozenset(interests or ()))
        self.score(self.made.assessor_two, {"a": 5, "b": 4})
        return self

    def score(self, assessor: Actor, points: dict[str, int], *, but: frozenset[UUID] = frozenset()) -> None:
        providers = {"a": self.made.provider_a, "b": self.made.provider_b}
        with self.db.write() as session:
            open_bids(session, assessor, self.brief_id, secret=SECRET)
            for key, mark in points.items():
                if providers[key] not in but:
                    given = marks(session, self.brief_id, mark, f"{assessor.name} of {key}")
                    save_scores(session, assessor, self.brief_id, self.bids[key], given, secret=SECRET)
            submit_scores(session, assessor, self.brief_id, secret=SECRET)

    def proposed(self) -> "Stage":
        return self.scored().propose()

    def assessed(self) -> "Stage":
        """Of two envelopes: it is on record that quality is assessed."""
        with self.db.write() as session:
            finish_quality(session, self.made.chair, self.brief_id)
        return self

    def priced(self) -> "Stage":
        for person in (self.made.chair, self.made.commissioner):
            with self.db.write() as session:
                approve_prices(session, person, self.brief_id)
        return self

    def propose(self) -> "Stage":
        with self.db.write() as session:
            propose_award(session, self.made.chair, self.brief_id, self.bids["a"], reason="", secret=SECRET)
        return self


@dataclass(frozen=True)
class Begun:
    """What a stage begins with: a brief that is open, and the bids that wait for it."""

    made: factories.World
    brief_id: UUID
    bids: dict[str, UUID]


def with_bids(session: Session, *, bids: bool = True, two_envelopes: bool = False) -> Begun:
    made = factories.world(session)
    brief_id = factories.brief(session, made, closes_at=CLOSES, two_envelopes=two_envelopes)
    owners = {"a": (made.provider_a, made.owner_a), "b": (made.provider_b, made.owner_b)}
    sent = {
        key: factories.submitted_bid(session, brief_id, provider_id, owner, LETTERS[key])
        for key, (provider_id, owner) in (owners.items() if bids else ())
    }
    return Begun(made, brief_id, sent)


def stage(db: Database, clock: Clock, begun: Begun) -> Stage:
    return Stage(db, clock, begun.made, begun.brief_id, dict(begun.bids))


def written(db: Database, clock: Clock, *, bids: bool = True, two_envelopes: bool = False) -> Stage:
    """A stage in a world of its own beside what the test began with."""
    with db.write() as session:
        begun = with_bids(session, bids=bids, two_envelopes=two_envelopes)
    return stage(db, clock, begun)


def refused(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.refusal.code


def events(session: Session, *names: str) -> list[str]:
    rows = session.exec(select(audit.AuditEvent).order_by(audit.AuditEvent.position))
    return [audit.sentence(row) for row in rows if row.name in names]
