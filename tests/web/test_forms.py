"""A posted form is a value, or an error beside each field in words for people; what was typed is never lost."""

from datetime import date
from enum import StrEnum
from io import BytesIO
from typing import Any, ClassVar, Literal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator, model_validator
from starlette.datastructures import FormData, Headers, UploadFile

from app.core.clock import Arrival
from app.core.money import to_pence
from app.web.forms import NEVER, Form, Posted, blank, parse


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Order(Form):
    """One field of each kind a page may hold."""

    name: str = Field(title="your name", min_length=2, max_length=10)
    note: str = Field(default="", title="note", max_length=20)
    price: int = Field(title="price")
    places: int | None = Field(default=None, title="places", ge=1, le=6)
    starts_on: date = Field(title="start date")
    ends_on: date | None = Field(default=None, title="end date")
    regions: list[str] = Field(title="regions", min_length=1)
    colour: Colour = Field(title="a colour")
    route: Literal["spot", "block"] = Field(default="spot", title="a route")
    lot_id: UUID | None = Field(default=None, title="lot")
    agreed: bool = Field(title="the terms")
    letter: UploadFile | None = Field(default=None, title="the letter")

    WORDS: ClassVar[dict[str, str]] = {"agreed": "Tick to agree to the terms"}

    @field_validator("price", mode="before")
    @classmethod
    def _pence(cls, typed: str) -> int:
        try:
            return to_pence(typed)
        except ValueError:
            raise ValueError("Price must be an amount in pounds, like 1,250.00") from None

    @model_validator(mode="after")
    def _in_order(self) -> "Order":
        if self.ends_on and self.ends_on < self.starts_on:
            raise ValueError("The end must be after the start")
        return self


GOOD: list[tuple[str, str | UploadFile]] = [
    ("name", "  Ann "),
    ("note", "two\r\nlines"),
    ("price", "£1,250"),
    ("places", "3"),
    ("starts_on-day", "3"),
    ("starts_on-month", "12"),
    ("starts_on-year", "2026"),
    ("regions", "north"),
    ("regions", "south"),
    ("colour", "red"),
    ("agreed", "yes"),
]


def _post(*changes: tuple[str, Any], arrived: Arrival = NEVER) -> Posted[Order]:
    """The good form with some fields given anew; a field given as None is not sent."""
    given = {name for name, _ in changes}
    kept = [(name, value) for name, value in GOOD if name not in given]
    return parse(Order, FormData([*kept, *((n, v) for n, v in changes if v is not None)]), arrived=arrived)


def _value(posted: Posted[Order]) -> Order:
    assert posted.errors == {}
    assert posted.value is not None
    return posted.value


def test_a_good_form_is_a_value() -> None:
    order = _value(_post())
    assert (order.name, order.note, order.price, order.places) == ("Ann", "two\nlines", 125_000, 3)
    assert (order.starts_on, order.ends_on) == (date(2026, 12, 3), None)
    assert (order.regions, order.colour, order.route) == (["north", "south"], Colour.RED, "spot")
    assert order.agreed is True and order.letter is None and order.lot_id is None


def test_the_moment_of_arrival_is_kept_whether_or_not_the_form_is_good() -> None:
    assert _post(arrived=Arrival(12.5)).arrived == 12.5
    assert _post(("name", None), arrived=Arrival(12.5)).arrived == 12.5


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ([("name", None)], {"name": "Enter your name"}),
        ([("name", "   ")], {"name": "Enter your name"}),
        ([("name", "A")], {"name": "Your name must be 2 characters or more"}),
        ([("name", "A" * 11)], {"name": "Your name must be 10 characters or fewer"}),
        ([("note", "x" * 21)], {"note": "Note must be 20 characters or fewer"}),
        ([("price", "a lot")], {"price": "Price must be an amount in pounds, like 1,250.00"}),
        ([("price", None)], {"price": "Enter price"}),
        ([("places", "many")], {"places": "Places must be a whole number"}),
        ([("places", "1.5")], {"places": "Places must be a whole number"}),
        ([("places", "0")], {"places": "Places must be 1 or more"}),
        ([("places", "7")], {"places": "Places must be 6 or fewer"}),
        ([("regions", None)], {"regions": "Enter regions"}),
        ([("regions", "")], {"regions": "Enter regions"}),
        ([("colour", "green")], {"colour": "Select a colour"}),
        ([("route", "scenic")], {"route": "Select a route"}),
        ([("lot_id", "nonsense")], {"lot_id": "Select lot from the list"}),
        ([("agreed", None)], {"agreed": "Tick to agree to the terms"}),
        ([("agreed", "perhaps")], {"agreed": "Tick to agree to the terms"}),
        (
            [("name", None), ("price", "x"), ("colour", None)],
            {
                "name": "Enter your name",
                "price": "Price must be an amount in pounds, like 1,250.00",
                "colour": "Enter a colour",
            },
        ),
    ],
)
def test_each_error_is_beside_its_field_in_words(changes: list[tuple[str, Any]], errors: dict[str, str]) -> None:
    posted = _post(*changes)
    assert posted.value is None
    assert posted.errors == errors


