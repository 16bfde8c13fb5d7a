"""What of a published brief may change, how far that moves the deadline, and who may say so. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from app.briefs.identity import Finding, each_once, guarded
from app.briefs.inviting.rules import approvers_needed
from app.briefs.rules import CLOSING_HOURS, MINIMUM_DAYS, TEXTS, Phase, in_words
from app.briefs.terms.rules import DELIVERIES, Delivery
from app.briefs.terms.rules import Finding as TermsFinding
from app.core.london import LONDON, at_london, day_in_words, london_day
from app.core.money import pounds
from app.core.refusals import Refusal
from app.core.working_days import after_working_days, is_working_day

NOON: Final = 12


class Kind(StrEnum):
    """A minor change is a notice. After a material one each bid must be confirmed. The other two move the deadline alone."""

    MINOR = "minor"
    MATERIAL = "material"
    OUTAGE = "outage"
    EARLY_CLOSE = "early_close"

    @property
    def words(self) -> str:
        return _KIND_WORDS[self]


_KIND_WORDS: Final = {
    Kind.MINOR: "A minor change",
    Kind.MATERIAL: "A material change: bids must be confirmed",
    Kind.OUTAGE: "The deadline was extended, because the service could not be reached",
    Kind.EARLY_CLOSE: "The deadline was brought forward, because every invited member had answered",
}
_REASON: Final = "the reason"
_ANEW: Final = "leave the budget as it is, or cancel this brief, copy it, and publish the copy."
ALWAYS_MATERIAL: Final = ("sessions", "delivery", "start_by", "budget_pence")
"""What a bidder prices or plans by. Whether new words change what is asked for, two people decide."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a brief may change once it is published. Its lot, place, criteria and weights may not: that is another brief.

    Nor may its questions: answers stand beside them, scores beside answers.
    """

    title: str
    need: str
    outcomes: str
    sessions: int
    start_by: date
    budget_pence: int
    closes_at: datetime
    delivery: Delivery | None = None
    review_dates: tuple[date, ...] = ()

    def columns(self) -> dict[str, Any]:
        """As the brief holds them."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {
            "review_dates": [on.isoformat() for on in self.review_dates]
        }

    def values(self) -> dict[str, Any]:
        """As kept in JSON."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in self.columns().items()}

    @classmethod
    def read(cls, values: dict[str, Any], now: "Terms | None" = None) -> "Terms":
        """`now` are the terms as they are, for what was kept before it could change."""
        known = {**now.values(), **values} if now else values
        start_by, closes_at = date.fromisoformat(known["start_by"]), datetime.fromisoformat(known["closes_at"])
        delivery = Delivery(known["delivery"]) if known.get("delivery") else None
        reviews = tuple(map(date.fromisoformat, known.get("review_dates", ())))
        return cls(
            **known | {"start_by": start_by, "closes_at": closes_at, "delivery": delivery, "review_dates": reviews}
        )


_LABELS: Final = {
    "title": "Title",
    "need": "Need",
    "outcomes": "Outcomes wanted",
    "sessions": "Sessions",
    "delivery": "How it is delivered",
    "start_by": "Start by",
    "review_dates": "Reviews",
    "budget_pence": "Budget",
    "closes_at": "Closes",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field, as it was and as it becomes, in the words of the page."""

    field: str
    label: str
    old: str
    new: str


def changes(old: Terms, new: Terms) -> tuple[Change, ...]:
    return tuple(
        Change(name, label, _said(name, getattr(old, name)), _said(name, getattr(new, name)))
        for name, label in _LABELS.items()
        if getattr(old, name) != getattr(new, name)
    )


def why_not_propose(
    *,
    phase: Phase,
    waiting: bool,
    kind: Kind,
    old: Terms,
    new: Terms,
    reason: str,
    stale: bool = False,
    others: Sequence[tuple[str, str]] = (),
    near: str = "",
) -> Refusal | None:
    """Why a commissioner may not propose this change, perhaps of a `stale` page.

    `others` are the brief's texts that stay, `near` the place it names.
    """
    if refusal := why_not_change(phase=phase):
        return refusal
    if waiting:
        return Refusal("waiting", "A change of this brief waits for an approver already. Publish or drop it first.")
    if stale:
        words = "The brief has changed since you opened this page. Open it again, and make your change of what is there now."
        return Refusal("changed", words)
    if new.closes_at < old.closes_at:
        return Refusal("shorter", "The deadline is never brought forward by a change: members plan by it.")
    if refusal := why_not_close(was=old.closes_at, closes_at=new.closes_at):
        return refusal
    if not (changed := changes(old, new)):
        return Refusal("nothing", "Nothing is changed.")
    if early := [on for on in new.review_dates if on < new.start_by and on not in old.review_dates]:
        return Refusal("review", f"The review on {day_in_words(early[0])} is before the work starts.")
    if kind is Kind.MINOR and (hard := [one.label.lower() for one in changed if one.field in ALWAYS_MATERIAL]):
        words = (
            f"Bidders price and plan by this: {', '.join(hard)}. Such a change is material, and bids must be confirmed."
        )
        return Refusal("material", words)
    if found := identifying(old, new, reason, others=others, near=near):
        return _identified(found, next((one.field for one in changed if one.field in dict(TEXTS)), "reason"))
    if not all(getattr(new, name).strip() for name, _ in TEXTS):
        return Refusal("missing", "A published brief says its title, its need and its outcomes.")
    return None


