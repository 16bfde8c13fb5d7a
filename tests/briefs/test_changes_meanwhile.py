"""Two people, two windows: who publishes a change that was dropped, or drops one that was published, is told so."""

from collections.abc import Callable
from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from app.briefs.amending.commands import drop_amendment, publish_amendment
from app.briefs.models import Brief
from app.core.database import Database
from app.organisations.rules import Role
from tests import factories
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.factories import World


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


@pytest.mark.row("5.7")
@pytest.mark.parametrize("step", ["publish", "drop"])
@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        (publish_amendment, "Una Approver published this change as version 2 on"),
        (drop_amendment, "Una Approver dropped this"),
    ],
)
def test_a_change_that_is_over_says_what_became_of_it_and_by_whom(
    db: Database,
    made: World,
    client_for: ClientFor,
    step: str,
    meanwhile: Callable[..., None],
    words: str,
) -> None:
    with db.write() as session:
        other = factories.seated(session, made.raa_id, Role.APPROVER, name="Una Approver")
        brief_id = factories.brief(session, made)
        change = factories.amendment(session, made, brief_id)
    approver, version = client_for(made.approver), _version(db, brief_id)
    for _ in range(2):
        with db.write() as session:
            meanwhile(session, other, brief_id, change)
    version += meanwhile is publish_amendment
    late = approver.post(f"/briefs/{brief_id}/changes/{change}/{step}")
    assert late.status_code == 409 and words in _refusal(late.text)
    assert "Another change" not in late.text and _version(db, brief_id) == version
    with db.write() as session:
        another = factories.amendment(session, made, brief_id, title="Another title")
    later = approver.post(f"/briefs/{brief_id}/changes/{change}/{step}")
    assert later.status_code == 409 and _refusal(later.text).endswith("Another change has been proposed since.")
    assert f"/changes/{another}/publish" in later.text and _version(db, brief_id) == version


def _refusal(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").select_one(".portal-refusal").get_text().split())  # type: ignore[union-attr]


def _version(db: Database, brief_id: UUID) -> int:
    with db.read() as session:
        return session.get_one(Brief, brief_id).version
