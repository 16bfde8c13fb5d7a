"""All that one application is asked beside its statement, and what of it is left. Pure."""

from dataclasses import dataclass
from uuid import UUID

from app.applications.answers.rules import asking, pricing
from app.applications.answers.rules.asking import Question, Section
from app.applications.answers.rules.pricing import Price, Pricing
from app.applications.rules.chasing import Lack
from app.core.refusals import Refusal

_MINUTES_A_PRICE = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """The questions by section and the prices of the lots chosen."""

    sections: tuple[Section, ...] = ()
    prices: tuple[Price, ...] = ()

    @property
    def asked_prices(self) -> tuple[Price, ...]:
        return tuple(one for one in self.prices if one.pricing is Pricing.ASKED)

    @property
    def price_minutes(self) -> int:
        return sum(one.is_missing for one in self.prices) * _MINUTES_A_PRICE

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(one for section in self.sections for one in section.questions)

    def section(self, number: int) -> Section | None:
        return next((one for one in self.sections if one.number == number), None)

    def missing(self, application_id: UUID) -> tuple[Refusal, ...]:
        """What keeps it from being submitted, one by one in the order of its pages, each with its link."""
        base = f"/applications/{application_id}"
        return (*asking.missing(self.sections, base), *pricing.missing(self.prices, base))

    def lacks(self) -> tuple[Lack, ...]:
        """The same by page, with about how long each takes."""
        questions = (
            Lack(f"“{section.name}”, {len(section.left)} of {len(section.asked)} questions", section.minutes)
            for section in self.sections
            if section.left
        )
        prices = (Lack("your prices", self.price_minutes),) if self.price_minutes else ()
        return (*questions, *prices)
