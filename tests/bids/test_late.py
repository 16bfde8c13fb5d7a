"""A bid that comes too late, or for a brief that is cancelled, is told what is true of what had been sent before."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.briefs.models import Brief
from app.core.database import Database
from tests import factories
from tests.bids.pages import YES, begun, brief_id, furniture, made, practitioner, save, soup, typed
from tests.conftest import ClientFor, Clock
from tests.factories import World

__all__ = ["brief_id", "furniture", "made", "practitioner"]

STANDS = "The bid that your organisation had submitted before stands."
ASIDE = "was not confirmed after the brief had changed, so it is put aside at the opening and not read."
TAKEN_BACK = "The bid that your organisation had submitted before was withdrawn."
NOTHING = "Nothing from your organisation was received for this brief."


@pytest.mark.bar("U1")
@pytest.mark.parametrize(
    ("before", "said"),
    [("draft", NOTHING), ("submitted", STANDS), ("changed", ASIDE), ("withdrawn", TAKEN_BACK), ("cancelled", "")],
)
def test_a_late_bid_is_told_what_stands(
    db: Database,
    made: World,
    brief_id: UUID,
    practitioner: UUID,
    client_for: ClientFor,
    clock: Clock,
    before: str,
    said: str,
) -> None:
    client = client_for(made.owner_a)
    bid = begun(client, made, brief_id)
    save(client, bid, typed(practitioner))
    if before != "draft":
        assert client.post(f"{bid}/submit", data=YES).status_code == 303
        save(client, bid, typed(practitioner, rate_1="120"))
    if before == "withdrawn":
        receipt = soup(client.get(f"{bid}/receipt").text).select_one(f"form[action='{bid}/withdraw'] [type=hidden]")
        assert client.post(f"{bid}/withdraw", data={receipt["name"]: receipt["value"]}).status_code == 303
    with db.write() as session:
        if before == "changed":
            factories.amended(session, made, brief_id, sessions=30)
        brief = session.get_one(Brief, brief_id)
        if before == "cancelled":
            brief.cancelled_at, brief.cancelled_reason, brief.cancelled_as = clock.moment, "No more", "cancelled"
        clock.set(brief.closes_at + timedelta(milliseconds=41))
    late = client.post(f"{bid}/submit", data=YES)
    main = soup(late.text).select_one("main").get_text(" ", strip=True)
    assert late.status_code == 409
    assert [words for words in (STANDS, ASIDE, TAKEN_BACK, NOTHING) if words in main] == [said] * bool(said)
    assert ("See its receipt" in main) == (before in ("submitted", "changed", "withdrawn"))
    assert "12:00:00.041 London time" in main
