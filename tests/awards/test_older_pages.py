"""Older pages: nobody approves, rejects or proposes what they did not read, and nothing typed is lost."""

import pytest
from bs4 import BeautifulSoup
from httpx import Response
from sqlmodel import select

from app.awards.commands.assessment import open_bids
from app.awards.commands.award import approve_award, propose_award, reject_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.awards.models import Award, OutcomeLetter, Score
from app.bids.commands import withdraw_bid
from app.organisations.rules import Role
from app.web.assessing import typed_marks
from tests import NOON, factories
from tests.awards.stage import SECRET, Stage, marks
from tests.conftest import ClientFor, hidden

REASON = "The budget does not reach so far."


def _refusal(answer: Response) -> str:
    assert answer.status_code == 409, answer.text[:2000]
    return " ".join(BeautifulSoup(answer.text, "html.parser").select_one(".portal-refusal").get_text().split())  # type: ignore[union-attr]


def _kept(answer: Response) -> str:
    return " ".join(one.text for one in BeautifulSoup(answer.text, "html.parser").select(".govuk-inset-text"))


@pytest.mark.row("9.2")
@pytest.mark.parametrize("step", ["approve", "reject"])
def test_an_award_is_decided_only_by_who_read_that_award(on: Stage, client_for: ClientFor, step: str) -> None:
    """The one on the page was rejected in another window, first with nothing in its place, then with another award."""
    on.proposed()
    with on.db.write() as session:
        other = factories.seated(session, on.made.raa_id, Role.APPROVER, name="Una Approver")
    approver, path = client_for(on.made.approver), f"/briefs/{on.brief_id}/award"
    older = hidden(approver.get(path).text) | {"reason": REASON}
    with on.db.write() as session:
        reject_award(session, other, on.brief_id, reason=REASON, secret=SECRET)
    stale = approver.post(f"{path}/{step}", data=older)
    assert _refusal(stale).startswith("There is a problem Una Approver rejected this award on")
    assert "Another award" not in stale.text
    assert ("which nobody was sent" in stale.text) == (step == "reject"), "what was typed is still there"
    oldest = approver.post(f"{path}/reject", data={"reason": REASON})
    assert (oldest.status_code, REASON in _kept(oldest)) == (422, True), "of a page without the award's id"
    with on.db.write() as session:
        propose_award(session, on.made.chair, on.brief_id, on.bids["b"], reason="x" * 30, secret=SECRET)
    stale = approver.post(f"{path}/{step}", data=older)
    assert _refusal(stale).endswith("Another award has been proposed since. Read it before you decide.")
    assert (f">{REASON}</textarea>" in stale.text) == (step == "reject")
    with on.db.read() as session:
        first, second = session.exec(select(Award).order_by(Award.proposed_at)).all()
        assert (second.approved_at, second.rejected_at) == (None, None)
        assert session.exec(select(OutcomeLetter)).all() == []
    assert hidden(stale.text)["award_id"] == str(second.id) != older["award_id"] == str(first.id)
    unread = approver.post(f"{path}/reject", data=older | {"reason": "No"})
    assert unread.status_code == 422 and hidden(unread.text)["award_id"] == older["award_id"], "it is not read yet"
    newer = hidden(stale.text) | {"reason": REASON}
    assert approver.post(f"{path}/{step}", data=newer).status_code == 303


def test_opposite_decisions_say_who_decided_what(on: Stage, client_for: ClientFor) -> None:
    on.proposed()
    with on.db.write() as session:
        other = factories.seated(session, on.made.raa_id, Role.APPROVER, name="Una Approver")
    approver, path = client_for(on.made.approver), f"/briefs/{on.brief_id}/award"
    older = hidden(approver.get(path).text) | {"reason": REASON}
    with on.db.write() as session:
        approve_award(session, other, on.brief_id, secret=SECRET)
    for step in ("approve", "reject"):
        said = _refusal(approver.post(f"{path}/{step}", data=older))
        assert "Una Approver approved this award on" in said and said.endswith("The letters have left.")


def test_nobody_proposes_out_of_a_ranking_they_did_not_read(on: Stage, client_for: ClientFor) -> None:
    on.scored()
    chair, path = client_for(on.made.chair), f"/briefs/{on.brief_id}/award"
    older = hidden(chair.get(path).text) | {"bid_id": str(on.bids["a"])}
    with on.db.write() as session:
        late = factories.seated(session, on.made.raa_id, Role.ASSESSOR, name="Lea Late")
        add_assessor(session, on.made.chair, on.brief_id, late.known)
        declare_interests(session, late, on.brief_id, {})
    on.score(late, {"a": 4, "b": 3})
    stale = chair.post(path, data=older)
    assert "The scores have changed since you opened this page" in _refusal(stale)
    assert chair.post(path, data=hidden(stale.text) | {"bid_id": str(on.bids["a"])}).status_code == 303


def test_one_letter_does_not_leave_together(on: Stage, client_for: ClientFor) -> None:
    with on.db.write() as session:
        withdraw_bid(session, on.made.owner_b, on.bids["b"], received_at=NOON)
    on.opened()
    for who in (on.made.assessor, on.made.assessor_two):
        on.score(who, {"a": 4})
    on.propose()
    shown = client_for(on.made.approver).get(f"/briefs/{on.brief_id}/award").text
    assert "the one letter leaves, with" in shown and ">Approve and send the letter<" in " ".join(shown.split())
    assert "together" not in shown


def test_an_older_window_does_not_write_over_newer_scores(on: Stage, client_for: ClientFor) -> None:
    on.opened()
    with on.db.write() as session:
        open_bids(session, on.made.assessor, on.brief_id, secret=SECRET)
        newer, older = (typed_marks(marks(session, on.brief_id, points)) for points in (5, 2))
    assessor, path = client_for(on.made.assessor), f"/briefs/{on.brief_id}/assessment/{on.bids['a']}"
    began = hidden(assessor.get(path).text)
    for _ in range(2):
        assert assessor.post(path, data=began | newer).status_code == 303, "a double click is no conflict"
    stale = assessor.post(path, data=began | older)
    assert "in another window" in _refusal(stale)
    page = BeautifulSoup(stale.text, "html.parser")
    assert [" ".join(one.text.split()) for one in page.select(".govuk-inset-text strong")] == [
        "Saved for Approach:",
        "Saved for Experience:",
    ]
    assert "5 points" in page.select_one(".govuk-inset-text").text  # type: ignore[union-attr]
    assert {box["value"] for box in page.select("input[type=radio][checked]")} == {"2"}
    assert [box.text.strip() for box in page.select("textarea")] == [v for k, v in older.items() if "reason" in k]
    short = assessor.post(path, data=began | older | {name: "x" for name in older if name.startswith("reason")})
    assert short.status_code == 422 and hidden(short.text) == began, "it is not read yet"
    with on.db.read() as session:
        assert {score.points for score in session.exec(select(Score))} == {5}
    assert assessor.post(path, data=hidden(stale.text) | older).status_code == 303
    with on.db.read() as session:
        assert {score.points for score in session.exec(select(Score))} == {2}
