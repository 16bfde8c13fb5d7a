"""The ten most frequent reasons for which applications fail, for those who lead frameworks."""

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session

from app.applications import queries
from app.applications.commands import confirm_refusal, propose_refusal, submit_application
from app.applications.queries.failing import TOP, WhyFail, why_fail
from app.applications.rules import RefusalReason
from app.core.actor import Actor
from app.core.database import Database
from app.evidence.commands import return_item
from app.evidence.models import EvidenceItem
from app.evidence.rules import Reason
from tests import NOON, factories
from tests.applications.applying import WHY, draft
from tests.conftest import ClientFor
from tests.databases import statements


def _returned(session: Session, made: factories.World, provider_id: object, reason: Reason) -> None:
    item = EvidenceItem(
        provider_id=provider_id,
        kind_slug=factories.INSURANCE,
        added_at=NOON,
        added_by=made.owner_a.known,
        submitted_at=NOON,
    )
    session.add(item)
    session.flush()
    return_item(session, made.checker, item.id, reason, "Photograph it in daylight")


@pytest.mark.row("3.13")
def test_refused_parts_and_what_came_back_of_applicants_are_counted_together(
    db: Database, made: factories.World, client_for: ClientFor
) -> None:
    def told(actor: Actor) -> list[WhyFail]:
        with db.read() as session, statements(db) as asked:
            found = why_fail(session, actor)
        assert len(asked) == 2
        return found

    assert told(made.lead) == []
    assert "Nothing has been refused or returned yet" in client_for(made.lead).get("/decisions/reasons").text
    with db.write() as session:
        for owner, provider_id in ((made.owner_a, made.provider_a), (made.owner_b, made.provider_b)):
            application = draft(session, made, owner, provider_id)
            submit_application(session, owner, application)
            for part in queries.parts_of(session, application)[: 2 if owner is made.owner_a else 1]:
                propose_refusal(session, made.lead, application, part.id, RefusalReason.EXPERIENCE, WHY)
                confirm_refusal(session, made.lead_two, application, part.id)
            _returned(session, made, provider_id, Reason.UNREADABLE)
        stranger = factories.provider(session, "Never applied")
        _returned(session, made, stranger, Reason.NOT_GENUINE)
        elsewhere = factories.organisation(session, made.lead.seats[0].kind, "Another hub")  # type: ignore[arg-type]
        other = factories.seated(session, elsewhere, *(seat.role for seat in made.lead.seats))  # type: ignore[misc]
    assert [(why.reason, why.times, why.applicants) for why in told(made.lead)] == [
        ("Experience or qualifications do not meet the lot", 3, 2),
        ("The document cannot be read", 2, 2),
    ]
    assert told(other) == []
    assert TOP == 10
    client = client_for(made.lead)
    assert "/decisions/reasons" in client.get("/decisions").text
    rows = BeautifulSoup(client.get("/decisions/reasons").text, "html.parser").select("main tbody tr")
    assert rows[1].get_text(" ", strip=True) == "The document cannot be read 2 2 Insurance public liability"
    assert client_for(made.owner_a).get("/decisions/reasons").status_code == 404
