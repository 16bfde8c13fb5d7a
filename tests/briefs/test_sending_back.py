"""Between a draft's writer and its approvers: what each does reaches the other, and no words are lost on the way."""

from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from app.briefs import reference
from app.briefs.inviting.commands import send_back
from app.briefs.models import Brief
from app.core.actor import Actor
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.organisations.rules import Role
from app.web.pages import plain
from tests import factories
from tests.briefs.test_pages import form, new, soup
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture
from tests.factories import World

BETWEEN = [f"briefs/{name}.txt" for name in ("sent_back", "withdrawn", "approval_ended")]
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


def told(db: Database) -> list[tuple[str, str]]:
    """Which message went to whom, those alone that this room sends between the agency's own people."""
    with db.read() as session:
        sent = session.exec(select(OutboxMessage).where(col(OutboxMessage.template).in_(BETWEEN))).all()
        assert all(REASON not in str(plain(one.template, {"public_url": "x", **one.context})) for one in sent)
    return sorted((one.template.partition("/")[2].removesuffix(".txt"), one.to_address) for one in sent)


def hidden(text: str) -> str:
    seen: str = soup(text).select_one("form[action$=send-back] input[name=seen]")["value"]
    return seen


@pytest.mark.row("5.4")
def test_an_approver_sends_a_draft_back_and_its_writer_mends_it_and_asks_again(
    db: Database, made: World, client_for: ClientFor
) -> None:
    where = written(made, client_for)
    author, approver = client_for(made.commissioner), client_for(made.approver)
    assert "Send it back" not in author.get(where).text
    page = approver.get(where).text
    stale = {"why": REASON, "seen": hidden(page)}
    brief_id = UUID(where.rpartition("/")[2])
    for actor in (made.commissioner, made.chair, made.other_commissioner, made.owner_a):
        with pytest.raises(NotFound), db.write() as session:
            send_back(session, actor, brief_id, REASON)
    with pytest.raises(Refused), db.write() as session:
        send_back(session, made.approver, brief_id, "A boy named Tom has moved.")
    for wrong in ("No.", "A boy named Tom has moved."):
        assert approver.post(f"{where}/send-back", data={"why": wrong}).status_code == 422
    author.post(f"{where}/edit", data=form(made, title="Therapy for three siblings"))
    author.post(f"{where}/approval/ask")
    refused = approver.post(f"{where}/send-back", data=stale)
    assert refused.status_code == 409 and "has changed since you opened this page" in refused.text
    assert REASON in refused.text, "to be copied"
    read = {"why": REASON, "seen": hidden(approver.get(where).text)}
    for _ in range(2):
        assert approver.post(f"{where}/send-back", data=read).status_code == 303
    assert told(db) == [("sent_back", made.commissioner.email)]
    for reader in (made.commissioner, made.approver, made.chair):
        assert f"{made.approver.name} sent this draft back" in client_for(reader).get(where).text
    assert REASON in author.get(where).text and REASON in author.get(f"{where}/edit").text
    assert "Mend this draft, which an approver sent back, and ask again" in author.get("/").text
    assert where not in approver.get("/").text
    assert "A commissioner mends the draft, which an approver sent back" in approver.get("/briefs").text
    assert approver.post(f"{where}/publish", data={"agreed": "true"}).status_code == 409
    author.post(f"{where}/edit", data=form(made, title="Therapy for two siblings"))
    assert "Mend this draft" in author.get("/").text, "until approval is asked for"
    author.post(f"{where}/approval/ask")
    assert "sent this draft back" not in author.get(where).text and where in approver.get("/").text
    assert approver.post(f"{where}/publish", data={"agreed": "true"}).status_code == 303


