"""What of an application passes by itself, part by part, and what goes to a person, with every rule in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session

from app.applications.queries import ApplicationView, PartView
from app.applications.rules import PartState, Phase
from app.applications.scoring.queries.standing import Assessed, PartStanding, assessed
from app.applications.scoring.rules import Check, all_pass, answered, changed, evidenced, scored
from app.frameworks.models import Lot
from app.frameworks.rules import Admission


@dataclass(frozen=True, slots=True)
class Judged:
    """One part: every rule and what it came to, whether all passed, and whether that lets it be accepted now."""

    checks: tuple[Check, ...]
    passes: bool
    acceptable: bool
    found: PartStanding

    @property
    def for_a_person(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)


@dataclass(frozen=True, slots=True)
class Judgement:
    """An application: the day its batch is decided, if it waits for one, and each part by its id."""

    batch: date | None
    parts: Mapping[UUID, Judged]

    @property
    def acceptable(self) -> frozenset[UUID]:
        """The parts that pass by themselves and may be accepted now."""
        return frozenset(part_id for part_id, part in self.parts.items() if part.acceptable)


def judged(session: Session, view: ApplicationView, on: date) -> Judgement:
    """How each part of a submitted application stands with its lot's rules on a London day."""
    found = assessed(session, view, view.parts, on)
    return Judgement(found.batch, {part.id: _judged(view, part, found) for part in view.parts})


def _judged(view: ApplicationView, part: PartView, found: Assessed) -> Judged:
    lot, standing = found.lots[part.lot_id], found.parts[part.id]
    checks = tuple(_checks(view, lot, found, standing))
    waits = view.phase is Phase.SUBMITTED and part.state is PartState.REQUESTED
    passes = all_pass(checks)
    return Judged(checks, passes, passes and waits and standing.why_not_accept is None, standing)


def _checks(view: ApplicationView, lot: Lot, found: Assessed, standing: PartStanding) -> list[Check]:
    marked = scored(standing.tally, pass_mark=lot.pass_mark, ranked=lot.admission == Admission.RANKED)
    return [
        *(evidenced(line.name, line.standing) for line in view.evidence if lot.number in line.lots),
        *(
            answered(one.text, one.passes, one.answer)
            for one in found.questions
            if one.passes and one.asked_for((lot.id,))
        ),
        *((marked,) if marked else ()),
        *((changed(),) if any(one.made_at is None for one in view.returned) else ()),
    ]
