"""The questions of a round or brief, and one question, as one person may see them. Who asked is shown to nobody."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.clarifications import policy
from app.clarifications.models import Clarification, ClarificationAnswer, ClarificationFollow
from app.clarifications.queries.places import Place, with_place
from app.clarifications.rules import UNANSWERED, State
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.refusals import NotFound


@dataclass(frozen=True, slots=True)
class One:
    """One answer. `extends_to` is when the deadline should move to, because it came late."""

    words: str
    changes_request: bool
    changes: str
    sent_at: datetime | None
    late: bool
    extends_to: datetime | None
    keep_reason: str
    waits: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question. `words` are what everybody reads, or its asker's own while it has no other; `answers` the newest first.

    Its asker (`own`) sees what they wrote in `original`, and with those who answer why confidence was asked for, what its
    asker was told, and when it was asked. `owner`, `draft` and `seen`, the digest of the newest answer, are for those who answer.
    """

    id: UUID
    number: int | None
    state: State
    words: str
    answers: tuple[One, ...]
    answered_at: datetime | None
    own: bool
    original: str
    private_reason: str
    said: str
    asked_at: datetime | None
    owner: str
    draft: One | None
    seen: str

    @property
    def waits(self) -> bool:
        return self.state in UNANSWERED


@dataclass(frozen=True, slots=True)
class Thread:
    """Everything about one round or brief: what everybody reads, what is one's own, and what waits, the oldest first."""

    answered: tuple[QuestionView, ...]
    own: tuple[QuestionView, ...]
    waiting: tuple[QuestionView, ...]
    settled: tuple[QuestionView, ...]

    @property
    def owed(self) -> tuple[QuestionView, ...]:
        """Those whose answer, or a correction of it, is written and waits for an amendment."""
        return tuple(one for one in (*self.waiting, *self.answered, *self.settled) if one.draft and one.draft.waits)


@dataclass(frozen=True, slots=True)
class Followed:
    """Whether somebody is told of new answers at all of their own wish, and whether once a day."""

    follows: bool
    daily: bool


def own(actor: Actor) -> ColumnElement[bool]:
    """Questions that this person asked for themselves, and those of the providers for which they may ask."""
    mine = and_(col(Clarification.provider_id).is_(None), col(Clarification.asked_by) == actor.person_id)
    return or_(mine, col(Clarification.provider_id).in_(policy.asking_for(actor)))


def is_own(actor: Actor, row: Clarification) -> bool:
    if row.provider_id is None:
        return row.asked_by == actor.person_id
    return row.provider_id in policy.asking_for(actor)


def thread(session: Session, actor: Actor, place: Place) -> Thread:
    """Who may see the place has been asked already. Two queries."""
    public = col(Clarification.answered_at).is_not(None) & col(Clarification.number).is_not(None)
    theirs = col(Clarification.state).not_in((State.DRAFT, State.WITHDRAWN))
    rows = session.exec(
        select(Clarification, Person.name)
        .outerjoin(Person, col(Person.id) == Clarification.owner_id)
        .where(about(place), or_(public, own(actor), theirs) if place.sees else or_(public, own(actor)))
        .order_by(col(Clarification.number), col(Clarification.asked_at), col(Clarification.id))
    ).all()
    answers = _answers(session, [row.id for row, _ in rows])
    found = [_view(actor, row, owner, answers[row.id], sees=place.sees) for row, owner in rows]
    published = [one for one in found if one.number is not None and one.answered_at]
    mine = [one for one in found if one.own and one.state is not State.WITHDRAWN]
    sent = [one for one in found if place.sees and not one.own]
    waiting = sorted((one for one in sent if one.waits), key=lambda one: str(one.asked_at))
    return Thread(
        answered=tuple(published),
        own=tuple(mine),
        waiting=tuple(waiting),
        settled=tuple(one for one in sent if not one.waits and one not in published),
    )


def about(place: Place) -> ColumnElement[bool]:
    if place.round_id:
        return col(Clarification.round_id) == place.round_id
    return col(Clarification.brief_id) == place.brief_id


def question(
    session: Session, actor: Actor, clarification_id: UUID, *, lock: bool = False
) -> tuple[Clarification, Place, bool]:
    """The row, what it is about, and whether this person is on its asker's side.

    Raises `NotFound` to all but its asker's side and those who answer, and to these while it has not been asked.
    """
    row, place = with_place(session, actor, clarification_id, lock=lock)
    mine = is_own(actor, row)
    if not mine and (not place.answers or row.asked_at is None or row.state == State.WITHDRAWN):
        raise NotFound
    return row, place, mine


def question_page(session: Session, actor: Actor, clarification_id: UUID) -> tuple[QuestionView, Place]:
    """One question with all its answers. Raises `NotFound` as `question` does."""
    row, place, mine = question(session, actor, clarification_id)
    owner = session.get(Person, row.owner_id) if row.owner_id and not mine else None
    answers = _answers(session, [row.id])[row.id]
    return _view(actor, row, owner.name if owner else "", answers, sees=not mine), place


def answers_of(session: Session, clarification_id: UUID) -> list[ClarificationAnswer]:
    """Every answer to a question, the newest first; one that is written and not sent is the first."""
    return _answers(session, [clarification_id])[clarification_id]


def newest_seen(answers: Sequence[ClarificationAnswer]) -> str:
    """The digest of the newest answer, by which a page knows what it showed."""
    said = [[one.position, one.sent_at is not None, one.words, one.changes] for one in answers[:1]]
    return digest(canonical({"newest": said}))


def followed(session: Session, actor: Actor, place: Place) -> Followed:
    row = follow_of(session, actor, place)
    return Followed(row is not None, row is not None and row.daily)


def follow_of(session: Session, actor: Actor, place: Place) -> ClarificationFollow | None:
    return session.exec(
        select(ClarificationFollow).where(
            ClarificationFollow.person_id == actor.known,
            ClarificationFollow.round_id == place.round_id,
            ClarificationFollow.brief_id == place.brief_id,
        )
    ).first()


def _answers(session: Session, ids: Collection[UUID]) -> dict[UUID, list[ClarificationAnswer]]:
    """Of each question, the newest first."""
    found: dict[UUID, list[ClarificationAnswer]] = defaultdict(list)
    for row in session.exec(
        select(ClarificationAnswer)
        .where(col(ClarificationAnswer.clarification_id).in_(ids))
        .order_by(col(ClarificationAnswer.position).desc())
    ):
        found[row.clarification_id].append(row)
    return found


def _view(
    actor: Actor, row: Clarification, owner: str | None, answers: Sequence[ClarificationAnswer], *, sees: bool
) -> QuestionView:
    mine = is_own(actor, row)
    inside = mine or sees
    draft = next((one for one in answers if one.sent_at is None), None)
    return QuestionView(
        id=row.id,
        number=row.number,
        state=State(row.state),
        words=row.wording or row.original,
        answers=tuple(_one(one) for one in answers if one.sent_at),
        answered_at=row.answered_at,
        own=mine,
        original=row.original if mine else "",
        private_reason=row.private_reason if inside else "",
        said=row.said if inside else "",
        asked_at=row.asked_at if inside else None,
        owner=(owner or "") if sees and not mine else "",
        draft=_one(draft) if draft and sees and not mine else None,
        seen=newest_seen(answers) if sees and not mine else "",
    )


def _one(row: ClarificationAnswer) -> One:
    return One(
        row.words,
        row.changes_request,
        row.changes,
        row.sent_at,
        row.late,
        row.extends_to,
        row.keep_reason,
        row.waits,
    )
