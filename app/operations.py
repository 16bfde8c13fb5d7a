"""What an operator does from the command line, but for serving: each function takes the settings and the words that follow it."""

import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from alembic import command as alembic
from alembic.config import Config
from sqlalchemy.engine import make_url

import app.briefs.reference
import app.evidence.reference
import app.frameworks.reference
import app.organisations.reference
import app.providers.reference
from app import demo, work
from app.bids.rules import RECEIPT_FIELDS
from app.core import audit as trail
from app.core import clock
from app.core.blobs import Blobs, StoreAway
from app.core.crypto import Unreadable
from app.core.database import Database
from app.core.london import london_day
from app.core.refusals import Refused
from app.core.signing import SigningKeys, as_published, check
from app.core.sweeping import rewrap, sweep
from app.evidence import purging
from app.evidence.keeping import encrypt_plain
from app.evidence.queries.forgetting import people_due
from app.evidence.queries.retention import going
from app.main import connect
from app.organisations import commands as organisations
from app.settings import Settings

REFERENCE: Final = (
    app.organisations.reference,
    app.providers.reference,
    app.evidence.reference,
    app.frameworks.reference,
    app.briefs.reference,
)


def run(config: Settings, rest: list[str]) -> int:
    if config.production:
        print("`run` is for trying the service; in production use migrate, serve and work.", file=sys.stderr)
        return 2
    url = f"http://{config.host}:{config.port}"
    config = config.model_copy(update={"demonstration": True, "scanner": "development", "public_url": url})
    if _taken(config):
        print(f"Port {config.port} is in use. Choose another: PORT={config.port + 1} make run", file=sys.stderr)
        return 1
    print("Preparing the database")
    migrate(config, [])
    reference(config, [])
    fill(config, [])
    port, token = _free_port(), secrets.token_urlsafe(32)
    config = config.model_copy(update={"keyholder_url": f"http://127.0.0.1:{port}", "keyholder_token": token})
    own = {"KEYHOLDER_PORT": str(port), "KEYHOLDER_TOKEN": token, "KEYHOLDER_DATABASE_URL": config.database_url}
    children = [
        subprocess.Popen([sys.executable, "-m", "app", name], env=config.environment_for_children() | more)  # noqa: S603
        for name, more in (("serve", {}), ("work", {}), ("keyholder", own))
    ]
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        while not _taken(config) and children[0].poll() is None:
            time.sleep(0.1)
        _welcome(config, url)
        return children[0].wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def tend(config: Settings, rest: list[str]) -> int:
    work.work(config)
    return 0


def migrate(config: Settings, rest: list[str]) -> int:
    file = make_url(config.database_url).database
    if config.database_url.startswith("sqlite") and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    where = Config(toml_file=str(config.root / "pyproject.toml"))
    where.attributes["database_url"] = config.database_url
    alembic.upgrade(where, rest[0] if rest else "head")
    return 0


def reference(config: Settings, rest: list[str]) -> int:
    database = Database(config.database_url)
    for room in REFERENCE:
        with database.write() as session:
            counts = room.load(session)
        print("Reference data: " + ", ".join(f"{count} {words}" for words, count in counts.items()))
    database.close()
    return 0


def fill(config: Settings, rest: list[str]) -> int:
    database = Database(config.database_url)
    made = demo.fill(database, Blobs(config.blob_url, config.document_keys), config)
    print("Demonstration: " + ("filled" if made else "there already, left as it is"))
    database.close()
    return 0


def appoint(config: Settings, rest: list[str]) -> int:
    """ORGANISATION is a slug of the reference data, or `lead:NAME` or `platform:NAME`, made when it is new."""
    if len(rest) != 3:
        print("usage: python -m app appoint EMAIL ROLE ORGANISATION", file=sys.stderr)
        return 2
    database = Database(config.database_url)
    try:
        with database.write() as session:
            words = organisations.appoint(session, *rest)
    except Refused as refused:
        print(refused.refusal.words, file=sys.stderr)
        return 1
    finally:
        database.close()
    print(words)
    return 0


