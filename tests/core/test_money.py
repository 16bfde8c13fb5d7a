"""Pounds as people write them, pence as machines count them, and nothing rounded on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import MOST_PENCE, pounds, to_pence


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("0", 0),
        ("1", 100),
        ("1.5", 150),
        ("1.05", 105),
        ("1.50", 150),
        ("1.500", 150),
        (".99", 99),
        ("12.", 1_200),
        ("£1,250", 125_000),
        (" £ 1,250.00 ", 125_000),
        ("1 250.10", 125_010),
        ("007.70", 770),
        ("100,000,000.00", MOST_PENCE),
    ],
)
def test_amounts_people_type(typed: str, pence: int) -> None:
    assert to_pence(typed) == pence


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "£",
        ".",
        "-1",
        "+1",
        "1.005",
        "0.0099999999999999999999999999999999",
        "100000000.01",
        "1e3",
        "1e999999",
        "9" * 5_000,
        "1_000",
        "１２",
        "٣",
        "NaN",
        "sNaN",
        "Infinity",
        "0x10",
        "1.2.3",
        "12,50",
        "1,5",
        "1,2345",
        "1,",
        ",100",
        "0.1,000",
        "ten",
        "€10",
        "$10",
    ],
)
def test_what_is_not_an_exact_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^not an amount of money$"):
        to_pence(typed)


@pytest.mark.parametrize(
    ("pence", "shown"),
    [
        (0, "£0.00"),
        (5, "£0.05"),
        (100, "£1.00"),
        (99_999, "£999.99"),
        (125_000, "£1,250.00"),
        (123_456_789, "£1,234,567.89"),
        (-50, "-£0.50"),
        (-125_000, "-£1,250.00"),
    ],
)
def test_amounts_as_shown(pence: int, shown: str) -> None:
    assert pounds(pence) == shown


@given(st.integers(min_value=0, max_value=MOST_PENCE))
def test_what_is_shown_can_be_typed_back(pence: int) -> None:
    assert to_pence(pounds(pence)) == pence


@given(st.text(max_size=30))
def test_whatever_is_typed_is_an_amount_or_is_refused(typed: str) -> None:
    try:
        assert 0 <= to_pence(typed) <= MOST_PENCE
    except ValueError as error:
        assert str(error) == "not an amount of money"  # noqa: PT017 - either answer is right
