"""Asking for one thing of a submitted application to be changed, and the clock that stands still meanwhile. Pure."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from app.applications.rules.life import Phase
from app.core.refusals import Refusal
from app.core.working_days import is_working_day

TARGET_DAYS: Final = 10
"""Working days in which an application is to be decided: the service's promise."""

STATEMENT: Final = "statement"
QUESTION: Final = "question:"
PRICES: Final = "prices:"
"""What is returned is the statement, an answer by its question's id, the prices of a lot by its id, or a kind of evidence."""

Pause = tuple[date, date | None]
"""The days on which a change was asked for and made; None while it is not made."""


def waited(*, submitted_on: date, on: date, pauses: Collection[Pause]) -> int:
    """Working days since it was submitted, up to and with `on`, but for those after a change was asked for until it was made."""
    days = (submitted_on + timedelta(n) for n in range(1, (on - submitted_on).days + 1))
    return sum(is_working_day(day) and not any(_paused(day, pause) for pause in pauses) for day in days)


def question_of(item: str) -> UUID | None:
    """The question whose answer was returned, if that is what was."""
    return UUID(item.removeprefix(QUESTION)) if item.startswith(QUESTION) else None


def lot_of(item: str) -> UUID | None:
    """The lot whose prices were returned, if that is what was."""
    return UUID(item.removeprefix(PRICES)) if item.startswith(PRICES) else None


def why_not_request(*, phase: Phase, own_provider: bool, requested: bool) -> Refusal | None:
    """`requested` says that a change of the same thing is asked for already and not made yet."""
    if own_provider:
        return Refusal("own_provider", "You belong to this provider, so somebody else has to ask.")
    if phase is not Phase.SUBMITTED:
        return Refusal("not_waiting", "Nothing of this application waits for a decision, so nothing can be returned.")
    if requested:
        return Refusal("requested_already", "A change of this is asked for already. Wait until it is made.")
    return None


def why_not_change(*, phase: Phase, owner: bool, made: bool) -> Refusal | None:
    """Whether its provider may make the change it was asked for; once made, it is made."""
    if made:
        return Refusal("changed_already", "You have made this change already.")
    if phase is not Phase.SUBMITTED:
        return Refusal("not_waiting", "Nothing of this application waits for a decision any more.")
    if not owner:
        return Refusal("owner_changes", "Only an owner of the provider can change what it has submitted.")
    return None


def _paused(day: date, pause: Pause) -> bool:
    asked_on, made_on = pause
    return asked_on < day and (made_on is None or day <= made_on)
