"""Where a provider works: what a site is used for, and how one gets in. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.core.refusals import Refusal


class StepFree(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Use(StrEnum):
    SESSIONS = "sessions"
    GROUPS = "groups"
    FAMILY_TIME = "family_time"
    TRAINING = "training"
    ONLINE = "online"
    OFFICE = "office"


STEP_FREE_WORDS: Final = {
    StepFree.YES: "Step-free throughout",
    StepFree.PARTLY: "Step-free in part",
    StepFree.NO: "Not step-free",
}
USE_WORDS: Final = {
    Use.SESSIONS: "Sessions with children and families",
    Use.GROUPS: "Groups",
    Use.FAMILY_TIME: "Family time and mediation",
    Use.TRAINING: "Training",
    Use.ONLINE: "Online work is done from here",
    Use.OFFICE: "Office: families do not come here",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What a provider says of a site. `uses` in the order in which they are asked."""

    name: str
    address: str
    postcode: str
    uses: tuple[Use, ...] = ()
    step_free: StepFree = StepFree.NO
    access: str = ""
    parking: str = ""
    transport: str = ""


NAME_TAKEN: Final = Refusal("name_taken", "You have an open site of this name. Give each site a name of its own")


def tidy_postcode(typed: str) -> str:
    """'ls61aa' -> 'LS6 1AA'; what does not look like a postcode stays as it was typed, in capitals."""
    bare = "".join(typed.split()).upper()
    return f"{bare[:-3]} {bare[-3:]}" if 5 <= len(bare) <= 7 else bare
