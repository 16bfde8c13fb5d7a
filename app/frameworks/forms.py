"""What a framework lead types to set up a round."""

import re
from datetime import date
from typing import Annotated, ClassVar, Final
from uuid import UUID

from pydantic import AfterValidator, Field

from app.web.forms import Form

_NUMBERS: Final = re.compile(r"\d+", re.ASCII)


def _days(typed: str) -> list[date]:
    """'27 3 2027' and '1/9/2027', a line each, as days."""
    lines = (_NUMBERS.findall(line) for line in typed.splitlines() if line.strip())
    return [date(int(year), int(month), int(day)) for day, month, year in lines]


def _are_days(typed: str) -> str:
    try:
        _days(typed)
    except ValueError:
        raise ValueError("Enter each day of decision on a line of its own, like 27 3 2027") from None
    return typed


class DbsFileForm(Form):
    wanted: bool = False


class RoundForm(Form):
    """It opens at 9:00 and closes at 12:00 noon, in London, on the days given.

    Without a last day it is always open, and decides on the days of `decisions`, one on each line.
    """

    WORDS: ClassVar[dict[str, str]] = {
        "lots": "Select at least one lot",
        "regions": "Select at least one region",
        "opens_on": "Enter the day it opens, like 27 3 2027",
        "closes_on": "Enter a real date, like 27 3 2027, or leave it empty",
    }

    name: str = Field(title="the name of the round", min_length=3, max_length=120)
    opens_on: date
    closes_on: date | None = None
    decisions: Annotated[str, AfterValidator(_are_days)] = ""
    lots: list[UUID] = Field(min_length=1)
    regions: list[UUID] = Field(min_length=1)

    def days(self) -> list[date]:
        """The days of decision."""
        return _days(self.decisions)


class ExtensionForm(Form):
    """A later last day of a framework, and why."""

    until: date = Field(title="the new last day")
    reason: str = Field(title="why it is extended", min_length=10, max_length=1000)


class RoundExtensionForm(Form):
    """A later last day of a round, on which it closes at 12:00 noon in London, and why."""

    until: date = Field(title="the new last day")
    reason: str = Field(title="why it is extended", min_length=10, max_length=1000)


class RoundCancelForm(Form):
    cancel_reason: str = Field(title="why it is cancelled", min_length=10, max_length=1000)
