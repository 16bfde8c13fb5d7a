"""An organisation's answers, kept and used again: found by their question, sealed to it, and nobody else's to see."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import select

from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import approve_award, propose_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.bids.commands import save_draft, start_bid
from app.bids.library.commands import forget_answer, keep_answer, use_answer
from app.bids.library.rules import Entry, comments_on, found, joined
from app.bids.models import Bid, LibraryAnswer
from app.bids.queries import letter_in_hand, questions
from app.bids.rules import Letter
from app.briefs.models import Brief, BriefCriterion
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.core.scoring import Mark
from app.main import connect
from app.organisations.rules import Role
from app.sealing.client import KeyholderClient
from app.settings import DEVELOPMENT_SECRET
from tests import NOON, factories
from tests.bids.test_seal import dump
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World
from tests.sealing import SEAL, approve_opening

CANARY = "canary-kept-4411: we begin with the parents"
OLD = Letter("canary-old-5522: We listen first.", "Ten years of it.", "Therapist of Alder Therapy", 250_000)
RIVAL = Letter("canary-rival-6633", "Many years.", "Therapist of Birch Therapy", 260_000)


@pytest.fixture
def furniture() -> Furniture:
    return factories.world


def entry(words: str, question: str = "Approach", days_ago: int = 0) -> Entry:
    return Entry(words, question, words, "B-1", NOON - timedelta(days=days_ago), None, kept=True)


@pytest.mark.row("7.10")
@pytest.mark.parametrize(
    ("question", "wanted", "first"),
    [
        ("Approach", "", ["play at home", "play in school", "ten years"]),
        ("Experience", "", ["ten years", "play at home", "play in school"]),
        ("Approach", "PLAY school", ["play in school"]),
        ("Approach", "approach", ["play at home", "play in school"]),
        ("Approach", "music", []),
    ],
)
def test_answers_are_found_by_their_words_and_by_their_question(question: str, wanted: str, first: list[str]) -> None:
    known = [entry("play in school", days_ago=5), entry("play at home"), entry("ten years", "Experience")]
    assert [one.words for one in found([*known, entry("play at home", days_ago=9)], question, wanted)] == first


def test_an_answer_goes_in_after_what_stands_there_and_the_comments_are_of_its_criterion() -> None:
    assert (joined("", "b"), joined("a", "b")) == ("b", "a\n\nb")
    lines = (("Approach", "42.00 of 70", ("Thin on sleep",)), ("Experience", "9.00 of 10", ("Much of it",)))
    assert comments_on(lines, "approach", total="71.00") == ("Approach: 42.00 of 70", ("Thin on sleep",))
    assert comments_on(lines, "What is new?", total="71.00") == (
        "71.00 of 100 for the whole bid",
        ("Approach: Thin on sleep", "Experience: Much of it"),
    )


def _soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def _begun(db: Database, made: World) -> str:
    with db.write() as session:
        brief_id = factories.brief(session, made)
        return f"/bids/{start_bid(session, made.owner_a, brief_id, made.provider_a)}"


@pytest.mark.row("7.10")
@pytest.mark.invariant(1)
def test_an_answer_is_kept_sealed_and_put_into_another_bid_with_one_tap(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        colleague = factories.seated(session, made.provider_a, Role.BIDS, name="Bea Bids")
    first, second, client = _begun(db, made), _begun(db, made), client_for(made.owner_a)
    seen = _soup(client.get(first).text).select_one("input[name=seen]")["value"]
    empty = client.post(first, data={"seen": seen, "then": "keep-2", "approach": CANARY})
    assert empty.headers["location"] == f"{first}?saved=empty#saved-at"
    page = client.get(empty.headers["location"]).text
    assert "Saved, but not kept in your library." in page and "nothing to keep yet" in page
    assert _soup(page).select_one("#approach").text.strip() == CANARY, "what was typed is saved"
    for _ in range(2):
        kept = client.post(first, data={"seen": seen, "then": "keep-1", "approach": CANARY})
        assert kept.headers["location"] == f"{first}?saved=kept#saved-at"
    assert "kept in your library" in client.get(f"{first}?saved=kept").text
    assert CANARY.encode() not in dump(db)
    for person in (made.owner_a, colleague):  # the colleague's session asks the keyholder
        client = client_for(person)
        seen = _soup(client.get(second).text).select_one("input[name=seen]")["value"]
        onward = client.post(second, data={"seen": seen, "then": "library-1", "approach": "Before it."})
        page = _soup(client.get(onward.headers["location"]).text)
        assert CANARY in page.text and "Earlier answers for: Approach" in page.h1.text
        tap = {box["name"]: box["value"] for box in page.select("main form[method=post]")[0].select("input")}
        used = client.post(f"{second}/library", data=tap)
        assert used.headers["location"] == f"{second}?saved=yes#approach"
        assert _soup(client.get(second).text).select_one("#approach").text.strip() == f"Before it.\n\n{CANARY}"
    stale = client.post(f"{second}/library", data=tap)
    assert stale.status_code == 409 and "another window" in stale.text
    with db.read() as session:
        answer_id = session.exec(select(LibraryAnswer.id)).one()  # kept twice, it is there once
    for person in (made.owner_b, made.commissioner, made.chair, made.lead):
        assert client_for(person).get(f"{first}/library").status_code == 404
        assert client_for(person).post(f"{first}/library/{answer_id}/forget").status_code == 404
    for _ in range(2):
        assert client.post(f"{first}/library/{answer_id}/forget").status_code == 303
    assert "nothing in your library yet" in client.get(f"{first}/library").text


@pytest.mark.row("7.10")
@pytest.mark.parametrize(
    ("asked", "scores"),
    [
        ({}, {"Approach": "Last score: Approach: ", "Experience": "Last score: Experience: "}),
        (
            {"What have you done?": 2, "How would you begin?": 1, "What else?": None},
            {
                "What have you done?": "Last score: Experience: ",
                "How would you begin?": "Last score: Approach: ",
                "What else?": " of 100 for the whole bid",
            },
        ),
    ],
    ids=["no questions of its own", "its own questions"],
)
def test_an_opened_bid_is_in_its_bidders_library_and_shows_its_scores_once_the_letter_is_out(
    db: Database,
    made: World,
    client_for: ClientFor,
    clock: Clock,
    asked: dict[str, int | None],
    scores: dict[str, str],
) -> None:
    connect()
    with db.write() as session:
        brief_id = factories.brief(session, made, closes_at=NOON + timedelta(days=1))
        session.get_one(Brief, brief_id).questions = [
            {"id": str(uuid4()), "text": words, "max_words": 100, "criterion": position, "asked_as": None}
            for words, position in asked.items()
        ]
        keys = [question.key for question in questions(session.get_one(Brief, brief_id))] if asked else []
        for provider_id, owner, letter in (
            (made.provider_a, made.owner_a, OLD),
            (made.provider_b, made.owner_b, RIVAL),
        ):
            said = tuple((key, f"{letter.approach} {n}") for n, key in enumerate(keys))
            factories.submitted_bid(session, brief_id, provider_id, owner, replace(letter, answers=said))
    bid, client = _begun(db, made), client_for(made.owner_a)
    assert OLD.approach not in client.get(f"{bid}/library").text, "it is still sealed"
    clock.set(NOON + timedelta(days=1, hours=1))
    with db.write() as session:
        add_assessor(session, made.chair, brief_id, made.assessor.known)
        declare_interests(session, made.assessor, brief_id, {})
        for opener in (made.chair, made.commissioner):
            approve_opening(session, opener, brief_id)
    page = _soup(client.get(f"{bid}/library").text)
    assert OLD.approach in page.text and "Last score" not in page.text and RIVAL.approach not in page.text
    with db.write() as session:
        open_bids(session, made.assessor, brief_id, secret=DEVELOPMENT_SECRET)
        bids = {row.provider_id: row.id for row in session.exec(select(Bid).where(Bid.brief_id == brief_id))}
        for points, one in enumerate(bids.values(), 3):
            marks = {
                criterion.id: Mark(points, f"A clear answer on {criterion.name}, with evidence.")
                for criterion in session.exec(select(BriefCriterion).where(BriefCriterion.brief_id == brief_id))
                if not criterion.is_price
            }
            save_scores(session, made.assessor, brief_id, one, marks, secret=DEVELOPMENT_SECRET)
        submit_scores(session, made.assessor, brief_id, secret=DEVELOPMENT_SECRET)
        winner = bids[made.provider_b]
        reason = "The strongest answers on every criterion."
        propose_award(session, made.chair, brief_id, winner, reason=reason, secret=DEVELOPMENT_SECRET)
    assert "Last score" not in client.get(f"{bid}/library").text
    with db.write() as session:
        approve_award(session, made.approver, brief_id, secret=DEVELOPMENT_SECRET)
    page = _soup(client.get(f"{bid}/library").text)
    assert "A clear answer on Approach" in page.text
    panels = [" ".join(panel.text.split()) for panel in page.select(".portal-panel")]
    for question, score in scores.items():
        assert score in next(panel for panel in panels if panel.startswith(question))


def test_what_is_saved_stays_saved_where_it_cannot_be_kept(db: Database, made: World, client_for: ClientFor) -> None:
    """To see whether the same words are kept already, the library of another session is read, for which the keyholder is asked."""
    first, second, client = _begun(db, made), _begun(db, made), client_for(made.owner_a)
    seen = _soup(client.get(first).text).select_one("input[name=seen]")["value"]
    client.post(first, data={"seen": seen, "then": "keep-1", "approach": CANARY})
    with db.write() as session:
        session.exec(select(LibraryAnswer)).one().session_wrap = None
    client.app.state.keyholder = KeyholderClient("http://127.0.0.1:9", "nobody listens there")
    seen = _soup(client.get(second).text).select_one("input[name=seen]")["value"]
    away = client.post(second, data={"seen": seen, "then": "keep-1", "approach": "the last words before the close"})
    assert away.status_code == 503
    page = _soup(client.get(second).text)
    assert page.select_one("#approach").text.strip() == "the last words before the close"
    seen = page.select_one("input[name=seen]")["value"]
    unasked = client.post(second, data={"seen": seen, "then": "keep-99", "approach": "later words"})
    assert unasked.status_code == 404
    assert _soup(client.get(second).text).select_one("#approach").text.strip() == "later words"


@pytest.mark.row("7.10")
def test_an_answer_is_used_only_while_the_brief_is_open_and_forgotten_only_by_its_own_people(
    db: Database, made: World, clock: Clock
) -> None:
    bid_id = UUID(_begun(db, made).removeprefix("/bids/"))
    with db.write() as session:
        saved = save_draft(session, made.owner_a, bid_id, OLD, seal=SEAL)
        assert keep_answer(session, made.owner_a, saved, 2, seal=SEAL) is None
        answer_id = session.exec(select(LibraryAnswer.id)).one()
        use_answer(session, made.owner_a, bid_id, 1, str(answer_id), seal=SEAL, seen=None)
        assert letter_in_hand(session, bid_id, SEAL).approach == f"{OLD.approach}\n\n{OLD.experience}"
        assert session.get_one(LibraryAnswer, answer_id).used_at == NOON
    for number, key in ((3, str(answer_id)), (1, "nothing"), (1, f"{bid_id}:0")):
        with pytest.raises(NotFound), db.write() as session:
            use_answer(session, made.owner_a, bid_id, number, key, seal=SEAL, seen=None)
    clock.set(NOON + timedelta(days=10))
    with pytest.raises(Refused), db.write() as session:
        use_answer(session, made.owner_a, bid_id, 1, str(answer_id), seal=SEAL, seen=None)
    with pytest.raises(NotFound), db.write() as session:
        forget_answer(session, made.owner_b, bid_id, answer_id)
    with db.write() as session:
        theirs = start_bid(
            session,
            made.owner_b,
            factories.brief(session, made, closes_at=clock.moment + timedelta(days=9)),
            made.provider_b,
        )
        forget_answer(session, made.owner_b, theirs, answer_id)
        assert session.exec(select(LibraryAnswer.id)).one() == answer_id, "it is not in their library"
        forget_answer(session, made.owner_a, bid_id, answer_id)
        assert session.exec(select(LibraryAnswer)).all() == []


@pytest.mark.bar("P6")
def test_the_library_asks_few_questions_however_much_is_in_it(db: Database, made: World, client_for: ClientFor) -> None:
    client, bid = client_for(made.owner_a), _begun(db, made)
    for n in range(4):
        seen = _soup(client.get(bid).text).select_one("input[name=seen]")["value"]
        client.post(bid, data={"seen": seen, "then": "keep-1", "approach": f"Answer {n}"})
    with statements(db) as sent:
        page = _soup(client.get(f"{bid}/library").text)
    assert len(page.select(".portal-panel")) == 4
    assert len(sent) <= 12, "\n".join(sent)
