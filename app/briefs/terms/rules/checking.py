"""The checker: what is missing, vague, impossible or too dear in a brief, beside the field that mends it. Pure.

What stops a publication is blocking; all else is advice, which a commissioner may leave as it is. Empty words, identifying
words and the weights' own ranges are found by `app.briefs.rules.unready`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.briefs.terms.rules.funding import FUND_DECIDES_IN, above_limit, apply_by, countdown
from app.briefs.terms.rules.kinds import QUANTITIES, Route, Source
from app.briefs.terms.rules.terms import LEAST_REASON, Terms, why_not_route
from app.core.london import day_in_words
from app.core.money import pounds
from app.core.working_days import after_working_days
from app.frameworks.rules import UNITS, PriceUnit, Service

DECIDED_IN: Final = 10
"""Working days between the close and the start: to open, score, agree, approve and tell. A default of this service."""
LEAST_NEED: Final = 25
"""Words of a need that a provider can plan from. A default of this service."""
LEAST_NEED_AT_ALL: Final = 3
LOW_BUDGET: Final = 50
"""Per cent of the ceilings under which bids are unlikely."""

NOT_FOR_THE_FUND: Final = frozenset({Service.MEDIATION, Service.SHORT_BREAKS})
"""Source: the Fund's scope, older guidance: mediation, contact and respite without therapy are the council's own duties."""

WITHOUT_A_COMPETITION: Final = frozenset({Route.DIRECT, Route.FAMILY_CHOICE})
"""Call-offs that need a mechanism of the framework, unless it has one supplier (Procurement Act 2023 s45(4))."""

_SERVICE_WORDS: Final = frozenset(
    {
        "a", "an", "and", "art", "assessment", "assessments", "break", "breaks", "child", "children",
        "counselling", "course", "dyadic", "family", "filial", "for", "help", "intervention", "interventions",
        "mediation", "more", "music", "need", "needed", "needs", "of", "play", "please", "required", "respite",
        "session", "sessions", "short", "some", "support", "the", "therapeutic", "therapist", "therapy",
        "training", "treatment", "wanted", "with", "work",
    }
)  # fmt: skip
_CHANGE: Final = re.compile(
    r"\b(can|able|will|feel|feels|sleep\w*|go(es)?|going|attend\w*|manage\w*|know\w*|understand\w*|say\w*|tell\w*|told|"
    r"talk\w*|play\w*|eat\w*|stay\w*|use[sd]?|using|keep\w*|agree\w*|join\w*|see[ns]?|start\w*|stop\w*|fall\w*|rise\w*|"
    r"reduc\w*|improv\w*|increas\w*|build\w*|develop\w*|settl\w*|return\w*|learn\w*|cover\w*|ends?|enjoy\w*|ask\w*|trust\w*|accept\w*|"
    r"spend\w*|visit\w*|hear[sd]?|ha(s|ve)|is|are|takes?|makes?|get(s|ting)?|leaves?|comes?|find\w*|fewer|less|more|calmer|"
    r"safer|score\w*|\w+ed)\b|\d",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`field` is the field of the form beside which it stands."""

    code: str
    field: str
    words: str
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class LotPrice:
    """What a lot allows for its headline unit, in pence: its ceiling or, where `is_fixed`, its price."""

    service: Service
    unit: PriceUnit
    pence: int
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class CheckedCriterion:
    position: int
    name: str
    is_price: bool
    weight: int


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything the checker reads, on one London day.

    `limit_pence` is None where what the Fund pays is not known; `direct_award` says that the framework has a way for it.
    """

    need: str
    outcomes: str
    age_band: str
    area: str
    sessions: int | None
    start_by: date | None
    budget_pence: int | None
    closes_on: date
    terms: Terms
    criteria: tuple[CheckedCriterion, ...]
    lot: LotPrice
    limit_pence: int | None
    framework_ends_on: date
    direct_award: bool
    today: date


def check(brief: Checked) -> tuple[Finding, ...]:
    """Every finding in the order of the form; advice that was left is among them."""
    return tuple(finding for rule in _RULES for finding in rule(brief))


def check_budget(brief: Checked) -> tuple[Finding, ...]:
    """What is found of the sum alone, beside the lot's price and the Fund's limit."""
    return (*_budget(brief), *_above_the_fund(brief))


def advice(findings: tuple[Finding, ...], left: tuple[str, ...]) -> tuple[Finding, ...]:
    """What is worth a look and was not left as it is."""
    return tuple(one for one in findings if not one.blocking and one.code not in left)


def _route(brief: Checked) -> Iterator[Finding]:
    if refusal := why_not_route(brief.terms.route):
        yield Finding("route", "route", refusal.words, blocking=True)
    if brief.terms.route in WITHOUT_A_COMPETITION and not brief.direct_award:
        yield Finding(
            "no_direct_award",
            "route",
            "This framework sets no objective way to award without a competition. Ask its lead before you rely on one.",
        )
    if brief.terms.route and brief.terms.route.is_recorded and len(brief.terms.route_reason) < LEAST_REASON:
        yield Finding("route_reason", "route_reason", "Say why this route and not a mini-competition.", blocking=True)


def _need(brief: Checked) -> Iterator[Finding]:
    words = re.findall(r"[\w’'-]+", brief.need.lower())
    if words and (len(words) < LEAST_NEED_AT_ALL or set(words) <= _SERVICE_WORDS):
        yield Finding(
            "need_is_a_service",
            "need",
            "This names a service, not a need. Say what is hard for the child and family, and let providers say what helps.",
            blocking=True,
        )
    elif words and len(words) < LEAST_NEED:
        yield Finding(
            "need_short",
            "need",
            f"The need has {len(words)} words. With {LEAST_NEED} or more a provider can tell whether it is the right one: "
            "what is hard, since when, what has been tried.",
        )


def _outcomes(brief: Checked) -> Iterator[Finding]:
    for line in filter(None, (line.strip(" •-*\t") for line in brief.outcomes.splitlines())):
        if not _CHANGE.search(line):
            yield Finding(
                "outcome_no_change",
                "outcomes",
                f"“{_short(line)}” does not say what will be different. Use a verb, or a number, that somebody could notice.",
            )
            return


def _who(brief: Checked) -> Iterator[Finding]:
    if not brief.area:
        yield Finding("area", "place", "Select where the family lives.", blocking=True)
    if not brief.age_band:
        yield Finding("age_band", "age_band", "Select an age band.", blocking=True)


def _work(brief: Checked) -> Iterator[Finding]:
    if brief.sessions is None:
        counted = QUANTITIES.get(brief.lot.unit, "sessions")
        yield Finding("sessions", "sessions", f"Enter the number of {counted}.", blocking=True)
    if brief.terms.delivery is None:
        yield Finding(
            "delivery", "delivery", "Say whether it is in person, online or either: travel is part of a price."
        )
    elif brief.terms.delivery != "online" and not brief.terms.settings:
        yield Finding(
            "settings", "settings", "Say in what kind of place, so that a provider knows whether it can reach it."
        )


def _timetable(brief: Checked) -> Iterator[Finding]:
    if brief.start_by is None:
        yield Finding("start", "start_by", "Enter the day to start by.", blocking=True)
        return
    decided = after_working_days(brief.closes_on, DECIDED_IN)
    if brief.closes_on < brief.start_by < decided:
        yield Finding(
            "start_too_soon",
            "start_by",
            f"Bids close on {day_in_words(brief.closes_on)} and are decided within {DECIDED_IN} working days: nobody can start "
            f"before {day_in_words(decided)}.",
            blocking=True,
        )
    last = brief.terms.ends_by
    if last and last <= brief.start_by:
        yield Finding("ends", "ends_by", "The work must end after the day to start by.", blocking=True)
    elif brief.start_by > brief.framework_ends_on:
        yield Finding(
            "after_framework",
            "start_by",
            f"The framework ends on {day_in_words(brief.framework_ends_on)}, before the start.",
        )
    yield from _reviews(brief, brief.start_by, last)


def _reviews(brief: Checked, first: date, last: date | None) -> Iterator[Finding]:
    for n, on in enumerate(brief.terms.review_dates, start=1):
        if on < first or (last and on > last):
            until = f" and {day_in_words(last)}" if last else " or later"
            span = f"between {day_in_words(first)}{until}" if last else f"on {day_in_words(first)}{until}"
            yield Finding(
                f"review_{n}",
                f"review_{n}",
                f"The review on {day_in_words(on)} is not {span}, while the work goes on.",
                True,
            )
    if not brief.terms.review_dates:
        yield Finding("reviews", "review_1", "Give a day on which you and the provider look at how it goes.")


def _budget(brief: Checked) -> Iterator[Finding]:
    if brief.budget_pence is None:
        yield Finding("budget", "budget", "Enter the budget.", blocking=True)
        return
    lot, sessions = brief.lot, brief.sessions
    if sessions is None or lot.unit not in QUANTITIES:
        return
    most = lot.pence * sessions
    sum_words = f"{sessions} × {pounds(lot.pence)} for each {UNITS[lot.unit]} is {pounds(most)}"
    if lot.is_fixed and brief.budget_pence < most:
        yield Finding(
            "budget_below_fixed", "budget", f"The lot’s price is fixed: {sum_words}, above this budget.", True
        )
    elif brief.budget_pence > most:
        yield Finding(
            "budget_above_ceiling",
            "budget",
            f"The lot allows less: {sum_words}. The rest, {pounds(brief.budget_pence - most)}, can only pay for travel, reports "
            "and the like.",
        )
    elif brief.budget_pence * 100 < most * LOW_BUDGET:
        yield Finding(
            "budget_low",
            "budget",
            f"The lot allows up to {pounds(most)} for this: at less than half, few are likely to bid.",
        )


def _money(brief: Checked) -> Iterator[Finding]:
    funding = brief.terms.funding
    if not funding.sources:
        yield Finding("funding", "funding", "Select where the money comes from.", blocking=True)
        return
    if Source.PANEL in funding.sources and not funding.panel:
        yield Finding("panel", "panel", "Enter the reference of the panel’s decision.", blocking=True)
    if Source.FUND not in funding.sources:
        return
    if funding.sources == (Source.FUND,) and brief.lot.service in NOT_FOR_THE_FUND:
        yield Finding(
            "fund_scope",
            "funding",
            "The Fund does not usually pay for this kind of service. Check, or name the council’s budget.",
        )
    if brief.limit_pence is None:
        yield Finding(
            "limit_unknown", "funding", "What the Fund pays on this day is not known. Do not assume an amount."
        )
    yield from _above_the_fund(brief)
    yield from _application(brief)


def _above_the_fund(brief: Checked) -> Iterator[Finding]:
    """The limit is of the Fund's share alone: a council may pay more out of its own money (WMS HCWS589, 22 April 2025)."""
    funding = brief.terms.funding
    if Source.FUND not in funding.sources or brief.limit_pence is None or brief.budget_pence is None:
        return
    above_pence = above_limit(brief.budget_pence, brief.limit_pence, brief.terms.children)
    if not above_pence or funding.panel or Source.PANEL in funding.sources:
        return
    if funding.sources == (Source.FUND,):
        yield Finding(
            "above_limit",
            "panel",
            f"The Fund can pay all but {pounds(above_pence)} of this budget. Select who pays the rest, or enter the reference of "
            "the panel’s decision on it.",
            blocking=True,
        )
    else:
        yield Finding(
            "own_money",
            "budget",
            f"The Fund can pay all but {pounds(above_pence)} of this budget: that much at least is the council’s own money.",
        )


