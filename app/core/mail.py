"""The outbox: a message is a row of the same transaction as its cause; the worker delivers it later.

A message says that something waits behind the sign-in; the token of a one-time link is forgotten once it has left. Delivery
is at least once, with the row's id as Message-ID, so that a receiving server can drop a repeat.
"""

import random
import smtplib
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import structlog
from sqlalchemy import JSON, Column, ColumnElement, Index, bindparam, text
from sqlmodel import Field, Session, SQLModel, UTCDateTime, col, select, update

from app.core import clock, together
from app.core.database import Database, fetch
from app.core.rows import identity, new_id

LEASE: Final = timedelta(minutes=2)
MOST_ATTEMPTS: Final = 12

log = structlog.get_logger("mail")

_UNFOLDED: Final = default.clone(max_line_length=998)
"""The longest line of a message (RFC 5322, 2.1.1). Folded at 78, as is usual, a subject of 70 letters or so is put on a line of
its own by Python's library, and arrives with a space in front. Words that are not ASCII it folds right, at 75 as RFC 2047 asks.
"""

Render = Callable[[str, dict[str, Any]], tuple[str, str]]
"""Template and context to (subject, body)."""


class OutboxMessage(SQLModel, table=True):
    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "sent_at", "dead_at", "due_at"),)

    id: UUID = identity()
    dedupe: str = Field(max_length=200, unique=True)
    to_address: str = Field(max_length=254)
    template: str = Field(max_length=100)
    context: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    queued_at: datetime
    due_at: datetime
    attempts: int = 0
    leased_until: datetime | None = None
    sent_at: datetime | None = None
    dead_at: datetime | None = None
    last_error: str = Field(default="", max_length=300)


_NOW: Final[Any] = bindparam("now", type_=UTCDateTime())
_DUE: Final = (
    select(OutboxMessage.id)
    .where(
        col(OutboxMessage.sent_at).is_(None),
        col(OutboxMessage.dead_at).is_(None),
        col(OutboxMessage.due_at) <= _NOW,
        col(OutboxMessage.leased_until).is_(None) | (col(OutboxMessage.leased_until) < _NOW),
    )
    .order_by(col(OutboxMessage.due_at))
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE: Final = (
    update(OutboxMessage)
    .where(col(OutboxMessage.id) == _DUE.scalar_subquery())
    .values(leased_until=bindparam("leased_until", type_=UTCDateTime()), attempts=col(OutboxMessage.attempts) + 1)
    .returning(*(getattr(OutboxMessage, name) for name in ("id", "to_address", "template", "context", "queued_at")))
)
_LEFT: Final = (
    update(OutboxMessage)
    .where(col(OutboxMessage.id) == bindparam("message"))
    .values(sent_at=_NOW, leased_until=None, context={})
)


def queue(
    session: Session, template: str, at: datetime | None = None, /, *, to: str, dedupe: str, **context: str | int
) -> None:
    """Queue one message; the same `dedupe` key a second time is quietly the same message.

    `template` is a path under templates/mail/; its first line is the subject. `at`, where the caller knows it, is now.
    """
    queue_all(session, template, {dedupe: to}, at, **context)


def queue_all(
    session: Session, template: str, addresses: Mapping[str, str], at: datetime | None = None, /, **context: str | int
) -> None:
    """Queue the same message to many: `addresses` by `dedupe` key. As few statements for a thousand as for one."""
    queue_each(session, template, [(dedupe, to, context) for dedupe, to in addresses.items()], at)


def queue_each(
    session: Session,
    template: str,
    messages: Collection[tuple[str, str, Mapping[str, str | int]]],
    at: datetime | None = None,
) -> None:
    """Queue many that differ, as (`dedupe` key, address, context)."""
    if messages:
        at = at or clock.now(session)
        for dedupe, to, context in messages:
            row = {
                "id": new_id(),
                "dedupe": dedupe,
                "to_address": to,
                "template": template,
                "context": dict(context),
                "queued_at": at,
                "due_at": at,
                "attempts": 0,
                "last_error": "",
            }
            together.insert(session, OutboxMessage, row, once="dedupe")


def forget(session: Session, addresses: Collection[str]) -> None:
    """Take these addresses, and what was written to them, from the messages that are kept; what waits is not sent any more."""
    _forget(session, col(OutboxMessage.to_address).in_(addresses))


def forget_about(session: Session, records: Collection[UUID]) -> None:
    """The same for messages about these records, whomever they went to: those whose `dedupe` names one."""
    named = {str(record) for record in records}
    kept = session.exec(select(OutboxMessage.id, OutboxMessage.dedupe))
    _forget(session, col(OutboxMessage.id).in_([key for key, dedupe in kept if named & set(dedupe.split(":"))]))


def _forget(session: Session, which: ColumnElement[bool]) -> None:
    of = update(OutboxMessage).where(which)
    waiting = col(OutboxMessage.sent_at).is_(None), col(OutboxMessage.dead_at).is_(None)
    session.exec(of.where(*waiting).values(dead_at=clock.now(session)))
    session.exec(of.values(to_address="", context={}))


class Transport(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Hand over one message, or raise `OSError` or `smtplib.SMTPException` for a later try."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Each message a .eml file, for development."""

    path: Path

    def send(self, message: EmailMessage) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / f"{message['Message-ID'].strip('<>').partition('@')[0]}.eml").write_bytes(bytes(message))


@dataclass(frozen=True, slots=True)
class Smtp:
    """`smtp://user:password@host:port` or `smtps://…`; smtp upgrades to TLS where a user is given."""

    url: str

    def send(self, message: EmailMessage) -> None:
        parts = urlsplit(self.url)
        host, port, trusted = parts.hostname or "localhost", parts.port or 0, ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(host, port, timeout=20, context=trusted)
            if parts.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=20)
        ) as server:
            if parts.username:
                if parts.scheme == "smtp":
                    server.starttls(context=trusted)
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)


