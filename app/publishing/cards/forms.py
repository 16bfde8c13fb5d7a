"""What a provider types about its card, and what a family searches by."""

from uuid import UUID

from pydantic import Field

from app.web.forms import Form


class CardForm(Form):
    summary: str = Field(title="what you do, in plain English", max_length=600)
    expect: str = Field(default="", title="what a family can expect", max_length=1500)
    named: list[UUID] = Field(default=[], title="who agreed to be named")


class ListingForm(Form):
    indexed: bool = Field(default=False, title="search engines")
