"""The process in which PDFs, DOCX and ODT are looked through, so that whatever is in one can hurt no other and no server.

It holds no secret and no connection. It loads what it needs once and then has a child of little memory and time stand ready,
forked before its file comes, for that takes longer than most looks; the child takes one, answers and ends, and a child that
is killed has not answered. `inspection` starts it and asks.
"""

import gc
import os
import resource
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.core.segments import HOW, Opened
from app.evidence.parcels import parcel_type
from app.evidence.pdfs import refuse_active_pdf
from app.evidence.unfit import CROWDED, UnfitFile

MEMORY: Final = 64 << 20  # more than the process has before it looks
SECONDS: Final = 1.5  # of the processor
PATIENCE: Final = 10.0  # seconds on the clock, where the processor is shared by many
MOST: Final = 1024  # bytes in an answer


def media_type(file: Opened) -> str:
    """What a PDF, DOCX or ODT is. Raises `UnfitFile`."""
    start = file.read(1024)
    if start.startswith(b"%PDF-"):
        refuse_active_pdf(file, start)
        return "application/pdf"
    return parcel_type(file, start)


def confine() -> None:
    """This process from now on: so much more memory, no file written and none left by its end."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, 2),
    ):
        resource.setrlimit(what, (most, most))


def hurry() -> None:
    """So much time from now on."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)


def look(how: bytes, descriptor: int) -> bytes:
    """`fit` with the media type, or `unfit` with the words."""
    try:
        return b"fit " + media_type(Opened.told(how, descriptor)).encode()
    except UnfitFile as unfit:
        return b"unfit " + str(unfit).encode()
    except MemoryError:
        return b"unfit " + CROWDED.encode()


def main() -> int:
    """Until the other end of standard input, a socket, is closed. Each message on it brings the file and where to answer."""
    import pikepdf  # noqa: F401 - before the first fork, and not when this module is only imported

    "".encode("cp437")  # names in parcels are in it, and so is its module loaded
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    door = socket.socket(fileno=sys.stdin.fileno())
    while True:
        taken, takes = os.pipe()
        child = os.fork()
        if child == 0:
            _answer(door, takes)
        os.close(takes)
        has_taken = os.read(taken, 1)
        os.close(taken)
        if not has_taken and os.waitpid(child, 0)[1] == 0:  # it was not killed: nobody asks any more
            with suppress(ChildProcessError):  # there is none
                while True:
                    os.wait()
            return 0
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _answer(door: socket.socket, takes: int) -> None:
    """In the child, which ends here whatever happens. The time runs from when it has taken a question."""
    try:
        confine()
        how, descriptors, _, _ = socket.recv_fds(door, HOW.size, 2)
        if how:
            hurry()
            os.write(takes, b"1")
            file, answer = descriptors
            socket.socket(fileno=answer).send(look(how, file))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


if __name__ == "__main__":
    raise SystemExit(main())
