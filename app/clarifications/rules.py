"""The life of a question, who may do what to it and when, and by when to ask and to answer. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.clarifications.identity import giveaways
from app.core.london import london_day
from app.core.refusals import Refusal
from app.core.words import listed
from app.core.working_days import after_working_days
from app.frameworks.rules.asking import at_its_hour

CHANGE_DAYS: Final = 5
"""Working days that remain to apply once an answer has changed what a round asks for; a default of this service."""


class State(StrEnum):
    DRAFT = "draft"
    ASKED = "asked"
    RETURNED = "returned"
    PRIVATE_REQUESTED = "private_requested"
    PRIVATE_AGREED = "private_agreed"
    PRIVATE_REFUSED = "private_refused"
    ACCEPTED = "accepted"
    ANSWER_DRAFTED = "answer_drafted"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What is done to a question; the first five are its asker's."""

    WRITE = "write"
    ASK = "ask"
    ASK_PRIVATELY = "ask_privately"
    LET_PUBLIC = "let_public"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    RETURN = "return"
    AGREE = "agree"
    REFUSE = "refuse"
    DRAFT_ANSWER = "draft_answer"
    SEND_ANSWER = "send_answer"


class Stage(StrEnum):
    """Where a brief or a round stands for questions. Before a round opens, anybody may ask about it."""

    PLANNED = "planned"
    OPEN = "open"
    ANSWERING = "answering"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ASKER: Final = frozenset({Act.WRITE, Act.ASK, Act.ASK_PRIVATELY, Act.LET_PUBLIC, Act.WITHDRAW})

MOVES: Final = {
    (Act.WRITE, State.DRAFT): State.DRAFT,
    (Act.ASK, State.DRAFT): State.ASKED,
    (Act.ASK, State.RETURNED): State.ASKED,
    (Act.ASK_PRIVATELY, State.DRAFT): State.PRIVATE_REQUESTED,
    (Act.ASK_PRIVATELY, State.RETURNED): State.PRIVATE_REQUESTED,
    (Act.LET_PUBLIC, State.PRIVATE_REFUSED): State.ASKED,
    (Act.WITHDRAW, State.DRAFT): State.WITHDRAWN,
    (Act.WITHDRAW, State.ASKED): State.WITHDRAWN,
    (Act.WITHDRAW, State.RETURNED): State.WITHDRAWN,
    (Act.WITHDRAW, State.PRIVATE_REQUESTED): State.WITHDRAWN,
    (Act.WITHDRAW, State.PRIVATE_REFUSED): State.WITHDRAWN,
    (Act.ACCEPT, State.ASKED): State.ACCEPTED,
    (Act.RETURN, State.ASKED): State.RETURNED,
    (Act.RETURN, State.PRIVATE_REQUESTED): State.RETURNED,
    (Act.AGREE, State.PRIVATE_REQUESTED): State.PRIVATE_AGREED,
    (Act.REFUSE, State.PRIVATE_REQUESTED): State.PRIVATE_REFUSED,
    (Act.DRAFT_ANSWER, State.ACCEPTED): State.ANSWER_DRAFTED,
    (Act.DRAFT_ANSWER, State.PRIVATE_AGREED): State.ANSWER_DRAFTED,
    (Act.DRAFT_ANSWER, State.ANSWER_DRAFTED): State.ANSWER_DRAFTED,
    (Act.DRAFT_ANSWER, State.ANSWERED): State.ANSWERED,
    (Act.DRAFT_ANSWER, State.CORRECTED): State.CORRECTED,
    (Act.SEND_ANSWER, State.ANSWER_DRAFTED): State.ANSWERED,
    (Act.SEND_ANSWER, State.ANSWERED): State.CORRECTED,
    (Act.SEND_ANSWER, State.CORRECTED): State.CORRECTED,
}
"""From which state each act leads to which. A correction is drafted and sent beside the answer that stands."""

TWICE: Final = {
    Act.ACCEPT: State.ACCEPTED,
    Act.RETURN: State.RETURNED,
    Act.AGREE: State.PRIVATE_AGREED,
    Act.REFUSE: State.PRIVATE_REFUSED,
    Act.LET_PUBLIC: State.ASKED,
    Act.WITHDRAW: State.WITHDRAWN,
}
"""What a second click on a button finds that was pressed already."""

UNANSWERED: Final = frozenset(
    {State.ASKED, State.PRIVATE_REQUESTED, State.PRIVATE_AGREED, State.ACCEPTED, State.ANSWER_DRAFTED}
)
"""What waits for those who answer."""

PROVIDERS_ONLY: Final = Refusal("providers_only", "Owners and bid writers of a provider that can apply or bid may ask.")

OVER: Final = {
    Stage.CLOSED: Refusal("closed", "The deadline has passed: nothing more is asked or answered."),
    Stage.CANCELLED: Refusal("cancelled", "This was cancelled: nothing more is asked or answered."),
}
"""When nothing more happens but that a question is withdrawn, and why."""

