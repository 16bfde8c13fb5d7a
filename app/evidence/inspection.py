"""Asking the inspector what a PDF, DOCX or ODT is: a process of its own, one for each that asks, started at its first question."""

import atexit
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from app.core.segments import Draft
from app.evidence.inspector import MOST, PATIENCE
from app.evidence.unfit import CROWDED, UnfitFile

AT_ONCE: Final = 4
ROOT: Final = Path(__file__).resolve().parents[2]

log = structlog.get_logger("evidence")


class Inspector:
    """The other process. Where it has died, of whatever, the next question starts another."""

    def __init__(self) -> None:
        self._starting, self._sending, self._turns = (
            threading.Lock(),
            threading.Lock(),
            threading.BoundedSemaphore(AT_ONCE),
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None

    def ask(self, draft: Draft) -> bytes:
        """What it answers; nothing where whoever looked was killed, or is silent."""
        with self._turns:
            answer = self._asked(draft)
            if not answer and self._process and self._process.poll() is not None:
                answer = self._asked(draft)  # it was gone already: the file is not to blame
            return answer

    def close(self) -> None:
        """End it; the next question starts another."""
        if self._process and self._door:
            self._door.close()
            self._process.wait()
            self._process = self._door = None

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    def _asked(self, draft: Draft) -> bytes:
        ours, theirs = socket.socketpair()
        with ours, suppress(ConnectionResetError, TimeoutError):
            with theirs:
                door, descriptors = self._started(), [draft.stored().fileno(), theirs.fileno()]
                # One question after another: the door has no marks between them. Where the process has died, it breaks, or
                # another question has closed it already; then nobody answers.
                with self._sending, suppress(OSError):
                    socket.send_fds(door, [draft.how_to_open()], descriptors)
            ours.settimeout(PATIENCE + 1)
            return ours.recv(MOST)
        return b""

    def _started(self) -> socket.socket:
        with self._starting:
            if self._process is None or self._door is None or self._process.poll() is not None:
                self.close()
                ours, theirs = socket.socketpair()
                with theirs:
                    self._process = subprocess.Popen(
                        [sys.executable, "-m", "app.evidence.inspector"],
                        cwd=ROOT,
                        env={},
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                    )
                self._door = ours
            return self._door


INSPECTOR: Final = Inspector()
atexit.register(INSPECTOR.close)


def inspected(draft: Draft) -> str:
    """The media type. Raises `UnfitFile`, also of what cannot be looked through in the memory and time there is for it."""
    what, _, words = INSPECTOR.ask(draft).decode().partition(" ")
    if what == "fit":
        return words
    if not what:
        log.warning("an inspection was cut off", size=draft.size)
    raise UnfitFile(words or CROWDED)
