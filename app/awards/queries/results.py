"""Looking at all scores together, once all are in: the ranking, the award, and who may decide about it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.models import Award, BriefAssessor, Conflict, Score
from app.awards.policy import APPROVERS, PROPOSERS, VIEWERS
from app.awards.queries.assessment import criteria_of
from app.awards.queries.opening import BriefHead, assessed, head
from app.awards.queries.quality import submitted_scores, waiting
from app.awards.queries.rivals import seats_of
from app.awards.rules.award import needs_reason, why_not_compare, why_not_decide, why_not_tell, why_not_win
from app.awards.rules.letters import Assessed, BidResult, ExcludedBid, Line
from app.awards.rules.scoring import Criterion, Entry, Ranked, fingerprint, is_scored, ranking, why_not_see_results
from app.bids.models import Bid
from app.bids.naming import practitioner_column, practitioners_in
from app.bids.queries import OpenedBid, against_named, as_answer, eligible_of, opened_bids
from app.bids.rules import Letter
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer, phase_of
from app.briefs.rules import Phase, in_words
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, Refusal
from app.core.scoring import PriceFormula, formula_in_words, quality_score
from app.frameworks.models import Lot
from app.frameworks.requirements import required_by, requirement_column
from app.memberships.rules import Moment
from app.memberships.rules.answers import Answered
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids
from app.providers.models import Provider
from app.providers.queries import SupplierRecord, supplier_record


@dataclass(frozen=True, slots=True)
class Comparison:
    """All bids of an opened brief with all their scores.

    `waiting` are the ids of people who have bids to score and have not submitted; `unscored` the bids' providers that no
    assessor may or did score; `excluded` what the opening put aside, which counts nowhere else. `ranked` and `bids` go
    together, best first, and are empty while either is not. `letters` are what each bid says, by its id.

    While prices are sealed there is no ranking, and `quality` has the marks alone, by provider's name.
    """

    criteria: tuple[Criterion, ...]
    count: int
    bidders: frozenset[UUID]
    waiting: frozenset[UUID]
    unscored: tuple[str, ...]
    excluded: tuple[ExcludedBid, ...]
    price_formula: PriceFormula
    lowest_pence: int
    prices_sealed: bool
    quality: tuple[Assessed, ...]
    ranked: tuple[Ranked, ...]
    bids: tuple[BidResult, ...]
    letters: Mapping[UUID, Letter]


@dataclass(frozen=True, slots=True)
class AwardView:
    """An award with its people. `total` is out of 100; `reason_is_told`: letters may give the reason."""

    id: UUID
    bid_id: UUID
    total: Decimal
    reason: str
    reason_is_told: bool
    proposed_at: datetime
    proposed_by: UUID
    proposer: str
    approved_at: datetime | None
    approver: str
    rejected_at: datetime | None
    rejected_by: UUID | None
    rejecter: str
    rejected_reason: str

    @property
    def decided(self) -> str:
        """What has become of it, in words; nothing while it waits."""
        if self.approved_at:
            return f"{self.approver} approved this award on {in_words(self.approved_at)}. The letters have left."
        if self.rejected_at:
            return f"{self.rejecter} rejected this award on {in_words(self.rejected_at)}."
        return ""


@dataclass(frozen=True, slots=True)
class ResultsView:
    """`decides`: this person may come to the award too."""

    brief: BriefHead
    decides: bool
    why_not: Refusal | None
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class AwardPage:
    """`need_reason` are the bids that may be proposed only with a written reason; `seen` is the digest of the ranking."""

    results: ResultsView
    award: AwardView | None
    winner: BidResult | None
    rejected: tuple[AwardView, ...]
    need_reason: frozenset[UUID]
    may_propose: bool
    may_decide: bool
    why_not_propose: Refusal | None
    why_not_decide: Refusal | None
    why_not_win: Refusal | None
    record: SupplierRecord | None
    seen: str


def compare(session: Session, brief: Brief, *, secret: str) -> Comparison:
    """The arithmetic of every bid of an opened brief, for this room's own use: whoever calls it asks the rules who may see it.

    Raises `NotFound` before the opening.
    """
    bids, criteria = opened_bids(session, brief, secret=secret), criteria_of(session, brief.id)
    submitted, formula = submitted_scores(session, brief.id), PriceFormula(brief.price_formula)
    entries = [Entry(bid.bid_id, bid.price_pence or 0, _points(submitted, bid.bid_id)) for bid in bids]
    unscored = tuple(b.provider_name for b, e in zip(bids, entries, strict=True) if not is_scored(e, criteria))
    fixed, sealed = assessed(session, brief) is not None, any(b.price_pence is None for b in bids)
    waits = waiting(session, brief, {bid.provider_id for bid in bids}, fixed=fixed)
    scored = not unscored and not waits
    ranked = ranking(criteria, entries, formula) if scored and not sealed else ()
    found, excluded = {bid.bid_id: bid for bid in bids}, _excluded(session, brief.id)
    return Comparison(
        criteria=criteria,
        count=len(bids),
        bidders=frozenset({bid.provider_id for bid in bids} | {bid.provider_id for bid in excluded}),
        waiting=waits,
        unscored=unscored,
        excluded=excluded,
        price_formula=formula,
        lowest_pence=min((bid.price_pence or 0 for bid in bids), default=0),
        prices_sealed=sealed,
        quality=tuple(_assessed(bid, criteria, submitted) for bid in bids) if scored and sealed else (),
        ranked=ranked,
        bids=tuple(_result(found[row.bid_id], row, criteria, submitted, formula) for row in ranked),
        letters={bid.bid_id: bid.letter for bid in bids},
    )


def results(session: Session, actor: Actor, brief_id: UUID, *, secret: str) -> ResultsView:
    """The ranking for a member of the agency, or why they may not see it. Raises `NotFound`, `NotAllowed`.

    Of the people whose only seat is to assess, those who assess this brief may see it.
    """
    return _results(session, actor, brief_of_buyer(session, actor, brief_id, *VIEWERS), clock.now(session), secret)


def _results(session: Session, actor: Actor, brief: Brief, now: datetime, secret: str) -> ResultsView:
    decides = brief.raa_id in buyer_ids(actor, *PROPOSERS, *APPROVERS)
    if not decides and assessor_id(session, actor, brief.id) is None:
        raise NotAllowed
    seen = compare(session, brief, secret=secret) if brief.opened_at else None
    refused = why_not_see_results(
        phase=phase_of(brief, now),
        waiting=len(seen.waiting) if seen else 0,
        conflicted=seen is not None and is_conflicted(session, actor, brief.id, seen.bidders),
    )
    return ResultsView(head(brief, now), decides, refused, None if refused else seen)


def award_page(session: Session, actor: Actor, brief_id: UUID, *, secret: str) -> AwardPage:
    """What the proposer and the approver see: the ranking, the award in hand, and what each may do. Raises `NotFound`."""
    brief = brief_of_buyer(session, actor, brief_id, *PROPOSERS, *APPROVERS)
    now = clock.now(session)
    seen = _results(session, actor, brief, now, secret)
    table = seen.comparison
    if table is None:
        return AwardPage(seen, None, None, (), frozenset(), False, False, seen.why_not, seen.why_not, None, None, "")
    awards = awards_of(session, brief_id)
    award = next((award for award in awards if not award.rejected_at), None)
    winner = next((bid for bid in table.bids if award and bid.bid_id == award.bid_id), None)
    proposed = award is not None and award.approved_at is None
    return AwardPage(
        results=seen,
        award=award,
        winner=winner,
        rejected=tuple(award for award in awards if award.rejected_at),
        need_reason=frozenset(bid.bid_id for bid in table.ranked if needs_reason(bid)),
        may_propose=brief.raa_id in buyer_ids(actor, *PROPOSERS),
        may_decide=brief.raa_id in buyer_ids(actor, *APPROVERS),
        why_not_propose=why_not_propose_now(seen.brief.phase, table, proposed=award is not None),
        why_not_decide=why_not_decide_now(session, actor, brief, award, now),
        why_not_win=why_not_tell_now(table, award.bid_id, award.reason, is_told=award.reason_is_told)
        or why_not_win(may_win(session, brief, table, award.bid_id, now).reasons)
        if award and proposed
        else None,
        record=supplier_record(session, winner.provider_id, london_day(now)) if winner else None,
        seen=fingerprint(table.ranked),
    )


def why_not_propose_now(phase: Phase, table: Comparison, *, proposed: bool) -> Refusal | None:
    """Whether any bid may be proposed, with the facts of this moment."""
    return why_not_compare(
        phase=phase,
        proposed=proposed,
        bids=table.count,
        unscored=len(table.unscored),
        prices_sealed=table.prices_sealed,
    )


def why_not_decide_now(
    session: Session, actor: Actor, brief: Brief, award: AwardView | None, now: datetime
) -> Refusal | None:
    """The rule of the decision, with the facts of this moment, for somebody who sees the results."""
    return why_not_decide(
        phase=phase_of(brief, now),
        proposed=award is not None and award.approved_at is None,
        proposer=award is not None and award.proposed_by == actor.person_id,
        assessor=assessor_id(session, actor, brief.id) is not None,
        conflicted=False,  # whoever is does not see the results, and comes no further
    )


def why_not_tell_now(table: Comparison, bid_id: UUID, reason: str, *, is_told: bool = True) -> Refusal | None:
    """Whether letters may give the reason for an award to this bid, by those who bid here."""
    ranked = next(bid for bid in table.ranked if bid.bid_id == bid_id)
    names = {bid.bid_id: bid.provider_name for bid in table.bids}
    names |= {bid.bid_id: bid.provider_name for bid in table.excluded}
    return why_not_tell(ranked, reason=reason, winner=names.pop(bid_id), others=names.values(), is_told=is_told)


def may_win(session: Session, brief: Brief, table: Comparison, bid_id: UUID, at: datetime) -> Answered:
    """Why this bid may not win now: its provider and partners, those it names, its national supplier record; none when it may."""
    query: Any = (
        sa_select(Bid, Lot, Provider)  # the provider as `supplier_record` wants it
        .add_columns(requirement_column(), practitioner_column(Bid.provider_id))
        .select_from(Bid)
        .join(Lot, col(Lot.id) == brief.lot_id)
        .join(Provider, col(Provider.id) == Bid.provider_id)
        .where(col(Bid.id) == bid_id)
    )
    bid, lot, _, required, people = session.execute(query).one()
    letter, record = table.letters[bid_id], supplier_record(session, bid.provider_id, london_day(at)).refusal
    bidders = (bid.provider_id, *(one.id for one in letter.partners))
    eligible = eligible_of(session, brief, bidders, at, required_by(lot, required))
    own = eligible[bid.provider_id]
    named = against_named(letter, practitioners_in(people), own, bid)
    found = as_answer(Moment.AWARD, brief, bid.provider_id, at, own.reasons)
    of_partners = [reason for one in letter.partners for reason in eligible[one.id].reasons]
    more = tuple(one for one in (named, record, *of_partners) if one)
    return replace(found, reasons=(*found.reasons, *more), practitioner=", ".join(letter.names)[:200])


def assessor_id(session: Session, actor: Actor, brief_id: UUID) -> UUID | None:
    return session.exec(
        select(BriefAssessor.id).where(BriefAssessor.brief_id == brief_id, BriefAssessor.person_id == actor.known)
    ).first()


def is_conflicted(session: Session, actor: Actor, brief_id: UUID, bidders: Collection[UUID]) -> bool:
    """Whether this person belongs to a provider invited, or declared, as an assessor, an interest in one of `bidders`."""
    declared = (
        select(Conflict.id)
        .join(BriefAssessor, col(BriefAssessor.id) == Conflict.assessor_id)
        .where(
            BriefAssessor.brief_id == brief_id,
            BriefAssessor.person_id == actor.known,
            col(Conflict.provider_id).in_(bidders),
        )
    )
    either = seats_of(actor.known, brief_id).exists() | declared.exists()
    return bool(session.execute(sa_select(either)).scalar_one())


def live_award(session: Session, brief_id: UUID) -> AwardView | None:
    """The one award proposed or approved, if there is one."""
    return next((award for award in awards_of(session, brief_id) if not award.rejected_at), None)


def awards_of(session: Session, brief_id: UUID) -> tuple[AwardView, ...]:
    """Every award ever proposed, the rejected ones too, oldest first."""
    approver, rejecter = aliased(Person), aliased(Person)
    rows = session.exec(
        select(Award, Person.name, approver.name, rejecter.name)
        .join(Person, col(Person.id) == Award.proposed_by)
        .outerjoin(approver, col(approver.id) == Award.approved_by)
        .outerjoin(rejecter, col(rejecter.id) == Award.rejected_by)
        .where(Award.brief_id == brief_id)
        .order_by(col(Award.proposed_at))
    )
    return tuple(
        AwardView(
            row.id,
            row.bid_id,
            row.total,
            row.reason,
            row.reason_is_told,
            row.proposed_at,
            row.proposed_by,
            name,
            row.approved_at,
            approved_by or "",
            row.rejected_at,
            row.rejected_by,
            rejected_by or "",
            row.rejected_reason,
        )
        for row, name, approved_by, rejected_by in rows
    )


def _points(scores: list[Score], bid_id: UUID) -> dict[UUID, list[int]]:
    points: dict[UUID, list[int]] = {}
    for score in scores:
        if score.bid_id == bid_id:
            points.setdefault(score.criterion_id, []).append(score.points)
    return points


def _excluded(session: Session, brief_id: UUID) -> tuple[ExcludedBid, ...]:
    """The bids that the opening put aside, by provider's name."""
    rows = session.exec(
        select(Bid.id, Bid.provider_id, Organisation.name, Bid.excluded_reason)
        .join(Organisation, col(Organisation.id) == Bid.provider_id)
        .where(Bid.brief_id == brief_id, Bid.excluded_reason != "")
        .order_by(Organisation.name, col(Bid.id))
    )
    return tuple(ExcludedBid(*row) for row in rows)


