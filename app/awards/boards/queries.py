"""The board of an agency's briefs. A constant number of queries, however many there are; none of them reads a bid."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, exists, false, literal, or_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.boards.rules import KEPT, BriefState, Stage, Step, next_step, own_task, stage, waits_for
from app.awards.models import Award, BriefAssessor, OpeningApproval, PriceApproval, QualityAssessed
from app.bids.closing.models import EarlyClose
from app.briefs.amending.models import BriefAmendment
from app.briefs.cancelling.models import BriefCancellation
from app.briefs.events import APPROVAL_ASKED, DRAFTED, REVISED, SENT_BACK
from app.briefs.identity import Excerpt
from app.briefs.inviting.models import BriefApproval
from app.briefs.inviting.queries import approved_of, needed_of
from app.briefs.models import Brief, BriefInvitation, OutOfOrder
from app.briefs.queries import Standing, in_phase, phase_of, prices_are_open, standing_in, with_checks
from app.briefs.released import TextRelease
from app.briefs.rules import Phase
from app.briefs.terms.rules import Route
from app.briefs.two_people import waiting
from app.clarifications.queries import waiting_of_brief
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.london import at_london, london_day
from app.frameworks.models import Framework, Lot, Region
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, provider_ids

MOST: Final = 200
_WRITING: Final = (DRAFTED.name, REVISED.name)


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
    found = by_brief(session.execute(_rows(actor, now, wanted)))
    shown = dict(islice(found.items(), MOST))
    known = _approved(session, [rows[0][0] for rows in shown.values()], states(session, actor, shown, now), now)
    cards: dict[Stage, list[Card]] = defaultdict(list)
    for brief_id, (row, *_) in shown.items():
        state = replace(known[brief_id], questions=row.questions)
        cards[stage(state)].append(_card(actor, row, state))
    return Board(
        stages=tuple((one, _sorted(one, cards[one])) for one in Stage if cards[one]),
        choices=_choices(session, actor),
        more=len(found) > MOST,
    )


def by_brief(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    """The rows of a query `with_checks`, of which a draft has several, in their order."""
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row[0].id, []).append(row)
    return found


def states(session: Session, actor: Actor, found: Mapping[UUID, list[Any]], now: datetime) -> dict[UUID, BriefState]:
    """What decides who moves each brief on, from its draft to its award, in one query. `found` is what `by_brief` gave."""
    acts: dict[tuple[str, UUID], list[Any]] = defaultdict(list)
    for act in session.connection().execute(_acts(actor, [rows[0][0] for rows in found.values()], now)):
        acts[act.what, act.brief_id].append(act)
    return {brief_id: _state(rows, partial(_of, acts, brief_id), now) for brief_id, rows in found.items()}


def _of(acts: Mapping[tuple[str, UUID], list[Any]], brief_id: UUID, what: str) -> list[Any]:
    return acts.get((what, brief_id), [])


def _state(rows: list[Any], did: Callable[[str], list[Any]], now: datetime) -> BriefState:
    row: Brief = rows[0][0]
    state = BriefState(
        id=row.id,
        label=f"{row.reference}: {row.title}",
        phase=phase_of(row, now),
        closes_at=row.closes_at,
        authors=_people(did("wrote")) | {row.created_by},
        assessors=_people(did("assesses")),
        undeclared=_people(act for act in did("assesses") if not act.declared),
        unsubmitted=_people(act for act in did("assesses") if not act.submitted),
        approvals=_people(did("approves")),
        out_of_order=bool(did("glass")),
        proposed_by=next((act.person_id for act in did("awards")), None),
        rival=bool(did("rival")),
        approved=_people(did("first")),
        needed=2 if did("first") else 0,
        change_waits=bool(did("amends")),
        change_by=next((act.person_id for act in did("amends")), None),
        close_by=next((act.person_id for act in did("early")), None),
        prices_sealed=not prices_are_open(row),
        assessed=bool(did("assessed")),
        price_approvals=_people(did("prices")),
        cancel_by=next((act.person_id for act in did("cancels")), None),
    )
    if state.phase is not Phase.DRAFT:
        return state
    stands = standing_in(row, rows, {_excerpt(act) for act in did("released")}, now)
    return replace(
        state,
        to_mend=bool(stands.unready),
        asked=row.approval_asked_at is not None,
        sent_back=row.approval_asked_at is None and bool(did("back")),
        words_by=_asked(stands, did("words")),
        recorded=Route(row.route).is_recorded if row.route else False,
        unreasoned="route_reason" in {one.code for one in stands.unready},
    )


def _asked(stands: Standing, asked: Iterable[Any]) -> frozenset[UUID]:
    """Who asked that words may stay which are there still."""
    there = {one.excerpt(found) for one in stands.guarded for found in one.unreleased}
    return _people(act for act in asked if _excerpt(act) in there)


def _excerpt(act: Any) -> Excerpt:
    return Excerpt(act.sha256, act.kind, act.excerpt)


def _people(acts: Iterable[Any]) -> frozenset[UUID]:
    return frozenset(act.person_id for act in acts)


def _acts(actor: Actor, briefs: Collection[Brief], now: datetime) -> Any:
    """Who assesses each brief and how far they are, who approved its opening since it closed, who said that it is opened out of
    order, who put quality on record and who approved the opening of prices, who proposed an award that was not rejected, and
    whether this person belongs to a provider invited. Who did the first half of what takes two people; and of drafts who wrote
    them, who approved them, who sent them back since approval was asked for, and what words were asked for.
    """
    every, drafts = [row.id for row in briefs], [row.id for row in briefs if row.published_at is None]
    far = col(BriefAssessor.declared_at).is_not(None), col(BriefAssessor.submitted_at).is_not(None)
    words = TextRelease.text_sha256, TextRelease.kind, TextRelease.excerpt
    later = aliased(AuditEvent)
    asked_since = exists().where(
        col(later.subject_id) == AuditEvent.subject_id,
        col(later.name) == APPROVAL_ASKED.name,
        col(later.position) > AuditEvent.position,
    )
    closed = exists().where(col(Brief.id) == OpeningApproval.brief_id, col(Brief.closes_at) <= OpeningApproval.at)
    since = at_london(london_day(now), time())
    another = aliased(EarlyClose)
    untried = ~exists().where(col(another.brief_id) == EarlyClose.brief_id, col(another.tried_at) >= since)
    return union_all(
        _act("assesses", BriefAssessor.brief_id, BriefAssessor.person_id, every, far=far),
        _act("approves", OpeningApproval.brief_id, OpeningApproval.person_id, every, closed),
        _act("glass", OutOfOrder.brief_id, OutOfOrder.said_by, every),
        _act("assessed", QualityAssessed.brief_id, QualityAssessed.by, every),
        _act("prices", PriceApproval.brief_id, PriceApproval.person_id, every),
        _act("awards", Award.brief_id, Award.proposed_by, every, col(Award.rejected_at).is_(None)),
        _act(
            "rival",
            BriefInvitation.brief_id,
            BriefInvitation.provider_id,
            every,
            col(BriefInvitation.provider_id).in_(provider_ids(actor)),
        ),
        _act(
            "amends",
            BriefAmendment.brief_id,
            BriefAmendment.proposed_by,
            every,
            col(BriefAmendment.published_at).is_(None),
            col(BriefAmendment.dropped_at).is_(None),
        ),
        _act("early", EarlyClose.brief_id, EarlyClose.asked_by, every, *waiting(EarlyClose), untried),
        _act("cancels", BriefCancellation.brief_id, BriefCancellation.asked_by, every, *waiting(BriefCancellation)),
        _act(
            "wrote", AuditEvent.subject_id, AuditEvent.person_id, drafts, col(AuditEvent.name).in_(_WRITING)
        ).distinct(),
        _act("first", BriefApproval.brief_id, BriefApproval.person_id, drafts),
        _act(
            "back",
            AuditEvent.subject_id,
            AuditEvent.person_id,
            drafts,
            col(AuditEvent.name) == SENT_BACK.name,
            ~asked_since,
        ),
        _act(
            "words",
            TextRelease.brief_id,
            TextRelease.asked_by,
            drafts,
            col(TextRelease.released_at).is_(None),
            col(TextRelease.declined_at).is_(None),
            words=words,
        ),
        _act(
            "released",
            TextRelease.brief_id,
            TextRelease.asked_by,
            drafts,
            col(TextRelease.released_at).is_not(None),
            words=words,
        ),
    )


def _act(
    what: str,
    brief_id: Any,
    person_id: Any,
    brief_ids: Collection[UUID],
    *which: Any,
    far: tuple[Any, Any] = (false(), false()),
    words: tuple[Any, Any, Any] = (literal(""), literal(""), literal("")),
) -> Any:
    columns: Any = select(literal(what).label("what"), brief_id.label("brief_id"), person_id.label("person_id"))
    told = zip(("declared", "submitted", "sha256", "kind", "excerpt"), (*far, *words), strict=True)
    return columns.add_columns(*(one.label(name) for name, one in told)).where(brief_id.in_(brief_ids), *which)


def _approved(
    session: Session, briefs: Collection[Brief], known: dict[UUID, BriefState], now: datetime
) -> dict[UUID, BriefState]:
    """The same, with how many approve each draft among them, and who has approved it, word for word."""
    drafts = [row for row in briefs if known[row.id].phase is Phase.DRAFT]
    needed, given = needed_of(session, drafts), approved_of(session, drafts, now)
    return known | {row.id: replace(known[row.id], needed=needed[row.id], approved=given[row.id]) for row in drafts}


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
    shown = (
        select(Brief.id)
        .where(
            col(Brief.raa_id).in_(buyer_ids(actor)),
            in_phase(wanted.phase, now) if wanted.phase else lately,
            *(col(column) == value for column, value in narrowed if value),
        )
        .order_by(ended, col(Brief.created_at).desc(), col(Brief.id))
        .limit(MOST + 1)
    )
    query = (
        select(Brief, col(Organisation.name).label("agency"), col(Framework.name).label("framework"), Lot.number)
        .add_columns(col(Lot.name).label("lot"), col(Region.name).label("region"), col(Person.name).label("author"))
        .add_columns(waiting_of_brief().label("questions"))
        .join(Organisation, col(Organisation.id) == Brief.raa_id)
        .join(Person, col(Person.id) == Brief.created_by)
    )
    return (
        with_checks(query, london_day(now))
        .where(col(Brief.id).in_(shown))
        .order_by(ended, col(Brief.created_at).desc(), col(Brief.id))
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
