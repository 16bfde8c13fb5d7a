"""The days that run towards frameworks: worked out from the rule set, shown, and reminded of once at each mark."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.core.database import Database
from app.core.mail import OutboxMessage
from app.frameworks import duties
from app.frameworks.commands import remind_of_clocks
from app.frameworks.models import Framework, RuleSet
from app.frameworks.rules import deadlines
from app.frameworks.rules.scheme import months_before, reopen_by
from tests import NOON
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World, world_without_members

ENDS = date(2031, 6, 30)
SCHEME = {"ends_on": ENDS, "extendable_to": None, "reopened": False}


@pytest.fixture
def furniture() -> Furniture:
    return _scheme


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


def _scheme(session: Session) -> World:
    """The test framework is the first of an open scheme that began on 1 January 2024, in a rule set of three and five years."""
    made = world_without_members(session)
    session.add(
        RuleSet(
            slug="open",
            name="Open",
            first_reopen_within_years=3,
            next_reopen_within_years=5,
            clocks_source="Procurement Act 2023 s49",
            source="test",
            confidence="verified",
        )
    )
    session.flush()
    row = session.get_one(Framework, made.framework_id)
    row.rule_set_slug, row.starts_on, row.scheme_ends_on = "open", date(2024, 1, 1), date(2031, 12, 31)
    return made


@pytest.mark.row("2.19")
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, [("ends", ENDS)]),
        ({"extendable_to": date(2032, 6, 30)}, [("ends", ENDS)]),
        (
            {"reopen_by": date(2027, 1, 1), "scheme_ends_on": date(2032, 1, 1)},
            [("reopen", date(2027, 1, 1)), ("ends", ENDS), ("scheme_ends", date(2032, 1, 1))],
        ),
        ({"reopen_by": date(2027, 1, 1), "scheme_ends_on": ENDS, "reopened": True}, [("ends", ENDS)]),
    ],
)
def test_what_runs_towards_a_framework(changed: dict[str, Any], expected: list[tuple[str, date]]) -> None:
    found = deadlines(**{**SCHEME, "reopen_by": None, "scheme_ends_on": None, **changed})
    assert [(one.watch, one.day) for one in found] == expected


@pytest.mark.row("2.19")
def test_the_years_are_data_and_a_scheme_that_ends_before_needs_no_re_opening() -> None:
    asked = {"first_reopen": 3, "next_reopen": 5}
    assert reopen_by(date(2024, 2, 29), is_first=True, **asked) == date(2027, 3, 1)
    assert reopen_by(date(2024, 2, 29), is_first=False, **asked) == date(2029, 3, 1)
    assert reopen_by(date(2024, 1, 1), is_first=True, **asked, scheme_ends_on=date(2026, 12, 31)) is None
    assert reopen_by(date(2024, 1, 1), is_first=True, first_reopen=None, next_reopen=5) is None


@pytest.mark.row("2.19")
@pytest.mark.parametrize(
    ("on", "mark"),
    [
        (date(2030, 6, 29), None),
        (date(2030, 6, 30), 12),
        (date(2030, 12, 29), 12),
        (date(2030, 12, 30), 6),
        (date(2031, 3, 30), 3),
        (ENDS, 3),
        (date(2031, 7, 1), None),
    ],
)
def test_a_day_comes_near_at_twelve_six_and_three_months(on: date, mark: int | None) -> None:
    [ends] = deadlines(**SCHEME, reopen_by=None, scheme_ends_on=None)
    assert (ends.mark(on), ends.overdue(on)) == (mark, on > ENDS)
    assert months_before(date(2027, 5, 31), 3) == date(2027, 2, 28)


@pytest.mark.row("2.5")
def test_each_lead_is_reminded_once_at_each_mark(db: Database, made: World, clock: Clock) -> None:
    def told() -> list[str]:
        duties.daily(db)
        with db.read() as session:
            return sorted(
                f"{row.to_address} {row.context['months']}" for row in session.exec(select(OutboxMessage)).all()
            )

    leads = sorted((made.lead.email, made.lead_two.email))
    clock.set(datetime(2026, 1, 1, 12, tzinfo=NOON.tzinfo))
    assert told() == told() == [f"{email} 12" for email in leads]
    clock.set(datetime(2026, 1, 2, 12, tzinfo=NOON.tzinfo))
    assert told() == [f"{email} 12" for email in leads]
    clock.set(datetime(2026, 10, 1, 12, tzinfo=NOON.tzinfo))
    assert told() == sorted(f"{email} {mark}" for email in leads for mark in (12, 3))
    with db.write() as session:
        assert remind_of_clocks(session, date(2027, 1, 2)) == 0


@pytest.mark.row("2.5")
def test_the_framework_and_the_leads_first_page_show_what_comes_near(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    lead, page = client_for(made.lead), f"/frameworks/{made.framework_id}"
    assert "Within 3 months" in lead.get(page).text and "Source: Procurement Act 2023 s49" in lead.get(page).text
    assert "The next framework of its open scheme must have begun by then" in lead.get("/").text
    assert "Days that come near" not in client_for(made.checker).get("/").text
    clock.set(NOON + timedelta(days=60))
    assert "Overdue" in lead.get(page).text and "Overdue: Test framework" in lead.get("/").text
    with db.write() as session:
        first = session.get_one(Framework, made.framework_id)
        newer = Framework(**{**first.model_dump(), "id": made.other_raa_id, "slug": "second", "name": "Second"})
        newer.follows_id, newer.starts_on = first.id, date(2026, 12, 1)
        session.add(newer)
    assert "Overdue" not in lead.get(page).text and "Overdue" not in lead.get("/").text
