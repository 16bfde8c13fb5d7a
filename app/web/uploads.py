"""A posted form with a file in it, whose bytes go into an encrypted draft as they arrive, and nowhere else.

Starlette writes a file of more than a megabyte to a plain temporary one; here the part's file is a draft instead.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

import anyio
from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from app.core.clock import arrival
from app.core.segments import Draft
from app.web.forms import NEVER, M, Posted, Received, receive
from app.web.routing import FORM_FIELDS


class _Parser(MultiPartParser):
    """Starlette's own, but for where a file's bytes go."""

    def __init__(self, request: Request, stream: Any, draft: Callable[[], Draft]) -> None:
        super().__init__(request.headers, stream, **{**FORM_FIELDS, "max_files": 1})
        self._draft = draft

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if part := self._current_part.file:
            part.file.close()
            part.file = draft = self._draft()  # type: ignore[assignment]
            self._files_to_close_on_error.append(draft)  # type: ignore[arg-type]


def draft_of(file: UploadFile) -> Draft:
    """Where an uploaded file's bytes are, in a form read by `uploaded`."""
    return cast(Draft, file.file)


def uploaded(model: type[M], *, most: int) -> Any:
    """A dependency like `posted`, for a form with one file. Of a file over `most` bytes only the size is kept."""

    async def read(request: Request) -> AsyncIterator[Posted[M]]:
        received = await _receive(request, most)
        try:
            yield received.into(model)
        finally:
            if received.data is not None:
                await received.data.close()

    return Depends(read)


async def _receive(request: Request, most: int) -> Received:
    """Whoever takes longer than the settings allow is answered 408, so that a slow drip holds nothing for ever."""
    blobs, seconds = request.app.state.blobs, request.app.state.settings.upload_seconds
    if not request.headers.get("Content-Type", "").startswith("multipart/form-data"):
        return await receive(request)  # a form sent without its file
    try:
        with anyio.fail_after(seconds):
            async with aclosing(request.stream()) as stream:
                data = await _Parser(request, stream, lambda: blobs.draft(most=most)).parse()
    except MultiPartException:
        return Received(None, NEVER)
    except TimeoutError:
        raise HTTPException(408) from None
    return Received(data, arrival())
