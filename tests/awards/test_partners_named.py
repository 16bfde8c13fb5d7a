"""Whoever decides about a consortium's bid reads who its partners are and what share each has, after the opening only."""

import pytest
from bs4 import BeautifulSoup

from app.bids.rules import Answer
from tests.awards.stage import CLOSES, Stage
from tests.bids.test_partners import PART, stage
from tests.bids.test_partners import Stage as Led
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World, world

__all__ = ["stage"]


@pytest.fixture
def furniture() -> Furniture:
    return world


@pytest.mark.row("9.1")
def test_the_results_and_the_award_name_the_partners_and_their_shares(
    stage: Led, made: World, clock: Clock, client_for: ClientFor
) -> None:
    stage.ask()
    assert stage.answer(Answer.AGREE) == stage.submit() == ""
    on, about, named = (
        Stage(stage.db, clock, made, stage.brief_id, {"a": stage.bid_id}),
        f"/briefs/{stage.brief_id}",
        "33%",
    )
    chair, approver = client_for(made.chair), client_for(made.approver)
    on.declared()
    clock.set(CLOSES)
    for path in ("results", "award", "opening", ""):
        assert named not in chair.get(f"{about}/{path}").text
    on.opened()
    for who in (made.assessor, made.assessor_two):
        on.score(who, {"a": 4})
    assert _rows(chair.get(f"{about}/results").text) == ["Alder Therapy with Birch Therapy, 33%"]
    on.propose()
    page = approver.get(f"{about}/award").text
    assert _rows(page) == ["Alder Therapy with Birch Therapy, 33%"]
    told = BeautifulSoup(page, "html.parser").select_one(".govuk-summary-list").get_text(" ", strip=True)  # type: ignore[union-attr]
    assert f"Winner Alder Therapy Partner Birch Therapy, 33%: {PART}" in told


def _rows(html: str) -> list[str]:
    found = BeautifulSoup(html, "html.parser").select("tbody th[scope=row]")
    return [one.get_text(" ", strip=True) for one in found]
