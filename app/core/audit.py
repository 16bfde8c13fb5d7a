"""What happened, who did it, when: one chain, written in the same transaction as the change, never edited.

Each row carries the SHA-256 of its own content and of the row before it, so that a later edit, removal or insertion shows;
rows cut off the end show only beside a digest kept elsewhere. Rows are added as the last act of a write: the
chain's lock is held for one insert and the commit, and never while another lock is waited for.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, ScalarSelect, Select
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, SQLModel, col, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from app.core import clock, together
from app.core.actor import Actor
from app.core.database import before_commit
from app.core.rows import new_id, packed

FIRST: Final = "0" * 64
_LINE: Final = 7_305_001  # the advisory lock of the chain on PostgreSQL; SQLite's write lock already serialises
_PENDING: Final = "audit_pending"
_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: its name and the sentence a person reads, with {placeholders} filled from the detail."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Personal:
    """Words about a person who is not the one acting, kept beside the chain: they can go, and the chain stays whole.

    `of` is the record that they are about: a person, a practitioner, an invitation, a document, whose file's name may name one.
    """

    words: str
    of: UUID


EVENTS: dict[str, Event] = {}
NO_LONGER_NAMED: Final = "somebody no longer named"


def declare(name: str, sentence: str) -> Event:
    """Declare an event of a room. Raises `ValueError` when the name is taken."""
    if name in EVENTS:
        raise ValueError(f"{name} is declared twice")
    EVENTS[name] = Event(name, sentence)
    return EVENTS[name]


class AuditWords(SQLModel, table=True):
    """What fills a {placeholder} of an event's sentence and tells of a person. No digest holds it."""

    __tablename__ = "audit_words"

    event_id: UUID = Field(foreign_key="audit_event.id", primary_key=True)
    placeholder: str = Field(primary_key=True, max_length=40)
    of_id: UUID = Field(index=True)
    words: str = Field(max_length=300)


