"""What a framework's lead, or an agency that accedes, types."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from app.web.forms import Form

_WORDS = {
    "organisation_id": "Select an agency or authority",
    "effective_on": "Enter a day, like 1 4 2027",
    "evidence": "Enter the decision or document that says so, and its date",
}


class ListForm(Form):
    """The first day of a body that joins, or the last of one that leaves, and the evidence for it."""

    WORDS: ClassVar[dict[str, str]] = _WORDS

    organisation_id: UUID
    effective_on: date
    evidence: str = Field(max_length=1000)


class AccedeForm(ListForm):
    WORDS: ClassVar[dict[str, str]] = {**_WORDS, "declaration": "Confirm that you may sign for it"}

    declaration: Literal["true"]
