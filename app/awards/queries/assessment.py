"""Looking at bids as an assessor: only one's own scores, and never a bid in whose provider one has an interest."""

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from sqlmodel import Session, col, select

from app.awards.models import BriefAssessor, Conflict, Score
from app.awards.policy import ASSESSORS
from app.awards.queries.opening import BriefHead, assessed, head
from app.awards.queries.rivals import own_providers, why_not_take_part_now
from app.awards.rules.opening import why_not_declare, why_not_take_part
from app.awards.rules.scoring import Criterion, marks_digest, why_not_read, why_not_score, why_not_submit
from app.bids.queries import OpenedBid, opened_bids, questions
from app.briefs import queries as briefs
from app.briefs.models import Brief
from app.briefs.queries import criteria, invited, phase_of
from app.briefs.terms.models import terms_of
from app.core import clock
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal
from app.core.scoring import Mark, PriceFormula
from app.organisations.policy import buyer_ids


@dataclass(frozen=True, slots=True)
class Task:
    """An assessor's work on one brief, and what comes next in it."""

    brief: BriefHead
    declared_at: datetime | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Declaration:
    """`interests` are the natures already declared, by provider; `invited` every provider asked, with its name."""

    brief: BriefHead
    declared_at: datetime | None
    invited: tuple[tuple[UUID, str], ...]
    interests: dict[UUID, str]
    why_not: Refusal | None


@dataclass(frozen=True, slots=True)
class BidToScore:
    """A bid this assessor may see, without its price, which a formula scores; and their own marks by criterion.

    `said` are (heading, words, the name of the criterion it is scored under, if the brief says so).
    """

    bid_id: UUID
    provider_name: str
    said: tuple[tuple[str, str, str], ...]
    marks: dict[UUID, Mark]

    @property
    def seen(self) -> str:
        return marks_digest(self.marks)


@dataclass(frozen=True, slots=True)
class Assessment:
    """`bids` is empty until the assessor has opened them."""

    brief: BriefHead
    criteria: tuple[Criterion, ...]
    price_formula: PriceFormula
    opened_at: datetime | None
    submitted_at: datetime | None
    bids: tuple[BidToScore, ...]
    kept_away: tuple[str, ...]
    why_not_read: Refusal | None
    why_not_score: Refusal | None
    why_not_submit: Refusal | None


@dataclass(frozen=True, slots=True)
class Interests:
    """The invited providers, and once the bids are open their partners, in which an assessor holds a seat now; and `all` in
    whom they have an interest, declared or held.
    """

    held: frozenset[UUID]
    all: frozenset[UUID]

    @property
    def against(self) -> Refusal | None:
        """The rule against rivals."""
        return why_not_take_part(belongs=bool(self.held))


def own_task(session: Session, actor: Actor, brief_id: UUID, *, lock: bool = False) -> tuple[BriefAssessor, Brief]:
    """This person's seat among a brief's assessors, with the brief. Raises `NotFound`."""
    query = (
        select(BriefAssessor, Brief)
        .join(Brief, col(Brief.id) == BriefAssessor.brief_id)
        .where(
            BriefAssessor.brief_id == brief_id,
            BriefAssessor.person_id == actor.known,
            col(Brief.raa_id).in_(buyer_ids(actor, *ASSESSORS)),
        )
    )
    found = session.exec(query.with_for_update(of=BriefAssessor) if lock else query).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def tasks(session: Session, actor: Actor, now: datetime) -> tuple[Task, ...]:
    """The briefs this person assesses, what is not yet submitted first, by closing time; in one query."""
    rows = session.exec(
        select(BriefAssessor, Brief)
        .join(Brief, col(Brief.id) == BriefAssessor.brief_id)
        .where(BriefAssessor.person_id == actor.known, col(Brief.raa_id).in_(buyer_ids(actor, *ASSESSORS)))
        .order_by(col(BriefAssessor.submitted_at).is_not(None), col(Brief.closes_at), col(Brief.id))
        .limit(100)
    )
    return tuple(Task(head(brief, now), row.declared_at, row.submitted_at) for row, brief in rows)


def declaration(session: Session, actor: Actor, brief_id: UUID) -> Declaration:
    row, brief = own_task(session, actor, brief_id)
    now = clock.now(session)
    rows = session.exec(select(Conflict).where(Conflict.assessor_id == row.id))
    return Declaration(
        brief=head(brief, now),
        declared_at=row.declared_at,
        invited=tuple((provider.provider_id, provider.provider_name) for provider in invited(session, brief_id)),
        interests={conflict.provider_id: conflict.nature for conflict in rows},
        why_not=why_not_take_part_now(session, row.person_id, brief_id)
        or why_not_declare(phase=phase_of(brief, now), declared=row.declared_at is not None),
    )


