"""The board of an agency's briefs. A constant number of queries, however many there are; none of them reads a bid."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, false, literal, null, or_, union_all
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.boards.rules import KEPT, BriefState, Stage, Step, next_step, own_task, stage, waits_for
from app.awards.models import Award, BriefAssessor, OpeningApproval, OutOfOrder, PriceApproval, QualityAssessed
from app.briefs.amending.models import BriefAmendment
from app.briefs.cancelling.models import BriefCancellation
from app.briefs.inviting.queries import approving_of
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries import authors_of, in_phase, phase_of, prices_are_open, standings
from app.briefs.rules import Phase
from app.briefs.two_people import waiting
from app.clarifications.queries import waiting_of_brief
from app.core.actor import Actor
from app.frameworks.models import Framework, Lot, Region
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, provider_ids

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the board is narrowed to; None is all. `author` began the brief."""

    phase: Phase | None = None
    framework: UUID | None = None
    lot: UUID | None = None
    region: UUID | None = None
    author: UUID | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A brief on the board. `mine` is what its reader can do now; where there is nothing, `others` says who does what next."""

    id: UUID
    reference: str
    title: str
    agency: str
    framework: str
    lot: str
    region: str
    author: str
    closes_at: datetime
    ended_at: datetime | None
    ended_as: str
    state: BriefState
    mine: Step | None
    others: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer, as (value, label): those of all briefs of the reader's agencies."""

    frameworks: tuple[tuple[str, str], ...]
    lots: tuple[tuple[str, str], ...]
    regions: tuple[tuple[str, str], ...]
    authors: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """`more`: there are more briefs than the board shows."""

    stages: tuple[tuple[Stage, tuple[Card, ...]], ...]
    choices: Choices
    more: bool


def board(session: Session, actor: Actor, now: datetime, wanted: Wanted) -> Board:
    """The briefs of this person's agencies, by stage, what waits for them first; at most 200, those that ended last.

    Those that ended more than a year ago show when their phase is asked for.
    """
    rows = session.execute(_rows(actor, now, wanted)).all()
    shown = rows[:MOST]
    known = _with_drafts(
        session, [row[0] for row in shown], states(session, actor, [row[0] for row in shown], now), now
    )
    cards: dict[Stage, list[Card]] = defaultdict(list)
    for row in shown:
        state = replace(
            known[row[0].id], questions=row.questions, change_waits=row.change_id is not None, change_by=row.change_by
        )
        cards[stage(state)].append(_card(actor, row, state))
    return Board(
        stages=tuple((one, _sorted(one, cards[one])) for one in Stage if cards[one]),
        choices=_choices(session, actor),
        more=len(rows) > MOST,
    )


def states(session: Session, actor: Actor, briefs: Collection[Brief], now: datetime) -> dict[UUID, BriefState]:
    """What decides who moves each brief on, from its publication to its award, in one query."""
    acts: dict[tuple[str, UUID], list[Any]] = defaultdict(list)
    for act in session.connection().execute(_acts(actor, [row.id for row in briefs])):
        acts[act.what, act.brief_id].append(act)
    return {
        row.id: BriefState(
            id=row.id,
            label=f"{row.reference}: {row.title}",
            phase=phase_of(row, now),
            closes_at=row.closes_at,
            authors=frozenset({row.created_by}),
            assessors=_people(acts["assesses", row.id]),
            undeclared=_people(act for act in acts["assesses", row.id] if not act.declared),
            unsubmitted=_people(act for act in acts["assesses", row.id] if not act.submitted),
            approvals=_people(acts["approves", row.id]),
            out_of_order=bool(acts["glass", row.id]),
            proposed_by=next((act.person_id for act in acts["awards", row.id]), None),
            prices_sealed=not prices_are_open(row),
            assessed=bool(acts["assessed", row.id]),
            price_approvals=_people(acts["prices", row.id]),
            cancel_by=next((act.person_id for act in acts["cancels", row.id]), None),
            rival=bool(acts["rival", row.id]),
        )
        for row in briefs
    }


