"""The outbox: what is queued with its cause arrives through a real mail server, once, and again only after a crash."""

import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from json import JSONDecodeError
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text
from sqlmodel import select

from app.core import mail
from app.core.database import Database
from app.core.mail import LEASE, MOST_ATTEMPTS, Folder, OutboxMessage, Smtp, transport
from tests import NOON, ROOT
from tests.conftest import Clock

SENDER = "Portal <no-reply@portal.example>"


def render(template: str, context: dict[str, Any]) -> tuple[str, str]:
    return f"Subject of {template}", f"Dear {context['name']},\nsomething waits for you.\n"


class Inbox:
    """A mail server's handler: keeps what arrives, and refuses the recipients it is told to."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.logins: list[str] = []
        self.url = ""

    @property
    def ids(self) -> list[str]:
        return [message["Message-ID"] for message in self.messages]

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def authenticate(self, server: SMTP, session: SmtpSession, envelope: Envelope, kind: str, given: Any) -> AuthResult:
        self.logins.append(given.login.decode())
        return AuthResult(success=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listen(inbox: Inbox, **more: Any) -> Controller:
    server = Controller(inbox, hostname="127.0.0.1", port=_free_port(), **more)
    server.start()
    return server


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    box = Inbox()
    server = _listen(box)
    box.url = f"smtp://127.0.0.1:{server.port}"
    yield box
    server.stop()


def _queue(db: Database, *dedupes: str, to: str = "ann@example.org") -> None:
    with db.write() as session:
        for dedupe in dedupes:
            mail.queue(session, "test/one.txt", to=to, dedupe=dedupe, name="Ann")


def _deliver(db: Database, by: mail.Transport, **more: Any) -> int:
    return mail.deliver(db, by, more.pop("render", render), sender=SENDER, **more)


def _rows(db: Database) -> list[OutboxMessage]:
    with db.read() as session:
        return list(session.exec(select(OutboxMessage).order_by(OutboxMessage.dedupe)))


def _waiting(db: Database) -> int:
    with db.read() as session:
        return mail.waiting(session)


# --- Queueing


@pytest.mark.row("14.1")
def test_a_message_of_a_failed_change_is_never_sent(db: Database, inbox: Inbox) -> None:
    with pytest.raises(RuntimeError), db.write() as session:
        mail.queue(session, "test/one.txt", to="ann@example.org", dedupe="a", name="Ann")
        raise RuntimeError
    assert _deliver(db, Smtp(inbox.url)) == 0
    assert inbox.messages == []


@pytest.mark.row("14.1")
def test_the_same_message_queued_twice_is_one(db: Database) -> None:
    _queue(db, "a", "a", "b")
    _queue(db, "a")
    assert [row.dedupe for row in _rows(db)] == ["a", "b"]


def test_many_are_queued_at_once_and_none_is_no_trouble(db: Database) -> None:
    with db.write() as session:
        mail.queue_all(session, "test/one.txt", {}, name="Ann")
        mail.queue_all(session, "test/one.txt", {"a": "ann@example.org", "b": "bob@example.org"}, name="you")
        mail.queue_all(session, "test/one.txt", {"b": "bob@example.org", "c": "cy@example.org"}, name="you")
    assert [(row.dedupe, row.to_address) for row in _rows(db)] == [
        ("a", "ann@example.org"),
        ("b", "bob@example.org"),
        ("c", "cy@example.org"),
    ]


def test_two_changes_at_once_with_one_message_both_succeed(db: Database) -> None:
    """A reminder queued by two workers in the same second is no error of either."""
    together = Barrier(4)

    def queue() -> None:
        together.wait()
        _queue(db, "same")

    threads = [Thread(target=queue) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.dedupe for row in _rows(db)] == ["same"]


# --- Delivering


def test_a_message_arrives_whole_at_a_real_server(db: Database, clock: Clock, inbox: Inbox) -> None:
    _queue(db, "a")
    assert _waiting(db) == 1
    assert _deliver(db, Smtp(inbox.url)) == 1
    (message,) = inbox.messages
    (row,) = _rows(db)
    assert message["From"] == SENDER
    assert message["To"] == "ann@example.org"
    assert message["Subject"] == "Subject of test/one.txt"
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == f"<{row.id}@portal.invalid>"
    assert message.get_content().splitlines() == ["Dear Ann,", "something waits for you."]
    assert row.sent_at == NOON and row.leased_until is None
    assert _waiting(db) == 0
    assert _deliver(db, Smtp(inbox.url)) == 0


def test_no_more_leave_than_are_asked_for_and_the_oldest_go_first(db: Database, clock: Clock, inbox: Inbox) -> None:
    for dedupe in ("c", "a", "b"):
        _queue(db, dedupe, to=f"{dedupe}@example.org")
        clock.forward(seconds=1)
    assert _deliver(db, Smtp(inbox.url), most=2) == 2
    assert [message["To"] for message in inbox.messages] == ["c@example.org", "a@example.org"]
    assert _deliver(db, Smtp(inbox.url)) == 1


def test_a_refused_recipient_is_tried_again_later_and_holds_up_nobody(db: Database, clock: Clock, inbox: Inbox) -> None:
    inbox.refused.add("shut@example.org")
    _queue(db, "a", to="shut@example.org")
    _queue(db, "b")
    assert _deliver(db, Smtp(inbox.url)) == 1
    refused = _rows(db)[0]
    assert (refused.sent_at, refused.attempts, refused.last_error) == (None, 1, "SMTPRecipientsRefused")
    assert timedelta(seconds=30) <= refused.due_at - NOON <= timedelta(seconds=90)
    assert _deliver(db, Smtp(inbox.url)) == 0, "not before it is due"
    clock.set(refused.due_at)
    inbox.refused.clear()
    assert _deliver(db, Smtp(inbox.url)) == 1
    assert _waiting(db) == 0


def test_a_message_nobody_takes_is_tried_ever_more_slowly_and_then_given_up(
    db: Database, clock: Clock, inbox: Inbox
) -> None:
    inbox.refused.add("shut@example.org")
    _queue(db, "a", to="shut@example.org")
    waits = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert _deliver(db, Smtp(inbox.url)) == 0
        (row,) = _rows(db)
        assert row.attempts == attempt
        waits.append(row.due_at - clock.moment)
        clock.forward(hours=10)
    assert row.dead_at is not None
    assert waits[0] < timedelta(minutes=2) < waits[4] < waits[8] <= timedelta(hours=9)
    assert _waiting(db) == 0
    assert _deliver(db, Smtp(inbox.url)) == 0
    assert _rows(db)[0].attempts == MOST_ATTEMPTS


def test_a_server_that_is_down_loses_nothing(db: Database, clock: Clock, inbox: Inbox) -> None:
    _queue(db, "a", "b")
    assert _deliver(db, Smtp(f"smtp://127.0.0.1:{_free_port()}")) == 0
    assert {row.last_error for row in _rows(db)} == {"ConnectionRefusedError"}
    clock.forward(hours=1)
    assert _deliver(db, Smtp(inbox.url)) == 2


def test_a_message_that_cannot_be_made_holds_up_nobody(db: Database, clock: Clock, inbox: Inbox) -> None:
    def mostly(template: str, context: dict[str, Any]) -> tuple[str, str]:
        if template == "test/broken.txt":
            raise KeyError("name")
        return render(template, context)

    with db.write() as session:
        mail.queue(session, "test/broken.txt", to="ann@example.org", dedupe="broken")
        mail.queue(session, "test/one.txt", to="ann@example.org\nBcc: all@example.org", dedupe="injected", name="Ann")
    clock.forward(seconds=1)
    _queue(db, "good")
    assert _deliver(db, Smtp(inbox.url), render=mostly) == 1
    assert {row.dedupe: row.last_error for row in _rows(db)} == {
        "broken": "KeyError",
        "good": "",
        "injected": "ValueError",
    }


# --- Once


@pytest.mark.row("14.1")
def test_two_workers_at_once_deliver_each_message_once(db: Database, database_url: str, inbox: Inbox) -> None:
    _queue(db, *(f"message {number:02}" for number in range(30)))
    together, sent = Barrier(3), []

    def work() -> None:
        own = Database(database_url)
        together.wait()
        sent.append(_deliver(own, Smtp(inbox.url)))
        own.close()

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 30
    assert len(inbox.ids) == len(set(inbox.ids)) == 30
    assert {row.attempts for row in _rows(db)} == {1}


KILLED = """
import os, signal, sys
from app.core.database import Database
from app.core.mail import Smtp, deliver

