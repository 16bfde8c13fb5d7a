"""Looking at questions: what everybody reads, what its asker sees of their own, what waits for those who answer."""

from app.clarifications.queries.places import Place, of_amended, of_brief, of_members_brief, of_round
from app.clarifications.queries.threads import (
    Followed,
    One,
    QuestionView,
    Thread,
    followed,
    question,
    question_page,
    thread,
)
from app.clarifications.queries.waiting import (
    oldest_of_brief,
    oldest_of_framework,
    waiting_about,
    waiting_of_brief,
    waiting_of_framework,
)

__all__ = [
    "Followed",
    "One",
    "Place",
    "QuestionView",
    "Thread",
    "followed",
    "of_amended",
    "of_brief",
    "of_members_brief",
    "of_round",
    "oldest_of_brief",
    "oldest_of_framework",
    "question",
    "question_page",
    "thread",
    "waiting_about",
    "waiting_of_brief",
    "waiting_of_framework",
]