def audit(config: Settings, rest: list[str]) -> int:
    if rest != ["verify"]:
        print("usage: python -m app audit verify", file=sys.stderr)
        return 2
    database = Database(config.database_url)
    with database.read() as session:
        faults = list(trail.verify(session))
    database.close()
    for fault in faults:
        print(f"event {fault.position} {fault.words}")
    print("the chain is whole" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


def retention(config: Settings, rest: list[str]) -> int:
    """List what the schedule ends today, with the rule; `--apply` deletes it, and leaves what a legal hold keeps."""
    if rest not in (["--dry-run"], ["--apply"]):
        print("usage: python -m app retention --dry-run | --apply", file=sys.stderr)
        return 2
    connect()
    database = Database(config.database_url)
    with database.read() as session:
        on = london_day(clock.now(session))
        files, people = going(session, on), people_due(session, on)
    for file in files:
        ends = "kept by a legal hold" if file.held else "goes"
        print(f"{ends}: {file.what}, of {file.provider_name}; {file.rule.name}, due {file.due_on}; {file.sha256}")
    for one in people:
        ends = "kept by a legal hold" if one.held else "named no longer"
        print(
            f"{ends}: {one.practitioners} practitioners and {one.people} people of {one.provider_name}, due {one.due_on}"
        )
    gone = purging.purge(database, Blobs(config.blob_url, config.document_keys), on) if rest == ["--apply"] else []
    database.close()
    held = sum(file.held for file in files)
    print(f"{len(files) - held} files due, {held} held, {len(gone)} deleted")
    return 0


def receipt(config: Settings, rest: list[str]) -> int:
    """Ends with 1 when it is not genuine. KEYS is what `/receipts/keys` answers, for whoever has no keys of the service's own."""
    if len(rest) not in (2, 3) or rest[0] != "verify":
        print("usage: python -m app receipt verify FILE [KEYS]", file=sys.stderr)
        return 2
    try:
        text, *keys = (Path(name).read_text() for name in rest[1:])
        public = as_published(keys[0]) if keys else SigningKeys.parse(config.receipt_keys, "receipts'").public
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    found = check(text, public, RECEIPT_FIELDS)
    print(found.words)
    for name, value in (found.said or {}).items():
        print(f"{name}: {value}")
    return 0 if found.said else 1


def documents(config: Settings, rest: list[str]) -> int:
    """Each can be stopped anywhere and begun again. Ends with 1 when bytes are missing, or nothing could be done."""
    if rest not in (["sweep"], ["rotate"]):
        print("usage: python -m app documents sweep | rotate", file=sys.stderr)
        return 2
    database, blobs = Database(config.database_url), Blobs(config.blob_url, config.document_keys)
    try:
        missing = _sweep(database, blobs) if rest == ["sweep"] else _rotate(database, blobs)
    except (StoreAway, Unreadable) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    finally:
        database.close()
    for key in missing:
        print(f"missing: {key}")
    return 1 if missing else 0


def _sweep(database: Database, blobs: Blobs) -> list[str]:
    swept = sweep(database, blobs)
    for key in swept.deleted:
        print(f"deleted: {key}")
    counts = f"{len(swept.deleted)} that no row names deleted, {swept.buried} infected ones buried"
    print(f"{swept.stored} files stored, {counts}, {len(swept.missing)} missing")
    return swept.missing


def _rotate(database: Database, blobs: Blobs) -> list[str]:
    wrapped = rewrap(database, blobs)
    encrypted, missing = encrypt_plain(database, blobs)
    print(
        f"key {blobs.keyring.current}: {wrapped} keys wrapped anew, {encrypted} plain files encrypted, {len(missing)} missing"
    )
    return missing


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _taken(config: Settings) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((config.host, config.port)) == 0


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _welcome(config: Settings, url: str) -> None:
    database = Database(config.database_url)
    people = demo.personas(database)
    database.close()
    print(f"\nOpen {url} and step into somebody's shoes on the sign-in page, or sign in as:\n")
    for name, email, note in people:
        print(f"  {email:34} {name}: {note}")
    print(f"\nEveryone's password is {demo.PASSWORD}\nMail lands in {config.mail_url.removeprefix('folder:')}/")
    print("Stop with Ctrl-C; what you do here is kept.", flush=True)