def transport(url: str) -> Transport:
    """`folder:PATH`, `smtp://…` or `smtps://…`. Raises `ValueError`."""
    if url.startswith("folder:"):
        return Folder(Path(url.removeprefix("folder:")))
    if url.startswith(("smtp://", "smtps://")):
        return Smtp(url)
    raise ValueError(f"unknown mail address {url!r}")


def deliver(database: Database, by: Transport, render: Render, *, sender: str, most: int = 50) -> int:
    """Deliver what is due, at most `most` messages; returns how many left. A failure is retried later, ever more slowly."""
    sent, last = 0, None
    for number in range(most + 1):
        try:
            row = _turn(database, last, take=number < most)
        except Exception:
            if last:  # the next cannot be taken: what has left must not leave again for that
                _turn(database, last, take=False)
            raise
        if row is None:
            break
        last = _Attempt(row.id)
        try:
            by.send(_compose(row, render, sender))
        except Exception as error:  # a message that cannot be made or sent must not hold up those behind it
            last = _Attempt(row.id, type(error).__name__)
            log.warning("mail not sent", message=str(row.id), template=row.template, error=last.error)
        sent += not last.error
    return sent


@dataclass(frozen=True, slots=True)
class _Attempt:
    message_id: UUID
    error: str = ""


def _turn(database: Database, last: _Attempt | None, *, take: bool) -> Any:
    """Write down how the last attempt ended and take the next message that is due, in one write: a rush queues thousands.

    One at a time, so that a lease need only outlast one delivery.
    """
    with database.write() as session:
        now = clock.now(session)
        if last:
            (_failed if last.error else _sent)(session, last, now)
        if not take:
            return None
        return next(iter(fetch(session, _TAKE, {"now": now, "leased_until": now + LEASE})), None)


def _compose(row: Any, render: Render, sender: str) -> EmailMessage:
    subject, body = render(row.template, row.context)
    message = EmailMessage(policy=_UNFOLDED if subject.isascii() else default)
    message["From"], message["To"], message["Subject"] = sender, row.to_address, subject
    message["Date"], message["Message-ID"] = format_datetime(row.queued_at), f"<{row.id}@portal.invalid>"
    message.set_content(body)
    return message


def _sent(session: Session, attempt: _Attempt, now: datetime) -> None:
    session.connection().execute(_LEFT, {"message": attempt.message_id, "now": now})


def _failed(session: Session, attempt: _Attempt, now: datetime) -> None:
    row = session.get_one(OutboxMessage, attempt.message_id)
    row.leased_until, row.last_error = None, attempt.error
    if row.attempts >= MOST_ATTEMPTS:
        row.dead_at, row.context = now, {}
        return
    wait = min(30 * 2**row.attempts, 6 * 3600) * (0.5 + random.random())  # noqa: S311 - jitter, not a secret
    row.due_at = now + timedelta(seconds=wait)


def waiting(session: Session) -> int:
    """How many messages have not left."""
    return int(
        session.connection()
        .execute(text("SELECT count(*) FROM outbox_message WHERE sent_at IS NULL AND dead_at IS NULL"))
        .scalar_one()
    )
