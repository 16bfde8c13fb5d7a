"""The questions and prices of one application as its pages ask for them, whatever has become of it since."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.applications.answers.queries import known, sheet
from app.applications.answers.rules import Section, Sheet
from app.applications.queries.rows import cancelled_in, own_row, parts_of, phase_in
from app.applications.rules import Cancelled, Phase
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks.models import Framework, Round


@dataclass(frozen=True, slots=True)
class AskedView:
    id: UUID
    provider_id: UUID
    framework_name: str
    phase: Phase
    cancelled: Cancelled | None
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section, with what the portal `known` says for those of its questions that ask what it knows."""

    application: AskedView
    section: Section
    known: dict[UUID, str]


def asked(session: Session, actor: Actor, application_id: UUID, *, prices_alone: bool = False) -> AskedView:
    """With `prices_alone` no question is read. Raises `NotFound`."""
    row, now = own_row(session, actor, application_id), clock.now(session)
    window, name = session.exec(
        select(Round, Framework.name)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .where(Round.id == row.round_id)
    ).one()
    undecided = sum(part.decision is None for part in parts_of(session, row.id))
    found = sheet(session, row.id, None if prices_alone else window.question_set_id)
    phase = phase_in(row, window, undecided, now)
    return AskedView(row.id, row.provider_id, name, phase, cancelled_in(window), found)


def section(session: Session, actor: Actor, application_id: UUID, number: int) -> SectionView:
    """Raises `NotFound` for an application and for a section that asks nothing of it."""
    view = asked(session, actor, application_id)
    found = view.sheet.section(number)
    if found is None:
        raise NotFound
    on = london_day(clock.now(session))
    return SectionView(view, found, known(session, view.provider_id, found.questions, on))