def to_score(session: Session, actor: Actor, brief_id: UUID) -> tuple[Criterion, ...]:
    """The criteria on which this assessor scores. Raises `NotFound` to all but the assessors."""
    own_task(session, actor, brief_id)
    return tuple(one for one in criteria_of(session, brief_id) if not one.is_price)


def criteria_of(session: Session, brief_id: UUID) -> tuple[Criterion, ...]:
    return tuple(_criterion(row) for row in criteria(session, brief_id))


def _criterion(row: briefs.Criterion) -> Criterion:
    return Criterion(row.id, row.name, row.guidance, row.is_price, row.weight)


def interests_of(session: Session, row: BriefAssessor) -> Interests:
    """With the seats of this moment: one may be gained after everything else was asked."""
    held = own_providers(session, row.person_id, row.brief_id)
    return Interests(held, held.union(session.exec(select(Conflict.provider_id).where(Conflict.assessor_id == row.id))))


def readable_bids(session: Session, brief: Brief, interests: Interests, *, secret: str) -> list[OpenedBid]:
    """The bids this assessor may see: the one place that keeps a conflicted bid from them (invariant 7).

    A rival, who belongs to a provider invited or to a partner, sees none at all.
    """
    if interests.held:
        return []
    return [bid for bid in opened_bids(session, brief, secret=secret) if bid.provider_id not in interests.all]


def own_marks(session: Session, assessor_id: UUID) -> dict[UUID, dict[UUID, Mark]]:
    """This assessor's own marks, by bid and criterion."""
    marks: dict[UUID, dict[UUID, Mark]] = {}
    for score in session.exec(select(Score).where(Score.assessor_id == assessor_id)):
        marks.setdefault(score.bid_id, {})[score.criterion_id] = Mark(score.points, score.reason)
    return marks


def assessment(
    session: Session, actor: Actor, brief_id: UUID, *, secret: str, at: datetime | None = None
) -> Assessment:
    """Everything this assessor may see of a brief's bids, as far as they have opened them. Raises `NotFound`.

    `at`, where the caller knows it, is now.
    """
    row, brief = own_task(session, actor, brief_id)
    now = at or clock.now(session)
    rows, interests = criteria(session, brief_id), interests_of(session, row)
    scored_on = tuple(_criterion(row) for row in rows)
    names: dict[int | None, str] = {row.position: row.name for row in rows}
    phase = phase_of(brief, now)
    reads = row.opened_at is not None and brief.opened_at is not None
    marks, asked = own_marks(session, row.id), questions(brief)
    under = [names.get(one.criterion, "") for one in terms_of(brief).questions]
    bids = tuple(
        BidToScore(
            bid.bid_id,
            bid.provider_name,
            tuple((*one, name) for one, name in zip_longest(bid.letter.said(asked), under, fillvalue="")),
            marks.get(bid.bid_id, {}),
        )
        for bid in (readable_bids(session, brief, interests, secret=secret) if reads else ())
    )
    rival, fixed = interests.against, assessed(session, brief) is not None
    return Assessment(
        brief=head(brief, now),
        criteria=scored_on,
        price_formula=PriceFormula(brief.price_formula),
        opened_at=row.opened_at,
        submitted_at=row.submitted_at,
        bids=bids,
        kept_away=tuple(p.provider_name for p in invited(session, brief_id) if p.provider_id in interests.all),
        why_not_read=rival or why_not_read(phase=phase, declared=row.declared_at is not None, brief_id=brief_id),
        why_not_score=rival
        or why_not_score(phase=phase, opened=reads, submitted=row.submitted_at is not None, assessed=fixed),
        why_not_submit=rival
        or why_not_submit(
            phase=phase,
            opened=reads,
            unscored=sum(not is_complete(bid.marks, scored_on) for bid in bids),
            assessed=fixed,
        ),
    )


def is_complete(marks: dict[UUID, Mark], scored_on: tuple[Criterion, ...]) -> bool:
    return all(criterion.is_price or criterion.id in marks for criterion in scored_on)


def bid_to_score(
    session: Session, actor: Actor, brief_id: UUID, bid_id: UUID, *, secret: str, at: datetime | None = None
) -> tuple[Assessment, BidToScore]:
    """One bid among those this assessor may see; a conflicted bid is not found, like one that does not exist."""
    whole = assessment(session, actor, brief_id, secret=secret, at=at)
    for bid in whole.bids:
        if bid.bid_id == bid_id:
            return whole, bid
    raise NotFound
