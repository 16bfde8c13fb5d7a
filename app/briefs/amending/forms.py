"""What a commissioner may type about a change of a published brief."""

from datetime import date
from typing import Any, ClassVar, Final, Literal

from pydantic import Field, create_model

from app.briefs.amending.rules import Kind, Terms
from app.briefs.forms import Pounds
from app.briefs.rules import closing
from app.briefs.terms.rules import MOST_DATES, Delivery
from app.core.london import LONDON
from app.core.money import pounds
from app.web.forms import Form

REVIEWS: Final = range(1, MOST_DATES + 1)
HOURS: Final = (("10", "10:00"), ("12", "12:00 noon"), ("14", "14:00"), ("16", "16:00"))


class _AmendForm(Form):
    """The terms as they are to be. Without a closing date the deadline stays as it is.

    `version` is the brief's, from which the page began.
    """

    WORDS: ClassVar[dict[str, str]] = {"version": "The form did not arrive whole, so nothing was saved. Send it again."}

    version: int = Field(title="the page")
    kind: Literal["minor", "material"] = Field(title="whether bids must be confirmed")
    reason: str = Field(title="why it changes", min_length=10, max_length=1000)
    title: str = Field(title="a title", min_length=5, max_length=120)
    need: str = Field(title="the need", min_length=1, max_length=4000)
    outcomes: str = Field(title="the outcomes", min_length=1, max_length=4000)
    sessions: int = Field(title="the number asked for", ge=1, le=200)
    delivery: Delivery | None = Field(default=None, title="how it is delivered")
    start_by: date = Field(title="the day to start by")
    budget: Pounds = Field(title="the budget")
    closes_on: date | None = Field(default=None, title="a later closing date")
    closing_hour: Literal["10", "12", "14", "16"] = Field(default="12", title="a closing time")

    def proposed(self) -> Kind:
        return Kind(self.kind)

    def terms(self, now: Terms) -> Terms:
        later = closing(self.closes_on, int(self.closing_hour)) if self.closes_on else now.closes_at
        return Terms(
            title=self.title,
            need=self.need,
            outcomes=self.outcomes,
            sessions=self.sessions,
            start_by=self.start_by,
            budget_pence=self.budget,
            closes_at=later,
            delivery=self.delivery or now.delivery,
            review_dates=tuple(sorted({on for n in REVIEWS if (on := getattr(self, f"review_{n}"))})),
        )


_ROWS: Final[dict[str, Any]] = {f"review_{n}": (date | None, Field(default=None, title=f"review {n}")) for n in REVIEWS}
AmendForm: Any = create_model("AmendForm", __base__=_AmendForm, **_ROWS)


def typed(terms: Terms) -> dict[str, Any]:
    """What the form shows of the terms as they are."""
    days = {"start_by": terms.start_by, **{f"review_{n}": on for n, on in enumerate(terms.review_dates, start=1)}}
    return {
        "title": terms.title,
        "need": terms.need,
        "outcomes": terms.outcomes,
        "sessions": str(terms.sessions),
        "budget": pounds(terms.budget_pence).removeprefix("£"),
        "delivery": terms.delivery or "",
        **{f"{name}-{part}": str(getattr(on, part)) for name, on in days.items() for part in ("day", "month", "year")},
        "closing_hour": str(terms.closes_at.astimezone(LONDON).hour),
    }
