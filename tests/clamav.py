"""A real ClamAV daemon of the test run, with a signature database of two lines, on a socket in a folder of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

HOW = "apt-get install -y --no-install-recommends clamav-daemon"
PROGRAM = shutil.which("clamd") or ("/usr/sbin/clamd" if Path("/usr/sbin/clamd").exists() else None)
EICAR_HEX = (
    "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e544956495255532d"
    "544553542d46494c452124482b482a"
)


def or_skip() -> None:
    """Nothing is skipped in CI."""
    if PROGRAM is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no ClamAV here; install it with: sudo {HOW}")


class ClamavServer:
    """One daemon, ended by its own process id; `tcp` and `unix` are its addresses for the settings."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-clamav-"))
        (self.folder / "db").mkdir()
        (self.folder / "db" / "eicar.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR_HEX}\n")
        (self.folder / "db" / "canary.ndb").write_text("Portal-Test-Canary:0:*:" + b"portal-test-virus".hex() + "\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.tcp = f"clamd://127.0.0.1:{self.port}"
        self.unix = f"clamd+unix://{self.folder}/clamd.sock"
        self.start()
        return self

    def start(self) -> None:
        lines = (
            f"DatabaseDirectory {self.folder}/db",
            f"LocalSocket {self.folder}/clamd.sock",
            f"TCPSocket {self.port}",
            "TCPAddr 127.0.0.1",
            f"TemporaryDirectory {self.folder}",
            f"LogFile {self.folder}/clamd.log",
            "StreamMaxLength 25M",
            "Foreground yes",
            *(["User root"] if os.geteuid() == 0 else []),
        )
        (self.folder / "clamd.conf").write_text("\n".join(lines) + "\n")
        assert PROGRAM
        self.process = subprocess.Popen(
            [PROGRAM, "-c", str(self.folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "clamd.log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(10) == b"PONG\0"
        except OSError:
            return False
