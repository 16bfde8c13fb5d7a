"""A posted form with a file in it, whose bytes go where the room says as they arrive, and nowhere else.

Starlette writes a file of more than a megabyte to a plain temporary one; here a room's intake, which encrypts, is in its place.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any, Final, Protocol

import anyio
from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from app.core.blobs import Blobs
from app.core.clock import arrival
from app.web.forms import NEVER, M, Posted, Received, receive
from app.web.routing import FORM_FIELDS

_AT_ONCE: Final = 256 * 1024
_HANDS: Final = ThreadPoolExecutor(2, "upload")  # apart, so that uploads leave every other thread to the pages
_AFTERWARDS: Final = ThreadPoolExecutor(2, "afterwards")  # and so that a scanner that hangs holds up neither


class Intake(Protocol):
    """What takes a file's bytes, in order. It refuses nothing while they arrive."""

    def write(self, content: bytes, /) -> int: ...
    def close(self) -> None: ...


class _Arriving(UploadFile):
    """Hands bytes on to its intake, in pieces larger than they arrive in, while the next ones arrive."""

    def __init__(self, intake: Intake, file_name: str | None) -> None:
        super().__init__(intake, filename=file_name)  # type: ignore[arg-type]
        self._intake = intake
        self._waiting, self._waits = list[bytes](), 0
        self._handed: asyncio.Future[None] | None = None

    async def write(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waits += len(data)
        if self._waits >= _AT_ONCE:
            await self._hand_on()

    async def seek(self, offset: int) -> None:
        """Starlette's word for: that was all of it."""
        await self._hand_on()
        await self._until_handed()

    def give_up(self) -> None:
        """It will not all arrive. What is being handed on is let finish."""
        if self._handed:
            self._handed.add_done_callback(lambda _: self._intake.close())
        else:
            self._intake.close()

    async def _hand_on(self) -> None:
        await self._until_handed()
        pieces, self._waiting, self._waits = self._waiting, [], 0
        self._handed = asyncio.get_running_loop().run_in_executor(_HANDS, self._pass_on, pieces)

    async def _until_handed(self) -> None:
        if self._handed:
            await asyncio.shield(self._handed)

    def _pass_on(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self._intake.write(piece)


class _Parser(MultiPartParser):
    """Starlette's own, but for where a file's bytes go."""

    def __init__(self, request: Request, stream: Any, intake: Callable[[], Intake]) -> None:
        super().__init__(request.headers, stream, **{**FORM_FIELDS, "max_files": 1})
        self._intake, self._arriving = intake, list[_Arriving]()

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if part := self._current_part.file:
            part.file.close()
            self._current_part.file = arriving = _Arriving(self._intake(), part.filename)
            self._arriving.append(arriving)

    async def parse(self) -> FormData:
        try:
            return await super().parse()
        except BaseException:
            for arriving in self._arriving:
                arriving.give_up()
            raise


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


async def afterwards(act: Callable[..., object], *given: Any) -> None:
    """What is done once the answer has been sent, for a `BackgroundTask`: of what waits for long, two at a time."""
    await asyncio.get_running_loop().run_in_executor(_AFTERWARDS, act, *given)


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
