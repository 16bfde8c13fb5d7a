"""Whether a member may act in a lot and region today, and if not, every reason. Pure."""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.london import day_in_words
from app.core.refusals import Refusal
from app.evidence.rules import Standing
from app.frameworks.rules import Phase


class FloorChoice(StrEnum):
    """What a lead may decide about a rating below the floor. To end a membership, with notice, takes a second lead."""

    KEEP = "keep"
    WATCH = "watch"
    END = "end"


class State(StrEnum):
    CONDITIONAL = "conditional"
    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Why(StrEnum):
    """Whether, or in general why not, a member may be invited: what people narrow a list to."""

    NOTHING = "nothing"
    EVIDENCE = "evidence"
    AGREEMENT = "agreement"
    PAUSE = "pause"
    HELD = "held"


WHY_WORDS: Final = {
    Why.NOTHING: "Nothing: it can be invited",
    Why.EVIDENCE: "A document is missing, waiting or out of date",
    Why.AGREEMENT: "The agreement is not signed by both, or is on hold",
    Why.PAUSE: "It takes no work for a while",
    Why.HELD: "It is suspended or restricted",
}
_WHY: Final = {
    "not_signed": Why.AGREEMENT,
    "not_countersigned": Why.AGREEMENT,
    "on_hold": Why.AGREEMENT,
    "provider_paused": Why.PAUSE,
    "membership_paused": Why.PAUSE,
    "suspended": Why.HELD,
    "provider_restricted": Why.HELD,
}


class Moment(StrEnum):
    """When eligibility is asked and its answer kept. At view it is worked out afresh and not kept."""

    START = "start"
    SUBMIT = "submit"
    CLOSE = "close"
    AWARD = "award"


class Answer(StrEnum):
    """What an agency says to a changed fact on which it relies."""

    CONTENT = "content"
    ASKED = "asked"


Evidence = tuple[str, Standing] | tuple[str, Standing, str] | tuple[str, Standing, str, bool]


ANEW: Final = "_anew"
"""Ends the code of a reason that is about what is to take the place of expired evidence."""

_EVIDENCE: Final = {
    Standing.MISSING: ("is missing", "Add it"),
    Standing.PROMISED: ("is promised, but not supplied yet", "Supply it"),
    Standing.AWAITING_CHECK: ("is waiting for a checker", "See where it stands"),
    Standing.RETURNED: ("was returned by the checker with something to put right", "Put it right"),
    Standing.EXPIRED: ("has expired", "Add the new one"),
    Standing.REFUSED: ("was refused by two checkers", "See why"),
    Standing.UNACCEPTED: ("waits for one more check", "See whose check is awaited"),
    Standing.UNFIT: ("is not met by what is held", "Add what the lot asks for"),
}


def why_not_eligible(
    *,
    provider_id: UUID,
    framework_id: UUID,
    membership_id: UUID | None,
    signed: bool,
    phase: Phase,
    paused: bool,
    restricted: bool,
    closed: bool,
    evidence: Iterable[Evidence],
    ended_on: date | None = None,
    back_on: date | None = None,
    suspended: bool = False,
    suspended_until: date | None = None,
    countersigned: bool = True,
    on_hold_until: date | None = None,
    lead: str = "The framework’s lead",
) -> tuple[Refusal, ...]:
    """Every reason why this provider may not act in this lot and region now; none means that it may.

    `phase` is the framework's, `closed` an archived provider, `restricted` one held back by two people, whose grounds are
    not for everybody who reads this; `ended_on` the last day of notice that is over; `back_on` the day of return from the
    member's own pause here; `suspended` that two people suspended it, with its last day if it has one, of which the grounds
    are on its own page; `signed` that its provider has, and `countersigned` that its `lead` has or need not; `on_hold_until` when
    the lead looks again at an agreement that is on hold; `evidence` what the lot requires, in words, with its standing and,
    where something is held that does not do, why, and whether
    what did before has expired meanwhile.
    The same answer serves at view, start, submit, close, award and sign.
    """
    if membership_id is None:
        join = (f"/frameworks/{framework_id}", "See when it can be joined")
        return (Refusal("not_a_member", "There is no membership of this lot in this region.", join),)
    found: list[Refusal] = []
    if ended_on:
        found.append(Refusal("notice_over", f"The membership ended on {day_in_words(ended_on)}, with notice."))
    if phase in (Phase.ENDED, Phase.WITHDRAWN):
        found.append(Refusal("framework_ended", "The framework has ended."))
    elif phase is not Phase.LIVE:
        found.append(Refusal("framework_not_begun", "The framework has not begun yet."))
    if closed:
        found.append(Refusal("provider_closed", "The provider has closed its registration."))
    elif restricted:
        fix = (f"/providers/{provider_id}/restriction", "See what this means, and whom to write to")
        found.append(
            Refusal("provider_restricted", "The provider is restricted, so it takes no new work for now.", fix)
        )
    elif paused:
        fix = (f"/providers/{provider_id}", "Take referrals again")
        found.append(Refusal("provider_paused", "The provider has paused itself and takes no referrals.", fix))
    if suspended:
        until = f" until the end of {day_in_words(suspended_until)}" if suspended_until else ""
        fix = (f"/memberships/{membership_id}/concerns", "See why, and what you can do")
        found.append(Refusal("suspended", f"The framework’s lead has suspended this membership{until}.", fix))
    if back_on:
        fix = (f"/memberships/{membership_id}", "Take work here again")
        words = f"The provider takes no work in this lot and region until {day_in_words(back_on)}."
        found.append(Refusal("membership_paused", words, fix))
    if not (signed and countersigned):
        found.append(_why_not_agreed(f"/memberships/{membership_id}/agreement", signed, on_hold_until, lead))
    found += (
        why_not_relied_on(provider_id, name, standing, *against)
        for name, standing, *against in evidence
        if standing in _EVIDENCE
    )
    return tuple(found)