def _date(name: str, day: str, month: str, year: str) -> list[tuple[str, str]]:
    return [(f"{name}-day", day), (f"{name}-month", month), (f"{name}-year", year)]


@pytest.mark.parametrize(
    ("boxes", "found"),
    [
        (("3", "12", "2026"), date(2026, 12, 3)),
        (("03", "02", "2027"), date(2027, 2, 3)),
        ((" 3 ", "2 ", "2027"), date(2027, 2, 3)),
        (("29", "2", "2028"), date(2028, 2, 29)),
    ],
)
def test_a_date_is_three_boxes(boxes: tuple[str, str, str], found: date) -> None:
    assert _value(_post(*_date("starts_on", *boxes))).starts_on == found


@pytest.mark.parametrize(
    "boxes",
    [
        ("29", "2", "2027"),
        ("31", "4", "2027"),
        ("0", "1", "2027"),
        ("1", "13", "2027"),
        ("", "2", "2027"),
        ("3", "", "2027"),
        ("3", "2", ""),
        ("3", "2", "27"),
        ("3", "2", "12027"),
        ("3", "February", "2027"),
        ("-3", "2", "2027"),
        ("three", "two", "one"),
    ],
)
def test_a_date_that_is_none_is_said_to_be_none(boxes: tuple[str, str, str]) -> None:
    """Also the year in two figures: the year 27 was long ago, and would make a new certificate look lapsed."""
    posted = _post(*_date("starts_on", *boxes))
    assert posted.errors == {"starts_on": "Start date must be a real date, like 27 3 2027"}
    assert [posted.typed[f"starts_on-{part}"] for part in ("day", "month", "year")] == list(boxes)


def test_three_empty_boxes_are_no_date() -> None:
    assert _post(*_date("starts_on", "", "", "")).errors == {"starts_on": "Enter start date"}
    assert _value(_post(*_date("ends_on", "", "", ""))).ends_on is None


def test_a_rule_between_fields_speaks_for_the_form() -> None:
    assert _post(*_date("ends_on", "1", "1", "2026")).errors == {"form": "The end must be after the start"}


def test_what_was_typed_is_kept_as_it_was_typed() -> None:
    typed = _post(("name", "A" * 11), ("price", "a lot"), ("note", "two\r\nlines")).typed
    assert typed["name"] == "A" * 11
    assert typed["price"] == "a lot"
    assert typed["note"] == "two\r\nlines"
    assert typed["regions"] == ["north", "south"]
    assert (typed["starts_on-day"], typed["starts_on-year"], typed["ends_on-day"]) == ("3", "2026", "")


def test_a_field_nobody_asked_for_is_ignored() -> None:
    """Bar S5, mass assignment: only what the form names can be set by it."""
    posted = _post(("provider_id", str(uuid4())), ("status", "awarded"))
    assert not hasattr(_value(posted), "status")
    assert "status" not in posted.typed and "provider_id" not in posted.typed


def test_a_file_is_a_file_and_an_empty_choice_is_none() -> None:
    chosen = UploadFile(BytesIO(b"%PDF"), filename="letter.pdf", headers=Headers())
    assert _value(_post(("letter", chosen))).letter is chosen
    assert _value(_post(("letter", UploadFile(BytesIO(), filename="")))).letter is None
    assert _value(_post(("letter", "not a file"))).letter is None
    assert "letter" not in _post(("letter", chosen)).typed


def test_a_file_where_text_belongs_is_missing_text() -> None:
    assert _post(("name", UploadFile(BytesIO(b"x"), filename="x"))).errors == {"name": "Enter your name"}


def test_a_character_that_no_database_keeps_is_left_out() -> None:
    assert _value(_post(("name", "An\0n"))).name == "Ann"
    assert _value(_post(("note", "a\0"))).note == "a"
    assert _value(_post(("regions", "no\0rth"))).regions == ["north"]


def test_errors_found_later_join_those_found_first() -> None:
    posted = _post(("name", None))
    more = posted.but(price="Price is over the ceiling of the lot")
    assert more.errors == {"name": "Enter your name", "price": "Price is over the ceiling of the lot"}
    assert more.typed == posted.typed
    assert posted.errors == {"name": "Enter your name"}


def test_a_blank_form_shows_what_is_known() -> None:
    form = blank(name="Ann")
    assert (form.value, form.errors, form.typed) == (None, {}, {"name": "Ann"})


@given(st.lists(st.tuples(st.sampled_from([name for name, _ in GOOD] + ["ends_on-day", "lot_id"]), st.text())))
def test_whatever_is_posted_is_a_value_or_errors_and_never_raises(fields: list[tuple[str, str]]) -> None:
    posted = parse(Order, FormData(fields))
    assert (posted.value is None) is bool(posted.errors)
    assert all(words and words[0] != "{" for words in posted.errors.values())
