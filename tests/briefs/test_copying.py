"""A brief begun as a copy of another: what it keeps, what it leaves out, and that it is not published as it is."""

from uuid import UUID

import pytest

from app.briefs.building.commands import copy_brief, leave_advice
from app.briefs.models import Brief
from app.core.audit import timeline
from app.core.database import Database
from tests import factories
from tests.briefs.building import values, whole
from tests.briefs.test_pages import new, soup
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World


@pytest.fixture
def furniture() -> Furniture:
    return factories.world_and_limits


@pytest.mark.row("5.8")
def test_a_copy_keeps_the_work_and_names_its_source(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made)).headers["location"]
    author.post(f"{where}/approval/ask")
    client_for(made.approver).post(f"{where}/publish", data={"agreed": "true"})
    for _ in range(2):
        edit = author.post(f"{where}/copy").headers["location"]
    with db.read() as session:
        source = session.get_one(Brief, UUID(where.rpartition("/")[2]))
        copy = session.get_one(Brief, UUID(edit.split("/")[2]))
        assert copy.copied_from_id == source.id and copy.published_at is None
        assert copy.title == f"Copy of {source.reference}"
        assert (copy.need, copy.outcomes, copy.age_band, copy.area, copy.start_by, copy.ends_by) == (
            "",
            "",
            "",
            "",
            None,
            None,
        )
        assert (copy.key_dates, copy.review_dates, copy.assessed_on, copy.panel_reference) == ([], [], None, "")
        kept = (
            "lot_id",
            "sessions",
            "budget_pence",
            "questions",
            "settings",
            "funding",
            "two_envelopes",
            "price_formula",
        )
        assert all(getattr(copy, name) == getattr(source, name) for name in kept)
        assert [e.name for e in timeline(session, copy.id)] == ["brief.drafted", "brief.copied"]
    page = author.get(edit).text
    assert f"It began as a copy of brief {source.reference}. To save a draft" in " ".join(soup(page).text.split())
    assert values(page)["place"] == [""] and "Two siblings" not in page
    assert [client_for(who).post(f"{where}/copy").status_code for who in (made.approver, made.owner_a)] == [404, 404]


def test_a_copy_may_not_be_published_as_it_is(db: Database, made: World, client_for: ClientFor) -> None:
    author = client_for(made.commissioner)
    where = author.post(new(made), data=whole(made)).headers["location"]
    with db.write() as session:
        copy = copy_brief(session, made.commissioner, UUID(where.rpartition("/")[2]))
        for _ in range(2):
            leave_advice(session, made.commissioner, copy, "assessed")
    assert client_for(made.approver).post(f"/briefs/{copy}/publish", data={"agreed": "true"}).status_code == 409
