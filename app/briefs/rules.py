"""When a brief is open, what it must say before it is published, and who may publish or cancel it. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.briefs.identity import Guarded, each_once, identifying
from app.core.london import LONDON, at_london, london_day, time_in_words
from app.core.refusals import Refusal
from app.core.working_days import after_working_days, is_working_day
from app.frameworks.rules import Phase as FrameworkPhase

MINIMUM_DAYS: Final = 5  # a default of this service: light-touch law sets no least period (Procurement Act 2023 s54(3))
CLOSING_HOURS: Final = (10, 12, 14, 16)
TEXTS: Final = (("title", "the title"), ("need", "the need"), ("outcomes", "the outcomes"))
"""What is written in a person's own words: (field, its name on the page)."""
_FIELD_OF: Final = {label: name for name, label in TEXTS}


class Phase(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    OPENED = "opened"
    AWARDED = "awarded"
    CANCELLED = "cancelled"


class AgeBand(StrEnum):
    UNDER_5 = "under 5"
    FROM_5 = "5 to 8"
    FROM_9 = "9 to 12"
    FROM_13 = "13 to 17"
    FROM_18 = "18 to 25"
    SEVERAL = "several ages"


class Ending(StrEnum):
    """How a brief ended without an award. A draft is withdrawn; whether a bid is suitable shows once they are open."""

    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    NO_SUITABLE_BID = "no_suitable_bid"


class DeclineReason(StrEnum):
    FULL = "full"
    TOO_FAR = "too_far"
    NOT_OUR_SPECIALITY = "not_our_speciality"
    PRICE = "price"
    SHORT_NOTICE = "short_notice"

    @property
    def words(self) -> str:
        return _DECLINE_WORDS[self]


_DECLINE_WORDS: Final = {
    DeclineReason.FULL: "We are full",
    DeclineReason.TOO_FAR: "It is too far",
    DeclineReason.NOT_OUR_SPECIALITY: "It is not our speciality",
    DeclineReason.PRICE: "The budget is too low",
    DeclineReason.SHORT_NOTICE: "The notice is too short",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a commissioner writes; a draft may leave some of it open.

    `weights` are whole per cents, in the order of the framework's criteria.
    """

    lot_id: UUID
    region_id: UUID
    title: str
    need: str
    outcomes: str
    age_band: AgeBand | None
    area: str
    sessions: int | None
    start_by: date | None
    budget_pence: int | None
    closes_at: datetime
    weights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """A criterion's weight and the range the framework allows, in per cent."""

    name: str
    weight: int
    least: int
    most: int


def phase(
    *,
    published_at: datetime | None,
    closes_at: datetime,
    opened_at: datetime | None,
    awarded_at: datetime | None,
    cancelled_at: datetime | None,
    now: datetime,
) -> Phase:
    """Where a brief stands, from its moments alone: a stopped worker lets nobody act late. It closes at `closes_at` itself."""
    if cancelled_at:
        return Phase.CANCELLED
    if not published_at:
        return Phase.DRAFT
    if awarded_at:
        return Phase.AWARDED
    if opened_at:
        return Phase.OPENED
    return Phase.OPEN if now < closes_at else Phase.CLOSED


def closing(on: date, hour: int) -> datetime:
    """A humane hour of that day in London, never midnight, in UTC."""
    return at_london(on, time(hour))


def in_words(moment: datetime) -> str:
    """'Monday 30 November 2026 at 12:00, London time', for mail and the record."""
    local = moment.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B %Y} at {time_in_words(moment)}, London time"


def why_not_write(
    *, call_off: Refusal | None, on_framework: bool, weights_wanted: int, weights: Collection[int]
) -> Refusal | None:
    """Why an agency may not write this brief. `on_framework`: the lot, the region and the area are the framework's own."""
    if call_off:
        return call_off
    if not on_framework:
        return Refusal("place", "Choose a lot, and a region or district of it, from the framework's own lists.")
    if len(weights) != weights_wanted:
        return Refusal("weights", "Give a weight to each of the framework's criteria.")
    return None


def why_not_call_off(*, framework: FrameworkPhase, entitlement: Refusal | None) -> Refusal | None:
    """No new brief before a framework is live or after its end. `entitlement` is why the agency may not call off today."""
    if framework is not FrameworkPhase.LIVE:
        return Refusal("framework", f"No brief can be published under this framework: it is {framework}, not live.")
    return entitlement


def unready(
    *,
    edit: str,
    texts: Sequence[Guarded],
    weights: Sequence[Weight],
    closes_at: datetime,
    start_by: date | None,
    now: datetime,
    minimum_days: int = MINIMUM_DAYS,
    minimum: timedelta | None = None,
) -> tuple[Refusal, ...]:
    """Everything to mend before a brief may be published; `edit` is the path that mends it, `texts` are as the guard read them.

    It must close on a working day `minimum_days` of them ahead or more, or `minimum` of plain time where that is given.
    """
    found = [
        Refusal("missing", f"Write {t.label}.", mend(edit, field_of(t.label))) for t in texts if not t.text.strip()
    ]
    found += [
        Refusal("identifying", f"In {one.label}: {words}", mend(edit, field_of(one.label)))
        for one in texts
        for words in one.to_mend
    ]
    found += [Refusal("weights", words, mend(edit, "weight_1")) for words in _weighed_wrongly(weights)]
    if words := _closes_too_soon(closes_at, now, minimum_days, minimum):
        found.append(Refusal("too_soon", words, mend(edit, "closes_on")))
    if start_by and start_by <= london_day(closes_at):
        words = "The work must start after the brief has closed: give a later day to start by."
        found.append(Refusal("start", words, mend(edit, "start_by")))
    return tuple(found)


def mend(edit: str, field: str) -> tuple[str, str]:
    """The link to the field on the page at which something is mended."""
    return f"{edit}#{field}", "Change the brief"


def field_of(label: str) -> str:
    """The field in which a text stands that the page calls so: "the need", "question 2"."""
    return _FIELD_OF.get(label) or label.replace(" ", "_")


def why_not_revise(*, phase: Phase, published: bool, brief_id: UUID) -> Refusal | None:
    """Only a draft is written anew. `published`: it has been, whatever became of it since."""
    if phase is Phase.DRAFT:
        return None
    words = "This draft has been withdrawn, so nobody can change it any more. Its page says by whom, and why."
    if published:
        words = "This brief has been published, so its draft can no longer be changed."
    if phase is Phase.OPEN:
        words += " What must change now is proposed on its page, and an approver decides."
    return Refusal("frozen", words, (f"/briefs/{brief_id}", "Read the brief as it stands"))


def why_not_ask_approval(*, phase: Phase, call_off: Refusal | None, unready: Sequence[Refusal]) -> Refusal | None:
    """A draft is put before an approver once nothing is to be mended."""
    if phase is not Phase.DRAFT:
        return Refusal("not_a_draft", f"Only a draft is put before an approver; this brief is {phase}.")
    return call_off or next(iter(unready), None)


def why_not_publish(
    *, phase: Phase, author: bool, call_off: Refusal | None, unready: Sequence[Refusal], asked: bool
) -> Refusal | None:
    """Always a second person: whoever wrote any of a brief does not publish it. `asked`: its writer asked for approval."""
    if phase is not Phase.DRAFT:
        return Refusal("not_a_draft", f"Only a draft can be published; this brief is {phase}.")
    if author:
        return Refusal("second_person", "Somebody who did not write this brief must publish it. Ask another approver.")
    if refusal := call_off or next(iter(unready), None):
        return refusal
    if not asked:
        words = "Nobody has asked for approval of this draft as it now stands. A commissioner of your agency does."
        return Refusal("not_asked", words)
    return None


def why_not_as_seen(seen: str | None, digest: str) -> Refusal | None:
    """Nobody publishes what they did not read. `seen` is the digest of the brief on their page, None where nobody looked."""
    if seen in (None, digest):
        return None
    return Refusal("changed", "The brief has changed since you opened this page. Read it again before you decide.")


def why_not_send_back(*, phase: Phase, author: bool, asked: bool, sent_back: bool) -> Refusal | None:
    """Who could approve a draft that waits for it can say instead what must change. `sent_back`: an approver has."""
    if phase is not Phase.DRAFT:
        return Refusal("not_a_draft", f"Only a draft can be sent back; this brief is {phase}.")
    if author:
        return Refusal(
            "second_person", "You wrote some of this draft, so you can change it yourself, or ask its writer to."
        )
    if sent_back:
        return Refusal("sent_back", "This draft has been sent back already. Its page says why.")
    if not asked:
        words = (
            "Its writer has changed this draft and has not asked for approval since, so there is nothing to send back."
        )
        return Refusal("not_asked", words)
    return None


def why_not_overwrite(seen: str | None, written: str, *, brief_id: UUID) -> Refusal | None:
    """Nobody writes over what they did not read. `seen` is the digest of the draft that the writer began from."""
    if seen in (None, written):
        return None
    words = (
        "This draft was saved in another window, or by a colleague, after you opened this page. Your words are still here, not "
        "saved yet. Save again to put them in place of what is saved."
    )
    return Refusal("saved_meanwhile", words, (f"/briefs/{brief_id}", "Read what is saved"))


def why_not_say(text: str) -> Refusal | None:
    """What the identity guard says of any words that leave the agency, as a reason for cancelling does, by mail."""
    words = " ".join(each_once(identifying(text)))
    return Refusal("identifying", words) if words else None


def why_not_answer(*, phase: Phase) -> Refusal | None:
    """An invitation is answered, and an answer taken back, while the brief is open."""
    if phase is Phase.OPEN:
        return None
    return Refusal("closed", "This brief is no longer open, so its invitation can no longer be answered.")


def why_not_ask_release(*, phase: Phase, found: bool) -> Refusal | None:
    """Words are asked about and decided in a draft alone, while they stand there."""
    if phase is not Phase.DRAFT:
        return Refusal("frozen", f"Only in a draft is it decided whether words may stay; this brief is {phase}.")
    if not found:
        return Refusal("changed", "The text has changed since you opened this page. Look at it again.")
    return None


def why_not_decide_words(*, author: bool, asker: bool, still_there: bool, otherwise: bool = False) -> Refusal | None:
    """A second person lets words through or does not: nobody who wrote any of the brief, and not who asks.

    `otherwise`: somebody has decided the other way about any of them.
    """
    if author or asker:
        return Refusal(
            "second_person", "Somebody who neither wrote this brief nor asked must decide. Ask another approver."
        )
    if not still_there:
        return Refusal("changed", "The text has changed since this was asked, so there is nothing to decide.")
    if otherwise:
        return Refusal("decided", "Somebody has decided otherwise meanwhile. Read what they said.")
    return None


def why_not_cancel(*, phase: Phase, chair: bool) -> Refusal | None:
    """From the close on, only the panel's chair may cancel."""
    if phase in (Phase.AWARDED, Phase.CANCELLED):
        return Refusal("finished", f"This brief is already {phase}.")
    if phase in (Phase.CLOSED, Phase.OPENED) and not chair:
        return Refusal("chair", "This brief has closed. Only a panel chair of your agency can cancel it now.")
    return None


def why_not_withdraw(*, phase: Phase) -> Refusal | None:
    if phase is Phase.DRAFT:
        return None
    return Refusal("published", "This brief is published: one person asks to cancel it, and an approver agrees.")


def ending(*, phase: Phase, no_suitable_bid: bool) -> Ending:
    """How a brief ends that is cancelled in this phase, where the person who cancels it says so."""
    if phase is Phase.DRAFT:
        return Ending.WITHDRAWN
    return Ending.NO_SUITABLE_BID if no_suitable_bid and phase is Phase.OPENED else Ending.CANCELLED


def _weighed_wrongly(weights: Sequence[Weight]) -> list[str]:
    wrong = [
        f"{w.name} must weigh between {w.least}% and {w.most}%; it weighs {w.weight}%."
        for w in weights
        if not w.least <= w.weight <= w.most
    ]
    total = sum(w.weight for w in weights)
    return wrong if total == 100 else [*wrong, f"The weights must add up to 100%; they add up to {total}%."]


def _closes_too_soon(closes_at: datetime, now: datetime, minimum_days: int, minimum: timedelta | None) -> str:
    if minimum is not None:
        return "" if closes_at >= now + minimum else f"The brief must close at {in_words(now + minimum)} or later."
    earliest = after_working_days(london_day(now), minimum_days)
    if (day := london_day(closes_at)) >= earliest:
        if is_working_day(day):
            return ""
        return "Members send bids on working days: the brief must not close at a weekend or on a bank holiday."
    return (
        f"Members need {minimum_days} working days: the brief must close on "
        f"{earliest:%A} {earliest.day} {earliest:%B %Y} or later."
    )
