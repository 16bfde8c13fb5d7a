"""Consortia: who may be invited, answer and leave. Pure.

invited -> accepted or declined; accepted -> left. The lead is a member from the first day and cannot leave; it ends the
consortium. Who declined or left may be invited again.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal


class MemberState(StrEnum):
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LEFT = "left"


MOVES: Final = {
    ("accept", MemberState.INVITED): MemberState.ACCEPTED,
    ("decline", MemberState.INVITED): MemberState.DECLINED,
    ("leave", MemberState.ACCEPTED): MemberState.LEFT,
}
_TWICE: Final = {"accept": "accepted", "decline": "declined", "leave": "left"}


def member_state(
    *, accepted_at: datetime | None, declined_at: datetime | None, left_at: datetime | None
) -> MemberState:
    if left_at:
        return MemberState.LEFT
    if declined_at:
        return MemberState.DECLINED
    return MemberState.ACCEPTED if accepted_at else MemberState.INVITED


def is_again(verb: str, now: MemberState) -> bool:
    """Whether this was done already, so that a second click is quiet."""
    return _TWICE[verb] == now


def why_not_answer(verb: str, now: MemberState, *, lead: bool, ended: bool) -> Refusal | None:
    """`lead`: this member leads the consortium."""
    if ended:
        return Refusal("consortium_ended", "This consortium has ended.")
    if lead:
        return Refusal("lead_stays", "The lead cannot leave its own consortium. End the consortium instead.")
    if (verb, now) in MOVES:
        return None
    return Refusal(
        f"not_{verb}",
        f"This member has {now.value}, so it cannot {verb}."
        if now is not MemberState.INVITED
        else f"This member was invited and has not answered, so it cannot {verb}.",
    )


def why_not_invite(*, found: int, already: bool, ended: bool) -> Refusal | None:
    """`found`: how many providers are known by what was typed; `already`: one of them is invited or a member."""
    if ended:
        return Refusal("consortium_ended", "This consortium has ended.")
    if found == 0:
        return Refusal("nobody_known_as", "No provider with this name or number is registered. It registers first.")
    if found > 1:
        return Refusal("several_known_as", "More than one provider has this name. Use one of its official numbers.")
    if already:
        return Refusal("invited_already", "This provider is invited or a member already.")
    return None
