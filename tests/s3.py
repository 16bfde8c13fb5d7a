"""A real S3 protocol server of the test run (moto), in a process of its own; and servers that refuse, hang or fail."""

import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"


def environment(port: int) -> dict[str, str]:
    """What an operator sets for a store that is not Amazon's."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test-secret",
        "AWS_REGION": "eu-west-2",
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class S3Server:
    def __enter__(self) -> Self:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", HOST, "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the S3 server did not start")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(15)

    def bucket(self, name: str) -> str:
        """A new empty one; its address for the settings."""
        request = urllib.request.Request(f"http://{HOST}:{self.port}/{name}", method="PUT")
        request.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request")
        urllib.request.urlopen(request).close()
        return f"s3+http://{name}"

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://{HOST}:{self.port}/moto-api/", timeout=1).close()
        except OSError:
            return False
        return True


@contextmanager
def broken(how: str) -> Iterator[int]:
    """The port of a store that `refuses`, `hangs` or answers each request with `500`."""
    if how == "refuses":
        yield free_port()
        return
    with socket.create_server((HOST, 0)) as listening:
        open_ones: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                open_ones.append(connection)
                if how == "500":
                    threading.Thread(target=_fail, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        for connection in open_ones:
            connection.close()


def _fail(connection: socket.socket) -> None:
    try:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass
        connection.close()
    except OSError:
        return
