"""Questions about the open round and an open brief: answered, corrected, asked in confidence, and still waiting."""

from datetime import datetime
from typing import Final
from uuid import UUID

from app.clarifications.commands import accept_question, write_answer, write_question
from app.clarifications.queries import Place, of_members_brief, of_round
from app.clarifications.rules import Reply
from app.core import clock
from app.demo.stage import Stage
from app.demo.telling import Story

ROUND: Final = "yorkshire Second round"
BRIEF: Final = "open"


def story(stage: Stage) -> Story:
    ago = stage.calendar.ago
    yield ago(4, 11, 5)
    asked = _ask(
        stage, "quillfeather-owner", "quillfeather", ROUND, "May a practice of one apply for lots 2 and 3 at once?"
    )
    yield ago(3, 9, 45)
    wording = "May a practice of one person apply for lots 2 and 3 at once?"
    _answer(stage, "callum", asked, wording, "Yes, if the same person meets what each of the lots asks for.")
    yield ago(3, 11, 20)
    asked = _ask(
        stage,
        "imran",
        "lanternhouse",
        BRIEF,
        "As the only agency with a studio in Leeds we ask: must every session be in the same room?",
    )
    yield ago(2, 10, 10)
    _answer(
        stage,
        "priya",
        asked,
        "Must every session be in the same room?",
        "It should be the same room each time. If the room must change once, tell the family a week before.",
    )
    yield ago(2, 14, 30)
    write_answer(
        stage.session,
        stage.actor("priya"),
        asked,
        Reply("It should be the same room each time. If it must change, tell the family two weeks before."),
        send=True,
    )
    yield ago(1, 10, 40)
    _ask(
        stage, "quillfeather-owner", "quillfeather", BRIEF, "Could the two mornings at school be used for the sessions?"
    )
    yield ago(1, 11, 30)
    reason = "The answer would show others how we share our therapists between two agencies."
    words = "May travel between two of our sites be in the price of a session?"
    _ask(stage, "imran", "lanternhouse", ROUND, words, reason)


def _ask(stage: Stage, who: str, provider: str, about: str, words: str, reason: str = "") -> UUID:
    place = _place(stage, who, about, clock.now(stage.session))
    return write_question(stage.session, stage.actor(who), place, stage[provider], words, reason, ask=True)


def _answer(stage: Stage, who: str, asked: UUID, wording: str, words: str) -> None:
    actor = stage.actor(who)
    accept_question(stage.session, actor, asked, wording)
    write_answer(stage.session, actor, asked, Reply(words), send=True)


def _place(stage: Stage, who: str, about: str, now: datetime) -> Place:
    find = of_members_brief if about == BRIEF else of_round
    return find(stage.session, stage.actor(who), stage[about], now)
