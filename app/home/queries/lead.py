"""What waits for those who check evidence and for those who lead frameworks."""

from datetime import datetime

from sqlmodel import Session

from app.applications.queries import decisions
from app.core.actor import Actor
from app.core.london import london_day
from app.evidence.queries import checks
from app.evidence.rules import TARGET_DAYS
from app.frameworks.calling_off.queries import to_confirm
from app.home.queries.section import Figure, Part, Section
from app.home.rules import Todo
from app.memberships.floors import low_ratings
from app.organisations.directory.rules import in_words

SHOWN = 8


def checking(session: Session, actor: Actor, now: datetime) -> Part:
    """The queue, oldest first."""
    queue = checks(session, actor, london_day(now))
    late = sum(check.waited > TARGET_DAYS for check in queue)
    todos = tuple(
        Todo(
            f"Check {check.kind_name}",
            f"{check.provider_name}, {_waited(check.waited)}",
            f"/checks/{check.item_id}",
        )
        for check in queue[:SHOWN]
    )
    figures = (
        Figure(len(queue), "waiting to be checked", "/checks"),
        Figure(late, f"waiting over {TARGET_DAYS} working days", "/checks"),
    )
    return figures, (Section("Evidence to check", todos, "Nothing waits to be checked.", "/checks", "The whole queue"),)


def deciding(session: Session, actor: Actor, now: datetime) -> Part:
    """Applications with parts to decide, oldest first."""
    waiting = decisions(session, actor)
    todos = tuple(
        Todo(
            f"Decide the application of {line.provider_name}",
            f"{line.framework_name}: {_parts(line.undecided, line.parts, line.proposed)}",
            f"/decisions/{line.id}",
        )
        for line in waiting[:SHOWN]
    )
    second = sum(line.proposed > 0 for line in waiting)
    figures = (
        Figure(len(waiting), "waiting for decisions", "/decisions"),
        Figure(second, "with refusals that need a second person", "/decisions"),
    )
    nothing = "No application waits for a decision."
    return figures, (Section("Applications to decide", todos, nothing, "/decisions", "The whole queue"),)


def _parts(undecided: int, parts: int, proposed: int) -> str:
    """What is left to decide of an application, and what of it waits for a second person."""
    words = f"{undecided} of {parts} lots and regions undecided"
    return f"{words}, {proposed} of them with a refusal for a second person" if proposed else words


def ratings(session: Session, actor: Actor, now: datetime) -> Part:
    """Members whose rating is below a framework's floor, until somebody decides; no heading while there are none."""
    waiting = [rating for rating in low_ratings(session, actor) if rating.open]
    todos = tuple(
        Todo(f"Decide about {rating.provider_name}", rating.words, f"/frameworks/{rating.framework_id}/ratings")
        for rating in waiting[:SHOWN]
    )
    if not waiting:
        return (), ()
    href = f"/frameworks/{waiting[0].framework_id}/ratings"
    return (), (Section("Ratings below the floor", todos, "", href, "All such ratings"),)


def joining(session: Session, actor: Actor, now: datetime) -> Part:
    """Agencies that a colleague would add to a call-off list or take off it; no heading while there are none."""
    waiting = to_confirm(session, actor)
    if not waiting:
        return (), ()
    todos = tuple(
        Todo(
            f"Confirm that {one.organisation_name} {'may call off' if one.kind == 'joins' else 'leaves'}",
            f"{one.framework_name}, {'from' if one.kind == 'joins' else 'with'} {in_words(one.effective_on)}",
            f"/frameworks/{one.framework_id}/call-off",
        )
        for one in waiting[:SHOWN]
    )
    href = f"/frameworks/{waiting[0].framework_id}/call-off"
    return (), (Section("Who may call off", todos, "", href, "The whole list"),)


def _waited(days: int) -> str:
    """How long a checker's target has run, in working days."""
    return "sent today" if days == 0 else f"waiting {days} working day{'' if days == 1 else 's'}"