_STANDS: Final = {
    State.DRAFT: "This question is still a draft.",
    State.ASKED: "This question has been asked, and waits to be accepted or returned.",
    State.RETURNED: "This question has been returned to its asker.",
    State.PRIVATE_REQUESTED: "This question has been asked in confidence, and waits for that to be decided.",
    State.PRIVATE_AGREED: "This question is answered in confidence.",
    State.PRIVATE_REFUSED: "This question is not answered in confidence: its asker decides whether everybody may see it.",
    State.ACCEPTED: "This question has been accepted, and waits for its answer.",
    State.ANSWER_DRAFTED: "The answer to this question is written, and has not been sent.",
    State.ANSWERED: "This question has been answered.",
    State.CORRECTED: "This question has been answered, and the answer corrected.",
    State.WITHDRAWN: "This question has been withdrawn.",
}


class How(StrEnum):
    """How somebody is told of new answers; `stop` is as everybody else is."""

    EACH = "each"
    DAILY = "daily"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as written. `changes` says what it changes of what is asked for, and is empty where it changes nothing.

    For a late one, `extends` moves the deadline; where it does not, `keep_reason` says why.
    """

    words: str
    changes: str = ""
    extends: bool = True
    keep_reason: str = ""


def stage(
    *,
    opens_at: datetime,
    closes_at: datetime,
    ask_by: datetime,
    now: datetime,
    ended: bool = False,
    cancelled: bool = False,
) -> Stage:
    """By the clock, unless it was `cancelled`, or `ended` otherwise."""
    if cancelled:
        return Stage.CANCELLED
    if ended or now >= closes_at:
        return Stage.CLOSED
    if now < opens_at:
        return Stage.PLANNED
    return Stage.OPEN if now < ask_by else Stage.ANSWERING


def is_late(stage: Stage, answer_by: datetime, now: datetime) -> bool:
    """Whether an answer given now comes after its day."""
    return stage is not Stage.PLANNED and now > answer_by


def later_close(closes_at: datetime, leaves: int, now: datetime) -> datetime:
    """The close that leaves so many working days after now, at the same hour, and one more than now at the least."""
    earliest = after_working_days(london_day(closes_at), 1)
    return at_its_hour(closes_at, max(earliest, after_working_days(london_day(now), leaves)))


def why_not(act: Act, *, state: State, stage: Stage, asker: bool) -> Refusal | None:
    """What every act asks first: whose it is, where the question stands, and whether it is still time.

    `asker` says on which side the person stands who wants to act.
    """
    if asker is not (act in ASKER):
        side = "those who ask" if act in ASKER else "those who answer"
        return Refusal("other_side", f"This is for {side} the question.")
    if (act, state) not in MOVES:
        return Refusal(f"question_{state}", _STANDS[state])
    return None if act is Act.WITHDRAW else OVER.get(stage)


def is_twice(act: Act, *, state: State, asker: bool) -> bool:
    """Whether this has been done already, by the side that may: then it changes nothing, and is no error."""
    return TWICE.get(act) is state and asker is (act in ASKER)


def why_not_ask(*, stage: Stage, answers: bool, ineligible: Refusal | None) -> Refusal | None:
    """Whether somebody may ask a new question. `answers`: they belong to those who answer."""
    if answers:
        return Refusal("answers", "You belong to the organisation that answers, so you cannot ask.")
    if stage in OVER:
        return OVER[stage]
    if stage is Stage.ANSWERING:
        return Refusal("ask_by", "The time for questions is over.")
    return ineligible


def why_not_worded(words: str, names: Collection[str], organisations: Collection[str]) -> Refusal | None:
    """Nobody is told who asks, so a question does not name its asker: neither person, colleague, organisation nor address.

    Asked of the asker alone: whoever answers could otherwise try names until one is refused.
    """
    found = giveaways(words, names, organisations)
    if not found:
        return None
    told = listed([f"“{one}”" for one in found])
    return Refusal("names_asker", f"Take {told} out: whoever reads that would know who asks.")


def waits(*, changes: bool, drafted_version: int | None, version: int | None) -> bool:
    """An answer that changes what a brief asks for goes out once the brief says so; a round has no version to wait for."""
    return changes and version is not None and drafted_version is not None and version <= drafted_version


def why_not_as_seen(seen: str | None, digest: str, *, same: bool) -> Refusal | None:
    """Nobody writes over what they did not read; `same`: they write what is there. `seen` is None where nobody looked."""
    if same or seen in (None, digest):
        return None
    return Refusal("changed", "A colleague has written meanwhile. Read what is there now before you write over it.")


def why_not_keep(*, late: bool, extends: bool, reason: str) -> Refusal | None:
    """A late answer moves the deadline unless there is a reason against it."""
    if late and not extends and not reason:
        return Refusal("keep_reason", "The answer is late: move the deadline, or say why it stays.")
    return None
