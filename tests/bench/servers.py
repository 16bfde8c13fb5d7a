"""Start a server as an operator would, wait for its first good answer, know its workers, and end it by its own id."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.settings import Settings
from tests.bench.load import HOST, Connection

PATIENCE: Final = 120.0
OURS: Final = ("-m", "app", "serve")
KEYHOLDER: Final = ("-m", "app", "keyholder")
WORKER: Final = ("-m", "app", "work")
FLOOR: Final = ("tests.bench.floor:create_app",)
MANNERS: Final = ("tests.bench.floor:create_app_with_manners",)


class Server:
    """`seconds` from the start of the process to the first 200."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, seconds: float) -> None:
        self.process, self.port, self.seconds = process, port, seconds

    def workers(self) -> list[int]:
        """The processes that answer: its children of the same command line, or those that uvicorn spawned, or itself alone."""
        own = _command_line(self.process.pid)
        lines = {one: _command_line(one) for one in children(self.process.pid)}
        spawned = [one for one, line in lines.items() if line == own or b"spawn_main" in line]
        return spawned or [self.process.pid]

    def cpu_seconds(self) -> float:
        """What its workers have used of the processors."""
        return sum(map(cpu_seconds, self.workers()))

    def megabytes(self) -> list[float]:
        """The proportional set size of each worker."""
        return [_pss(worker) for worker in self.workers()]

    def parent_megabytes(self) -> float:
        """The same of the process that looks after them, and of which they may be copies."""
        return _pss(self.process.pid)


def production(database_url: str, folder: Path) -> Settings:
    """The settings of a real deployment, every convenience of development off."""
    return Settings(
        environment="production",
        database_url=database_url,
        blob_url=f"file:{folder}/blobs",
        mail_url="smtp://127.0.0.1:1",
        public_url=f"https://{HOST}",
        allowed_hosts=HOST,
        secret_key="for-the-bench-alone-0123456789-0123456789",
        document_keys="bench:" + "A" * 43 + "=",
        receipt_keys="bench:" + "B" * 43 + "=",
        keyholder_token="between-the-bench-and-its-keyholder-0123456789",
    )


@contextmanager
def serving(
    what: tuple[str, ...],
    config: Settings,
    first: bytes,
    *,
    processes: int = 2,
    port: int = 0,
    under: tuple[str, ...] = (),
) -> Iterator[Server]:
    """`what` is `OURS`, the `KEYHOLDER` or an application's factory; `first` the request whose 200 says that it serves.

    `under` is a program, with its options, that is to start it and become it.
    """
    port = port or free_port()
    config = config.model_copy(update={"port": port, "processes": processes})
    began = time.perf_counter()
    with running(_command(what, port, processes), config, under=under) as process:
        first_answer(process, port, first)
        yield Server(process, port, time.perf_counter() - began)


@contextmanager
def running(
    command: tuple[str, ...], config: Settings, *, under: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*under, sys.executable, *command],
        env={
            **config.environment_for_children(),
            "KEYHOLDER_PORT": str(config.port),
            "PYTHONDONTWRITEBYTECODE": "",  # compiled once, as when installed
        },
        cwd=config.root,
        stdout=subprocess.DEVNULL,
    )
    with ended(process):
        yield process


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """However this is left, the process is no more afterwards."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(what: tuple[str, ...], port: int, processes: int) -> tuple[str, ...]:
    if what in (OURS, KEYHOLDER):
        return what
    options = ("--port", str(port), "--workers", str(processes), "--log-level", "warning", "--no-access-log")
    return ("-m", "uvicorn", *what, "--factory", *options)


def first_answer(process: subprocess.Popen[bytes], port: int, first: bytes) -> None:
    """Return when `first` has been answered by a 200; raises `RuntimeError` at any other answer, or when it takes too long."""
    until, answer = time.perf_counter() + PATIENCE, b""
    while time.perf_counter() < until and process.poll() is None:
        try:
            connection = Connection(port)
            answer, _ = connection.send(first)
            connection.close()
        except OSError:
            time.sleep(0.005)
            continue
        if answer.startswith(b"HTTP/1.1 200"):
            return
        break
    raise RuntimeError(f"no 200 from {process.args}: {answer!r}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command_line(pid: int) -> bytes:
    """Nothing of a process that has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def cpu_seconds(pid: int) -> float:
    """In its own code and in the kernel's on its behalf."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
