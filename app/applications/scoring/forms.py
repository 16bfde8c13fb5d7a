"""What leads type about assessors, agreed marks and ties."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, create_model

from app.applications.scoring.rules import why_not_agree
from app.core.scoring import LEAST_REASON, MOST_POINTS
from app.web.assessing import points_for
from app.web.forms import Form, Posted

Given = Mapping[UUID, Sequence[int]]
"""The points that assessors gave, by question."""


class NameForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"person_id": "Select a person to name"}

    person_id: UUID


class ReleaseForm(Form):
    reason: str = Field("", title="the reason", max_length=500)


class ListedForm(Form):
    """The ids of the providers that the page listed, in one field: nobody declares about one they have not seen."""

    listed: str = ""


class TieForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"part_id": "Select who comes first"}

    part_id: UUID
    reason: str = Field(title="your reason", min_length=LEAST_REASON, max_length=2000)


def agreeing_form(given: Given) -> type[Form]:
    """The points that count for each question, and a note."""
    boxes: dict[str, Any] = {
        points_for(one): (Annotated[int, Field(title="the agreed points", ge=0, le=MOST_POINTS)], ...) for one in given
    }
    notes: dict[str, Any] = {
        note_for(one): (Annotated[str, Field(title="the note", max_length=2000)], "") for one in given
    }
    made = create_model("Agreed", __base__=Form, **boxes, **notes)
    made.WORDS = dict.fromkeys(boxes, "Select the agreed points")
    return made


def agreed_marks(form: Posted[Form], given: Given) -> tuple[Posted[Form], dict[UUID, tuple[int, str]]]:
    """The form with the notes that are wanting, and the agreed points with their notes."""
    if form.value is None:
        return form, {}
    marks = {one: (getattr(form.value, points_for(one)), getattr(form.value, note_for(one))) for one in given}
    wanting = {one: why_not_agree(given[one], points, note) for one, (points, note) in marks.items()}
    return form.but(**{note_for(one): refusal.words for one, refusal in wanting.items() if refusal}), marks


def note_for(one: UUID) -> str:
    return f"note_{one.hex}"
