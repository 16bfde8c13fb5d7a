"""What a DBS certificate says, as a record. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal


class Level(StrEnum):
    ENHANCED = "enhanced"
    STANDARD = "standard"
    BASIC = "basic"


class Workforce(StrEnum):
    CHILD = "child"
    ADULT = "adult"
    BOTH = "both"


class StatusResult(StrEnum):
    """What the Update Service answers to a status check. Source: DBS Update Service employer guide."""

    CLEAR = "clear"
    CURRENT = "current"
    CHANGED = "changed"


CHANGED: Final = StatusResult.CHANGED

LEVELS: Final = {Level.ENHANCED: "Enhanced", Level.STANDARD: "Standard", Level.BASIC: "Basic"}
WORKFORCES: Final = {
    Workforce.CHILD: "Child workforce",
    Workforce.ADULT: "Adult workforce",
    Workforce.BOTH: "Child and adult workforce",
}
AS_TOLD: Final = {"child": Workforce.CHILD, "adult": Workforce.ADULT, "child_and_adult": Workforce.BOTH}
"""What a practitioner's page calls each workforce."""

STATUS_RESULTS: Final = {
    StatusResult.CLEAR: "Clear: the certificate is current and carried no information",
    StatusResult.CURRENT: "Current: no new information since the certificate",
    StatusResult.CHANGED: "Changed: a new certificate is needed",
}

DBS_WORDS: Final = (LEVELS, WORKFORCES, STATUS_RESULTS)
"""What a page says for each value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DbsFacts:
    """What is read from a certificate beyond its number and date, which are the item's; never what it discloses."""

    level: Level
    workforce: Workforce
    children_barred: bool = False
    adults_barred: bool = False
    update_service: bool = False
    status_checked_on: date | None = None
    status_result: StatusResult | None = None
    seen_by: str = ""
    seen_on: date | None = None

    @property
    def needs_new(self) -> bool:
        """What has changed is not told by the Update Service: only a new certificate shows it."""
        return self.status_result is StatusResult.CHANGED


def why_not_record(facts: DbsFacts, *, on: date) -> Refusal | None:
    """A barred list is checked on an enhanced certificate alone, and a status only with the person's consent."""
    if facts.level is not Level.ENHANCED and (facts.children_barred or facts.adults_barred):
        return Refusal("barred_list_needs_enhanced", "Only an enhanced certificate shows a check of the barred lists")
    if (facts.status_checked_on is None) != (facts.status_result is None):
        return Refusal("status_half_told", "Give both the day and the result of the last status check, or neither")
    if facts.status_checked_on and not facts.update_service:
        return Refusal("no_consent", "A status check needs the practitioner’s consent to the Update Service")
    if bool(facts.seen_by) != (facts.seen_on is not None):
        return Refusal("seen_half_told", "Give both who saw the original in person and on which day, or neither")
    if any(day and day > on for day in (facts.status_checked_on, facts.seen_on)):
        return Refusal("in_the_future", "A day on which something was seen or checked cannot be in the future")
    return None


def why_not_retell(known: DbsFacts | None, facts: DbsFacts, *, submitted: bool, checker: bool) -> Refusal | None:
    """Once sent, what the checker saw stays as it was told: its keepers may add a newer status check and nothing else.

    That a new certificate is needed stays for everybody: no later status check of the old one can say otherwise.
    """
    if not submitted or known is None:
        return None
    if known.needs_new and (facts.status_checked_on, facts.status_result) != (known.status_checked_on, CHANGED):
        return Refusal(
            "needs_new",
            "The last status check says that a new certificate is needed, and that stays. Add the new certificate. "
            "If it was written down wrongly, the checker who verified it can correct it with a reason.",
        )
    if checker:
        return None
    if known.status_checked_on and (
        facts.status_checked_on is None or facts.status_checked_on <= known.status_checked_on
    ):
        same = (facts.status_checked_on, facts.status_result) == (known.status_checked_on, known.status_result)
        if not same:
            return Refusal(
                "status_kept", "The last status check stays as it was told. Add a newer one, of a later day."
            )
    told = replace(
        facts,
        update_service=known.update_service,
        status_checked_on=known.status_checked_on,
        status_result=known.status_result,
    )
    if told == known:
        return None
    return Refusal(
        "already_sent",
        "This has been sent for checking, so only the consent and the last status check can be changed here.",
    )


def why_not_correct(known: DbsFacts, result: StatusResult) -> Refusal | None:
    """Only that a new certificate is needed has to be corrected; any other status check is followed by a newer one."""
    if not known.needs_new:
        return Refusal("nothing_to_correct", "No status check of this says that a new certificate is needed.")
    if result is CHANGED:
        return Refusal("not_corrected", "Select what the status check really said")
    return None


def why_not_upload(*, file_off: bool) -> Refusal | None:
    """Where the file is switched off the record alone is kept, so that nothing has to be protected and deleted."""
    if not file_off:
        return None
    return Refusal(
        "file_switched_off", "No framework that asks for this wants its file. Write the record, and show the original."
    )
