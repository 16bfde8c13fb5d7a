"""What the retention schedule would delete on a day, what is held back, and the proofs of what is gone."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core.london import london_day
from app.evidence.models import (
    Deletion,
    Document,
    EvidenceItem,
    EvidenceKind,
    FileSwitch,
    LegalHold,
    Verification,
)
from app.evidence.rules import NARROW, Outcome, ScanState
from app.evidence.rules.retention import FileFacts, RetentionClass, goes
from app.organisations.models import Organisation
from app.providers.models import Provider

MOST: Final = 100
_FILE: Final = Path(__file__).parents[1] / "data" / "retention.json"


@dataclass(frozen=True, slots=True)
class Going:
    """A file whose time is over. `held` says that a legal hold keeps it all the same."""

    document_id: UUID
    provider_id: UUID
    provider_name: str
    what: str
    sha256: str
    rule: RetentionClass
    due_on: date
    held: bool


@dataclass(frozen=True, slots=True)
class Hold:
    id: UUID
    provider_name: str
    reason: str
    set_at: datetime
    set_by: str
    lifted_at: datetime | None
    lifted_reason: str


@dataclass(frozen=True, slots=True)
class Proof:
    """`bytes_gone_at` is None while the store has not let go of the bytes, or another file shares them."""

    provider_name: str
    what: str
    sha256: str
    rule: str
    at: datetime
    bytes_gone_at: datetime | None


@lru_cache(maxsize=1)
def schedule() -> Mapping[str, RetentionClass]:
    """Every class of the file beside this room, by its slug."""
    rows = json.loads(_FILE.read_text(encoding="utf-8"))["classes"]
    return {row["id"]: RetentionClass(row.pop("id"), **row) for row in rows}


def going(session: Session, on: date, *, automatic: bool = False) -> list[Going]:
    """Files due to be gone by the London day `on`, the longest overdue first; with `automatic` those classes alone."""
    classes = {slug: one for slug, one in schedule().items() if one.automatic or not automatic}
    return sorted(_going(session, on, classes, automatic=automatic), key=lambda file: (file.due_on, file.document_id))


def _going(session: Session, on: date, classes: Mapping[str, RetentionClass], *, automatic: bool) -> Iterator[Going]:
    newer = aliased(Verification)
    facts_beside: Any = (Provider.archived_at, Verification.outcome, Verification.at, newer.at, LegalHold.id)
    query: Any = (
        select(Document, EvidenceItem, EvidenceKind, Organisation.name)
        .add_columns(*facts_beside)
        .join(EvidenceItem, col(EvidenceItem.id) == Document.item_id)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .join(Provider, col(Provider.id) == EvidenceItem.provider_id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(newer, col(newer.item_id) == EvidenceItem.replaced_by_id)
        .outerjoin(
            LegalHold, (col(LegalHold.provider_id) == EvidenceItem.provider_id) & col(LegalHold.lifted_at).is_(None)
        )
        .where(col(Document.purged_at).is_(None), col(Document.scan_state) != ScanState.INFECTED)
    )
    if automatic:
        query = query.where(EvidenceKind.sensitivity == NARROW)
    for document, item, kind, provider, archived_at, outcome, decided_at, replaced_at, hold in session.execute(query):
        facts = FileFacts(
            narrow=kind.sensitivity == NARROW,
            uploaded_on=london_day(document.uploaded_at),
            submitted=item.submitted_at is not None,
            outcome=Outcome(outcome) if outcome else None,
            decided_on=_day(decided_at),
            replaced_on=_day(replaced_at),
            expires_on=item.expires_on,
            closed_on=_day(archived_at),
        )
        found = goes(facts, classes)
        if found and found[1] <= on:
            what = f"File of {kind.name}, {document.size} bytes, uploaded {london_day(document.uploaded_at)}"
            yield Going(document.id, item.provider_id, provider, what, document.sha256, *found, hold is not None)


def _day(moment: datetime | None) -> date | None:
    return london_day(moment) if moment else None


def bytes_to_delete(session: Session, most: int = 200) -> list[tuple[UUID, str]]:
    """Document and key of what is purged while the store may still have the bytes."""
    rows = session.exec(
        select(Deletion.document_id, Document.blob_key)
        .join(Document, col(Document.id) == Deletion.document_id)
        .where(col(Deletion.bytes_gone_at).is_(None))
        .order_by(col(Deletion.at))
        .limit(most)
    )
    return [(document_id, key) for document_id, key in rows]


def holds(session: Session) -> list[Hold]:
    """Those in force first, then the lifted ones, newest first."""
    rows = session.exec(
        select(LegalHold, Organisation.name, Person.name)
        .join(Organisation, col(Organisation.id) == LegalHold.provider_id)
        .join(Person, col(Person.id) == LegalHold.set_by)
        .order_by(col(LegalHold.lifted_at).is_not(None), col(LegalHold.set_at).desc())
        .limit(MOST)
    )
    return [
        Hold(row.id, provider, row.reason, row.set_at, person, row.lifted_at, row.lifted_reason)
        for row, provider, person in rows
    ]


def proofs(session: Session) -> list[Proof]:
    """The latest deletions, newest first."""
    rows = session.exec(
        select(Deletion, Organisation.name)
        .join(Organisation, col(Organisation.id) == Deletion.provider_id)
        .order_by(col(Deletion.at).desc(), col(Deletion.document_id))
        .limit(MOST)
    )
    names = {slug: one.name for slug, one in schedule().items()}
    return [
        Proof(provider, row.what, row.sha256, names.get(row.rule, row.rule), row.at, row.bytes_gone_at)
        for row, provider in rows
    ]


def files_switched_off(session: Session) -> frozenset[str]:
    """The kinds of which no file is asked for."""
    return frozenset(session.exec(select(FileSwitch.kind_slug)))


def narrow_kinds(session: Session) -> list[tuple[str, str, bool]]:
    """Slug, name and whether a file is asked for, of each kind that tells of criminal records."""
    rows = session.exec(
        select(EvidenceKind.slug, EvidenceKind.name, FileSwitch.kind_slug)
        .outerjoin(FileSwitch, col(FileSwitch.kind_slug) == EvidenceKind.slug)
        .where(EvidenceKind.sensitivity == NARROW)
        .order_by(EvidenceKind.name)
    )
    return [(slug, name, off is None) for slug, name, off in rows]


def providers_to_hold(session: Session) -> list[tuple[UUID, str]]:
    """Every provider by name."""
    rows = session.exec(
        select(Organisation.id, Organisation.name)
        .join(Provider, col(Provider.id) == Organisation.id)
        .order_by(Organisation.name)
    )
    return [(provider_id, name) for provider_id, name in rows]
