"""Points, their rounding, and the places of what is scored."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.scoring import Place, places, quality_score


@pytest.mark.row("8.8")
@pytest.mark.parametrize(
    ("points", "weight", "expected"),
    [([5], 50, "50.00"), ([0, 0], 50, "0.00"), ([3, 4], 50, "35.00"), ([3, 4, 4], 20, "14.67"), ([1, 2, 2], 7, "2.33")],
)
def test_a_quality_score(points: list[int], weight: int, expected: str) -> None:
    assert str(quality_score(points, weight)) == expected


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9), st.integers(0, 100))
def test_a_quality_score_is_exact(points: list[int], weight: int) -> None:
    exact = Fraction(sum(points) * weight, len(points) * 5)
    assert quality_score(points, weight) == Decimal((exact * 100 + Fraction(1, 2)).__floor__()) / 100


@given(st.dictionaries(st.integers(), st.integers(0, 4), max_size=9))
def test_a_place_counts_those_before_and_is_shared_by_those_that_compare_equal(keys: dict[int, int]) -> None:
    before = {key: sum(other < value for other in keys.values()) for key, value in keys.items()}
    same = {key: list(keys.values()).count(value) > 1 for key, value in keys.items()}
    assert places(keys) == {key: Place(before[key] + 1, same[key]) for key in keys}
