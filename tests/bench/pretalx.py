"""pretalx, installed and served: free software for calls, submissions and reviews, the peer that the bars name.

It is fetched by name into a cache of its own, never among this project's packages, and served as its documentation says: by
gunicorn with two workers, on PostgreSQL, without DEBUG. What favours it is left to it: its workers keep connections, its calls
ask no questions beyond its own, and addresses at example.org get no mail.
"""

import os
import re
import shutil
import subprocess
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.engine import make_url

from tests.bench.load import HOST, Connection, Surprise, get, post
from tests.bench.servers import Server, ended, first_answer, free_port

PACKAGES: Final = ("pretalx[postgres]==2025.2.2", "gunicorn==27.0.1")
KEPT: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "portal-bench" / "pretalx-2025.2.2"
PYTHON: Final = KEPT / "bin" / "python"
STATIC: Final = KEPT / "static"
"""Made last: where it is, all is."""
LIST: Final = "/"
CALL: Final = "/call-1/cfp"
OWN: Final = "/call-1/me/submissions/"
"""What somebody signed in has submitted to that call, each with its state."""
CALLS: Final = 50
OPENING: Final = f"""
from datetime import timedelta
from django.utils.timezone import now
from pretalx.event.models import Event
from pretalx.event.utils import create_organiser_with_team
organiser, _ = create_organiser_with_team(name="Test agency", slug="agency", users=[])
first = now().date() + timedelta(days=60)
for number in range({CALLS}):
    event = Event.objects.create(
        name=f"Therapy for two siblings, {{number}}", slug=f"call-{{number}}", organiser=organiser, is_public=True,
        date_from=first, date_to=first + timedelta(days=1), email="agency@example.org", timezone="Europe/London",
        locale="en", locale_array="en", content_locale_array="en")
    event.cfp.deadline = now() + timedelta(days=10)
    event.cfp.text = "Two siblings find it hard to feel safe at home after several moves. " * 8
    event.cfp.save()
"""


def installed() -> None:
    """Raises `CalledProcessError` when a package cannot be had."""
    if STATIC.exists():
        return
    print(f"pretalx goes into {KEPT}", flush=True)
    shutil.rmtree(KEPT, ignore_errors=True)
    venv.create(KEPT, with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    unfinished = KEPT / "unfinished"
    where = {"PRETALX_DATA_DIR": str(KEPT / "data"), "PRETALX_FILESYSTEM_STATIC": str(unfinished)}
    _manage(where, "collectstatic", "--noinput")
    unfinished.rename(STATIC)


@contextmanager
def serving_calls(url: str, folder: Path) -> Iterator[Server]:
    """On an empty database, which is filled with an organiser's open calls."""
    installed()
    address, port = make_url(url), free_port()
    settings = {
        "PRETALX_CONFIG_FILE": os.devnull,
        "PRETALX_DATA_DIR": str(folder / "pretalx"),
        "PRETALX_FILESYSTEM_STATIC": str(STATIC),
        "PRETALX_SITE_URL": f"http://{HOST}",
        "PRETALX_DB_TYPE": "postgresql",
        "PRETALX_DB_NAME": str(address.database),
        "PRETALX_DB_USER": address.username or "",
        "PRETALX_DB_PASS": address.password or "",
        "PRETALX_DB_HOST": address.host or str(address.query["host"]),
    }
    _manage(settings, "migrate")
    _manage(settings, "shell", "--unsafe-disable-scopes", "--command", OPENING)
    began = time.perf_counter()
    options = ("--workers", "2", "--worker-class", "gthread", "--threads", "8", "--keep-alive", "75")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = (PYTHON, "-m", "gunicorn", "pretalx.wsgi", *options, "--bind", f"127.0.0.1:{port}")
    process = subprocess.Popen(command, env=os.environ | settings, cwd=folder, **quiet)
    with ended(process):
        first_answer(process, port, get(LIST))
        yield Server(process, port, time.perf_counter() - began)


def submit(port: int, visitor: int) -> tuple[float, str]:
    """A newcomer's whole way through the wizard, from the call to the page that shows what was submitted.

    The milliseconds that it took, and the cookies of the one who is now signed in. Raises `Surprise` when it ends elsewhere.
    """
    password, title = "correct-horse-battery-9", "Therapy for two siblings"
    steps = (
        {"title": title, "abstract": "We would see both children together. " * 20},
        {
            "register_name": "Olive Owner",
            "register_email": f"owner-{visitor}@example.org",
            "register_password": password,
            "register_password_repeat": password,
        },
        {"name": "Olive Owner", "biography": "A therapist for twenty years."},
    )
    began = time.perf_counter()
    browser = _Browser(port)
    browser.ask("/call-1/submit/")
    for step in steps:
        browser.send(step)
    took = (time.perf_counter() - began) * 1000
    browser.connection.close()
    if browser.path != OWN or title.encode() not in browser.page:
        raise Surprise(f"pretalx did not take it: {browser.path}\n{browser.page[:300]!r}")
    return took, browser.cookie()


class _Browser:
    """One visitor's connection and cookies, and the page to which they were last led."""

    def __init__(self, port: int) -> None:
        self.connection = Connection(port)
        self.cookies: dict[str, str] = {}
        self.path, self.page = "", b""

    def ask(self, path: str) -> None:
        self._follow(path, get(path, self.cookie()))

    def send(self, fields: dict[str, str]) -> None:
        """The form on the page, filled in."""
        token = self.cookies["pretalx_csrftoken"]
        body = urlencode({"csrfmiddlewaretoken": token, "action": "submit"} | fields)
        self._follow(self.path, post(self.path, body, self.cookie()).replace(b"Origin: https:", b"Origin: http:"))

    def _follow(self, path: str, request: bytes) -> None:
        """To the page where the redirects end."""
        head, self.page = self.connection.send(request)
        self.path = path
        for cookie in re.finditer(rb"(?mi)^set-cookie: ([^=]+)=([^;\r]*)", head):
            self.cookies[cookie[1].decode()] = cookie[2].decode()
        if further := re.search(rb"(?mi)^location: (\S+)", head):
            self.ask(further[1].decode())

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def _manage(settings: dict[str, str], *command: str) -> None:
    """Its own commands; what it says is shown when one fails."""
    done = subprocess.run(
        [PYTHON, "-m", "pretalx", *command],
        env=os.environ | settings,
        cwd=KEPT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise RuntimeError(f"pretalx {command[0]}: {done.stdout.decode()[-2000:]}")
