"""A posted form with a file in it, whose bytes go where the room says as they arrive, and nowhere else.

Starlette writes a file of more than a megabyte to a plain temporary one; here a room's intake, which encrypts, is in its place.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Final, Protocol

import anyio
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from app.core.blobs import Blobs
from app.core.clock import arrival
from app.web.forms import NEVER, M, Posted, Received, receive
from app.web.routing import FORM_FIELDS

_AT_ONCE: Final = 256 * 1024


class Intake(Protocol):
    """What takes a file's bytes, in order. It refuses nothing while they arrive."""

    def write(self, content: bytes, /) -> int: ...
    def close(self) -> None: ...


class _Arriving(UploadFile):
    """Hands bytes on in larger pieces than they arrive in, for each handing on costs a change of thread."""

    def __init__(self, intake: Intake, file_name: str | None) -> None:
        super().__init__(intake, filename=file_name)  # type: ignore[arg-type]
        self._waiting = bytearray()

    async def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= _AT_ONCE:
            await self._hand_on()

    async def seek(self, offset: int) -> None:
        """Starlette's word for: that was all of it."""
        await self._hand_on()

    async def _hand_on(self) -> None:
        await run_in_threadpool(self.file.write, bytes(self._waiting))
        self._waiting.clear()


class _Parser(MultiPartParser):
    """Starlette's own, but for where a file's bytes go."""

    def __init__(self, request: Request, stream: Any, intake: Callable[[], Intake]) -> None:
        super().__init__(request.headers, stream, **{**FORM_FIELDS, "max_files": 1})
        self._intake = intake

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if part := self._current_part.file:
            part.file.close()
            intake = self._intake()
            self._current_part.file = _Arriving(intake, part.filename)
            self._files_to_close_on_error.append(intake)  # type: ignore[arg-type]


def uploaded(model: type[M], into: Callable[[Blobs], Intake]) -> Any:
    """A dependency like `posted`, for a form with one file, which is the field's `file`: `into` makes it."""

    async def read(request: Request) -> AsyncIterator[Posted[M]]:
        received = await _receive(request, into)
        try:
            yield received.into(model)
        finally:
            if received.data is not None:
                await received.data.close()

    return Depends(read)


async def _receive(request: Request, into: Callable[[Blobs], Intake]) -> Received:
    """Whoever takes longer than the settings allow is answered 408, so that a slow drip holds nothing for ever."""
    blobs, seconds = request.app.state.blobs, request.app.state.settings.upload_seconds
    if not request.headers.get("Content-Type", "").startswith("multipart/form-data"):
        return await receive(request)  # a form sent without its file
    try:
        with anyio.fail_after(seconds):
            async with aclosing(request.stream()) as stream:
                data = await _Parser(request, stream, lambda: into(blobs)).parse()
    except MultiPartException:
        return Received(None, NEVER)
    except TimeoutError:
        raise HTTPException(408) from None
    return Received(data, arrival())
