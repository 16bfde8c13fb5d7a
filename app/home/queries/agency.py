"""What waits for the people of an agency: briefs at each stage, and the assessments of those who assess."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import false, literal, union_all
from sqlmodel import Session, col, select

from app.applications.scoring.queries import assessing as applications
from app.awards.models import Award, BriefAssessor, OpeningApproval
from app.awards.queries.assessment import Task, tasks
from app.briefs.models import Brief
from app.briefs.queries import phase_of
from app.briefs.rules import Phase
from app.clarifications.policy import answers_brief_of
from app.clarifications.queries import oldest_of_brief, waiting_of_brief
from app.core.actor import Actor
from app.evidence.rules.changes import CHANGE_WORDS
from app.home.queries.section import Figure, Part, Section
from app.home.rules import BriefState, Todo, next_of_brief, questions_wait
from app.memberships.policy import LOOKERS, RELIERS
from app.memberships.queries.changes import unanswered
from app.memberships.queries.reliance import own_checks
from app.memberships.restriction.queries import notices
from app.organisations.policy import buyer_ids

MOST: Final = 200
SHOWN: Final = 8
_STAGES: Final = (
    (Phase.DRAFT, "in draft"),
    (Phase.OPEN, "open for bids"),
    (Phase.CLOSED, "closed, to be opened"),
    (Phase.OPENED, "being assessed"),
)


def part(session: Session, actor: Actor, now: datetime) -> Part:
    found = session.execute(
        select(Brief, waiting_of_brief(), oldest_of_brief())
        .where(
            col(Brief.raa_id).in_(buyer_ids(actor)),
            col(Brief.cancelled_at).is_(None),
            col(Brief.awarded_at).is_(None),
        )
        .order_by(col(Brief.closes_at), col(Brief.id))
        .limit(MOST)
    ).all()
    rows = [row for row, _, _ in found]
    states = _states(session, rows, now)
    todos = [next_of_brief(states[row.id], actor.known, _roles(actor, row.raa_id)) for row in rows]
    todos += [
        questions_wait(count, oldest, now, states[row.id].label, f"/briefs/{row.id}/questions")
        for row, count, oldest in found
        if count and states[row.id].phase is Phase.OPEN and answers_brief_of(actor, row.raa_id)
    ]
    phases = [state.phase for state in states.values()]
    figures = tuple(Figure(phases.count(phase), words, "/briefs") for phase, words in _STAGES)
    nothing = "No brief waits for you."
    return figures, (
        Section("Briefs", tuple(t for t in todos if t), nothing, "/briefs", "All briefs of your agency"),
        _changed(session, actor),
        *_restricted(session, actor),
        *_own_checks(session, actor, now),
    )


def _own_checks(session: Session, actor: Actor, now: datetime) -> tuple[Section, ...]:
    """Facts at which the agency's policy wants it to look itself, for those who may; no section where there is none."""
    if not buyer_ids(actor, *LOOKERS):
        return ()
    agency, lines = own_checks(session, actor, None, *LOOKERS, at=now)
    todos = tuple(
        Todo(
            f"Add your own check: {line.kind_name}",
            line.practitioner_name or line.provider_name,
            f"/agencies/{agency.id}/facts/{line.item_id}",
        )
        for line in lines[:SHOWN]
    )
    return (Section("Own checks wanted", todos, "", "/own-checks", "All own checks wanted"),) if todos else ()


def _changed(session: Session, actor: Actor) -> Section:
    """Facts on which the agency relies and that have changed: still content?"""
    todos = tuple(
        Todo(
            f"Still content? {notice.kind_name}: {CHANGE_WORDS[notice.change].lower()}",
            notice.practitioner_name or notice.provider_name,
            f"/changes/{notice.id}",
        )
        for notice in unanswered(session, buyer_ids(actor, *RELIERS))[:SHOWN]
    )
    nothing = "Nothing you rely on waits for your word."
    return Section("Facts that have changed", todos, nothing, "/changes", "All facts that have changed")