def _people(acts: Iterable[Any]) -> frozenset[UUID]:
    return frozenset(act.person_id for act in acts)


def _acts(actor: Actor, brief_ids: Collection[UUID]) -> Any:
    """Who assesses each brief and how far they are, who approved its opening since it closed, who said that it is opened out of
    order, who asked to cancel it, who put quality on record, who approved the opening of prices, who proposed an award that was
    not rejected, and whether this person belongs to a provider invited.
    """
    assesses: Any = select(
        literal("assesses").label("what"),
        col(BriefAssessor.brief_id).label("brief_id"),
        col(BriefAssessor.person_id).label("person_id"),
        col(BriefAssessor.declared_at).is_not(None).label("declared"),
    )
    approves: Any = select(
        literal("approves"), OpeningApproval.brief_id, OpeningApproval.person_id, false()
    ).add_columns(false())
    glass: Any = select(literal("glass"), OutOfOrder.brief_id, OutOfOrder.said_by, false()).add_columns(false())
    cancels: Any = select(
        literal("cancels"), BriefCancellation.brief_id, BriefCancellation.asked_by, false()
    ).add_columns(false())
    quality: Any = select(literal("assessed"), QualityAssessed.brief_id, QualityAssessed.by, false()).add_columns(
        false()
    )
    prices: Any = select(literal("prices"), PriceApproval.brief_id, PriceApproval.person_id, false()).add_columns(
        false()
    )
    awards: Any = select(literal("awards"), Award.brief_id, Award.proposed_by, false()).add_columns(false())
    rival: Any = select(literal("rival"), BriefInvitation.brief_id, BriefInvitation.provider_id, false()).add_columns(
        false()
    )
    return union_all(
        assesses.add_columns(col(BriefAssessor.submitted_at).is_not(None).label("submitted")).where(
            col(BriefAssessor.brief_id).in_(brief_ids)
        ),
        approves.join(Brief, col(Brief.id) == OpeningApproval.brief_id).where(
            col(OpeningApproval.brief_id).in_(brief_ids), col(OpeningApproval.at) >= Brief.closes_at
        ),
        glass.where(col(OutOfOrder.brief_id).in_(brief_ids)),
        cancels.where(col(BriefCancellation.brief_id).in_(brief_ids), *waiting(BriefCancellation)),
        quality.where(col(QualityAssessed.brief_id).in_(brief_ids)),
        prices.where(col(PriceApproval.brief_id).in_(brief_ids)),
        awards.where(col(Award.brief_id).in_(brief_ids), col(Award.rejected_at).is_(None)),
        rival.where(
            col(BriefInvitation.brief_id).in_(brief_ids), col(BriefInvitation.provider_id).in_(provider_ids(actor))
        ),
    )


def _with_drafts(
    session: Session, briefs: Collection[Brief], known: dict[UUID, BriefState], now: datetime
) -> dict[UUID, BriefState]:
    """The same, with what must be mended in the drafts among them, who wrote them, and who approved them as they stand."""
    drafts = [row for row in briefs if known[row.id].phase is Phase.DRAFT]
    stands, wrote = standings(session, drafts, now), authors_of(session, drafts)
    approving = approving_of(session, drafts, now)
    return known | {
        row.id: replace(
            known[row.id],
            authors=frozenset(person for person in wrote[row.id] if person),
            to_mend=bool(stands[row.id].unready),
            needed=approving[row.id][0],
            approved=approving[row.id][1],
        )
        for row in drafts
    }


