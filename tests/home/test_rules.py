"""What a brief asks of whom, over every stage and role."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import pytest

from app.awards.boards.rules import BriefState
from app.briefs.rules import Phase
from app.home.rules import next_of_brief
from app.organisations.rules import Role
from tests import NOON

ME, OTHER, BRIEF = uuid4(), uuid4(), uuid4()
BUYERS = (Role.COMMISSIONER, Role.APPROVER, Role.CHAIR, Role.ASSESSOR)


def _next(
    phase: Phase,
    role: Role,
    *,
    created_by: UUID = OTHER,
    assessors: Iterable[UUID] = (OTHER,),
    undeclared: Iterable[UUID] = (),
    unsubmitted: Iterable[UUID] = (),
    approvals: Iterable[UUID] = (),
    proposed_by: UUID | None = None,
    asked: bool = False,
    to_mend: bool | None = None,
) -> str | None:
    brief = BriefState(
        BRIEF,
        "B-1: Therapy",
        phase,
        NOON,
        frozenset({created_by}),
        frozenset(assessors),
        frozenset(undeclared),
        frozenset(unsubmitted),
        frozenset(approvals),
        proposed_by=proposed_by,
        asked=asked,
        to_mend=to_mend,
    )
    todo = next_of_brief(brief, ME, {role})
    return todo.words if todo else None


DRAFT, CLOSED, OPENED = Phase.DRAFT, Phase.CLOSED, Phase.OPENED
CHAIR, COMMISSIONER, APPROVER = Role.CHAIR, Role.COMMISSIONER, Role.APPROVER


@pytest.mark.parametrize(
    ("phase", "facts", "asked"),
    [
        (DRAFT, {}, {COMMISSIONER: "Finish this"}),
        (DRAFT, {"to_mend": False}, {COMMISSIONER: "Ask for approval"}),
        (DRAFT, {"asked": True}, {APPROVER: "Check this"}),
        (DRAFT, {"asked": True, "created_by": ME}, {}),
        (DRAFT, {"asked": True, "to_mend": True}, {COMMISSIONER: "Finish this"}),
        (DRAFT, {"created_by": ME}, {COMMISSIONER: "Finish this"}),
        (Phase.OPEN, {}, {}),
        (Phase.OPEN, {"assessors": ()}, {CHAIR: "Choose the assessors"}),
        (CLOSED, {"assessors": ()}, {CHAIR: "Choose the assessors, so"}),
        (CLOSED, {"undeclared": (OTHER,)}, {CHAIR: "Get the assessors’"}),
        (CLOSED, {}, {CHAIR: "Approve the opening"}),
        (CLOSED, {"approvals": (ME,)}, {}),
        (CLOSED, {"approvals": (OTHER,)}, dict.fromkeys((CHAIR, COMMISSIONER, APPROVER), "Open the bids, as")),
        (OPENED, {"unsubmitted": (OTHER,)}, {}),
        (OPENED, {}, dict.fromkeys((CHAIR, COMMISSIONER), "Propose an award")),
        (OPENED, {"proposed_by": OTHER}, {APPROVER: "Decide on"}),
        (OPENED, {"proposed_by": ME}, {}),
        (OPENED, {"proposed_by": OTHER, "assessors": (ME,)}, {}),
        (Phase.AWARDED, {}, {}),
        (Phase.CANCELLED, {}, {}),
    ],
)
def test_what_a_brief_asks_of_whom(phase: Phase, facts: dict[str, object], asked: dict[Role, str]) -> None:
    found = {role: words for role in BUYERS if (words := _next(phase, role, **facts))}  # type: ignore[arg-type]
    assert found.keys() == asked.keys()
    assert all(words.startswith(asked[role]) for role, words in found.items())
