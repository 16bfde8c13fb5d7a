"""Telling what a DBS certificate says, without what it discloses."""

from dataclasses import asdict, replace
from datetime import date
from uuid import UUID

from sqlmodel import Session

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import refuse_if
from app.evidence import events, policy
from app.evidence.models import DbsRecord, EvidenceItem
from app.evidence.queries.dbs import dbs_record, item_with_record
from app.evidence.rules.dbs import DbsFacts, why_not_record, why_not_retell


def record_dbs(session: Session, actor: Actor, item_id: UUID, facts: DbsFacts) -> None:
    """Write the record. Its keepers tell it before it is sent, and later a newer status check alone; a checker mends it.

    What is written down about it names who and when, never a fact. Raises `NotFound` to those who may not open the file.
    """
    item, kind = item_with_record(session, actor, item_id, lock=True)
    known = dbs_record(session, item_id)
    if known == facts:
        return
    refuse_if(why_not_record(facts, on=london_day(clock.now(session))))
    keeper = policy.may_keep(actor, item.provider_id)
    refuse_if(why_not_retell(known, facts, submitted=item.submitted_at is not None, checker=not keeper))
    _write(session, actor, item, facts)
    audit.record(session, events.DBS_RECORDED, actor=actor, subject=item.id, about=item.provider_id, kind=kind.name)


def note_original_seen(session: Session, actor: Actor, item: EvidenceItem, on: date) -> None:
    """In the verification's own transaction: the checker saw the original in person today."""
    known = dbs_record(session, item.id)
    if known:
        _write(session, actor, item, replace(known, seen_by=actor.name, seen_on=on))


def _write(session: Session, actor: Actor, item: EvidenceItem, facts: DbsFacts) -> None:
    row = DbsRecord(item_id=item.id, **asdict(facts), told_at=clock.now(session), told_by=actor.known)
    session.merge(row)
