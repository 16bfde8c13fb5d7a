"""Between a draft's writer and its approvers: what each does reaches the other, and no words are lost on the way."""

import pytest
from sqlmodel import Session

from app.briefs import reference
from tests import factories
from tests.briefs.test_pages import form, new, soup
from tests.conftest import ClientFor
from tests.databases import Furniture
from tests.factories import World

REASON = "The budget is not ours to give."


def _limits_and_world(session: Session) -> World:
    reference.load(session)
    return factories.world(session)


@pytest.fixture
def furniture() -> Furniture:
    return _limits_and_world


def written(made: World, client_for: ClientFor, **changed: str) -> str:
    """The address of a draft whose writer has asked for approval."""
    where: str = client_for(made.commissioner).post(new(made), data=form(made, **changed)).headers["location"]
    assert client_for(made.commissioner).post(f"{where}/approval/ask").status_code == 303
    return where


@pytest.mark.row("5.1")
@pytest.mark.parametrize(
    ("act", "data", "said"),
    [
        ("cancel", {"reason": REASON}, "This draft has been withdrawn"),
        ("publish", {"agreed": "true"}, "What must change now is proposed on its page"),
    ],
)
def test_what_a_writer_typed_comes_back_where_an_approver_ended_the_draft_meanwhile(
    made: World, client_for: ClientFor, act: str, data: dict[str, str], said: str
) -> None:
    where = written(made, client_for)
    author = client_for(made.commissioner)
    seen = soup(author.get(f"{where}/edit").text).find("input", attrs={"name": "seen"})["value"]
    assert client_for(made.approver).post(f"{where}/{act}", data=data).status_code == 303
    typed = form(made, seen=seen, title="Short", need="They sleep badly.\r\nAnd <alone>.", question_1="What first?")
    for sent in (typed, typed | {"sessions": "many"}):
        answer = author.post(f"{where}/edit", data=sent)
        page = soup(answer.text)
        assert (answer.status_code, page.h1.text) == (409, "This was not saved")
        assert said in page.select_one(".portal-refusal").text and page.find("a", href=where)
        kept = {row.dt.text: row.dd.text for row in page.select("main .govuk-summary-list__row")}
        outcomes = kept.pop("The outcomes")
        assert outcomes == typed["outcomes"]
        assert kept == {
            "A title": "Short",
            "The need": "They sleep badly.\r\nAnd <alone>.",
            "Question 1": "What first?",
        }
    assert "frozen" not in author.get(f"{where}/edit").text