class AuditEvent(SQLModel, table=True):
    __tablename__ = "audit_event"

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    id: UUID = Field(default_factory=new_id, unique=True)
    at: datetime
    name: str = Field(max_length=60, index=True)
    person_id: UUID | None = Field(default=None, index=True)
    person_name: str = Field(default="", max_length=200)
    subject_id: UUID = Field(index=True)
    about_id: UUID | None = Field(default=None, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    previous: str = Field(max_length=64)
    digest: str = Field(max_length=64, unique=True)

    personal: list[AuditWords] = Relationship(sa_relationship_kwargs={"lazy": "selectin"})


@dataclass(frozen=True, slots=True)
class _Written:
    """What one write has recorded so far, as rows of the two tables: the place in the chain comes last."""

    events: list[dict[str, Any]]
    words: list[dict[str, Any]]


def record(
    session: Session,
    event: Event,
    *,
    actor: Actor,
    subject: UUID,
    about: UUID | None = None,
    at: datetime | None = None,
    **detail: str | int | bool | list[str] | Personal | None,
) -> None:
    """Add one event to this write. `subject` is the row changed, `about` the record whose timeline shows it too.

    `at` is the moment of the change, where the caller knows it; else that of the commit.
    Never pass content that is secret: a digest, a name or a count says that it happened. The name of a person is `Personal`.
    """
    written: _Written = session.info.setdefault(_PENDING, _Written([], []))
    event_id = new_id()
    written.events.append(
        {
            "id": event_id,
            "at": at,
            "name": event.name,
            "person_id": actor.person_id,
            "person_name": actor.name,
            "subject_id": subject,
            "about_id": about,
            "detail": {key: value for key, value in detail.items() if not isinstance(value, Personal)},
        }
    )
    written.words.extend(
        {"event_id": event_id, "placeholder": key, "of_id": value.of, "words": value.words[:300]}
        for key, value in detail.items()
        if isinstance(value, Personal)
    )
    before_commit(session, write_down)


def timeline(session: Session, record_id: UUID) -> list[AuditEvent]:
    """Every event of a record, oldest first."""
    return list(session.exec(_events(record_id).order_by(col(AuditEvent.position))).unique())


def actors(session: Session, records: Collection[UUID], *events: Event) -> list[tuple[UUID, UUID | None]]:
    """Who did one of these things to which of these records, each pair once."""
    rows = select(AuditEvent.subject_id, AuditEvent.person_id).where(
        col(AuditEvent.subject_id).in_(records), col(AuditEvent.name).in_([event.name for event in events])
    )
    return list(session.exec(rows.distinct()))


def actors_column(record_id: UUID, *events: Event) -> Any:
    """Who did one of these things to this record, as one text for `rows.unpacked`: a column of another query."""
    did = packed(AuditEvent.person_id).where(
        col(AuditEvent.subject_id) == record_id,
        col(AuditEvent.name).in_([event.name for event in events]),
        col(AuditEvent.person_id).is_not(None),
    )
    return did.correlate_except(AuditEvent).scalar_subquery()


def newest(session: Session, record_id: UUID, *, most: int, skip: int = 0) -> list[AuditEvent]:
    """Some of a record's events, the newest first."""
    wanted = _events(record_id).order_by(col(AuditEvent.position).desc()).offset(skip).limit(most)
    return list(session.exec(wanted).unique())


def latest(record_id: UUID) -> ScalarSelect[int | None]:
    """The position of a record's newest event, as a part of a query."""
    return select(func.max(AuditEvent.position)).where(_of(record_id)).scalar_subquery()


def latest_about(records: SelectOfScalar[UUID]) -> ScalarSelect[int | None]:
    """The position of the newest event about one of these records, as a part of a query."""
    return select(func.max(AuditEvent.position)).where(col(AuditEvent.about_id).in_(records)).scalar_subquery()


def count(session: Session, record_id: UUID) -> int:
    """How many events a record has."""
    return session.exec(select(func.count()).select_from(AuditEvent).where(_of(record_id))).one()


def sentence(event: AuditEvent) -> str:
    """The event in words: who, then what. Of a digest the beginning will do: the whole of it is in the event's detail."""
    known = {k: v for k, v in event.detail.items() if v is not None} | {w.placeholder: w.words for w in event.personal}
    words = EVENTS[event.name].sentence.format_map(defaultdict(str, known))
    return f"{event.person_name or 'The service'} {_DIGEST.sub(lambda found: f'{found[0][:12]}…', words)}"


def forget(session: Session, of: Collection[UUID], words: str = NO_LONGER_NAMED) -> None:
    """Take the words about these people or files from every event. The chain never held them, so that it still verifies."""
    session.exec(update(AuditWords).where(col(AuditWords.of_id).in_(of)).values(words=words))


@dataclass(frozen=True, slots=True)
class Fault:
    position: int
    words: str


def verify(session: Session) -> Iterator[Fault]:
    """Walk the whole chain and yield each fault: a row edited, removed, inserted or out of order."""
    previous, expected = FIRST, 1
    for row in session.exec(select(AuditEvent).order_by(col(AuditEvent.position)).execution_options(yield_per=500)):
        if row.position != expected:
            yield Fault(row.position, f"expected position {expected}")
        if row.previous != previous:
            yield Fault(row.position, "does not follow the row before it")
        if row.digest != _digest(row.model_dump()):
            yield Fault(row.position, "was changed after it was written")
        previous, expected = row.digest, row.position + 1


def _events(record_id: UUID) -> SelectOfScalar[AuditEvent]:
    """Of a record, with the words that stand beside the chain."""
    return select(AuditEvent).where(_of(record_id)).options(joinedload(AuditEvent.personal))  # type: ignore[arg-type]


def _of(record_id: UUID) -> ColumnElement[bool]:
    return (col(AuditEvent.subject_id) == record_id) | (col(AuditEvent.about_id) == record_id)


def write_down(session: Session) -> None:
    """Chain what was recorded in this write; its commit does so unasked."""
    written: _Written | None = session.info.pop(_PENDING, None)
    if written is None:
        return
    session.flush()  # so that nothing else is written, or waited for, while the chain's lock is held
    now, position, previous = _newest(session)
    for row in written.events:
        position += 1
        row |= {"position": position, "at": row["at"] or now, "previous": previous}
        previous = row["digest"] = _digest(row)
    for table, rows in ((AuditEvent, written.events), (AuditWords, written.words)):
        for one in rows:
            together.insert(session, table, one)


def _newest(session: Session) -> tuple[datetime, int, str]:
    """What time it is, and position and digest of the row that stands last until this write ends."""
    asked = _newest_query(session.get_bind().dialect.name == "postgresql", clock.MOMENT)
    now, stands_at, stands_as = session.connection().execute(asked).one()
    return now, stands_at or 0, stands_as or FIRST


@lru_cache(maxsize=2)
def _newest_query(on_postgresql: bool, moment: ColumnElement[datetime]) -> Select[Any]:
    """Asked in every write, so it is put together once."""
    if on_postgresql:
        last = func.audit_newest(_LINE).table_valued("stands_at", "stands_as")
        columns: Any = last.c.stands_at, last.c.stands_as
    else:
        columns = (
            select(column).order_by(col(AuditEvent.position).desc()).limit(1).scalar_subquery()
            for column in (AuditEvent.position, AuditEvent.digest)
        )
    query: Select[Any] = select(moment, *columns)
    return query


def _digest(row: Mapping[str, Any]) -> str:
    content = {
        "position": row["position"],
        "id": str(row["id"]),
        "at": row["at"].astimezone(UTC).isoformat(),
        "name": row["name"],
        "person_id": str(row["person_id"]) if row["person_id"] else None,
        "person_name": row["person_name"],
        "subject_id": str(row["subject_id"]),
        "about_id": str(row["about_id"]) if row["about_id"] else None,
        "detail": row["detail"],
        "previous": row["previous"],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
