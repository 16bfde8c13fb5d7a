"""A price line by line: its exact total, and what the lot and the member's own card allow."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.bids.commands import save_draft, start_bid, submit_bid
from app.bids.letters.rules import Letter, Named, priced
from app.bids.pricing.rules import (
    Line,
    LineKind,
    Vat,
    against,
    fewer_than_asked,
    total_pence,
    unnamed,
    why_not_price,
)
from app.bids.queries import bid_page
from app.briefs.models import Brief
from app.core.database import Database
from app.core.refusals import Refused
from app.frameworks.models import Lot, LotRate
from app.frameworks.rules import Mechanism, PriceUnit
from app.memberships.rates.rules import Limit, Rate, limit
from app.memberships.terms import MemberRate
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.factories import World
from tests.sealing import SEAL

SESSION, MILE, OTHER = LineKind.SESSION, LineKind.MILE, LineKind.OTHER
LIMITS = {
    PriceUnit.SESSION: Limit(15_000),
    PriceUnit.MILE: Limit(45, exact=True),
    PriceUnit.REPORT: Limit(9_000, own=True),
}


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.mark.row("7.11")
@pytest.mark.parametrize(
    ("quantity", "rate", "pence"),
    [
        (2000, 12_500, 250_000),
        (150, 333, 500),
        (50, 1, 1),
        (49, 1, 0),
        (1, 49, 0),
        (0, 9_999, 0),
        (9_999_99, 1, 10_000),
    ],
)
def test_a_line_is_quantity_times_rate_half_a_penny_up(quantity: int, rate: int, pence: int) -> None:
    assert Line(SESSION, quantity, rate).pence == pence
    assert total_pence([Line(SESSION, quantity, rate)] * 3) == 3 * pence


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (Line(SESSION, 100, 15_000), ""),
        (Line(SESSION, 100, 15_001), "The most for each session in this lot is £150.00."),
        (Line(MILE, 100, 45), ""),
        (Line(MILE, 100, 44), "The framework sets the price of each mile of travel: £0.45."),
        (
            Line(LineKind.REPORT, 100, 9_001),
            "Your rate card has £90.00 for each report. You may ask for less, and not for more.",
        ),
        (Line(LineKind.REPORT, 100, 1), ""),
        (Line(LineKind.TRAVEL, 100, 10**8), ""),
        (Line(LineKind.NO_SHOW, 0, 10**8), ""),
    ],
)
def test_what_speaks_against_a_rate(line: Line, words: str) -> None:
    assert against(line, LIMITS) == words


@pytest.mark.row("7.11")
@pytest.mark.parametrize(
    ("lines", "vat", "code"),
    [
        ([Line(SESSION, 2000, 12_000)], Vat.NONE, None),
        ([Line(SESSION, 2000, 12_000), Line(LineKind.CANCELLATION, 0, 6_000)], Vat.INCLUDED, None),
        ([Line(SESSION, 2000, 12_000)], None, "vat"),
        ([Line(OTHER, 100, 12_000, "Everything")], Vat.NONE, "headline"),
        ([Line(SESSION, 0, 12_000)], Vat.NONE, "line"),
        ([Line(SESSION, 2000, 0)], Vat.NONE, "line"),
        ([Line(SESSION, 2000, 12_000), Line(LineKind.REPORT, 0, 6_000)], Vat.NONE, "line"),
        ([Line(SESSION, 2000, 15_001)], Vat.NONE, "rate"),
    ],
)
def test_which_prices_may_be_sent(lines: list[Line], vat: Vat | None, code: str | None) -> None:
    refused = why_not_price(lines, vat, limits=LIMITS, unit=PriceUnit.SESSION, bid_id=uuid4())
    assert (refused.code if refused else None) == code


def test_a_bid_for_less_than_the_brief_asks_is_said_and_hidden_charges_are_named() -> None:
    assert "asks for 20 (by the session), and you price 18.5" in fewer_than_asked(
        [Line(SESSION, 1850, 1)], PriceUnit.SESSION, 20
    )
    assert fewer_than_asked([Line(SESSION, 2000, 1)], PriceUnit.SESSION, 20) == ""
    assert unnamed([Line(SESSION, 1, 1), Line(OTHER, 1, 1), Line(OTHER, 1, 1, "A room")]) == "Say what line 2 is for"


CARD = Rate(12_000, date(2026, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("mechanism", "is_fixed", "card", "found"),
    [
        (Mechanism.QUOTE_UNDER_CEILING, False, CARD, Limit(15_000)),
        (Mechanism.RATE_CARD, False, None, Limit(15_000)),
        (Mechanism.RATE_CARD, False, CARD, Limit(12_000, own=True)),
        (Mechanism.RATE_CARD, False, Rate(16_000, CARD.from_on, CARD.agreed_on), Limit(15_000)),
        (Mechanism.RATE_CARD, True, CARD, Limit(15_000, exact=True)),
        (Mechanism.FIXED_PRICE, True, None, Limit(15_000, exact=True)),
    ],
)
def test_the_most_a_bid_may_ask(mechanism: Mechanism, is_fixed: bool, card: Rate | None, found: Limit) -> None:
    assert limit(ceiling_pence=15_000, mechanism=mechanism, is_fixed=is_fixed, card=card) == found


def _letter(session: Session, made: World, rate: int, *more: Line) -> Letter:
    own = session.exec(select(Practitioner).where(Practitioner.provider_id == made.provider_a)).one()
    team = (Named(own.id, own.full_name),)
    return Letter("We listen.", "Ten years.", team=team, vat=Vat.NONE, **priced([Line(SESSION, 2000, rate), *more]))


def _card(session: Session, made: World, pence: int, days_ago: int) -> None:
    """A price of A's own that holds from so many days ago."""
    session.add(_rate_of(made.provider_a, made, pence, NOON - timedelta(days=days_ago)))


