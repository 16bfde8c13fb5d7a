"""A client that costs next to nothing beside what it measures, and the figures drawn from its timings."""

import socket
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

HOST = "portal.example"


class Surprise(Exception):
    """An answer that the measurement does not allow for."""


def get(path: str, cookie: str = "") -> bytes:
    """The bytes of one request, as a browser on the site would send it; `cookie` is 'name=value'."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n".encode()


def post(path: str, body: str, cookie: str = "", *, forwarded_for: str = "127.0.0.1") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\nOrigin: https://{HOST}\r\n"
        f"Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: {forwarded_for}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}"
    )
    return f"{head}\r\n\r\n{body}".encode()


class Connection:
    """One kept-alive connection over a bare socket."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> tuple[bytes, bytes]:
        """The answer's head and body. Raises `OSError` when the server hangs up."""
        self.socket.sendall(request)
        head, end, body = b"", b"", b""
        while not end:
            head += self._receive()
            head, end, body = head.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        while len(body) < length:
            body += self._receive()
        return head, body

    def close(self) -> None:
        self.socket.close()

    def _receive(self) -> bytes:
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionResetError("the server hung up")
        return piece


def one_by_one(port: int, requests: Iterable[bytes], status: int = 200) -> list[float]:
    """Send the requests over one connection; the milliseconds of each. Raises `Surprise` at any other status."""
    took, expected, connection = [], b"HTTP/1.1 %d" % status, Connection(port)
    for request in requests:
        began = time.perf_counter()
        head, body = connection.send(request)
        took.append((time.perf_counter() - began) * 1000)
        if not head.startswith(expected):
            raise Surprise(f"{request.splitlines()[0]!r}: {head!r}\n{body[:300]!r}")
    connection.close()
    return took


def at_once(ports: Sequence[int], requests: Sequence[bytes], status: int = 200) -> list[float]:
    """Deal the requests out to one connection for each port given, all at work together; the milliseconds of each."""
    with ThreadPoolExecutor(len(ports)) as threads:
        lines = [
            threads.submit(one_by_one, port, requests[number :: len(ports)], status)
            for number, port in enumerate(ports)
        ]
        return [timing for line in lines for timing in line.result()]


Round = Callable[[], list[float]]


def side_by_side(floor: Round, ours: Round, *, rounds: int) -> tuple[list[float], list[float]]:
    """Floor, ours, floor, ours…, so that what slows the machine slows both; every timing of each."""
    floors: list[float] = []
    own: list[float] = []
    for _ in range(rounds):
        floors += floor()
        own += ours()
    return floors, own


def p50(timings: Sequence[float]) -> float:
    return statistics.median(timings)


def p99(timings: Sequence[float]) -> float:
    return statistics.quantiles(timings, n=100, method="inclusive")[98]
