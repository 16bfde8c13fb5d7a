"""A real server and a real browser: the site on a free port of this machine, and Chromium to walk it."""

import email
import email.policy
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import bindparam
from sqlmodel import Session, UTCDateTime

from app import work
from app.core import clock as app_clock
from app.core.blobs import Blobs
from app.core.database import Database
from app.main import create_app
from app.settings import Settings
from tests.sealing import keyholder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With JavaScript and without. Where both databases are asked for, each way meets one: pages are the same on both."""
    if "javascript" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--database")
        ways = [(True, "sqlite"), (False, "postgresql")] if asked == "both" else [(True, asked), (False, asked)]
        names = [f"{database}-{'javascript' if javascript else 'no-javascript'}" for javascript, database in ways]
        metafunc.parametrize(("javascript", "backend"), ways, ids=names, scope="session")


CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class MovingClock:
    """This machine's clock, which is the database's too, moved forward by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self, session: Session | None = None) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, by: timedelta) -> None:
        self.ahead += by


@dataclass(frozen=True)
class Site:
    url: str
    db: Database
    blobs: Blobs
    config: Settings
    clock: MovingClock

    def mail_to(self, address: str) -> list[str]:
        """Deliver what waits, then every body sent to this address, oldest first."""
        work.work_once(self.db, self.blobs, self.config)
        folder = Path(self.config.mail_url.removeprefix("folder:"))
        found = []
        for path in folder.glob("*.eml") if folder.exists() else ():
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["To"] == address:
                body = message.get_body()
                assert body is not None
                found.append((message["Date"].datetime, path.name, body.get_content()))
        return [body for _, _, body in sorted(found)]

    def link_in_mail(self, address: str) -> str:
        """The newest link sent to this address."""
        return re.findall(rf"{re.escape(self.url)}\S+", self.mail_to(address)[-1])[-1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; install it with: sudo apt-get install -y chromium-headless-shell")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def site(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    config = Settings(
        environment="test",
        database_url=db.url,
        blob_url=f"file:{tmp_path}/blobs",
        mail_url=f"folder:{tmp_path}/mail",
        public_url=url,
        port=port,
        scanner="development",
        demonstration=True,
    )
    clock = MovingClock()
    monkeypatch.setattr(app_clock, "now", clock)
    monkeypatch.setattr(app_clock, "MOMENT", bindparam("this_moment", callable_=clock, type_=UTCDateTime()))
    blobs = Blobs(config.blob_url, config.document_keys)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(db, config=config, blobs=blobs, keyholder=keyholder(db)),
            host="127.0.0.1",
            port=port,
            log_level="warning",
            lifespan="off",
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.01)
    yield Site(url, db, blobs, config, clock)
    server.should_exit = True
    thread.join(10)


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """`open_page(javascript=True, width=1280)`: a browser window of its own, as another person would have."""
    contexts = []

    def make(*, javascript: bool = True, width: int = 1280) -> Page:
        context = browser.new_context(
            java_script_enabled=javascript, viewport={"width": width, "height": 900}, locale="en-GB"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    yield make
    for context in contexts:
        context.close()


def axe_faults(page: Page) -> list[str]:
    """What axe finds wrong on this page, in words; nothing, we hope."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{page.url}: {v['id']}: {v['help']}: {[n['html'][:160] for n in v['nodes']][:3]}" for v in found]
