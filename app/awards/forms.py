"""What people type on this room's pages; two of the forms are made from rows: whom was invited, what is scored."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, create_model

from app.awards.queries.assessment import Mark
from app.awards.rules.scoring import Criterion
from app.core.scoring import LEAST_REASON, MOST_POINTS
from app.web.forms import Form, Posted

Providers = Iterable[tuple[UUID, str]]


class Appointment(Form):
    WORDS: ClassVar = {"person_id": "Select a person to ask"}
    person_id: UUID = Field(title="a person")


class Proposal(Form):
    WORDS: ClassVar = {"bid_id": "Select the bid you propose"}
    bid_id: UUID = Field(title="the bid")
    reason: str = Field(default="", title="your reason", max_length=2000)


class Rejection(Form):
    reason: str = Field(title="your reason", min_length=LEAST_REASON, max_length=1000)


def declaration_form(invited: Providers) -> type[Form]:
    """Ticks for interests, the nature of each, and a tick of its own for none at all."""
    natures: dict[str, Any] = {
        nature_of(provider_id): (Annotated[str, Field(title=f"your interest in {name}", max_length=500)], "")
        for provider_id, name in invited
    }
    return create_model("Declaration", __base__=Form, none=(bool, False), interest=(list[UUID], []), **natures)


def with_interests(form: Posted[Form], invited: Providers) -> tuple[Posted[Form], dict[UUID, str]]:
    """The form with the errors that only the whole shows, and the interests it declares."""
    typed = form.typed
    ticked = {provider_id: name for provider_id, name in invited if str(provider_id) in typed.get("interest", ())}
    if ticked and typed.get("none"):
        return form.but(none="Tick either those you have an interest in or that you have none"), {}
    if not ticked and not typed.get("none"):
        return form.but(none="Tick those you have an interest in, or that you have none"), {}
    natures = {provider_id: str(typed.get(nature_of(provider_id), "")) for provider_id in ticked}
    missing = {nature_of(i): f"Say what your interest in {ticked[i]} is" for i, nature in natures.items() if not nature}
    return form.but(**missing), natures


def nature_of(provider_id: UUID) -> str:
    return f"nature_{provider_id.hex}"


def scoring_form(criteria: Iterable[Criterion]) -> type[Form]:
    """Points and a reason for each criterion but price, which a formula scores."""
    words, boxes = {}, dict[str, Any]()
    for criterion in criteria:
        if criterion.is_price:
            continue
        name = criterion.name.lower()
        words[points_for(criterion.id)] = f"Select the points for {name}"
        boxes[points_for(criterion.id)] = (Annotated[int, Field(ge=0, le=MOST_POINTS)], ...)
        reason = Field(title=f"your reason for {name}", min_length=LEAST_REASON, max_length=2000)
        boxes[reason_for(criterion.id)] = (Annotated[str, reason], ...)
    made = create_model("Scores", __base__=Form, **boxes)
    made.WORDS = words
    return made


def marks(scores: Form, criteria: Iterable[Criterion]) -> dict[UUID, Mark]:
    return {
        c.id: Mark(getattr(scores, points_for(c.id)), getattr(scores, reason_for(c.id)))
        for c in criteria
        if not c.is_price
    }


def typed_marks(given: dict[UUID, Mark]) -> dict[str, Any]:
    """Marks as they stand in the form."""
    points = {points_for(criterion_id): mark.points for criterion_id, mark in given.items()}
    return points | {reason_for(criterion_id): mark.reason for criterion_id, mark in given.items()}


def points_for(criterion_id: UUID) -> str:
    return f"points_{criterion_id.hex}"


def reason_for(criterion_id: UUID) -> str:
    return f"reason_{criterion_id.hex}"
