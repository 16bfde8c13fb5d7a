"""ClamAV's daemon over its own protocol: a document is streamed to it and never stands in a file there."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from app.evidence.rules import ScanState

CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 60.0
_LONGEST_ANSWER: Final = 4096


@dataclass(frozen=True, slots=True)
class Clamd:
    """`address` is `clamd://HOST:PORT` or `clamd+unix:///PATH`."""

    address: str
    name: str = "virus scanner ClamAV"
    patience: float = ANSWER_SECONDS

    def verdict(self, content: Iterator[bytes]) -> ScanState:
        """Only its own word `OK` is clean. Raises `OSError` when it is away, or says anything but a verdict."""
        with self._connection() as connection:
            connection.settimeout(self.patience)
            with suppress(BrokenPipeError, ConnectionResetError):  # it hangs up in the middle: its answer says why
                connection.sendall(b"zINSTREAM\0")
                for piece in content:
                    if piece:
                        connection.sendall(len(piece).to_bytes(4) + piece)
                connection.sendall(bytes(4))
            answer = _answer(connection)
        if answer == b"stream: OK":
            return ScanState.CLEAN
        if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
            return ScanState.INFECTED
        raise OSError(f"no verdict from the virus scanner: {answer[:200]!r}")

    def _connection(self) -> socket.socket:
        where = urlsplit(self.address)
        if where.scheme == "clamd":
            return socket.create_connection((where.hostname or "", where.port or 0), CONNECT_SECONDS)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(where.path)
        except OSError as error:
            connection.close()
            raise ConnectionError(f"the virus scanner cannot be reached at {where.path}") from error
        return connection


def _answer(connection: socket.socket) -> bytes:
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        piece = connection.recv(1024)
        if not piece:
            break
        answer += piece
    return answer.partition(b"\0")[0].strip()
