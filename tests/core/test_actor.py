"""Who is asking, as plain data."""

from uuid import uuid4

import pytest

from app.core.actor import NOBODY, Actor, Seat

AGENCY, PROVIDER = uuid4(), uuid4()
ANN = Actor(
    uuid4(),
    "Ann Example",
    "ann@example.org",
    (
        Seat(AGENCY, "Agency", "raa", "chair"),
        Seat(AGENCY, "Agency", "raa", "assessor"),
        Seat(PROVIDER, "Provider", "provider", "owner"),
    ),
)


def test_where_a_person_holds_a_role() -> None:
    assert ANN.where("chair") == {AGENCY}
    assert ANN.where("chair", "owner") == {AGENCY, PROVIDER}
    assert ANN.where() == {AGENCY, PROVIDER}
    assert ANN.where("approver") == frozenset()
    assert ANN.has("owner") and not ANN.has("approver")


def test_nobody_holds_nothing_and_has_no_name() -> None:
    assert NOBODY.where() == frozenset()
    assert not NOBODY.has()
    with pytest.raises(LookupError):
        _ = NOBODY.known
    assert ANN.known == ANN.person_id
