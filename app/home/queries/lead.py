"""What waits for those who check evidence, for those who lead frameworks, and for the platform's administrators."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from app.applications.queries import decisions, reviews
from app.core.actor import Actor
from app.core.london import day_in_words, london_day
from app.evidence.queries import Check, Tab, checks
from app.evidence.rules import TARGET_DAYS
from app.home.queries.section import Figure, Part, Section
from app.home.rules import Todo
from app.memberships.concerns.queries import Told, to_do
from app.memberships.floors import low_ratings
from app.memberships.rules.concerns import KIND_WORDS

SHOWN: Final = 8
_TO_DO: Final = {True: "Decide about", False: "Confirm or refuse the end of the membership of"}


@dataclass(frozen=True, slots=True)
class _Second:
    """What waits for a second checker, in words: its heading, what is counted, what to do, and what the first one did."""

    heading: str
    counted: str
    do: str
    done: str


_SECOND: Final = {
    Tab.REFUSALS: _Second(
        "Refusals that wait for a second checker",
        "refusals to confirm or send back",
        "Confirm or send back the refusal of",
        "proposed by",
    ),
    Tab.SECOND_LOOKS: _Second(
        "Second looks that are due", "verifications to look at again", "Look again at", "verified by"
    ),
}


def checking(session: Session, actor: Actor, now: datetime) -> Part:
    """The queue, oldest first; then what waits for a second person, unless this one was the first."""
    on = london_day(now)
    queue = checks(session, actor, on)
    late = sum(check.waited > TARGET_DAYS for check in queue)
    todos = tuple(
        Todo(
            f"Check {check.kind_name}",
            f"{check.provider_name}, {_waited(check.waited)}",
            f"/checks/{check.item_id}",
        )
        for check in queue[:SHOWN]
    )
    figures = [
        Figure(len(queue), "waiting to be checked", "/checks"),
        Figure(late, f"waiting over {TARGET_DAYS} working days", "/checks"),
    ]
    sections = [Section("Evidence to check", todos, "Nothing waits to be checked.", "/checks", "The whole queue")]
    for tab, words in _SECOND.items():
        waiting = [check for check in checks(session, actor, on, tab=tab) if check.by_id != actor.person_id]
        if waiting:
            figures.append(Figure(len(waiting), words.counted, f"/checks?tab={tab}"))
            sections.append(_second(words, waiting, f"/checks?tab={tab}"))
    return tuple(figures), tuple(sections)


def _second(words: _Second, waiting: list[Check], href: str) -> Section:
    todos = tuple(
        Todo(
            f"{words.do} {check.kind_name}",
            f"{check.provider_name}, {words.done} {check.by}",
            f"/checks/{check.item_id}",
        )
        for check in waiting[:SHOWN]
    )
    return Section(words.heading, todos, "", href, "All of them")


def deciding(session: Session, actor: Actor, now: datetime) -> Part:
    """Applications with parts to decide, oldest first; then refusals in which this person took no part, to look at again."""
    open_ones = decisions(session, actor, now)
    todos = tuple(
        Todo(
            f"Decide the application of {line.provider_name}",
            f"{line.framework_name}: {_parts(line.undecided, line.parts, line.proposed)}",
            f"/decisions/{line.id}",
            on=line.batch,
        )
        for line in open_ones[:SHOWN]
    )
    batch = min((line.batch for line in open_ones if line.batch and line.batch >= london_day(now)), default=None)
    second = sum(line.proposed > 0 for line in open_ones)
    figures = (
        Figure(len(open_ones), "waiting for decisions", "/decisions"),
        Figure(second, "with refusals that need a second person", "/decisions"),
        *(
            (
                Figure(
                    sum(line.batch == batch for line in open_ones),
                    f"in the batch of {day_in_words(batch)}",
                    "/decisions",
                ),
            )
            if batch
            else ()
        ),
    )
    nothing = "No application waits for a decision."
    queue = Section("Applications to decide", todos, nothing, "/decisions", "The whole queue")
    again = tuple(
        Todo(
            f"Look again at the refusal of {one.provider_name}",
            f"{one.lot}, {one.region}",
            f"/decisions/{one.application_id}/parts/{one.part_id}",
            on=one.due,
        )
        for one in reviews(session, actor)
        if not one.took_part
    )
    return figures, (
        queue,
        *((Section("Refusals to look at again", again[:SHOWN], "", "/decisions", "All of them"),) if again else ()),
    )


def _parts(undecided: int, parts: int, proposed: int) -> str:
    """What is left to decide of an application, and what of it waits for a second person."""
    words = f"{undecided} of {parts} lots and regions undecided"
    return f"{words}, {proposed} of them with a refusal for a second person" if proposed else words


def ratings(session: Session, actor: Actor, now: datetime) -> Part:
    """Members whose rating is below a framework's floor, until somebody decides; no heading while there are none."""
    low = [one for one in low_ratings(session, actor, now) if one.open and one.proposed_by != actor.person_id]
    todos = tuple(
        Todo(
            f"{_TO_DO[rating.proposed_by is None]} {rating.provider_name}",
            rating.words,
            f"/frameworks/{rating.framework_id}/ratings",
        )
        for rating in low[:SHOWN]
    )
    if not low:
        return (), ()
    href = f"/frameworks/{low[0].framework_id}/ratings"
    return (), (Section("Ratings below the floor", todos, "", href, "All such ratings"),)


def concerns(session: Session, actor: Actor, now: datetime) -> Part:
    """Concerns about members: to reply to, to decide about, or to look at again; no heading without one."""
    found = to_do(session, actor, london_day(now))
    if not found:
        return (), ()
    todos = tuple(
        Todo(
            _concern(one),
            f"{KIND_WORDS[one.kind][0]}, {one.reach.place}",
            f"/concerns/{one.id}",
        )
        for one in found[:SHOWN]
    )
    first = found[0].reach
    href = f"/memberships/{first.membership_id}" if first.own else f"/frameworks/{first.framework_id}"
    return (), (Section("Concerns about members", todos, "", f"{href}/concerns", "All concerns there"),)


def _concern(one: Told) -> str:
    name = one.reach.provider_name
    if one.reach.own:
        return f"Reply to the concern about {name}"
    if one.seconds:
        return f"Decide, as the second person, about {name}"
    return f"{name} replied: decide about the concern" if one.answered else f"Look again at the concern about {name}"


def _waited(days: int) -> str:
    """How long a checker's target has run, in working days."""
    return "sent today" if days == 0 else f"waiting {days} working day{'' if days == 1 else 's'}"
