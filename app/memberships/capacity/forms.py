"""A form of two boxes for each therapy, made from the rows it is about: of one region, or of a lot with its exceptions."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from pydantic import Field, create_model

from app.memberships.capacity.queries import Line
from app.memberships.capacity.rules import MOST_PLACES, MOST_WEEKS, Figures
from app.web.forms import Form, Posted

_ONE_OF_TWO: Final = "Enter both the places and the weeks, or neither"


class RenewForm(Form):
    provider: UUID | None = Field(default=None, title="the provider")
    lot: UUID | None = Field(default=None, title="the lot")


def capacity_form(lines: Iterable[Line]) -> type[Form]:
    boxes: dict[str, Any] = {"apart": (list[UUID], Field(default=[], title="the regions that keep their own figures"))}
    for line in lines:
        places = Field(default=None, title=f"places for {line.therapy}", ge=0, le=MOST_PLACES)
        weeks = Field(default=None, title=f"weeks to wait for {line.therapy}", ge=0, le=MOST_WEEKS)
        boxes[line.places], boxes[line.weeks] = (int | None, places), (int | None, weeks)
    return create_model("Capacities", __base__=Form, **boxes)


def figures(form: Posted[Form], lines: Iterable[Line]) -> tuple[Posted[Form], dict[str, Figures]]:
    """What is said of each therapy that was filled, and the form with an error where one box of two is empty."""
    said: dict[str, Figures] = {}
    errors: dict[str, str] = {}
    for line in lines if form.value else ():
        places, weeks = getattr(form.value, line.places), getattr(form.value, line.weeks)
        if places is not None and weeks is not None:
            said[line.slug] = Figures(places, weeks)
        elif places is not None or weeks is not None:
            errors[line.weeks if weeks is None else line.places] = _ONE_OF_TWO
    return (form.but(**errors) if errors else form), said


def typed(lines: Iterable[Line]) -> dict[str, Any]:
    """What was said last, as it stands in the form."""
    boxes: dict[str, Any] = {}
    for line in lines:
        if line.figures:
            boxes |= {line.places: line.figures.places, line.weeks: line.figures.weeks}
    return boxes
