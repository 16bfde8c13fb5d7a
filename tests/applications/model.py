"""What may be done about an application and its memberships, and where they then stand: machines 3, 4 and 6 told once more.

It knows nothing of the product, so that the two can be compared.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests import NOON

TODAY = NOON.date()
ROUND_CLOSES = TODAY + timedelta(days=20)  # at noon
INSURED_FOR = timedelta(days=40)
LEADS = ("lead", "lead_two", "lead_three")


@dataclass
class Member:
    signed_on: date | None = None
    countersigned: bool = False
    back_on: date | None = None
    suspended_to: date | None = None
    last_day: date | None = None
    ended: bool = False


@dataclass
class Asked:
    """One lot in one region: what was decided, by whom, and the membership that came of it."""

    state: str = "requested"
    took_part: set[str] = field(default_factory=set)
    refused_on: date | None = None
    member: Member | None = None


@dataclass
class Model:
    today: date = TODAY
    began: bool = False
    said: bool = False
    submitted: bool = False
    withdrawn: bool = False
    insured_to: date = TODAY + INSURED_FOR
    held: bool = False  # the agreement, as far as it is not complete
    parts: dict[int, Asked] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.today < ROUND_CLOSES

    @property
    def members(self) -> dict[int, Member]:
        return {one: part.member for one, part in self.parts.items() if part.member}

    @property
    def phase(self) -> str:
        if self.withdrawn:
            return "withdrawn"
        if self.submitted:
            undecided = any(part.state in ("requested", "refusal proposed") for part in self.parts.values())
            return "submitted" if undecided else "decided"
        return "in progress" if self.open else "lapsed"

    def writes(self, who: str) -> bool:
        return who in ("owner", "writer") and self.began and self.phase == "in progress"

    def submits(self, who: str) -> bool:
        if who not in ("owner", "writer") or not self.began:
            return False
        if self.submitted and not self.withdrawn:
            return True  # again: nothing happens
        return self.phase == "in progress" and who == "owner" and bool(self.parts) and self.said

    def takes_back(self, who: str) -> bool:
        if who not in ("owner", "writer") or not self.began:
            return False
        decided = any(part.state not in ("requested", "refusal proposed") for part in self.parts.values())
        again = not self.submitted
        return again or (self.phase == "submitted" and who == "owner" and self.open and not decided)

    def withdraws(self, who: str) -> bool:
        if who not in ("owner", "writer") or not self.began:
            return False
        return self.withdrawn or (who == "owner" and self.phase in ("in progress", "submitted"))

    def restores(self, who: str) -> bool:
        if who not in ("owner", "writer") or not self.began:
            return False
        return not self.withdrawn or (who == "owner" and self.open)

    def decides(self, who: str, part: Asked | None, *states: str) -> bool:
        """A lead, about a part of what was submitted and is not withdrawn."""
        return who in LEADS and part is not None and self.phase in ("submitted", "decided") and part.state in states

    def live(self, member: Member) -> bool:
        return not self.over(member)

    def over(self, member: Member) -> bool:
        return member.ended or (member.last_day is not None and member.last_day < self.today)

    def suspended(self, member: Member) -> bool:
        return member.suspended_to is not None and self.today <= member.suspended_to

    def against(self, member: Member) -> set[str]:
        """Why a member may not act today."""
        return {
            code
            for code, holds in (
                ("on_hold", self.held and not member.countersigned),
                ("not_signed", member.signed_on is None and not self.held),
                ("not_countersigned", member.signed_on is not None and not member.countersigned and not self.held),
                ("suspended", self.suspended(member)),
                ("membership_paused", member.back_on is not None and self.today < member.back_on),
                ("evidence_expired", self.insured_to < self.today),
                ("notice_over", member.last_day is not None and member.last_day < self.today),
            )
            if holds
        }
