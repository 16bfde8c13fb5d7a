"""Keeping an answer for later, putting one into a bid, and taking one out again."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import Session, select

from app.bids import events
from app.bids.commands import Saved, save_draft
from app.bids.letters.rules import Letter, Question
from app.bids.library.queries import answer_named, answers_kept, read_kept
from app.bids.library.rules import Kept, joined, why_not_keep, why_not_use
from app.bids.models import LibraryAnswer
from app.bids.queries import letter_in_hand, own_bid, questions
from app.bids.rules import library_of
from app.briefs.models import Brief
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal, Refused
from app.core.sealing import enclose, new_data_key, wrap_to, wrap_under
from app.sealing.asking import Seal
from app.sealing.queries import public_keys


def keep_answer(session: Session, actor: Actor, saved: Saved, number: int, *, seal: Seal) -> Refusal | None:
    """Keep what a letter that was saved just now answers to one question; or why not, and then nothing is changed.

    The same words to the same question are kept once. Raises `NotFound`, and `Wanted`.
    """
    bid, brief = own_bid(session, actor, saved.bid.id, lock=True), saved.brief
    question = _question(brief, number)
    words, rows = saved.letter.answer(question.key), answers_kept(session, bid.provider_id)
    known = (read_kept(row, seal) for row in rows)
    if any((one.question, one.words) == (question.heading, words) for one in known):
        return None
    if refusal := why_not_keep(words, kept=len(rows)):
        return refusal
    bound, key = library_of(bid.provider_id).bytes, new_data_key()
    _, own = public_keys(session, bid.brief_id, bid.provider_id, seal)
    kept = Kept(question.heading, words, brief.reference)
    session.add(
        LibraryAnswer(
            provider_id=bid.provider_id,
            bid_id=bid.id,
            own_wrap=wrap_to(own, key, bound_to=bound),
            session_wrap=wrap_under(seal.token, key, bound_to=bound) if seal.token else None,
            ciphertext=enclose(key, kept.canonical(), bound_to=bound),
            kept_at=saved.at,
            kept_by=actor.known,
        )
    )
    audit.record(session, events.ANSWER_KEPT, actor=actor, subject=bid.id, at=saved.at, reference=brief.reference)
    return None


def use_answer(
    session: Session, actor: Actor, bid_id: UUID, number: int, key: str, *, seal: Seal, seen: str | None
) -> Question:
    """Put an answer of the library into the draft, after what stands there; returns what it answers.

    Raises `NotFound`, `Refused`, and `Wanted`.
    """
    bid = own_bid(session, actor, bid_id, lock=True)
    question, letter = _question(session.get_one(Brief, bid.brief_id), number), letter_in_hand(session, bid_id, seal)
    words, row = answer_named(session, bid.provider_id, key, seal)
    if refusal := why_not_use(letter.answer(question.key), words, most=question.most_characters):
        raise Refused(refusal)
    save_draft(session, actor, bid_id, _with(letter, question, words), seal=seal, seen=seen)
    if row:
        row.used_at = clock.now(session)
    return question


def forget_answer(session: Session, actor: Actor, bid_id: UUID, answer_id: UUID) -> None:
    """Take an answer out of the library of the bid's provider. A second time it changes nothing. Raises `NotFound`."""
    bid = own_bid(session, actor, bid_id)
    mine = select(LibraryAnswer).where(LibraryAnswer.id == answer_id, LibraryAnswer.provider_id == bid.provider_id)
    row = session.exec(mine.with_for_update()).first()
    if row is None:
        return
    session.delete(row)
    audit.record(session, events.ANSWER_FORGOTTEN, actor=actor, subject=row.bid_id)


def _question(brief: Brief, number: int) -> Question:
    """Raises `NotFound` for a question that the brief does not ask."""
    asked = questions(brief)
    if not 0 < number <= len(asked):
        raise NotFound
    return asked[number - 1]


def _with(letter: Letter, question: Question, more: str) -> Letter:
    words = joined(letter.answer(question.key), more)
    if question.key == "approach":
        return replace(letter, approach=words, salt="")
    if question.key == "experience":
        return replace(letter, experience=words, salt="")
    return replace(letter, answers=tuple((dict(letter.answers) | {question.key: words}).items()), salt="")
