"""Programs of the system with which tests watch a process write, and give it a wrong clock."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

_CALLS: Final = "pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg"
_STATUS: Final = re.compile(r'"HTTP/1\.1 (\d{3})')


def program(name: str) -> str:
    """Where it is. Nothing is skipped in CI."""
    found = shutil.which(name)
    if found is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(f"no {name} here; install it with: sudo apt-get install -y --no-install-recommends {name}")
    return str(found)


def traced(into: Path) -> tuple[str, ...]:
    """Under this, what a process and its threads write and sync is noted in the file, with the names of files, in order."""
    return (program("strace"), "-D", "-f", "--seccomp-bpf", "-y", "-s", "16", "-e", f"trace={_CALLS}", "-o", str(into))


def shifted(seconds: float) -> tuple[str, ...]:
    """Under this, the clock of a process is so far from the machine's; what counts seconds since some moment counts as before."""
    (library, *_) = Path(program("faketime")).parents[1].glob("lib/**/libfaketimeMT.so.1")
    wrong = (f"LD_PRELOAD={library}", f"FAKETIME={seconds:+}s", "FAKETIME_DONT_FAKE_MONOTONIC=1")
    return (program("env"), *wrong)  # which becomes the process; faketime itself would stay before it, and not end it


@dataclass(frozen=True)
class Told:
    """An answer: its status, whether the log had been synced since the one before, and whether any of it had not."""

    status: int
    synced: bool
    left: bool

    @property
    def kept(self) -> bool:
        return self.synced and not self.left


def told(trace: Path) -> list[Told]:
    """Every answer in a trace of a process that was asked one thing at a time, beside what it had done to SQLite's log."""
    found, synced, left, syncing = list[Told](), False, False, set[str]()
    for line in trace.read_text(errors="replace").splitlines():
        pid, _, call = line.partition(" ")
        call = call.strip()
        if "-wal>" in call and call.startswith("pwrite64("):
            left = True
        elif "-wal>" in call and call.startswith(("fsync(", "fdatasync(")):
            if call.endswith("<unfinished ...>"):
                syncing.add(pid)
            else:
                synced, left = True, False
        elif pid in syncing and call.startswith(("<... fsync resumed>", "<... fdatasync resumed>")):
            syncing.discard(pid)
            synced, left = True, False
        elif status := _STATUS.search(call):
            found.append(Told(int(status[1]), synced, left))
            synced = False
    return found
