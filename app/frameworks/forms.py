"""What a framework lead types to set up a round."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from app.web.forms import Form


class DbsFileForm(Form):
    wanted: bool = False


class RoundForm(Form):
    """It opens at 9:00 and closes at 12:00 noon, in London, on the days given."""

    WORDS: ClassVar[dict[str, str]] = {
        "lots": "Select at least one lot",
        "regions": "Select at least one region",
        "opens_on": "Enter the day it opens, like 27 3 2027",
        "closes_on": "Enter the day it closes, like 27 3 2027",
    }

    name: str = Field(title="the name of the round", min_length=3, max_length=120)
    opens_on: date
    closes_on: date
    lots: list[UUID] = Field(min_length=1)
    regions: list[UUID] = Field(min_length=1)
