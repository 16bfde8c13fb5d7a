"""Identities sort by the moment they were made, never repeat, and say no more than that; references say nothing at all."""

import re
import time
from uuid import RFC_4122, UUID

import pytest

from app.core import rows
from app.core.rows import new_id, reference


def test_an_identity_is_a_uuid_of_version_7() -> None:
    made = [new_id() for _ in range(200)]
    assert {each.version for each in made} == {7}
    assert {each.variant for each in made} == {RFC_4122}


def test_an_identity_carries_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    stamp = new_id().int >> 80
    assert before <= stamp <= time.time_ns() // 1_000_000


def test_identities_sort_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(1_795_000_000_000_000_000, 1_795_000_000_100_000_000, 1_000_000))
    monkeypatch.setattr(rows.time, "time_ns", lambda: next(moments))
    made = [new_id() for _ in range(100)]
    assert made == sorted(made)
    assert [each.hex for each in made] == sorted(each.hex for each in made), "SQLite sorts them as text"


@pytest.mark.bar("S10")
def test_identities_of_one_millisecond_are_all_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows.time, "time_ns", lambda: 1_795_000_000_000_000_000)
    made = [new_id() for _ in range(20_000)]
    assert len(set(made)) == len(made)
    assert len({_random_bits(each) for each in made}) == len(made)


def _random_bits(each: UUID) -> int:
    return each.int & ((1 << 62) - 1)


@pytest.mark.bar("S10")
def test_a_reference_can_be_read_aloud_and_does_not_count() -> None:
    made = {reference("B") for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(re.fullmatch(r"B-[2-9B-DF-HJ-NP-TV-Z]{4}-[2-9B-DF-HJ-NP-TV-Z]{4}", each) for each in made)
