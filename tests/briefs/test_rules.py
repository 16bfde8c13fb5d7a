"""The rules of briefs as truth tables: phases, readiness, the second person, working days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.briefs.identity import guarded
from app.briefs.queries.row import Announced, BriefFacts, Criterion
from app.briefs.rules import (
    AgeBand,
    Phase,
    Weight,
    closing,
    in_words,
    phase,
    unready,
    why_not_ask_approval,
    why_not_call_off,
    why_not_cancel,
    why_not_publish,
    why_not_revise,
    why_not_write,
)
from app.briefs.terms.rules import Route, Terms
from app.core.refusals import Refusal
from app.core.working_days import after_working_days
from app.frameworks.rules import Phase as FrameworkPhase
from app.frameworks.rules import Service

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GOOD = [Weight("Approach", 50, 30, 70), Weight("Price", 50, 10, 60)]
TEXTS = guarded([("the title", "Therapy"), ("the need", "Two siblings."), ("the outcomes", "They sleep.")])
SOMETHING = Refusal("something", "Something.")


@pytest.mark.parametrize(
    ("published", "opened", "awarded", "cancelled", "early"), list(product((False, True), repeat=5))
)
def test_the_phase_over_the_full_matrix(
    published: bool, opened: bool, awarded: bool, cancelled: bool, early: bool
) -> None:
    closes_at = NOW + timedelta(seconds=1 if early else 0)
    expected = (
        Phase.CANCELLED
        if cancelled
        else Phase.DRAFT
        if not published
        else Phase.AWARDED
        if awarded
        else Phase.OPENED
        if opened
        else Phase.OPEN
        if early
        else Phase.CLOSED
    )
    assert expected is phase(
        published_at=NOW if published else None,
        closes_at=closes_at,
        opened_at=NOW if opened else None,
        awarded_at=NOW if awarded else None,
        cancelled_at=NOW if cancelled else None,
        now=NOW,
    )


@pytest.mark.row("5.5")
@pytest.mark.parametrize(
    ("on", "days", "expected"),
    [
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 11, 29), 5, date(2026, 12, 4)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
    ],
)
def test_the_earliest_close_counts_working_days_without_bank_holidays(on: date, days: int, expected: date) -> None:
    assert after_working_days(on, days) == expected


@pytest.mark.row("5.5")
def test_a_closing_hour_is_londons_in_winter_and_summer() -> None:
    assert closing(date(2026, 12, 1), 12) == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert closing(date(2027, 6, 1), 12) == datetime(2027, 6, 1, 11, tzinfo=UTC)
    assert in_words(closing(date(2027, 6, 1), 12)) == "Tuesday 1 June 2027 at 12:00, London time"


def _unready(**changed: object) -> list[str]:
    given = {
        "edit": "/e",
        "texts": TEXTS,
        "weights": GOOD,
        "closes_at": closing(date(2026, 11, 30), 10),
        "start_by": date(2027, 1, 31),
        "now": NOW,
    }
    return [refusal.code for refusal in unready(**{**given, **changed})]  # type: ignore[arg-type]


@pytest.mark.row("5.2")
@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"texts": guarded([("the need", " ")])}, ["missing"]),
        ({"texts": guarded([("the need", "Ring 01206 555 019, then 01206 555 019.")])}, ["identifying"]),
        ({"weights": [Weight("Approach", 60, 30, 70), Weight("Price", 50, 10, 60)]}, ["weights"]),
        ({"weights": [Weight("Approach", 80, 30, 70), Weight("Price", 20, 10, 60)]}, ["weights"]),
        ({"closes_at": closing(date(2026, 11, 27), 16)}, ["too_soon"]),
        ({"closes_at": closing(date(2026, 12, 5), 12)}, ["too_soon"]),
        ({"closes_at": closing(date(2026, 12, 25), 12)}, ["too_soon"]),
        ({"closes_at": closing(date(2026, 12, 24), 12)}, []),
        ({"closes_at": NOW + timedelta(minutes=5), "minimum": timedelta(minutes=5)}, []),
        ({"closes_at": NOW + timedelta(minutes=4), "minimum": timedelta(minutes=5)}, ["too_soon"]),
        ({"closes_at": closing(date(2026, 11, 24), 10), "minimum_days": 1}, []),
        ({"start_by": date(2026, 12, 1)}, []),
        ({"start_by": date(2026, 11, 30)}, ["start"]),
    ],
)
def test_what_keeps_a_brief_from_being_published(changed: dict[str, object], codes: list[str]) -> None:
    assert _unready(**changed) == codes


def test_every_thing_to_mend_links_to_the_page_that_mends_it() -> None:
    found = unready(
        edit="/e", texts=guarded([("the need", "")]), weights=[], closes_at=NOW, start_by=NOW.date(), now=NOW
    )
    fields = ("need", "weight_1", "closes_on", "start_by")
    assert [refusal.fix for refusal in found] == [(f"/e#{field}", "Change the brief") for field in fields]


@pytest.mark.parametrize(("label", "field"), [("the need", "need"), ("question 2", "question_2")])
def test_what_the_guard_found_links_to_the_text_in_which_it_stands(label: str, field: str) -> None:
    texts = guarded([(label, "Ring 01206 555 019.")])
    closes_at = closing(date(2026, 11, 30), 10)
    found = unready(edit="/e", texts=texts, weights=GOOD, closes_at=closes_at, start_by=None, now=NOW)
    assert [refusal.fix for refusal in found] == [(f"/e#{field}", "Change the brief")]


@pytest.mark.row("5.4")
@pytest.mark.parametrize(("at", "author", "listed", "ready", "asked"), list(product(Phase, *[(False, True)] * 4)))
def test_only_a_second_person_publishes_a_ready_draft_once_asked(
    at: Phase, author: bool, listed: bool, ready: bool, asked: bool
) -> None:
    call_off, unready = None if listed else SOMETHING, () if ready else (SOMETHING,)
    refused = why_not_publish(phase=at, author=author, call_off=call_off, unready=unready, asked=asked)
    assert (refused is None) == (at is Phase.DRAFT and not author and listed and ready and asked)
    refused = why_not_ask_approval(phase=at, call_off=call_off, unready=unready)
    assert (refused is None) == (at is Phase.DRAFT and listed and ready)


@pytest.mark.parametrize(("entitlement", "framework"), list(product((SOMETHING, None), FrameworkPhase)))
def test_only_an_agency_on_the_list_of_a_live_framework_calls_off(
    entitlement: Refusal | None, framework: FrameworkPhase
) -> None:
    refused = why_not_call_off(entitlement=entitlement, framework=framework)
    assert (refused is None) == (entitlement is None and framework is FrameworkPhase.LIVE)


@pytest.mark.parametrize(("on_framework", "weights"), list(product((False, True), ((50, 50), (100,)))))
def test_a_brief_is_written_in_the_frameworks_own_terms(on_framework: bool, weights: tuple[int, ...]) -> None:
    refused = why_not_write(call_off=None, on_framework=on_framework, weights_wanted=2, weights=weights)
    assert (refused is None) == (on_framework and len(weights) == 2)


@pytest.mark.row("5.6")
@pytest.mark.parametrize(("at", "chair"), list(product(Phase, (False, True))))
def test_who_may_cancel_when(at: Phase, chair: bool) -> None:
    allowed = at in (Phase.DRAFT, Phase.OPEN) or (chair and at in (Phase.CLOSED, Phase.OPENED))
    assert (why_not_cancel(phase=at, chair=chair) is None) == allowed


def test_only_a_draft_changes() -> None:
    refused = {at: why_not_revise(phase=at, published=at is not Phase.DRAFT, brief_id=uuid4()) for at in Phase}
    assert [at for at, why in refused.items() if why is None] == [Phase.DRAFT]


def test_age_bands_fit_their_column() -> None:
    assert max(len(band) for band in AgeBand) <= 20


def test_a_first_approval_outlives_the_version_that_kept_it() -> None:
    """Its digest is on record, so it changes with what the authors say, and with nothing that the service adds."""
    one = UUID(int=1)
    words = "framework_name lot_name region_name raa_name party title need outcomes age_band area quantity copied_from"
    ids = ("id", "framework_id", "lot_id", "region_id", "signer_id")
    columns: dict[str, Any] = {name: name for name in words.split()} | dict.fromkeys(ids, one)
    told = BriefFacts(
        **columns,
        reference="B-1",
        version=1,
        material_version=1,
        sessions=12,
        start_by=date(2026, 12, 1),
        budget_pence=5_000_000,
        published_at=None,
        closes_at=NOW,
        cancelled_reason="",
        cancelled_as="",
        phase=Phase.DRAFT,
        criteria=(Criterion(one, 1, "Approach", "", False, 70),),
        service=Service.THERAPEUTIC_INTERVENTION,
        terms=Terms(route=Route.MINI_COMPETITION),
        out_of_order=None,
    )
    assert told.seen == "ef441c0c71c2fe7e06b6d1b782e11b7d28fd5e600b19704701eee17e5c40dc0a"
    assert told.seen == replace(told, phase=Phase.OPEN, out_of_order=Announced(NOW, "The chair is ill.")).seen
    assert told.seen != replace(told, outcomes="They sleep.").seen
