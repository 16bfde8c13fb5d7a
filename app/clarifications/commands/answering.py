"""What those do who answer: accept a question in words for everybody or return it, agree to confidence or refuse it, answer.

An answer reaches everybody at once. None goes out without a word on whether it changes what is asked for.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from app.briefs.news import BriefNews
from app.briefs.rules import why_not_say
from app.clarifications import events, queries, rules, telling
from app.clarifications.models import Clarification, ClarificationAnswer
from app.clarifications.queries import Place
from app.clarifications.queries.threads import about, answers_of, newest_seen
from app.clarifications.rules import MOVES, Act, Reply, Stage, State
from app.core import audit
from app.core.actor import Actor
from app.core.audit import Event
from app.core.crypto import digest
from app.core.database import violates
from app.core.london import london_day
from app.core.refusals import Refusal, Refused, refuse_if
from app.core.working_days import working_days
from app.frameworks.commands import extend_round

_TWICE = Refusal("twice", "A colleague accepted another question at the same moment. Try again.")
_IN_CONFIDENCE = Refusal(
    "private_change",
    "An answer in confidence cannot change what is asked of everybody. Answer without the change, or amend it for all first.",
)


def accept_question(session: Session, actor: Actor, clarification_id: UUID, wording: str) -> None:
    """Accept a question in the words that everybody will read with its answer. The same again changes nothing.

    Raises `NotFound`, `Refused`.
    """
    row, place, now, twice = _found(session, actor, clarification_id, Act.ACCEPT, wording)
    if twice:
        return
    _guard(place, wording)
    newest = session.exec(select(func.max(Clarification.number)).where(about(place))).one()
    try:
        with session.begin_nested():
            row.number, row.wording = (newest or 0) + 1, wording
            _move(actor, row, Act.ACCEPT)
            session.flush()
    except IntegrityError as error:
        if violates(error, "uq_clarification_round_id_number") or violates(error, "uq_clarification_brief_id_number"):
            raise Refused(_TWICE) from error
        raise
    _record(session, events.ACCEPTED, actor, row, place, now, number=f"{row.number}")


def return_question(session: Session, actor: Actor, clarification_id: UUID, why: str) -> None:
    """Return a question to its asker, who may ask it anew. The same again changes nothing. Raises `NotFound`, `Refused`."""
    row, place, now, twice = _found(session, actor, clarification_id, Act.RETURN, why)
    if twice:
        return
    _say(actor, row, place, Act.RETURN, why)
    _record(session, events.RETURNED, actor, row, place, now)
    telling.tell_asker(session, place, row, "was returned to you, with a reason", now)


def agree_to_privacy(session: Session, actor: Actor, clarification_id: UUID) -> None:
    """Agree to answer its asker alone. A second time it changes nothing. Raises `NotFound`, `Refused`."""
    row, place, now, twice = _found(session, actor, clarification_id, Act.AGREE)
    if twice:
        return
    _move(actor, row, Act.AGREE)
    _record(session, events.PRIVACY_AGREED, actor, row, place, now)
    telling.tell_asker(session, place, row, "will be answered to you alone", now)


def refuse_privacy(session: Session, actor: Actor, clarification_id: UUID, why: str) -> None:
    """Refuse to answer in confidence: its asker withdraws it or lets everybody see it. The same again changes nothing.

    Raises `NotFound`, `Refused`.
    """
    row, place, now, twice = _found(session, actor, clarification_id, Act.REFUSE, why)
    if twice:
        return
    _say(actor, row, place, Act.REFUSE, why)
    _record(session, events.PRIVACY_REFUSED, actor, row, place, now)
    telling.tell_asker(session, place, row, "is not answered in confidence. You decide what becomes of it", now)


def write_answer(
    session: Session, actor: Actor, clarification_id: UUID, reply: Reply, *, send: bool, seen: str | None = None
) -> bool:
    """Write the answer, or a correction of the one that was sent, and send it; whether it went out.

    One that changes what a brief asks for waits for the amendment; one that changes what an open round asks for leaves at
    least `rules.CHANGE_DAYS` working days to apply, by moving the round's close. What was sent already is not sent again.
    `seen` is the digest of what the page showed: a colleague may have written since. Raises `NotFound`, `Refused`.
    """
    row, place, now, _ = _found(session, actor, clarification_id, Act.DRAFT_ANSWER)
    answers = answers_of(session, row.id)
    same = bool(answers) and (answers[0].words, answers[0].changes) == (reply.words, reply.changes)
    if same and answers[0].sent_at:
        return True
    refuse_if(rules.why_not_as_seen(seen, newest_seen(answers), same=same))
    _guard(place, reply.words, reply.changes, reply.keep_reason)
    if reply.changes and _is_private(row):
        raise Refused(_IN_CONFIDENCE)
    answer = _draft(actor, row, answers, place, now)
    _move(actor, row, Act.DRAFT_ANSWER)
    if not answer.changes_request:
        answer.drafted_version = place.version  # what it waits for is the first amendment since it changes anything
    answer.words, answer.changes, answer.changes_request = reply.words, reply.changes, bool(reply.changes)
    answer.drafted_at, answer.drafted_by = now, actor.known
    answer.waits = send and rules.waits(
        changes=answer.changes_request, drafted_version=answer.drafted_version, version=place.version
    )
    if not send or answer.waits:
        answer.keep_reason = "" if reply.extends else reply.keep_reason
        session.add(answer)
        _record(session, events.ANSWER_DRAFTED, actor, row, place, now, question=_named(row))
        return False
    until, why = (None, "") if _is_private(row) else _hold_the_deadline(place, answer, reply, now)
    _send(session, actor, place, row, answer, now)
    if until and place.round_id:
        extend_round(session, actor, place.framework_id, place.round_id, until, why, at=now)
    return True


def send_what_waited(session: Session, what: BriefNews) -> None:
    """Every answer that waited for an amendment of the brief goes out with it, by whoever publishes it; the news of briefs.

    One that is late by then is marked so, and a later deadline is owed, unless whoever wrote it said why it stays.
    A version that moves the deadline alone is not what they wait for: they wait on. An answer that was only kept is not sent.
    """
    rows = session.exec(
        select(Clarification, ClarificationAnswer)
        .join(ClarificationAnswer, col(ClarificationAnswer.clarification_id) == Clarification.id)
        .where(
            Clarification.brief_id == what.brief_id,
            col(ClarificationAnswer.sent_at).is_(None),
            col(ClarificationAnswer.changes_request).is_(True),
        )
        .order_by(col(Clarification.number))
        .with_for_update()
    ).all()
    place = queries.of_amended(session, what.by, what.brief_id, what.at) if rows else None
    for row, answer in rows:
        if not what.amended and answer.drafted_version == what.version - 1:
            answer.drafted_version = what.version
        elif what.amended and answer.waits and place:
            owner = row.owner_id
            _hold_the_deadline(place, answer, _as_kept(answer), what.at)
            _send(session, what.by, place, row, answer, what.at)
            row.owner_id = owner


def keep_deadline(session: Session, actor: Actor, clarification_id: UUID, reason: str) -> None:
    """Leave a brief's deadline as it is after a late answer after all, and say why. Raises `NotFound`, `Refused`."""
    row, place, mine = queries.question(session, actor, clarification_id, lock=True)
    owed = session.exec(
        select(ClarificationAnswer).where(
            ClarificationAnswer.clarification_id == row.id, col(ClarificationAnswer.extends_to) > place.closes_at
        )
    ).all()
    if mine or not owed:
        raise Refused(Refusal("nothing_owed", "No later deadline waits because of this answer."))
    _guard(place, reason)
    for answer in owed:
        answer.extends_to, answer.keep_reason = None, reason
    _record(session, events.DEADLINE_KEPT, actor, row, place, place.at, reason=reason)


