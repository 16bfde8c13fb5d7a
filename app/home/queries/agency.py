"""What waits for the people of an agency: briefs at each stage, and the assessments of those who assess."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, false, literal, union_all
from sqlmodel import Session, col, select

from app.applications.scoring.queries import assessing as applications
from app.awards.models import Award, BriefAssessor, OpeningApproval
from app.awards.queries.assessment import Task, tasks
from app.bids.closing.models import EarlyClose
from app.briefs.amending.models import BriefAmendment
from app.briefs.events import REVISED
from app.briefs.identity import Excerpt
from app.briefs.inviting.models import BriefApproval
from app.briefs.models import Brief
from app.briefs.queries import phase_of
from app.briefs.queries.guarding import stops
from app.briefs.released import TextRelease
from app.briefs.rules import Phase
from app.clarifications.policy import answers_brief_of
from app.clarifications.queries import oldest_of_brief, waiting_of_brief
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.evidence.rules.changes import CHANGE_WORDS
from app.frameworks.models import Region
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
        select(Brief, waiting_of_brief(), oldest_of_brief(), Region.name)
        .join(Region, col(Region.id) == Brief.region_id)
        .where(
            col(Brief.raa_id).in_(buyer_ids(actor)),
            col(Brief.cancelled_at).is_(None),
            col(Brief.awarded_at).is_(None),
        )
        .order_by(col(Brief.closes_at), col(Brief.id))
        .limit(MOST)
    ).all()
    rows = [row for row, *_ in found]
    states = _states(session, rows, {row.region_id: region for row, *_, region in found}, now)
    todos = [next_of_brief(states[row.id], actor.known, _roles(actor, row.raa_id)) for row in rows]
    todos += [
        questions_wait(count, oldest, now, states[row.id].label, f"/briefs/{row.id}/questions")
        for row, count, oldest, _ in found
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


def _states(
    session: Session, rows: Collection[Brief], regions: Mapping[UUID, str], now: datetime
) -> dict[UUID, BriefState]:
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
            found=row.published_at is None and stops(row, regions[row.region_id], _released(acts["released", row.id])),
            asked_words=frozenset(act.person_id for act in acts["words", row.id]),
            approved_first=frozenset(act.person_id for act in acts["first", row.id]),
            amended_by=next((act.person_id for act in acts["amends", row.id]), None),
            close_asked_by=next((act.person_id for act in acts["early", row.id]), None),
        )
        for row in rows
    }


def _released(acts: Iterable[Any]) -> set[Excerpt]:
    return {Excerpt(act.sha256, act.kind, act.excerpt) for act in acts}


def _acts(brief_ids: Collection[UUID]) -> Any:
    """Who assesses each brief and how far they are, who did the first half of what takes two people, and what words may stay."""
    far = col(BriefAssessor.declared_at).is_not(None), col(BriefAssessor.submitted_at).is_not(None)
    words = TextRelease.text_sha256, TextRelease.kind, TextRelease.excerpt
    revised = exists().where(
        col(AuditEvent.subject_id) == BriefApproval.brief_id,
        col(AuditEvent.name) == REVISED.name,
        col(AuditEvent.at) > BriefApproval.at,
    )
    waits, kept = col(TextRelease.released_at).is_(None), col(TextRelease.released_at).is_not(None)
    amends = col(BriefAmendment.published_at).is_(None), col(BriefAmendment.dropped_at).is_(None)
    early = col(EarlyClose.agreed_at).is_(None), col(EarlyClose.dropped_at).is_(None)
    return union_all(
        _act("assesses", BriefAssessor.brief_id, BriefAssessor.person_id, brief_ids, far=far),
        _act("approves", OpeningApproval.brief_id, OpeningApproval.person_id, brief_ids),
        _act("awards", Award.brief_id, Award.proposed_by, brief_ids, col(Award.rejected_at).is_(None)),
        _act("words", TextRelease.brief_id, TextRelease.asked_by, brief_ids, waits),
        _act("released", TextRelease.brief_id, TextRelease.asked_by, brief_ids, kept, words=words),
        _act("first", BriefApproval.brief_id, BriefApproval.person_id, brief_ids, ~revised),
        _act("amends", BriefAmendment.brief_id, BriefAmendment.proposed_by, brief_ids, *amends),
        _act("early", EarlyClose.brief_id, EarlyClose.asked_by, brief_ids, *early),
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