def why_not_close(*, was: datetime, closes_at: datetime) -> Refusal | None:
    """A deadline moves to a closing hour of a working day; one that stays may be any."""
    if closes_at in (was, next_humane_hour(closes_at)):
        return None
    return Refusal("humane", f"{in_words(closes_at)} is no closing hour of a working day. Choose a working day.")


def identifying(
    old: Terms, new: Terms, reason: str, *, others: Sequence[tuple[str, str]] = (), near: str = ""
) -> dict[str, list[Finding]]:
    """What the guard finds in a change, by what its texts are called, read beside the whole brief as its draft was.

    What a text said already was let through in that text, and in no other: in the reason, which is new, nothing was.
    """
    was = guarded([*_texts(old), *others], near=near)
    becomes = guarded([(_REASON, reason), *_texts(new), *others], near=near)
    said = [set[str](), *({one.excerpt for one in text.findings} for text in was)]
    found = {
        text.label: [one for one in text.findings if one.excerpt not in through]
        for text, through in zip(becomes, said, strict=True)
    }
    return {label: findings for label, findings in found.items() if findings}


def _identified(found: dict[str, list[Finding]], changed: str) -> Refusal:
    """Said at each field; what a text that stays then gives away is said at the field that `changed`."""
    fields, at = {_REASON: "reason"} | {label: name for name, label in TEXTS}, dict[str, str]()
    for label, findings in found.items():
        name, words = fields.get(label, changed), " ".join(f"In {label}: {one}" for one in each_once(findings))
        at[name] = f"{at[name]} {words}" if name in at else words
    return Refusal("identifying", " ".join(at.values()), at=tuple(at.items()))


def _texts(terms: Terms) -> list[tuple[str, str]]:
    return [(label, getattr(terms, name)) for name, label in TEXTS]


def why_not_change(*, phase: Phase) -> Refusal | None:
    """A brief may be changed only while bids may still follow it."""
    if phase is Phase.OPEN:
        return None
    if phase is Phase.DRAFT:
        return Refusal("draft", "A draft is not changed this way: write it anew until it is published.")
    return Refusal("closed", f"This brief is {phase}, so it can no longer be changed.")


def why_not_publish(
    *, phase: Phase, author: bool, based_on: int, version: int, start_by: date, was: datetime, closes_at: datetime
) -> Refusal | None:
    """Why an approver may not publish a proposed change. `was` is the deadline, `closes_at` as it would be."""
    if refusal := why_not_change(phase=phase):
        return refusal
    if author:
        return Refusal("second_person", "Somebody else proposes a change, and you publish it. Ask another approver.")
    if based_on != version:
        return Refusal("changed", "The brief has changed since this was proposed. Drop it, and propose it again.")
    if refusal := why_not_close(was=was, closes_at=closes_at):
        return refusal
    if start_by <= london_day(closes_at):
        words = f"Bids could then come until {in_words(closes_at)}. Propose a later day to start by."
        return Refusal("start", words)
    return None


def why_not_budget(
    *, was: int, budget_pence: int, limit_pence: int, above_pence: int, found: Sequence[TermsFinding]
) -> Refusal | None:
    """Why a change may not make this the budget. A lower one asks only whether it pays the lot's price; a higher one is refused
    where a draft of it would need what a change cannot record.

    `found` is what the checker says of the new sum, `limit_pence` the agency's value above which two approve, `above_pence`
    what of it the Fund does not pay.
    """
    stops = [one for one in found if one.blocking and (budget_pence > was or one.field == "budget")]
    if stops:
        above = (
            f"The Fund can pay all but {pounds(above_pence)} of this budget, and a change cannot record who pays the rest: "
            f"{_ANEW}"
        )
        return Refusal(stops[0].code, stops[0].words if stops[0].field == "budget" else above)
    if budget_pence > was and approvers_needed(budget_pence, limit_pence) > 1:
        words = f"In your agency a budget above {pounds(limit_pence)} takes two approvers, and one publishes a change: {_ANEW}"
        return Refusal("two_approvers", words)
    return None


def deadline(kind: Kind, closes_at: datetime, now: datetime, minimum_days: int = MINIMUM_DAYS) -> datetime:
    """The deadline after a change: a material one leaves `minimum_days` working days from now or more, to a humane hour."""
    earliest = after_working_days(london_day(now), minimum_days)
    if kind is not Kind.MATERIAL or london_day(closes_at) >= earliest:
        return closes_at
    hour = closes_at.astimezone(LONDON).hour
    return at_london(earliest, time(hour if hour in CLOSING_HOURS else NOON))


def next_humane_hour(moment: datetime, hours: Collection[int] = CLOSING_HOURS) -> datetime:
    """The first closing hour of a working day in London that is not before this moment."""
    day = london_day(moment)
    while True:
        if is_working_day(day):
            for hour in sorted(hours):
                if (found := at_london(day, time(hour))) >= moment:
                    return found
        day = date.fromordinal(day.toordinal() + 1)


def _said(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return in_words(value)
    if isinstance(value, date):
        return day_in_words(value)
    if name == "review_dates":
        return "\n".join(map(day_in_words, value)) or "None"
    if name == "delivery":
        return DELIVERIES[value] if value else "Not said"
    return pounds(value) if name == "budget_pence" else str(value)
