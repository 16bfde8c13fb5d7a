"""The briefs of the scenario: one closed, one assessed, one awarded, with the bids for them and what is asked about them."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, select

from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import approve_award, propose_award
from app.awards.commands.opening import add_assessor, declare_interests
from app.bids import commands as bids
from app.bids.library.commands import keep_answer
from app.bids.models import Bid, LibraryAnswer
from app.bids.queries import letter_in_hand
from app.bids.rules import Letter
from app.briefs.models import Brief, BriefCriterion
from app.clarifications import commands as clarifications
from app.clarifications.queries import of_members_brief, of_round
from app.clarifications.rules import Reply
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.scoring import Mark
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import Clock
from tests.sealing import SEAL, approve_opening


def asked(session: Session, world: factories.World, brief_id: UUID) -> tuple[UUID, ...]:
    """Provider A asks about the round and the open brief: one question of each waits, one is answered."""
    asker, made = world.owner_a, []
    for place, answering in (
        (of_round(session, asker, world.round_id, NOON), world.lead),
        (of_members_brief(session, asker, brief_id, NOON), world.commissioner),
    ):
        for words in ("May two providers work together on this?", "How long should the first report be?"):
            made.append(clarifications.write_question(session, asker, place, world.provider_a, words, "", ask=True))
        clarifications.accept_question(session, answering, made[-1], "How long should the first report be?")
        clarifications.write_answer(session, answering, made[-1], Reply("Four pages will do."), send=True)
    return tuple(made)


def letter(session: Session, provider_id: UUID, *, price_pence: int = 200_000, words: str = "plainly") -> Letter:
    name = session.exec(select(Practitioner.full_name).where(Practitioner.provider_id == provider_id)).one()
    return Letter(
        approach=f"We would work {words} with the whole family over twenty weeks.",
        experience=f"We have worked {words} with forty adoptive families.",
        practitioner=name,
        price_pence=price_pence,
    )


def _bid(session: Session, owner: Actor, provider_id: UUID, brief_id: UUID, price: int) -> None:
    bid_id = bids.start_bid(session, owner, brief_id, provider_id)
    bids.save_draft(session, owner, bid_id, letter(session, provider_id, price_pence=price), seal=SEAL)
    bids.submit_bid(session, owner, bid_id, received_at=clock.now(session), seal=SEAL)


def closed_brief(db: Database, world: factories.World, time: Clock) -> UUID:
    """A brief that both providers bid for four days ago and that closed three days ago."""
    time.set(NOON - timedelta(days=4))
    with db.write() as session:
        brief_id = factories.brief(
            session, world, published_at=NOON - timedelta(days=20), closes_at=NOON - timedelta(days=3)
        )
        _bid(session, world.owner_a, world.provider_a, brief_id, 200_000)
        _bid(session, world.owner_b, world.provider_b, brief_id, 250_000)
    return brief_id


def _opened(db: Database, world: factories.World, time: Clock, *assessors: Actor) -> UUID:
    """Opened two days ago; assessor two has an interest in provider A."""
    brief_id = closed_brief(db, world, time)
    time.set(NOON - timedelta(days=2))
    with db.write() as session:
        for assessor in assessors:
            add_assessor(session, world.chair, brief_id, assessor.known)
            interests = {world.provider_a: "A colleague of mine"} if assessor is world.assessor_two else {}
            declare_interests(session, assessor, brief_id, interests)
        for opener in (world.chair, world.commissioner):
            approve_opening(session, opener, brief_id, drain=timedelta(seconds=60))
    return brief_id


def _score(session: Session, assessor: Actor, brief_id: UUID, bid_ids: list[UUID], secret: str) -> None:
    open_bids(session, assessor, brief_id, secret=secret)
    criteria = session.exec(
        select(BriefCriterion.id).where(BriefCriterion.brief_id == brief_id, BriefCriterion.is_price == False)  # noqa: E712
    ).all()
    for points, bid_id in enumerate(bid_ids, start=3):
        marks = {criterion: Mark(points, "A clear answer with evidence of results.") for criterion in criteria}
        save_scores(session, assessor, brief_id, bid_id, marks, secret=secret)
    submit_scores(session, assessor, brief_id, secret=secret)


def assessed_brief(db: Database, world: factories.World, secret: str, time: Clock) -> UUID:
    """The assessor has submitted; the conflicted one has opened what they may see and scored nothing."""
    brief_id = _opened(db, world, time, world.assessor, world.assessor_two)
    with db.write() as session:
        _score(session, world.assessor, brief_id, _bids_of(session, brief_id), secret)
        open_bids(session, world.assessor_two, brief_id, secret=secret)
    return brief_id


def awarded_brief(db: Database, world: factories.World, secret: str, time: Clock) -> UUID:
    """Provider B has won."""
    brief_id = _opened(db, world, time, world.assessor)
    with db.write() as session:
        _score(session, world.assessor, brief_id, _bids_of(session, brief_id), secret)
        winner = _bid_of(session, brief_id, world.provider_b)
        propose_award(
            session, world.chair, brief_id, winner, reason="The strongest answers on every criterion.", secret=secret
        )
        approve_award(session, world.approver, brief_id, secret=secret)
    return brief_id


def kept_answers(session: Session, world: factories.World, brief_id: UUID) -> tuple[UUID, ...]:
    """An answer in the library of provider A."""
    own = session.exec(select(Bid.id).where(Bid.brief_id == brief_id, Bid.provider_id == world.provider_a)).one()
    bid, brief, sent = session.get_one(Bid, own), session.get_one(Brief, brief_id), letter_in_hand(session, own, SEAL)
    saved = bids.Saved(bid, brief, sent, NOON, is_draft=False)
    keep_answer(session, world.owner_a, saved, 1, seal=SEAL)
    return tuple(session.exec(select(LibraryAnswer.id)).all())


def _bids_of(session: Session, brief_id: UUID) -> list[UUID]:
    return list(session.exec(select(Bid.id).where(Bid.brief_id == brief_id).order_by(Bid.started_at, Bid.id)))


def _bid_of(session: Session, brief_id: UUID, provider_id: UUID) -> UUID:
    return session.exec(select(Bid.id).where(Bid.brief_id == brief_id, Bid.provider_id == provider_id)).one()


def bids_of_provider(db: Database, provider_id: UUID) -> tuple[UUID, ...]:
    with db.read() as session:
        return tuple(session.exec(select(Bid.id).where(Bid.provider_id == provider_id).order_by(Bid.id)))
