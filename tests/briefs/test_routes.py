"""How the provider is found and where the money comes from: other routes, the fund's limit, and whom a decision is shown."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import Session

from app.briefs.commands import draft_brief, revise_brief
from app.briefs.models import Brief, FundingLimit
from app.briefs.terms.rules import Funding, Route, Source, Terms
from app.core.audit import timeline
from app.core.database import Database, violates
from app.core.refusals import Refused
from app.home.queries.today import today
from tests import NOON, factories
from tests.briefs.building import whole
from tests.briefs.test_commands import facts
from tests.briefs.test_pages import form, new, soup
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World
from tests.sealing import publish_brief

FUND = Terms(route=Route.MINI_COMPETITION, funding=Funding((Source.FUND,), date(2026, 11, 2)))


@pytest.fixture
def furniture() -> Furniture:
    return factories.world_and_limits


@pytest.mark.row("5.14")
@pytest.mark.parametrize("route", [one for one in Route if one is not Route.MINI_COMPETITION])
def test_another_route_is_recorded_with_its_reason_and_goes_to_nobody(
    db: Database, made: World, client_for: ClientFor, route: Route
) -> None:
    reason = "No member of this lot works with so large a family."
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made, route=route, route_reason=reason)).headers["location"]
    page = author.get(where).text
    assert reason in page and "Nobody is invited" in page
    assert soup(page).h1.select_one(".govuk-tag").text == "Recorded"
    for who in (made.commissioner, made.approver):
        assert "publishes it" not in client_for(who).get(where).text
        assert not soup(client_for(who).get("/").text).select(".portal-todos a")
        cells = soup(client_for(who).get("/briefs").text).select("tbody tr td")
        assert [" ".join(cell.text.split()) for cell in cells] == ["Recorded Nothing more", "Not put out to bids"]
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 409
    brief_id = UUID(where.rpartition("/")[2])

    def told(session: Session) -> list[str]:
        return [e.name for e in timeline(session, brief_id) if e.name.startswith("brief.")]

    def drafts(session: Session) -> list[int]:
        return [figure.count for figure in today(session, made.commissioner).figures if figure.words == "in draft"]

    with db.read() as session:
        assert told(session) == ["brief.drafted", "brief.routed"] and not drafts(session)
    author.post(f"{where}/edit", data=whole(made))
    with db.read() as session:
        assert told(session)[2:] == ["brief.revised", "brief.routed"] and drafts(session) == [1]


@pytest.mark.row("5.14")
@pytest.mark.parametrize("missing", ["route", "sessions", "start_by", "budget_pence"])
def test_the_database_publishes_nothing_unfinished_and_by_no_other_route(
    db: Database, made: World, missing: str
) -> None:
    with db.write() as session:
        brief_id = factories.brief(session, made, published_at=None)
    with pytest.raises(Exception) as refused, db.write() as session:  # noqa: PT011 - the constraint is asserted
        brief = session.get_one(Brief, brief_id)
        brief.published_at, brief.published_by = NOON, made.approver.known
        setattr(brief, missing, "spot" if missing == "route" else None)
    assert violates(refused.value, f"ck_brief_published_{'route' if missing == 'route' else 'whole'}")


@pytest.mark.row("5.15")
def test_the_funds_limit_and_its_last_day_are_kept_as_they_stood(db: Database, made: World, clock: Clock) -> None:
    with db.write() as session:
        brief_id = draft_brief(
            session, made.commissioner, made.raa_id, made.framework_id, facts(made, budget_pence=300_000), FUND
        )
    with db.write() as session:
        publish_brief(session, made.approver, brief_id)
    with db.write() as session:
        session.get_one(FundingLimit, date(2026, 4, 1)).therapy_pence = 100_000
    with db.read() as session:
        brief = session.get_one(Brief, brief_id)
        assert (brief.fund_limit_pence, brief.fund_apply_by) == (300_000, date(2027, 2, 2))


@pytest.mark.row("5.15")
def test_what_the_council_adds_is_its_own_money_and_not_above_the_limit(made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    both = {
        "funding": ["fund", "authority"],
        "assessed_on-day": "2",
        "assessed_on-month": "11",
        "assessed_on-year": "2026",
    }
    where = author.post(new(made), data=form(made) | both).headers["location"]
    page = soup(author.get(where).text)
    for part in (".portal-advice > span", "p.govuk-body"):
        assert any("can pay all but £200.00 of this budget" in one.text for one in page.select(part)), part
    author.post(f"{where}/approval/ask")
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 303


@pytest.mark.row("5.15")
def test_above_the_limit_a_panels_decision_is_needed_before_publication(db: Database, made: World) -> None:
    with db.write() as session:
        brief_id = draft_brief(session, made.commissioner, made.raa_id, made.framework_id, facts(made), FUND)
    with pytest.raises(Refused) as refused, db.write() as session:
        publish_brief(session, made.approver, brief_id)
    assert refused.value.refusal.code == "above_limit"
    decided = Terms(route=FUND.route, funding=Funding((Source.FUND,), date(2026, 11, 2), panel="P-77"))
    with db.write() as session:
        revise_brief(session, made.commissioner, brief_id, facts(made), decided)
        publish_brief(session, made.approver, brief_id)


def test_members_do_not_see_the_references_of_decisions(made: World, client_for: ClientFor) -> None:
    where = client_for(made.commissioner).post(new(made), data=whole(made, applied="F-42")).headers["location"]
    client_for(made.commissioner).post(f"{where}/approval/ask")
    assert client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
    own = client_for(made.chair).get(where).text
    assert "P-77" in own and "F-42" in own
    read = client_for(made.owner_a).get(where.replace("briefs", "opportunities")).text
    assert "P-77" not in read and "F-42" not in read
    for said in ("What would you do?", "Up to 200 words", "3 May 2027", "A new school year begins"):
        assert said in read, said
    assert "loses 10% of the weight" in read