def _rate_of(provider_id: UUID, made: World, pence: int, at: datetime) -> MemberRate:
    return MemberRate(
        provider_id=provider_id,
        lot_id=made.lots[0],
        unit="session",
        pence=pence,
        from_on=at.date(),
        by_lead=False,
        proposed_at=at,
        proposed_by=made.owner_a.known,
        agreed_at=at,
        agreed_by=made.lead.known,
    )


@pytest.mark.row("7.11")
@pytest.mark.row("4.5")
def test_a_submit_is_held_to_the_card_of_the_day_and_to_the_lot_in_no_more_statements(
    db: Database, made: World
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
        lot = session.get_one(Lot, made.lots[0])
        lot.mechanism = Mechanism.RATE_CARD
        session.add(LotRate(lot_id=lot.id, unit="mile", pence=45, is_fixed=True, position=1))
        session.add(LotRate(lot_id=lot.id, unit="report", pence=9_000, position=2))
        _card(session, made, 11_000, days_ago=200)
        _card(session, made, 12_000, days_ago=100)
        _card(session, made, 1, days_ago=-5)
        session.add(_rate_of(made.provider_b, made, 2, NOON - timedelta(days=1)))
        start_bid(session, made.owner_b, brief_id, made.provider_b)
        bid_id = start_bid(session, made.owner_a, brief_id, made.provider_a)
    with db.read() as session:
        shown = bid_page(session, made.owner_a, bid_id, NOON, seal=SEAL).prices.limits
    assert shown == {
        PriceUnit.SESSION: Limit(12_000, own=True),
        PriceUnit.MILE: Limit(45, exact=True),
        PriceUnit.REPORT: Limit(9_000),
    }
    for rate, more, words in (
        (12_001, (), "Your rate card has £120.00 for each session"),
        (12_000, (Line(MILE, 1000, 40),), "The framework sets the price of each mile of travel: £0.45"),
        (12_000, (Line(LineKind.REPORT, 100, 9_001),), "The most for each report in this lot is £90.00"),
        (12_000, (Line(MILE, 1000, 45), Line(LineKind.REPORT, 100, 9_000)), ""),
    ):
        with db.write() as session:
            save_draft(session, made.owner_a, bid_id, _letter(session, made, rate, *more), seal=SEAL)
        try:
            with db.write() as session:
                submit_bid(session, made.owner_a, bid_id, received_at=NOON, seal=SEAL)
            said = ""
        except Refused as refused:
            said = refused.refusal.words
        assert (words in said) if words else said == ""


@pytest.mark.row("7.11")
def test_the_page_shows_totals_and_what_speaks_against_a_line_before_it_is_sent(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_a)).one()
    client = client_for(made.owner_a)
    bid = client.post(f"/opportunities/{brief_id}/bid", data={"provider": str(made.provider_a)}).headers["location"]
    seen = _soup(client.get(bid).text).select_one("input[name=seen]")["value"]
    lines = {"kind_1": "session", "quantity_1": "20", "rate_1": "151", "kind_2": "mile", "quantity_2": "62.5"} | {
        "rate_2": "0.45",
        "kind_3": "cancellation",
        "rate_3": "75",
        "kind_4": "other",
        "label_4": "A room for the group",
        "quantity_4": "2",
        "rate_4": "30",
        "then": "stay",
    }
    kept = client.post(bid, data={"seen": seen, "person_1": str(person)} | lines)
    assert kept.headers["location"] == f"{bid}?saved=yes#saved"
    page = _soup(client.get(f"{bid}?saved=yes").text)
    assert "Saved at 12:00" in page.select_one("#saved-at").text
    table = page.select_one(".portal-price")
    assert [row.select("td")[-1].text for row in table.select("tbody tr")] == [
        "£3,020.00",
        "£28.13",
        "£0.00",
        "£60.00",
        "£3,108.13",
    ]
    assert "The most for each session in this lot is £150.00." in table.text and "If it happens" in table.text
    assert len(page.select("select[name^=kind_]")) == 5, "what is filled, and one more"
    unclear = {"seen": seen, "kind_1": "other", "rate_1": "1", "quantity_1": "1,5", "label_2": "x"}
    wrong = _soup(client.post(bid, data=unclear).text)
    assert {a["href"] for a in wrong.select(".govuk-error-summary a")} == {"#quantity_1"}
    wrong = _soup(client.post(bid, data=unclear | {"quantity_1": "1"}).text)
    assert {a["href"] for a in wrong.select(".govuk-error-summary a")} == {"#label_1", "#kind_2"}
    assert wrong.select_one("#label_2")["value"] == "x"


@pytest.mark.row("7.11")
def test_the_first_line_is_offered_in_the_unit_of_the_lot_and_says_nothing_alone(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made)
        session.get_one(Lot, session.get_one(Brief, brief_id).lot_id).price_unit = "hour"
    client = client_for(made.owner_a)
    bid = client.post(f"/opportunities/{brief_id}/bid", data={"provider": str(made.provider_a)}).headers["location"]
    for _ in range(2):
        page = _soup(client.get(bid).text)
        assert page.select_one("#kind_1 option[selected]")["value"] == "hour"
        assert not page.select_one(".portal-price")
        seen = page.select_one("input[name=seen]")["value"]
        client.post(bid, data={"seen": seen, "approach": "We listen.", "kind_1": "hour", "then": "stay"})


def _soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")
