"""The days of their frameworks that come near to those who lead them, or are over with nothing done."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from app.clarifications.queries import oldest_of_framework, waiting_of_framework
from app.core.actor import Actor
from app.core.london import london_day
from app.frameworks.models import Framework, RuleSet
from app.frameworks.queries import deadlines_of, reopened
from app.home.queries.section import Part, Section
from app.home.rules import Todo, questions_wait
from app.organisations.policy import lead_ids
from app.organisations.rules import Role

SHOWN: Final = 8


def part(session: Session, actor: Actor, now: datetime) -> Part:
    """The next day first, then questions that wait; no heading while no day is less than a year away, or none waits."""
    on = london_day(now)
    rows = session.execute(
        select(Framework, RuleSet, reopened(), waiting_of_framework(now))
        .add_columns(oldest_of_framework(now))
        .join(RuleSet, col(RuleSet.slug) == Framework.rule_set_slug)
        .where(
            col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
            col(Framework.approved_at).is_not(None),
            col(Framework.withdrawn_at).is_(None),
            col(Framework.ends_on) >= on,
        )
        .order_by(col(Framework.name), col(Framework.id))
    ).all()
    near = sorted(
        (one.day, row.name, row.id, one)
        for row, rule_set, followed, _, _ in rows
        for one in deadlines_of(row, rule_set, reopened=followed)
        if one.overdue(on) or one.mark(on) is not None
    )
    todos = tuple(
        Todo(f"{'Overdue: ' if one.overdue(on) else ''}{name}", one.words, f"/frameworks/{id}#dates", on=day)
        for day, name, id, one in near[:SHOWN]
    )
    asked = tuple(
        questions_wait(count, oldest, now, row.name, f"/frameworks/{row.id}")
        for row, _, _, count, oldest in rows
        if count
    )
    return (), (
        *((Section("Days that come near", todos, "", "/frameworks", "All frameworks"),) if todos else ()),
        *((Section("Questions about rounds", asked[:SHOWN], "", "/frameworks", "All frameworks"),) if asked else ()),
    )
