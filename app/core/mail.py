"""The outbox: a message is a row of the same transaction as its cause; the worker delivers it later.

A message holds no secret: it says that something waits behind the sign-in. Delivery is at least once, with the row's id as
Message-ID, so that a receiving server can drop a repeat.
"""

import random
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from app.core import clock
from app.core.database import Database
from app.core.rows import identity

LEASE: Final = timedelta(minutes=2)
MOST_ATTEMPTS: Final = 12

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


def queue(session: Session, template: str, *, to: str, dedupe: str, **context: str | int) -> None:
    """Queue one message; the same `dedupe` key a second time is quietly the same message.

    `template` is a path under templates/mail/; its first line is the subject.
    """
    if session.exec(select(OutboxMessage.id).where(OutboxMessage.dedupe == dedupe)).first():
        return
    at = clock.now(session)
    session.add(
        OutboxMessage(dedupe=dedupe, to_address=to, template=template, context=context, queued_at=at, due_at=at)
    )


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
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(parts.hostname or "localhost", parts.port or 0, timeout=20) as server:
            if parts.username:
                if parts.scheme == "smtp":
                    server.starttls()
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
    sent = 0
    for message_id in _claim(database, most):
        with database.read() as session:
            row = session.get_one(OutboxMessage, message_id)
            to_address, template, context, queued_at = row.to_address, row.template, row.context, row.queued_at
        subject, body = render(template, context)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to_address, subject
        message["Date"], message["Message-ID"] = format_datetime(queued_at), f"<{message_id}@portal.invalid>"
        message.set_content(body)
        try:
            by.send(message)
        except (OSError, smtplib.SMTPException) as error:
            _failed(database, message_id, type(error).__name__)
        else:
            sent += _sent(database, message_id)
    return sent


def _claim(database: Database, most: int) -> list[UUID]:
    with database.write() as session:
        now = clock.now(session)
        due = select(OutboxMessage).where(
            col(OutboxMessage.sent_at).is_(None),
            col(OutboxMessage.dead_at).is_(None),
            OutboxMessage.due_at <= now,
            col(OutboxMessage.leased_until).is_(None) | (col(OutboxMessage.leased_until) < now),
        )
        ordered = due.order_by(col(OutboxMessage.due_at)).limit(most).with_for_update(skip_locked=True)
        rows = list(session.exec(ordered))
        for row in rows:
            row.leased_until, row.attempts = now + LEASE, row.attempts + 1
        return [row.id for row in rows]


def _sent(database: Database, message_id: UUID) -> int:
    with database.write() as session:
        row = session.get_one(OutboxMessage, message_id)
        row.sent_at, row.leased_until = clock.now(session), None
        return 1


def _failed(database: Database, message_id: UUID, error: str) -> None:
    with database.write() as session:
        row, now = session.get_one(OutboxMessage, message_id), clock.now(session)
        row.leased_until, row.last_error = None, error
        if row.attempts >= MOST_ATTEMPTS:
            row.dead_at = now
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