def _hold_the_deadline(
    place: Place, answer: ClarificationAnswer, reply: Reply, now: datetime
) -> tuple[datetime | None, str]:
    """Note whether the answer is late, and to when the deadline moves and why; a brief's is moved by two people. `Refused`."""
    late = rules.is_late(place.stage, place.dates.answer_by, now)
    refuse_if(rules.why_not_keep(late=late, extends=reply.extends, reason=reply.keep_reason))
    until = rules.later_close(place.closes_at, place.dates.leaves, now) if late and reply.extends else None
    left = working_days(london_day(now), london_day(place.closes_at))
    short = reply.changes and place.stage is not Stage.PLANNED and place.extendable and left < rules.CHANGE_DAYS
    if short:
        until = rules.later_close(place.closes_at, rules.CHANGE_DAYS, now)
    answer.late, answer.extends_to = late, until
    answer.keep_reason = reply.keep_reason if late and not until else ""
    return until, "An answer changes what is asked for." if short else "An answer to a question came late."


def _as_kept(answer: ClarificationAnswer) -> Reply:
    """What its author said of an answer that waited, and of the deadline if it should be late."""
    return Reply(answer.words, answer.changes, extends=not answer.keep_reason, keep_reason=answer.keep_reason)


def _send(
    session: Session, actor: Actor, place: Place, row: Clarification, answer: ClarificationAnswer, now: datetime
) -> None:
    first = row.answered_at is None
    answer.sent_at, answer.sent_by, answer.waits = now, actor.known, False
    _move(actor, row, Act.SEND_ANSWER)
    row.answered_at = row.answered_at or now
    session.add(answer)
    session.flush()
    event, sha256 = (events.ANSWERED if first else events.CORRECTED), digest(answer.words.encode())
    _record(session, event, actor, row, place, now, question=_named(row), sha256=sha256)
    if _is_private(row):
        telling.tell_asker(session, place, row, "has been answered, to you alone", now)
    else:
        telling.tell_all(session, place, row, answer.id, now)