@pytest.mark.row("5.4")
@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        ("published", "Only a draft can be sent back; this brief is open."),
        ("withdrawn", "Only a draft can be sent back; this brief is cancelled."),
        ("sent back", "This draft has been sent back already."),
        ("sent back here", "This draft has been sent back already."),
        ("changed", "has not asked for approval since"),
        ("written", "You wrote some of this draft"),
    ],
)
def test_a_draft_that_waits_no_longer_is_not_sent_back_and_the_reason_is_not_lost(
    db: Database, made: World, client_for: ClientFor, meanwhile: str, said: str
) -> None:
    with db.write() as session:
        second = factories.seated(session, made.raa_id, Role.APPROVER, Role.COMMISSIONER, name="Sam Second")
    where = written(made, client_for)
    acts: dict[str, tuple[Actor, str, dict[str, str]]] = {
        "published": (second, "publish", {"agreed": "true"}),
        "withdrawn": (second, "cancel", {"reason": "It is no longer needed."}),
        "sent back": (second, "send-back", {"why": "It is not finished yet."}),
        "sent back here": (made.approver, "send-back", {"why": "It is not finished yet."}),
        "changed": (made.commissioner, "edit", form(made, title="Therapy for three siblings")),
        "written": (made.approver, "edit", form(made)),
    }
    actor, act, data = acts[meanwhile]
    if meanwhile == "written":
        with db.write() as session:
            session.get_one(Brief, UUID(where.rpartition("/")[2])).created_by = made.approver.known
    else:
        assert client_for(actor).post(f"{where}/{act}", data=data).status_code == 303
    answer = client_for(made.approver).post(f"{where}/send-back", data={"why": REASON})
    assert (answer.status_code, soup(answer.text).h1.text) == (409, "This was not saved")
    assert said in answer.text and REASON in answer.text


@pytest.mark.row("5.4")
def test_an_approval_ends_with_a_change_or_when_another_sends_the_draft_back(
    db: Database, clock: Clock, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        second = factories.seated(session, made.raa_id, Role.APPROVER, name="Sam Second")
    dear = {"budget": "£40,000"}
    where = written(made, client_for, **dear)
    author, approver, other = (client_for(one) for one in (made.commissioner, made.approver, second))
    for number, ending in enumerate(("change", "send back"), start=1):
        for client in (approver, other):
            assert "Check this brief, and approve it" in client.get("/").text
        assert "Approval of this draft is asked for." in author.get(f"{where}/edit").text
        assert approver.post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
        assert "Check this brief, as the second of two approvers" in other.get("/").text
        assert where not in approver.get("/").text
        assert f"{made.approver.name} has approved this draft." in author.get(f"{where}/edit").text
        if ending == "change":
            for title in ("Therapy for three siblings", "Therapy for four siblings"):
                author.post(f"{where}/edit", data=form(made, title=title, **dear))
        else:
            assert other.post(f"{where}/send-back", data={"why": REASON}).status_code == 303
        assert [to for what, to in told(db) if what == "approval_ended"] == [made.approver.email] * number
        assert "has approved this draft" not in author.get(f"{where}/edit").text
        assert "0 of 2 approved" in author.get(where).text
        author.post(f"{where}/approval/ask")
        clock.forward(hours=1)
    assert approver.post(f"{where}/publish", data={"agreed": "true"}).status_code == 303
    with db.read() as session:
        asked = select(OutboxMessage.to_address).where(OutboxMessage.template == "briefs/approve.txt")
        assert list(session.exec(asked)) == [second.email] * 3, "again for the same words"


@pytest.mark.row("5.6")
def test_who_withdraws_a_draft_tells_its_writers(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        colleague = factories.seated(session, made.raa_id, Role.COMMISSIONER, name="Cal Colleague")
    for actor, others in (
        (made.approver, {made.commissioner, colleague}),
        (colleague, {made.commissioner}),
        (made.commissioner, {colleague}),
    ):
        before = told(db)
        where = client_for(made.commissioner).post(new(made), data=form(made)).headers["location"]
        assert client_for(colleague).post(f"{where}/approval/ask").status_code == 303
        for _ in range(2):
            assert client_for(actor).post(f"{where}/cancel", data={"reason": REASON}).status_code == 303
        assert told(db) == sorted([*before, *(("withdrawn", one.email) for one in others)])
