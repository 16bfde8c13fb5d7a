"""What the retention schedule would delete on a day, what is held back, and the proofs of what is gone."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select

from app.accounts.models import Person
from app.core.london import london_day
from app.evidence.models import (
    Deletion,
    Document,
    EvidenceItem,
    EvidenceKind,
    LegalHold,
    Verification,
)
from app.evidence.rules import NARROW, Outcome, ScanState
from app.evidence.rules.retention import FileFacts, RetentionClass, day_ends, goes, reached
from app.organisations.models import Organisation
from app.providers.models import Provider

MOST: Final = 100
_NEWER: Final = aliased(Verification)
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
    return _read("classes")


@lru_cache(maxsize=1)
def people_schedule() -> RetentionClass:
    """How long the people of a provider that has closed are named."""
    return _read("people")["closed_provider_people"]


def _read(part: str) -> Mapping[str, RetentionClass]:
    rows = json.loads(_FILE.read_text(encoding="utf-8"))[part]
    return {row["id"]: RetentionClass(row.pop("id"), **row) for row in rows}


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what is due, the oldest uploads first, and how much there is in all."""

    files: list[Going]
    number: int
    count: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // MOST))


def going(session: Session, on: date, *, automatic: bool = False) -> list[Going]:
    """Files due to be gone by the London day `on`, the longest overdue first; with `automatic` those classes alone."""
    found = _going(session, _due(on, automatic=automatic), on, automatic=automatic)
    return sorted(found, key=lambda file: (file.due_on, file.document_id))


def going_page(session: Session, on: date, number: int) -> Page:
    """One page of what is due; a number past the last is the last. Two queries, which read nothing that is not due."""
    due = _due(on, automatic=False)
    count = session.execute(select(func.count()).select_from(due.subquery())).scalar_one()
    number = min(max(number, 1), Page([], 1, count).pages)
    some = due.order_by(col(Document.uploaded_at), col(Document.id)).offset((number - 1) * MOST).limit(MOST)
    return Page(list(_going(session, some, on, automatic=False)), number, count)


def _classes(*, automatic: bool) -> dict[str, RetentionClass]:
    return {slug: one for slug, one in schedule().items() if one.automatic or not automatic}


def _due(on: date, *, automatic: bool) -> Any:
    """The files that `goes` ends by that day, found by the database: a test compares the two."""
    facts_beside: Any = (Provider.archived_at, Verification.outcome, Verification.at, _NEWER.at, LegalHold.id)
    query: Any = (
        select(Document, EvidenceItem, EvidenceKind, Organisation.name)
        .add_columns(*facts_beside)
        .join(EvidenceItem, col(EvidenceItem.id) == Document.item_id)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .join(Provider, col(Provider.id) == EvidenceItem.provider_id)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .outerjoin(_NEWER, col(_NEWER.item_id) == EvidenceItem.replaced_by_id)
        .outerjoin(
            LegalHold, (col(LegalHold.provider_id) == EvidenceItem.provider_id) & col(LegalHold.lifted_at).is_(None)
        )
    )
    over = [_over(slug, one, on) for slug, one in _classes(automatic=automatic).items()]
    return query.where(col(Document.purged_at).is_(None), col(Document.scan_state) != ScanState.INFECTED, or_(*over))


def _over(slug: str, one: RetentionClass, on: date) -> ColumnElement[bool]:
    """Whether a file is of a class whose time is over."""
    day = reached(on, one.months)
    ends = day_ends(day)
    unsent, decided = col(EvidenceItem.submitted_at).is_(None), col(Verification.at)
    narrow, outcome = col(EvidenceKind.sensitivity) == NARROW, col(Verification.outcome)
    replaced, uploaded = col(_NEWER.at), col(Document.uploaded_at)
    return {
        "dbs_file": and_(narrow, func.coalesce(decided, replaced) < ends),
        "dbs_unsent_file": and_(narrow, unsent, uploaded < ends),
        "unsent_file": and_(~narrow, unsent, uploaded < ends),
        "returned_file": and_(~narrow, outcome.in_((Outcome.RETURNED, Outcome.REFUSED)), decided < ends),
        "replaced_file": and_(~narrow, or_(outcome == Outcome.VERIFIED, outcome.is_(None)), replaced < ends),
        "lapsed_file": and_(
            ~narrow, outcome == Outcome.VERIFIED, replaced.is_(None), col(EvidenceItem.expires_on) <= day
        ),
        "closed_provider_file": col(Provider.archived_at) < ends,
    }[slug]


def _going(session: Session, due: Any, on: date, *, automatic: bool) -> Iterator[Going]:
    classes = _classes(automatic=automatic)
    for document, item, kind, provider, archived_at, outcome, decided_at, replaced_at, hold in session.execute(due):
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


def providers_to_hold(session: Session) -> list[tuple[UUID, str]]:
    """Every provider by name."""
    rows = session.exec(
        select(Organisation.id, Organisation.name)
        .join(Provider, col(Provider.id) == Organisation.id)
        .order_by(Organisation.name)
    )
    return [(provider_id, name) for provider_id, name in rows]
