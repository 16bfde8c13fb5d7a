"""What is recorded about a practitioner, and whether somebody may deliver a therapy on a day. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.refusals import Refusal

_DBS_NUMBER: Final = 12


class Frequency(StrEnum):
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    LESS_OFTEN = "less_often"


FREQUENCIES: Final = {
    Frequency.WEEKLY: "Every week",
    Frequency.FORTNIGHTLY: "Every two weeks",
    Frequency.MONTHLY: "Every month",
    Frequency.LESS_OFTEN: "Less often than every month",
}


class DbsLevel(StrEnum):
    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"


DBS_LEVELS: Final = {level: level.capitalize() for level in DbsLevel}


class Workforce(StrEnum):
    CHILD = "child"
    ADULT = "adult"
    BOTH = "child_and_adult"
    OTHER = "other"


WORKFORCES: Final = {
    Workforce.CHILD: "Child workforce",
    Workforce.ADULT: "Adult workforce",
    Workforce.BOTH: "Child and adult workforce",
    Workforce.OTHER: "Other workforce",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What lets somebody deliver a therapy: a registration or a qualification, in words; only the first can lapse."""

    words: str
    expires_on: date | None = None


def lapsed(expires_on: date | None, on: date) -> bool:
    return expires_on is not None and on > expires_on


def why_not_deliver(
    *, practitioner_id: UUID, name: str, left: bool, therapy: str, grounds: Collection[Ground], on: date
) -> Refusal | None:
    """Why this practitioner may not deliver this therapy on a London day; `grounds` is what they give for it.

    One ground that has not lapsed is enough. The evidence a lot asks for is another question (bids.rules.why_not_named).
    """
    page = f"/practitioners/{practitioner_id}"
    if left:
        return Refusal("left", f"{name} has left.", (page, f"See the record of {name}"))
    if not grounds:
        words = f"Nothing is recorded that lets {name} deliver {therapy}."
        return Refusal("no_ground", words, (f"{page}/therapy", "Add the therapy, and what allows it"))
    if all(lapsed(ground.expires_on, on) for ground in grounds):
        words = f"What lets {name} deliver {therapy} has lapsed: {', '.join(g.words for g in grounds)}."
        return Refusal("ground_lapsed", words, (f"{page}#registrations", "Renew the registration"))
    return None


def why_not_ground(*, held: Collection[UUID], ground: UUID | None) -> Refusal | None:
    """A therapy is allowed by something that the practitioner holds."""
    if ground is None or ground not in held:
        return Refusal("ground_missing", "Select the registration or qualification that allows it")
    return None


def why_not_remove(*, allows: Collection[str]) -> Refusal | None:
    """What allows a therapy stays until the therapy goes, or is allowed by something else."""
    if not allows:
        return None
    words = (
        f"This is what allows {', '.join(sorted(allows))}. Remove the therapy first, or let something else allow it."
    )
    return Refusal("allows_a_therapy", words)


def dbs_warning(number: str) -> str | None:
    """Published formats change, so a surprising number is pointed out and never refused."""
    bare = "".join(number.split())
    if not bare or (bare.isdigit() and len(bare) == _DBS_NUMBER):
        return None
    return "Check this: it does not look like a DBS certificate number, which has 12 digits."
