"""A stored file as an answer: whole or one range of it, piece by piece, and never taken for anything but what it is."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

# A document is shown by the browser's own viewer, alone or beside a checker's form, and may do nothing else.
_DOWNLOAD: Final = "default-src 'none'; sandbox"
_IN_THE_PAGE: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'; frame-ancestors 'self'"
)
PAGE_WITH_VIEWER: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; frame-src 'self'"
)
"""What a page may do that shows stored files beside its forms, each in a frame of the viewer's own."""

Read = Callable[[int, int], Iterator[bytes]]


def download(
    request: Request, read: Read, *, size: int, sha256: str, media_type: str, file_name: str, inline: bool = False
) -> Response:
    """`read(start, stop)` gives the bytes; its first piece is waited for here, so that what it raises becomes a page."""
    headers = {
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(file_name, safe='')}",
        "Content-Security-Policy": _IN_THE_PAGE if inline else _DOWNLOAD,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "ETag": f'"{sha256}"',
    }
    if inline:
        headers["X-Frame-Options"] = "SAMEORIGIN"
    part = _range(request, size, headers["ETag"])
    if part is None:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, stop = part
    headers["Content-Length"] = str(stop - start)
    status = 200
    if (start, stop) != (0, size):
        status, headers["Content-Range"] = 206, f"bytes {start}-{stop - 1}/{size}"
    pieces = read(start, stop)
    first = next(pieces)
    return StreamingResponse(itertools.chain((first,), pieces), status, headers=headers, media_type=media_type)


def attachment(content: bytes, media_type: str, file_name: str) -> Response:
    """A file made for this answer; `file_name` is ours, in plain letters."""
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


def _range(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """The one range asked for, from and to before; the whole where none is, or several; None where it lies outside."""
    asked = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.headers.get("Range", ""))
    if request.method != "GET" or not asked or not any(asked.groups()):
        return 0, size
    if request.headers.get("If-Range", etag) != etag:
        return 0, size
    first, last = asked.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
    if start < stop:
        return start, stop
    return None if start >= size else (0, size)  # a range that ends before it begins is no range
