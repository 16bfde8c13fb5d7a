"""What a person types about a price."""

from datetime import date

from pydantic import Field

from app.frameworks.draft_forms import Pence
from app.frameworks.rules import PriceUnit
from app.web.forms import Form


class RateForm(Form):
    unit: PriceUnit = Field(title="which price")
    pence: Pence = Field(title="the new price", ge=1, le=10**9)
    from_on: date = Field(title="the day from which it holds")
    reason: str = Field(title="why it changes", min_length=3, max_length=500)