def _rows(actor: Actor, now: datetime, wanted: Wanted) -> Any:
    ended = or_(col(Brief.awarded_at).is_not(None), col(Brief.cancelled_at).is_not(None))
    lately = or_(
        and_(col(Brief.awarded_at).is_(None), col(Brief.cancelled_at).is_(None)),
        col(Brief.awarded_at) > now - KEPT,
        col(Brief.cancelled_at) > now - KEPT,
    )
    narrowed = (
        (Brief.framework_id, wanted.framework),
        (Brief.lot_id, wanted.lot),
        (Brief.region_id, wanted.region),
        (Brief.created_by, wanted.author),
    )
    return (
        select(Brief, col(Organisation.name).label("agency"), col(Framework.name).label("framework"), Lot.number)
        .add_columns(col(Lot.name).label("lot"), col(Region.name).label("region"), col(Person.name).label("author"))
        .add_columns(waiting_of_brief().label("questions"), col(BriefAmendment.id).label("change_id"))
        .add_columns(col(BriefAmendment.proposed_by).label("change_by"))
        .join(Organisation, col(Organisation.id) == Brief.raa_id)
        .join(Framework, col(Framework.id) == Brief.framework_id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Region, col(Region.id) == Brief.region_id)
        .join(Person, col(Person.id) == Brief.created_by)
        .outerjoin(
            BriefAmendment,
            and_(
                col(BriefAmendment.brief_id) == Brief.id,
                col(BriefAmendment.published_at).is_(null()),
                col(BriefAmendment.dropped_at).is_(null()),
            ),
        )
        .where(
            col(Brief.raa_id).in_(buyer_ids(actor)),
            in_phase(wanted.phase, now) if wanted.phase else lately,
            *(col(column) == value for column, value in narrowed if value),
        )
        .order_by(ended, col(Brief.created_at).desc(), col(Brief.id))
        .limit(MOST + 1)
    )


def _card(actor: Actor, row: Any, state: BriefState) -> Card:
    brief: Brief = row[0]
    roles = frozenset(seat.role for seat in actor.seats if seat.organisation_id == brief.raa_id)
    mine = own_task(state, actor.known) or next_step(state, actor.known, roles)
    return Card(
        id=brief.id,
        reference=brief.reference,
        title=brief.title,
        agency=row.agency,
        framework=row.framework,
        lot=f"Lot {row.number}: {row.lot}",
        region=row.region,
        author=row.author,
        closes_at=brief.closes_at,
        ended_at=brief.cancelled_at or brief.awarded_at,
        ended_as=brief.cancelled_as.replace("_", " "),
        state=state,
        mine=mine,
        others="" if mine else waits_for(state),
    )


def _sorted(of: Stage, cards: list[Card]) -> tuple[Card, ...]:
    """Yours first, then what closes or closed first; of those that ended the newest first."""
    if of in (Stage.AWARDED, Stage.CANCELLED):
        return tuple(sorted(cards, key=lambda one: one.ended_at or one.closes_at, reverse=True))
    return tuple(sorted(cards, key=lambda one: (one.mine is None, one.closes_at, one.reference)))


def _choices(session: Session, actor: Actor) -> Choices:
    rows = session.execute(
        select(Framework.id, Framework.name, Lot.id, Lot.number)
        .add_columns(col(Lot.name), col(Region.id), col(Region.name), col(Person.id), col(Person.name))
        .join(Brief, col(Brief.framework_id) == Framework.id)
        .join(Lot, col(Lot.id) == Brief.lot_id)
        .join(Region, col(Region.id) == Brief.region_id)
        .join(Person, col(Person.id) == Brief.created_by)
        .where(col(Brief.raa_id).in_(buyer_ids(actor)))
        .distinct()
    ).all()
    return Choices(
        frameworks=_by_label((row[0], row[1]) for row in rows),
        lots=_by_label((row[2], f"{row[1]}, Lot {row[3]}: {row[4]}") for row in rows),
        regions=_by_label((row[5], f"{row[6]} ({row[1]})") for row in rows),
        authors=_by_label((row[7], row[8]) for row in rows),
    )


def _by_label(found: Iterable[tuple[UUID, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({(str(value), label) for value, label in found}, key=lambda one: (one[1], one[0])))
