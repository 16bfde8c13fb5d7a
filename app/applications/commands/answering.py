"""Answering the questions of an application, a section at a time, and pricing its lots."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from app.applications import events
from app.applications.answers import queries as answers
from app.applications.answers.rules import Section, Sheet, Standing, is_kept, why_not_price, why_not_save
from app.applications.models import Application
from app.applications.writing import editable, write_answer, write_price
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import NotFound, refuse_if
from app.frameworks.models import Round
from app.frameworks.rules import PriceUnit


def answer_section(
    session: Session,
    actor: Actor,
    application_id: UUID,
    number: int,
    typed: Mapping[int, str],
    *,
    confirm: bool,
    seen: str | None = None,
) -> Section:
    """Keep what was typed in one section, by the place of each question; an empty answer takes back the one there was.

    What cannot be an answer is left out, and words that are too many are kept until they are shortened. With `confirm`, every
    carried answer of the section that stays as it is counts. `seen` is the digest of the section that a page was drawn from.
    Returns the section as it was before. Raises `NotFound` for a section that asks nothing of this application, `NotAllowed`,
    `Refused`.
    """
    row = editable(session, actor, application_id)
    section = _sheet(session, row).section(number)
    if section is None:
        raise NotFound
    rows, at = answers.answer_rows(session, row.id), clock.now(session)
    new = {one: typed.get(one.at, "") for one in section.asked}
    changed = {one: value for one, value in new.items() if value != one.value and is_kept(one.facts, value)}
    refuse_if(why_not_save(seen=seen, section=section) if changed and seen is not None else None)
    for one, value in changed.items():
        write_answer(session, row, rows.get(one.id), one.id, value, actor.known, at)
    if changed:
        _record(session, events.ANSWERED, actor, row, len(changed), section.name)
    waiting = [one for one in section.asked if one.standing is Standing.CONFIRM and one.value == new[one]]
    if confirm and waiting:
        for one in waiting:
            rows[one.id].confirmed_at = at
        _record(session, events.ANSWERS_CONFIRMED, actor, row, len(waiting), section.name)
    return section


def write_prices(
    session: Session, actor: Actor, application_id: UUID, typed: Mapping[tuple[UUID, PriceUnit], int | None]
) -> None:
    """Keep the prices of lots, in pence by lot and unit; None takes one back.

    Raises `NotFound` for what is not a price of the lots chosen, `NotAllowed`, and `Refused` above a ceiling.
    """
    row = editable(session, actor, application_id)
    card = {(one.lot_id, one.unit): one for one in answers.sheet(session, row.id, None).asked_prices}
    if not set(typed) <= set(card):
        raise NotFound
    changed = {key: pence for key, pence in typed.items() if pence != card[key].pence}
    rows = answers.rate_rows(session, row.id)
    for key, pence in changed.items():
        refuse_if(why_not_price(card[key], pence) if pence else None)
        write_price(session, row, rows.get(key), key, pence)
    if changed:
        audit.record(session, events.PRICED, actor=actor, subject=row.id, about=row.provider_id, count=len(changed))


def _sheet(session: Session, row: Application) -> Sheet:
    return answers.sheet(session, row.id, session.get_one(Round, row.round_id).question_set_id)


def _record(session: Session, event: audit.Event, actor: Actor, row: Application, count: int, section: str) -> None:
    audit.record(session, event, actor=actor, subject=row.id, about=row.provider_id, count=count, section=section)
