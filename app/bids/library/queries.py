"""Looking into one's own library: what was kept, read with the organisation's key, and what opened bids said."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.bids.asking import Feedback, feedback
from app.bids.letters.rules import Question
from app.bids.library.rules import Entry, Kept, comments_on, found
from app.bids.models import Bid, LibraryAnswer
from app.bids.queries import letter_in_hand, own_bid, own_opened, questions
from app.bids.rules import library_of
from app.briefs.models import Brief, BriefCriterion
from app.briefs.queries import BriefFacts, facts
from app.briefs.terms.models import questions_of
from app.core.actor import Actor
from app.core.crypto import Unreadable, digest
from app.core.refusals import NotFound
from app.core.sealing import disclose, unwrap_under
from app.organisations.queries import names
from app.sealing.asking import LettersShut, Seal


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """`number` is the question's among those of the brief; `seen` the digest of the letter as it stands."""

    bid_id: UUID
    provider_name: str
    brief: BriefFacts
    seen: str
    number: int
    question: Question
    entries: tuple[Entry, ...]
    count: int


def library(
    session: Session, actor: Actor, bid_id: UUID, number: int, now: datetime, *, wanted: str, seal: Seal
) -> LibraryPage:
    """Answers that could be used for one question of an own bid. Raises `NotFound`, `LettersShut`."""
    bid = own_bid(session, actor, bid_id)
    brief = session.get_one(Brief, bid.brief_id)
    asked = questions(brief)
    if not 0 < number <= len(asked):
        raise NotFound
    question, letter = asked[number - 1], letter_in_hand(session, bid_id, seal)
    known = [*_kept(session, bid.provider_id, seal), *_sent(session, bid, seal)]
    said = feedback(session, {one.bid_id for one in known if one.bid_id})
    under = _scored_under(session, said.keys())
    shown = [_scored(one, said[one.bid_id], under) if one.bid_id in said else one for one in known]
    return LibraryPage(
        bid_id=bid.id,
        provider_name=names(session, [bid.provider_id])[bid.provider_id],
        brief=facts(session, brief, now),
        seen=digest(letter.canonical()),
        number=number,
        question=question,
        entries=found(shown, question.heading, wanted),
        count=len(known),
    )


def read_kept(row: LibraryAnswer, seal: Seal) -> Kept:
    """For the organisation's own people. Raises `LettersShut` where another session keeps the key."""
    bound = library_of(row.provider_id)
    key = seal.keys.get(row.id)
    try:
        key = key or unwrap_under(seal.token, row.session_wrap or b"", bound_to=bound.bytes)
    except Unreadable:
        raise LettersShut(bound) from None
    return Kept.read(disclose(key, row.ciphertext, bound_to=bound.bytes))


def answer_named(session: Session, provider_id: UUID, key: str, seal: Seal) -> tuple[str, LibraryAnswer | None]:
    """The words of the answer that a page named so, and its row, if it was kept. Raises `NotFound`, `LettersShut`."""
    kept = {str(row.id): row for row in answers_kept(session, provider_id)}
    if key in kept:
        return read_kept(kept[key], seal).words, kept[key]
    for one in own_opened(session, provider_id, secret=seal.secret):
        for n, (_, words) in enumerate(one.said):
            if key == f"{one.bid_id}:{n}":
                return words, None
    raise NotFound


def answers_kept(session: Session, provider_id: UUID) -> list[LibraryAnswer]:
    """The newest first."""
    query = select(LibraryAnswer).where(LibraryAnswer.provider_id == provider_id)
    return list(session.exec(query.order_by(col(LibraryAnswer.kept_at).desc(), col(LibraryAnswer.id))))


def _kept(session: Session, provider_id: UUID, seal: Seal) -> Iterator[Entry]:
    for row in answers_kept(session, provider_id):
        kept = read_kept(row, seal)
        used = row.used_at or row.kept_at
        yield Entry(str(row.id), kept.question, kept.words, kept.brief, used, row.bid_id, kept=True)


def _sent(session: Session, bid: Bid, seal: Seal) -> Iterator[Entry]:
    """What the provider's opened bids answered, this one aside."""
    for one in own_opened(session, bid.provider_id, secret=seal.secret):
        for n, (question, words) in enumerate(one.said):
            if words and one.bid_id != bid.id:
                yield Entry(f"{one.bid_id}:{n}", question, words, one.brief, one.sent_at, one.bid_id, kept=False)


def _scored_under(session: Session, bid_ids: Collection[UUID]) -> dict[tuple[UUID | None, str], str]:
    """The criterion to which each question of these bids' briefs belongs, by bid and question."""
    rows = session.exec(
        select(Bid.id, Brief, BriefCriterion)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .join(BriefCriterion, col(BriefCriterion.brief_id) == Brief.id)
        .where(col(Bid.id).in_(bid_ids))
    )
    return {
        (bid_id, one.text): criterion.name
        for bid_id, brief, criterion in rows
        for one in questions_of(brief)
        if one.criterion == criterion.position
    }


def _scored(entry: Entry, said: Feedback, under: dict[tuple[UUID | None, str], str]) -> Entry:
    """With what was said of its criterion; what stands where a brief asks nothing of its own is called as a criterion is."""
    criterion = under.get((entry.bid_id, entry.question), entry.question)
    score, comments = comments_on(said.lines, criterion, total=said.total)
    return replace(entry, score=score, comments=comments)
