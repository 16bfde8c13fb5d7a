"""What a provider ticks and types about its services, in four short pages."""

from collections.abc import Mapping
from typing import Final, Self

from pydantic import Field, model_validator

from app.providers import rules
from app.providers.rules import Aspect
from app.web.forms import Form


class NeedsForm(Form):
    need: list[str] = Field(default=[], title="the needs you address")
    age: list[str] = Field(default=[], title="the ages you work with")


class DeliveryForm(Form):
    mode: list[str] = Field(default=[], title="how you work")
    venue: list[str] = Field(default=[], title="where you work")
    travels_from: str = Field(default="", title="the postcode district you travel from", max_length=8)
    miles: int | None = Field(default=None, title="the miles you travel", ge=1, le=300)

    @model_validator(mode="after")
    def _from_where_and_how_far(self) -> Self:
        if bool(self.travels_from) != (self.miles is not None):
            raise ValueError("Enter both the district you travel from and the miles, or neither")
        if self.travels_from and len(rules.outward(self.travels_from) or "") < 2:
            raise ValueError("Enter a postcode district you travel from, like LS1")
        return self


class LanguagesForm(Form):
    language: list[str] = Field(default=[], title="the languages you speak")
    culture: list[str] = Field(default=[], title="your cultural expertise")


class DistrictsForm(Form):
    district: str = Field(default="", title="the postcode districts you cover", max_length=8000)

    @model_validator(mode="after")
    def _districts_alone(self) -> Self:
        _, strange = rules.districts(self.district)
        if strange:
            few = ", ".join(strange[:5])
            raise ValueError(
                f"These are not postcode districts or areas: {few}. Write them like LS1, or LS for all of it"
            )
        return self


FORMS: Final[Mapping[str, type[Form]]] = {
    "needs": NeedsForm,
    "delivery": DeliveryForm,
    "languages": LanguagesForm,
    "districts": DistrictsForm,
}
ASPECTS: Final[Mapping[str, tuple[Aspect, ...]]] = {
    "needs": (Aspect.NEED, Aspect.AGE),
    "delivery": (Aspect.MODE, Aspect.VENUE),
    "languages": (Aspect.LANGUAGE, Aspect.CULTURE),
    "districts": (Aspect.DISTRICT,),
}