def _why_not_agreed(page: str, signed: bool, on_hold_until: date | None, lead: str) -> Refusal:
    """What an agreement waits for that is not complete, and whom to ask."""
    if on_hold_until:
        words = f"{lead} has put the agreement on hold, and looks at it again on {day_in_words(on_hold_until)}."
        return Refusal("on_hold", words, (page, "See why, and whom to ask"))
    if signed:
        words = f"The agreement waits for the countersignature of {lead}."
        return Refusal("not_countersigned", words, (page, "See it, and whom to ask"))
    return Refusal("not_signed", "The agreement is not signed.", (page, "Read and sign the agreement"))


def is_why(why: Why, reasons: Collection[Refusal]) -> bool:
    """Whether this is, among others, why a member with these reasons may not be invited; nothing, where it may."""
    if why is Why.NOTHING:
        return not reasons
    return any(why is (Why.EVIDENCE if one.code.startswith("evidence_") else _WHY.get(one.code)) for one in reasons)


def why_not_relied_on(
    provider_id: UUID, name: str, standing: Standing, against: str = "", lapsed: bool = False
) -> Refusal:
    """Why a piece of evidence that is not verified and current cannot be relied on. `lapsed`: one before it has expired."""
    words, link = _EVIDENCE[standing]
    because = f": {against}" if against else ""
    page = "relied-on" if standing is Standing.UNACCEPTED else "evidence"
    code, before = (
        (f"evidence_{standing}{ANEW}", " has expired, and the new one") if lapsed else (f"evidence_{standing}", "")
    )
    return Refusal(code, f"{name}{before} {words}{because}.", (f"/providers/{provider_id}/{page}", link))


_NOT_YET: Final = frozenset(
    f"evidence_{standing}"
    for standing in (
        Standing.MISSING,
        Standing.PROMISED,
        Standing.AWAITING_CHECK,
        Standing.RETURNED,
        Standing.REFUSED,
        Standing.UNACCEPTED,
    )
)


def state(*, signed: bool, ended: bool, phase: Phase, reasons: Collection[Refusal]) -> State:
    """Derived, never stored: suspended today may be active tomorrow with no human hand. `signed`: by everybody who has to.

    What only waits for evidence that never was verified is conditional; suspended is what could be used before; paused is
    what its own provider rests here until a day, and nothing else stands in its way.
    """
    if ended or phase in (Phase.ENDED, Phase.WITHDRAWN):
        return State.ENDED
    if not reasons and signed:
        return State.ACTIVE
    codes = {r.code for r in reasons}
    if signed and codes == {"membership_paused"}:
        return State.PAUSED
    return State.CONDITIONAL if not signed or codes - {"membership_paused"} <= _NOT_YET else State.SUSPENDED


def why_not_pause(*, until: date, on: date, ended: bool) -> Refusal | None:
    """A pause of one membership has a day of return, after today and within two years, so that nobody mistypes the year."""
    if ended:
        return Refusal("membership_ended", "This membership has ended, so there is nothing to pause.")
    if until <= on:
        return Refusal("day", "The day you take work here again must be after today")
    if until.year > on.year + 2:
        return Refusal("day", "The day you take work here again must be within two years")
    return None


def why_not_leave(*, last_day: date, on: date, notice_until: date | None) -> Refusal | None:
    """A provider leaves today, or with notice that ends on a later day; where notice was given already, only sooner."""
    if last_day < on:
        return Refusal("day", "Your last day must be today or later")
    return why_not_decide(notice_until) if notice_until and last_day >= notice_until else None


def notice_over(ends_on: date | None, on: date) -> bool:
    """Whether the last day of a membership's notice has passed on this London day; `live` is the twin for SQL."""
    return ends_on is not None and ends_on < on


_DAY: Final = {
    FloorChoice.WATCH: "Enter the day, after today, on which you look again",
    FloorChoice.END: "Enter the last day of the membership, after today",
}


def why_not_day(choice: FloorChoice, *, day: date | None, on: date) -> Refusal | None:
    """Who stays under watch is looked at again on a day to come, and notice runs to one."""
    if choice not in _DAY or (day is not None and day > on):
        return None
    return Refusal("day", _DAY[choice])


def why_not_decide(notice_until: date | None) -> Refusal | None:
    """Notice that was given stands."""
    if notice_until is None:
        return None
    words = f"Notice has been given: the membership ends on {day_in_words(notice_until)}."
    return Refusal("notice_given", words)


def why_not_confirm(*, decided_by: UUID, person: UUID | None) -> Refusal | None:
    """A membership is ended by two. Source: state machine 6."""
    if decided_by != person:
        return None
    return Refusal("second_person", "You proposed to end this membership, so another lead must confirm it.")


def why_not_check_ourselves(standing: Standing) -> Refusal | None:
    """An own check adds to a verified fact; it does not stand in for the first check."""
    if standing is Standing.VERIFIED:
        return None
    return Refusal(
        "not_verified", "This is not verified and current, so there is nothing to add your own check to yet."
    )


def why_not_pack(*, as_at: date, on: date) -> Refusal | None:
    """What will be held on a later day nobody knows."""
    return Refusal("in_the_future", "The day must be today or in the past") if as_at > on else None
