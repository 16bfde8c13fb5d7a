"""Telling what a DBS certificate says, without what it discloses."""

from dataclasses import asdict, replace
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound, refuse_if
from app.evidence import deciding, events, policy
from app.evidence.models import DbsRecord, EvidenceItem
from app.evidence.queries.dbs import dbs_record, item_with_record
from app.evidence.rules import KindFacts
from app.evidence.rules.dbs import DbsFacts, StatusResult, why_not_correct, why_not_record, why_not_retell
from app.evidence.telling import tell_needs_new


def record_dbs(session: Session, actor: Actor, item_id: UUID, facts: DbsFacts) -> None:
    """Write the record. Its keepers tell it before it is sent, and later a newer status check alone; a checker mends it.

    Where a status check says that a new certificate is needed, this one stops counting with this write, and its keepers and
    the agencies that rely on it are told. What is written down about it names who and when, never a fact. Raises `NotFound`
    to those who may not open the file.
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
    if not facts.needs_new:
        item.needs_new_at = None
    elif item.needs_new_at is None:
        item.needs_new_at = clock.now(session)
        _tell(session, actor, item, kind, events.DBS_NEEDS_NEW)
        tell_needs_new(session, item)
        deciding.tell_keepers(session, item, kind, "evidence/needs_new.txt")


def correct_status(session: Session, actor: Actor, item_id: UUID, result: StatusResult, reason: str) -> None:
    """A status check had been written down wrongly as asking for a new certificate: what it said, and why it was wrong.

    For the checker alone, since it makes the certificate count again; the wrong telling stays in the history. A second time
    it changes nothing. Raises `NotFound`, `NotAllowed` to its keepers, `Refused` where there is nothing to correct.
    """
    item, kind = item_with_record(session, actor, item_id, lock=True)
    if policy.may_keep(actor, item.provider_id):
        raise NotAllowed
    known, last = dbs_record(session, item_id), _newest(session, item_id)
    if known is None or last is None:
        raise NotFound
    if last.correction and known.status_result is result:
        return
    refuse_if(why_not_correct(known, result))
    _write(session, actor, item, replace(known, status_result=result), correction=reason)
    item.needs_new_at = None
    _tell(session, actor, item, kind, events.DBS_CORRECTED)
    tell_needs_new(session, item, corrected=True)
    deciding.tell_keepers(session, item, kind, "evidence/counts_again.txt")


def note_original_seen(session: Session, actor: Actor, item: EvidenceItem, on: date) -> None:
    """In the verification's own transaction: the checker saw the original in person today."""
    known = dbs_record(session, item.id)
    if known:
        _write(session, actor, item, replace(known, seen_by=actor.name, seen_on=on))


def _write(session: Session, actor: Actor, item: EvidenceItem, facts: DbsFacts, *, correction: str = "") -> None:
    last = _newest(session, item.id)
    row = DbsRecord(
        item_id=item.id,
        number=last.number + 1 if last else 1,
        **asdict(facts),
        correction=correction,
        told_at=clock.now(session),
        told_by=actor.known,
    )
    session.add(row)
    session.flush()


def _newest(session: Session, item_id: UUID) -> DbsRecord | None:
    wanted = select(DbsRecord).where(DbsRecord.item_id == item_id).order_by(col(DbsRecord.number).desc())
    return session.exec(wanted.limit(1)).first()


def _tell(session: Session, actor: Actor, item: EvidenceItem, kind: KindFacts, event: audit.Event) -> None:
    audit.record(session, event, actor=actor, subject=item.id, about=item.provider_id, kind=kind.name)
