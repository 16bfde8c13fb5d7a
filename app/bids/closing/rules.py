"""When a brief may close early, and when it then closes. Pure. What asking tells: docs/decisions/0032."""

from datetime import datetime, timedelta

from app.briefs.amending.rules import next_humane_hour
from app.briefs.rules import Phase, in_words
from app.core.london import london_day
from app.core.refusals import Refusal
from app.core.working_days import after_working_days

REASON = "Every invited member has answered, so the brief closes early."


def closes_early(now: datetime) -> datetime:
    """The first humane hour after one whole working day of notice: until then bids may be replaced or taken back as ever."""
    day = after_working_days(london_day(now), 1)
    return next_humane_hour(now + timedelta(days=(day - london_day(now)).days))


def why_not_ask(*, phase: Phase, waiting: bool, closes_at: datetime, now: datetime) -> Refusal | None:
    """Why a commissioner may not ask for it. Whether everybody has answered is no part of this."""
    if phase is not Phase.OPEN:
        return Refusal("not_open", f"This brief is {phase}, so there is no deadline to bring forward.")
    if waiting:
        return Refusal(
            "waiting", "Closing early has been asked for already. An approver agrees, or one of you drops it."
        )
    if (early := closes_early(now)) >= closes_at:
        words = f"With a working day’s notice it would close at {in_words(early)}, no earlier than it does anyway."
        return Refusal("no_earlier", words)
    return None


def why_not_agree(
    *, phase: Phase, asker: bool, tried_at: datetime | None, closes_at: datetime, now: datetime
) -> Refusal | None:
    """Why an approver may not try it now. It is tried once a London day at most, so that nobody can watch the answers arrive."""
    if refusal := why_not_ask(phase=phase, waiting=False, closes_at=closes_at, now=now):
        return refusal
    if asker:
        return Refusal("second_person", "You asked for it. An approver who did not ask agrees to it.")
    if tried_today(tried_at, now):
        return Refusal("tried", "This has been tried today. It can be tried again tomorrow.")
    return None


def tried_today(tried_at: datetime | None, now: datetime) -> bool:
    return tried_at is not None and london_day(tried_at) == london_day(now)


UNANSWERED = Refusal("unanswered", "Not every invited member has answered yet. It can be tried again tomorrow.")
