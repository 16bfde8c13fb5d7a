"""The forms of those who assess, made from rows: whom they have an interest in, and points with reasons for what is scored."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, create_model

from app.core.scoring import LEAST_REASON, MOST_POINTS, Mark
from app.web.forms import Form, M, Posted

Named = Iterable[tuple[UUID, str]]
"""What the form asks about, by id and name."""


def declaration_form(others: Named) -> type[Form]:
    """Ticks for interests, the nature of each, and a tick of its own for none at all."""
    natures: dict[str, Any] = {
        nature_of(one_id): (Annotated[str, Field(title=f"your interest in {name}", max_length=500)], "")
        for one_id, name in others
    }
    return create_model("Declaration", __base__=Form, none=(bool, False), interest=(list[UUID], []), **natures)


def with_interests(form: Posted[Form], others: Named) -> tuple[Posted[Form], dict[UUID, str]]:
    """The form with the errors that only the whole shows, and the interests it declares."""
    typed = form.typed
    ticked = {one_id: name for one_id, name in others if str(one_id) in typed.get("interest", ())}
    if ticked and typed.get("none"):
        return form.but(none="Tick either those you have an interest in or that you have none"), {}
    if not ticked and not typed.get("none"):
        return form.but(none="Tick those you have an interest in, or that you have none"), {}
    natures = {one_id: str(typed.get(nature_of(one_id), "")) for one_id in ticked}
    missing = {nature_of(i): f"Say what your interest in {ticked[i]} is" for i, nature in natures.items() if not nature}
    return form.but(**missing), natures


def nature_of(one_id: UUID) -> str:
    return f"nature_{one_id.hex}"


def scoring_form(asked: Named, base: type[M]) -> type[M]:
    """Points and a reason for each of these, beside what `base` asks."""
    words, boxes = {}, dict[str, Any]()
    for one_id, name in asked:
        words[points_for(one_id)] = f"Select the points for {name}"
        boxes[points_for(one_id)] = (Annotated[int, Field(ge=0, le=MOST_POINTS)], ...)
        reason = Field(title=f"your reason for {name}", min_length=LEAST_REASON, max_length=2000)
        boxes[reason_for(one_id)] = (Annotated[str, reason], ...)
    made = create_model("Scores", __base__=base, **boxes)
    made.WORDS = words
    return made


def marks(scores: Form, asked: Named) -> dict[UUID, Mark]:
    return {i: Mark(getattr(scores, points_for(i)), getattr(scores, reason_for(i))) for i, _ in asked}


def typed_marks(given: Mapping[UUID, Mark]) -> dict[str, Any]:
    """Marks as they stand in the form."""
    points = {points_for(one_id): mark.points for one_id, mark in given.items()}
    return points | {reason_for(one_id): mark.reason for one_id, mark in given.items()}


def points_for(one_id: UUID) -> str:
    return f"points_{one_id.hex}"


def reason_for(one_id: UUID) -> str:
    return f"reason_{one_id.hex}"