def _found(
    session: Session, actor: Actor, clarification_id: UUID, act: Act, words: str = ""
) -> tuple[Clarification, Place, datetime, bool]:
    """The question, locked, for somebody who may do this to it now; and whether it was done already, in the same words."""
    row, place, mine = queries.question(session, actor, clarification_id, lock=True)
    state, written = State(row.state), row.wording if act is Act.ACCEPT else row.said
    twice = rules.is_twice(act, state=state, asker=mine) and written == words
    refuse_if(None if twice else rules.why_not(act, state=state, stage=place.stage, asker=mine))
    return row, place, place.at, twice


def _say(actor: Actor, row: Clarification, place: Place, act: Act, why: str) -> None:
    """Move it, and tell its asker why."""
    _guard(place, why)
    _move(actor, row, act)
    row.said = why


def _move(actor: Actor, row: Clarification, act: Act) -> None:
    row.state = MOVES[act, State(row.state)]
    row.owner_id = actor.known


def _draft(
    actor: Actor, row: Clarification, answers: list[ClarificationAnswer], place: Place, now: datetime
) -> ClarificationAnswer:
    """The answer that is not sent yet, or an empty one after those there are."""
    newest = answers[0] if answers else None
    if newest and newest.sent_at is None:
        return newest
    return ClarificationAnswer(
        clarification_id=row.id,
        position=newest.position + 1 if newest else 1,
        words="",
        changes_request=False,
        drafted_at=now,
        drafted_by=actor.known,
        drafted_version=place.version,
    )


def _is_private(row: Clarification) -> bool:
    return bool(row.private_reason)


def _named(row: Clarification) -> str:
    return f"question {row.number}" if row.number else "a question in confidence"


def _guard(place: Place, *texts: str) -> None:
    """What anybody will read who asks about a brief tells nothing of a child. Raises `Refused`."""
    if place.brief_id:
        refuse_if(why_not_say("\n".join(texts)))


def _record(
    session: Session, event: Event, actor: Actor, row: Clarification, place: Place, at: datetime, **words: str
) -> None:
    audit.record(session, event, actor=actor, subject=row.id, about=place.id, at=at, label=place.label, **words)