def _restricted(session: Session, actor: Actor) -> tuple[Section, ...]:
    """Providers on which the agency relies and that were restricted, or freed, until somebody has read it."""
    todos = tuple(
        Todo(
            f"Read that {one.provider_name} is {'no longer ' if one.lifted else ''}restricted",
            "",
            f"/providers/{one.provider_id}/restriction",
        )
        for one in notices(session, buyer_ids(actor, *RELIERS), unread=True)[:SHOWN]
    )
    return (Section("Restricted providers", todos, "", "/restrictions", "All you were told"),) if todos else ()


def assessing(session: Session, actor: Actor, now: datetime) -> Part:
    """Bids to score, then applications to join frameworks."""
    bids = [todo for task in tasks(session, actor, now) if (todo := _next_of(task))]
    rounds = [todo for task in applications.tasks(session, actor, now) if (todo := _next_in(task))]
    todos = (*bids, *rounds)
    section = Section(
        "Assessments", todos, "There is nothing for you to score.", "/assessments", "All your assessments"
    )
    return (Figure(len(todos), "to assess", "/assessments"),), (section,)


def _next_of(task: Task) -> Todo | None:
    brief, about = task.brief, f"{task.brief.reference}: {task.brief.title}"
    if brief.phase not in (Phase.OPEN, Phase.CLOSED, Phase.OPENED) or task.submitted_at:
        return None
    if task.declared_at is None:
        return Todo("Declare your interests", about, f"/briefs/{brief.id}/declaration", brief.closes_at)
    if brief.phase is Phase.OPENED:
        return Todo("Score the bids", about, f"/briefs/{brief.id}/assessment")
    return None


def _next_in(task: applications.Task) -> Todo | None:
    about = f"{task.round.framework_name}, {task.round.name}"
    if task.undeclared:
        return Todo("Declare your interests", about, f"/scoring/{task.round.id}/declaration")
    if task.to_score:
        return Todo("Score the applications", about, f"/scoring/{task.round.id}")
    return None


def _roles(actor: Actor, raa_id: UUID) -> frozenset[str]:
    return frozenset(seat.role for seat in actor.seats if seat.organisation_id == raa_id)


def _states(session: Session, rows: Collection[Brief], now: datetime) -> dict[UUID, BriefState]:
    """Everything that decides what comes next, for all briefs in one query."""
    acts: dict[tuple[str, UUID], list[Any]] = defaultdict(list)
    for act in session.connection().execute(_acts([row.id for row in rows])):
        acts[act.what, act.brief_id].append(act)
    return {
        row.id: BriefState(
            id=row.id,
            label=f"{row.reference}: {row.title}",
            phase=phase_of(row, now),
            closes_at=row.closes_at,
            created_by=row.created_by,
            assessors=frozenset(act.person_id for act in acts["assesses", row.id]),
            undeclared=sum(not act.declared for act in acts["assesses", row.id]),
            unsubmitted=sum(not act.submitted for act in acts["assesses", row.id]),
            approvals=frozenset(act.person_id for act in acts["approves", row.id]),
            proposed_by=next((act.person_id for act in acts["awards", row.id]), None),
        )
        for row in rows
    }


def _acts(brief_ids: Collection[UUID]) -> Any:
    """Who assesses each brief and how far they are, who approved its opening, and who proposed an award that was not rejected."""
    assesses: Any = select(
        literal("assesses").label("what"),
        col(BriefAssessor.brief_id).label("brief_id"),
        col(BriefAssessor.person_id).label("person_id"),
        col(BriefAssessor.declared_at).is_not(None).label("declared"),
    )
    approves: Any = select(literal("approves"), OpeningApproval.brief_id, OpeningApproval.person_id, false())
    awards: Any = select(literal("awards"), Award.brief_id, Award.proposed_by, false())
    return union_all(
        assesses.add_columns(col(BriefAssessor.submitted_at).is_not(None).label("submitted")).where(
            col(BriefAssessor.brief_id).in_(brief_ids)
        ),
        approves.add_columns(false()).where(col(OpeningApproval.brief_id).in_(brief_ids)),
        awards.add_columns(false()).where(col(Award.brief_id).in_(brief_ids), col(Award.rejected_at).is_(None)),
    )
