"""The frameworks that a person leads, as their first page wants them: who is to be confirmed, and which days come near."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import Session, col, select

from app.core.actor import Actor
from app.frameworks.calling_off.models import Accession
from app.frameworks.models import Framework, RuleSet
from app.frameworks.queries import deadlines_of, reopened
from app.frameworks.rules import Deadline
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """What a colleague has asked for on the list of those that may call off."""

    framework_id: UUID
    framework_name: str
    organisation_name: str
    kind: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class Near:
    """A day of a framework that is less than a year away, or over with nothing done."""

    framework_id: UUID
    framework_name: str
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Led:
    """Each with the next day first."""

    to_confirm: tuple[ToConfirm, ...]
    near: tuple[Near, ...]


def led(session: Session, actor: Actor, on: date) -> Led:
    """One query for both: the first page stands at its limit."""
    asked = and_(
        col(Accession.framework_id) == Framework.id,
        col(Accession.confirmed_at).is_(None),
        col(Accession.withdrawn_at).is_(None),
        col(Accession.asked_by) != actor.person_id,
    )
    rows = session.execute(
        select(Framework, RuleSet, Accession, Organisation.name)
        .add_columns(reopened())
        .select_from(Framework)
        .join(RuleSet, col(RuleSet.slug) == Framework.rule_set_slug)
        .outerjoin(Accession, asked)
        .outerjoin(Organisation, col(Organisation.id) == Accession.organisation_id)
        .where(
            col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
            col(Framework.approved_at).is_not(None),
            col(Framework.withdrawn_at).is_(None),
        )
        .order_by(Framework.name)
    ).all()
    waiting = [
        ToConfirm(row.id, row.name, name, accession.kind, accession.effective_on)
        for row, _, accession, name, _ in rows
        if accession
    ]
    running = {
        row.id: (row, deadlines_of(row, rule_set, reopened=followed))
        for row, rule_set, _, _, followed in rows
        if row.ends_on >= on
    }
    near = [
        Near(row.id, row.name, one)
        for row, found in running.values()
        for one in found
        if one.overdue(on) or one.mark(on) is not None
    ]
    return Led(
        tuple(sorted(waiting, key=lambda one: (one.effective_on, one.organisation_name))),
        tuple(sorted(near, key=lambda one: (one.deadline.day, one.framework_name))),
    )
