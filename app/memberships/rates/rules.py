"""Which price holds on a day, and when one may be proposed and agreed. Pure. Source: row 4.5 of the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.core.money import pounds
from app.core.refusals import Refusal
from app.frameworks.rules import UNITS, Mechanism, PriceUnit


@dataclass(frozen=True, slots=True)
class Rate:
    """A price that was agreed; it holds from the day it was proposed for, or was agreed on, whichever is later."""

    pence: int
    from_on: date
    agreed_on: date

    @property
    def since(self) -> date:
        return max(self.from_on, self.agreed_on)


@dataclass(frozen=True, slots=True)
class Limit:
    """The most a bid may ask for a unit of a lot. `exact`: the framework sets the price; `own`: the member's own card does."""

    pence: int
    exact: bool = False
    own: bool = False


def limit(*, ceiling_pence: int, mechanism: Mechanism, is_fixed: bool, card: Rate | None) -> Limit:
    """`card` is the member's price that holds, if it has one: no bid is above it, nor above the ceiling."""
    if not is_members_own(mechanism, is_fixed=is_fixed) or card is None:
        return Limit(ceiling_pence, exact=is_fixed)
    return Limit(min(card.pence, ceiling_pence), own=card.pence <= ceiling_pence)


def holding(rates: Iterable[Rate], on: date) -> Rate | None:
    """The price that holds on a day. Of two from one day, the one agreed later; `rates` in the order of their agreement."""
    found = sorted((rate for rate in rates if rate.since <= on), key=lambda rate: rate.since)
    return found[-1] if found else None


def coming(rates: Iterable[Rate], on: date) -> tuple[Rate, ...]:
    """Those that hold from a later day, the first first; of two from one day, the one agreed later."""
    found = {rate.since: rate for rate in rates if rate.since > on}
    return tuple(found[day] for day in sorted(found))


def is_members_own(mechanism: Mechanism, *, is_fixed: bool) -> bool:
    """Whether a member has a price of its own: on a rate card, unless the framework fixes this one."""
    return mechanism is Mechanism.RATE_CARD and not is_fixed


def why_not_propose(
    *, unit: PriceUnit, own: bool, most_pence: int, pence: int, waiting: bool, ended: bool, from_on: date, on: date
) -> Refusal | None:
    """`own`: the member has a price of its own for this unit, up to `most_pence`. Nothing changes for days that are over."""
    if ended:
        return Refusal("membership_ended", "This membership has ended.")
    if not own:
        return Refusal("not_own", f"The price for each {UNITS[unit]} is set by the framework, or quoted in each bid.")
    if waiting:
        return Refusal("waiting", f"A change of the price for each {UNITS[unit]} waits for an answer already.")
    if pence > most_pence:
        return Refusal("pence", f"The most for each {UNITS[unit]} in this lot is {pounds(most_pence)}")
    return None if from_on > on else Refusal("from_on", "Enter a day after today")


def why_not_answer(*, settled: bool, ended: bool = False) -> Refusal | None:
    """`ended`: the membership has, so there is nothing to agree to."""
    if ended:
        return Refusal("membership_ended", "This membership has ended.")
    return Refusal("settled", "This has been settled meanwhile.") if settled else None
