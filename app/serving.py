"""The web process: it imports what it serves and no more, and where there are several workers, once for all of them."""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
from typing import Any, Final

import uvicorn
from sqlalchemy import make_url
from sqlalchemy.orm import configure_mappers
from uvicorn import _subprocess
from uvicorn.supervisors import Multiprocess

from app.settings import Settings
from app.web.pages import environment

APPLICATION: Final = "app.main:create_app"
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


def serve(config: Settings, rest: list[str]) -> int:
    if not (config.root / "static" / "vendor" / "htmx.min.js").exists():
        subprocess.run([sys.executable, str(config.root / "static" / "build.py")], check=True)  # noqa: S603
    options: dict[str, Any] = {
        "factory": True,
        "host": config.host,
        "port": config.port,
        "workers": config.processes,
        "log_level": "warning",
        "proxy_headers": True,
        "forwarded_allow_ips": config.forwarded_by,
        "server_header": False,
    }
    gc.disable()  # what is made until the application starts, which turns it on, is there to stay
    if config.processes == 1:
        uvicorn.run(APPLICATION, **options)
    else:
        server = uvicorn.Config(APPLICATION, **options)
        _load(server, config)
        Multiprocess(server, sockets=[server.bind_socket()]).run()
    return 0


def _load(server: uvicorn.Config, config: Settings) -> None:
    """All that the workers share, which begin as copies of this process: code, tables, forms, and the application.

    No thread, connection or file may be open yet, for copies share none of these.
    """
    server.load()
    make_url(config.database_url).get_dialect().import_dbapi()
    configure_mappers()
    environment()
    gc.freeze()
    os.register_at_fork(before=_hold, after_in_parent=_hear, after_in_child=_end_when_told)
    _subprocess.spawn = multiprocessing.get_context("fork")  # type: ignore[assignment]


def _hold() -> None:
    """Nothing is heard while a copy is made, so that nothing is lost between the two."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)


def _hear() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


def _end_when_told() -> None:
    """A copy has the handlers of the process that looks after it, which would note that it is to end, and wait for that for ever.

    Once its server starts it ends in order. What else is told to that process is not for a worker to heed.
    """
    for one in _ENDING:
        signal.signal(one, signal.SIG_DFL)
    _hear()