class KilledAfterSending:
    def send(self, message):
        Smtp(sys.argv[2]).send(message)
        os.kill(os.getpid(), signal.SIGKILL)

deliver(Database(sys.argv[1]), KilledAfterSending(), lambda template, context: ("s", "b"), sender="p@portal.example")
"""


@pytest.mark.row("14.1")
def test_a_worker_killed_after_sending_sends_again_under_the_same_message_id(
    db: Database, database_url: str, inbox: Inbox, clock: Clock
) -> None:
    clock.set(NOON - timedelta(days=3_650))  # long due, by the real clock of the worker to be killed
    _queue(db, "a")
    worker = subprocess.run([sys.executable, "-c", KILLED, database_url, inbox.url], cwd=ROOT, check=False)
    assert worker.returncode == -9
    (row,) = _rows(db)
    assert row.sent_at is None and row.leased_until is not None
    clock.set(row.leased_until)
    assert _deliver(db, Smtp(inbox.url)) == 0, "its lease still runs"
    clock.forward(seconds=1)
    assert _deliver(db, Smtp(inbox.url)) == 1
    assert inbox.ids == [f"<{row.id}@portal.invalid>"] * 2, "so that the receiving server can drop the second"


def test_a_lease_outlasts_one_delivery_however_slow(db: Database, clock: Clock) -> None:
    """Messages are taken one at a time: the last of a slow batch is not leased, and lost to another worker, early."""

    class Slow:
        leases: list[timedelta] = []  # noqa: RUF012

        def send(self, message: EmailMessage) -> None:
            leased = [row.leased_until for row in _rows(db) if row.leased_until]
            self.leases += [until - clock.moment for until in leased]
            clock.forward(seconds=100)

    _queue(db, "a", "b", "c")
    assert _deliver(db, Slow()) == 3
    assert Slow.leases == [LEASE] * 3


def test_a_delivery_that_outlasts_its_lease_and_fails_is_not_begun_again_at_once(db: Database, clock: Clock) -> None:
    class Slow:
        sent = 0

        def send(self, message: EmailMessage) -> None:
            self.sent += 1
            clock.forward(seconds=LEASE.total_seconds() + 1)
            raise OSError

    _queue(db, "a")
    slow = Slow()
    assert _deliver(db, slow) == 0
    (row,) = _rows(db)
    assert (slow.sent, row.attempts, row.leased_until) == (1, 1, None)


def test_what_has_left_is_written_down_though_the_next_cannot_be_taken(
    db: Database, clock: Clock, inbox: Inbox
) -> None:
    if db.engine.dialect.name == "postgresql":
        pytest.skip("the server itself refuses such a row")
    _queue(db, "a", "b")
    with db.write() as session:
        session.connection().execute(text("UPDATE outbox_message SET context = 'no JSON' WHERE dedupe = 'b'"))
    for _ in range(2):
        clock.forward(hours=1)
        with pytest.raises(JSONDecodeError):
            _deliver(db, Smtp(inbox.url))
    assert len(inbox.ids) == 1


# --- Ways out


def test_a_folder_keeps_each_message_as_a_file(db: Database, clock: Clock, tmp_path: Path) -> None:
    _queue(db, "a")
    assert _deliver(db, transport(f"folder:{tmp_path}/mail/out")) == 1
    (row,) = _rows(db)
    (path,) = (tmp_path / "mail" / "out").iterdir()
    assert path.name == f"{row.id}.eml"
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == "ann@example.org"
    assert "something waits for you" in message.get_content()


@pytest.mark.parametrize(
    "words",
    ["word " * 17, "word " * 50, "Tŷ Hapus’ bid waits for you", "ŵ" * 90],
    ids=["a line", "several", "a few not ASCII", "none ASCII"],
)
def test_a_subject_arrives_as_it_was_written(db: Database, tmp_path: Path, words: str) -> None:
    subjects = [words[cut:].strip() for cut in range(20)]
    for number in range(20):
        _queue(db, f"{number}")
    written = iter(subjects)
    way = transport(f"folder:{tmp_path}")
    assert mail.deliver(db, way, lambda *_: (next(written), "Hello"), sender=SENDER) == 20
    raw = [path.read_bytes() for path in tmp_path.glob("*.eml")]
    assert not any(b"Subject:\n" in one or b"Subject:  " in one for one in raw)
    assert {message_from_bytes(one, policy=policy.default)["Subject"] for one in raw} == set(subjects)


def test_the_address_says_which_way_out() -> None:
    assert transport("folder:var/mail") == Folder(Path("var/mail"))
    assert transport("smtp://mail:25") == Smtp("smtp://mail:25")
    assert transport("smtps://mail") == Smtp("smtps://mail")
    with pytest.raises(ValueError, match="unknown mail address"):
        transport("carrier-pigeon:loft")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_goes_only_to_a_server_whose_certificate_is_trusted(
    scheme: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(certificate)
    box = Inbox()
    upgrades = {"tls_context": identity} if scheme == "smtp" else {"ssl_context": identity, "auth_require_tls": False}
    server = _listen(box, authenticator=box.authenticate, **upgrades)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, "ann@example.org", "Hello"
    way = transport(f"{scheme}://portal:p%40ss@127.0.0.1:{server.port}")
    try:
        with pytest.raises((ssl.SSLCertVerificationError, smtplib.SMTPException)):
            way.send(message)
        assert (box.logins, box.messages) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        way.send(message)
        assert box.logins == ["portal"] and len(box.messages) == 1
    finally:
        server.stop()