def _result(
    bid: OpenedBid, row: Ranked, criteria: tuple[Criterion, ...], scores: list[Score], formula: PriceFormula
) -> BidResult:
    lines = tuple(
        Line(
            name=c.name,
            weight=c.weight,
            is_price=c.is_price,
            score=row.scores[c.id],
            reasons=_reasons_in(scores, bid.bid_id, c.id),
            formula=formula_in_words(formula, c.weight) if c.is_price else "",
        )
        for c in criteria
    )
    price, name = bid.price_pence or 0, bid.provider_name
    return BidResult(bid.bid_id, bid.provider_id, name, price, row.rank, row.tied, row.total, lines)


def _assessed(bid: OpenedBid, criteria: tuple[Criterion, ...], scores: list[Score]) -> Assessed:
    points = _points(scores, bid.bid_id)
    return Assessed(
        bid.bid_id,
        bid.provider_name,
        tuple(
            Line(c.name, c.weight, False, quality_score(points[c.id], c.weight), _reasons_in(scores, bid.bid_id, c.id))
            for c in criteria
            if not c.is_price
        ),
    )


def _reasons_in(scores: list[Score], bid_id: UUID, criterion_id: UUID) -> tuple[str, ...]:
    """In alphabetical order, so that no place in the line tells whose reason it is."""
    return tuple(sorted(s.reason for s in scores if s.bid_id == bid_id and s.criterion_id == criterion_id))