def _application(brief: Checked) -> Iterator[Finding]:
    """The Fund must be asked within three months of the assessment, and before the work starts."""
    assessed, applied = brief.terms.funding.assessed_on, brief.terms.funding.applied
    if assessed is None:
        yield Finding(
            "assessed", "assessed_on", "Enter the day of the assessment of support needs: the Fund counts from it."
        )
        return
    if assessed > brief.today:
        yield Finding(
            "assessed_later", "assessed_on", "The assessment must be done before you ask for bids.", blocking=True
        )
        return
    if applied:
        return
    decided = after_working_days(brief.closes_on, DECIDED_IN)
    if apply_by(assessed) < brief.today:
        words = f"{countdown(assessed, brief.today)} Renew the assessment, or enter the reference of the application."
        yield Finding("apply_passed", "assessed_on", words, blocking=True)
    elif apply_by(assessed) < decided:
        yield Finding(
            "apply_first",
            "assessed_on",
            f"{countdown(assessed, brief.today)} Bids are decided by {day_in_words(decided)}: apply before that, or close earlier.",
        )
    if brief.start_by and brief.closes_on < brief.start_by < after_working_days(decided, FUND_DECIDES_IN):
        yield Finding(
            "fund_decides",
            "start_by",
            f"Bids are decided by {day_in_words(decided)} and the Fund within {FUND_DECIDES_IN} working days more. What starts "
            "before the Fund has decided is seldom paid for.",
        )


def _scoring(brief: Checked) -> Iterator[Finding]:
    weighed = {c.position: c for c in brief.criteria if c.weight}
    asked: Mapping[int | None, int] = {q.criterion: n for n, q in enumerate(brief.terms.questions, start=1)}
    for n, question in enumerate(brief.terms.questions, start=1):
        criterion = weighed.get(question.criterion or 0)
        if criterion is None or criterion.is_price:
            yield Finding(
                f"question_{n}_criterion",
                f"question_{n}_criterion",
                f"Question {n} must belong to a criterion that is not price and weighs more than 0%.",
                blocking=True,
            )
    for criterion in weighed.values():
        if not criterion.is_price and criterion.position not in asked:
            yield Finding(
                f"unasked_{criterion.position}",
                "question_1",
                f"No question asks about “{criterion.name}”, which weighs {criterion.weight}%.",
            )


_RULES: Final[tuple[Callable[[Checked], Iterator[Finding]], ...]] = (
    _route, _need, _outcomes, _who, _work, _timetable, _budget, _money, _scoring,
)  # fmt: skip


def _short(line: str) -> str:
    return line if len(line) <= 60 else f"{line[:57].rstrip()}…"
