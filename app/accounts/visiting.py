"""Where a request comes from, so that tries can be counted: a room that counts asks for `VisitorDep`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.accounts.rules import counted_as, device_words


@dataclass(frozen=True, slots=True)
class Visitor:
    """Its host is counted, its device is shown to its owner."""

    host: str
    device: str


async def visitor(request: Request) -> Visitor:
    host = counted_as(request.client.host if request.client else "unknown")
    return Visitor(host, device_words(request.headers.get("User-Agent", "")))


VisitorDep = Annotated[Visitor, Depends(visitor)]
