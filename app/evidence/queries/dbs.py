"""The record of a DBS certificate, and who may read it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core.actor import Actor
from app.core.refusals import NotFound
from app.evidence.models import DbsRecord, EvidenceItem, Verification
from app.evidence.queries.kinds import kind_of
from app.evidence.queries.opening import may_read
from app.evidence.rules import KindFacts
from app.evidence.rules.dbs import AS_TOLD, DbsFacts, Level, StatusResult, Workforce
from app.providers.queries import newest_dbs


@dataclass(frozen=True, slots=True)
class StatusCheck:
    """What the Update Service answered on a day, and who wrote it down; `correction` is why what was written before was wrong."""

    on: date
    result: StatusResult
    told_by: str
    told_at: datetime
    correction: str


def item_with_record(
    session: Session, actor: Actor, item_id: UUID, *, lock: bool = False
) -> tuple[EvidenceItem, KindFacts]:
    """A narrow item for those who may open its file: its keepers and its checker. Raises `NotFound` to all others."""
    wanted = select(EvidenceItem).where(EvidenceItem.id == item_id)
    item = session.exec(wanted.with_for_update() if lock else wanted).first()
    if item is None:
        raise NotFound
    kind = kind_of(session, item.kind_slug)
    decided_by = session.exec(select(Verification.checker_id).where(Verification.item_id == item_id)).first()
    if not kind.narrow or not may_read(actor, item, kind, decided_by):
        raise NotFound
    return item, kind


def dbs_record(session: Session, item_id: UUID) -> DbsFacts | None:
    """What was read from the certificate, or None where nobody has told it yet."""
    return dbs_records(session, item_id).get(item_id)


def told_before(session: Session, practitioner_id: UUID | None) -> dict[str, Any]:
    """What the practitioner's page or the spreadsheet told already, as the form of the record has it: nobody types it twice."""
    known = newest_dbs(session, practitioner_id) if practitioner_id else None
    if known is None:
        return {}
    return {
        "level": known.level,
        "workforce": AS_TOLD.get(known.workforce, ""),
        "children_barred": "true" if known.children_barred else "",
        "adults_barred": "true" if known.adults_barred else "",
        "update_service": "true" if known.update_service and known.consented_on else "",
    }


def dbs_records(session: Session, *item_ids: UUID, before: datetime | None = None) -> dict[UUID, DbsFacts]:
    """The record of each item as it was told last, or as it was told last before a moment."""
    wanted = select(DbsRecord).where(col(DbsRecord.item_id).in_(item_ids)).order_by(col(DbsRecord.number))
    rows = session.exec(wanted.where(DbsRecord.told_at < before) if before else wanted)
    return {row.item_id: _facts(row) for row in rows}


def told_of_certificate(session: Session, item_id: UUID) -> tuple[DbsFacts | None, tuple[StatusCheck, ...]]:
    """What was read from a certificate last, as `dbs_record` has it, and every status check, as it was written down at each
    time, the latest first. One query.
    """
    rows = session.exec(
        select(DbsRecord, Person.name)
        .join(Person, col(Person.id) == DbsRecord.told_by)
        .where(DbsRecord.item_id == item_id)
        .order_by(col(DbsRecord.number))
    ).all()
    found: list[StatusCheck] = []
    for row, person in rows:
        if row.status_checked_on is None or row.status_result is None:
            continue
        told = (row.status_checked_on, StatusResult(row.status_result))
        if not found or told != (found[-1].on, found[-1].result):
            found.append(StatusCheck(*told, person, row.told_at, row.correction))
    return _facts(rows[-1][0]) if rows else None, tuple(reversed(found))


def _facts(row: DbsRecord) -> DbsFacts:
    return DbsFacts(
        level=Level(row.level),
        workforce=Workforce(row.workforce),
        children_barred=row.children_barred,
        adults_barred=row.adults_barred,
        update_service=row.update_service,
        status_checked_on=row.status_checked_on,
        status_result=StatusResult(row.status_result) if row.status_result else None,
        seen_by=row.seen_by,
        seen_on=row.seen_on,
    )
