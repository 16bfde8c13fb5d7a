"""What waits for the people of an agency: briefs at each stage, and the assessments of those who assess."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.applications.scoring.queries import assessing as applications
from app.awards.boards.queries import by_brief
from app.awards.boards.queries import states as board_states
from app.awards.queries.assessment import Task, tasks
from app.briefs.models import Brief
from app.briefs.queries import with_checks
from app.briefs.rules import Phase
from app.clarifications.policy import answers_brief_of
from app.clarifications.queries import oldest_of_brief, waiting_of_brief
from app.core.actor import Actor
from app.core.london import london_day
from app.evidence.rules.changes import CHANGE_WORDS
from app.home.queries.section import Figure, Part, Section
from app.home.rules import Todo, next_of_brief, questions_wait
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
    wanted = (
        select(Brief.id)
        .where(
            col(Brief.raa_id).in_(buyer_ids(actor)),
            col(Brief.cancelled_at).is_(None),
            col(Brief.awarded_at).is_(None),
        )
        .order_by(col(Brief.closes_at), col(Brief.id))
        .limit(MOST)
    )
    query = with_checks(select(Brief, waiting_of_brief(), oldest_of_brief()), london_day(now))
    rows = session.execute(query.where(col(Brief.id).in_(wanted)).order_by(col(Brief.closes_at), col(Brief.id)))
    found = by_brief(rows)
    states = board_states(session, actor, found, now)
    briefs = [of[0][:3] for of in found.values()]
    todos = [next_of_brief(states[row.id], actor.known, _roles(actor, row.raa_id)) for row, *_ in briefs]
    todos += [
        questions_wait(count, oldest, now, states[row.id].label, f"/briefs/{row.id}/questions")
        for row, count, oldest in briefs
        if count and states[row.id].phase is Phase.OPEN and answers_brief_of(actor, row.raa_id)
    ]
    phases = [state.phase for state in states.values() if not state.recorded]
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
