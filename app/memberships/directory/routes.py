"""The directory over HTTP: one page to look in, and the same as a file."""

import csv
import io
import itertools
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from app.core.actor import Actor
from app.core.database import Database
from app.core.london import london_day
from app.frameworks.rules import WAYS
from app.memberships import policy
from app.memberships.directory.forms import Asked, AskedFor
from app.memberships.directory.queries.approved import Approved, directory
from app.memberships.forms import as_uuid
from app.providers.rules import CHOICES, Aspect, outward
from app.providers.spreadsheets import CSV, neutral
from app.web.forms import blank
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()

AT_ONCE: Final = 100
HEADINGS: Final = (
    "Provider",
    "Framework",
    "Lot",
    "Region",
    "Can be used today",
    "Why not",
    "Covers the place",
    "How they work",
    "Therapy",
    "Places",
    "Weeks to wait",
    "As of",
)


@router.get("/approved-providers", allow=policy.overseers)
def look_up(request: Request, actor: ActorDep, db: DatabaseDep, asked: Asked) -> Response:
    form = blank(**asked.model_dump(exclude={"after"}))
    if asked.district and not outward(asked.district):
        form = form.but(district="Enter a postcode, or the first half of one, like LS1")
    with db.read() as session:
        found = directory(session, actor, asked.sought, agency_id=as_uuid(asked.agency), after=as_uuid(asked.after))
    return page(
        request,
        "memberships/directory.html",
        status=422 if form.errors else 200,
        found=found,
        form=form,
        modes=list(CHOICES[Aspect.MODE].items()),
        ways=WAYS,
        query=urlencode({name: value for name, value in form.typed.items() if value}),
        begins=not asked.after,
    )


@router.get("/approved-providers/file", allow=policy.overseers)
def download(actor: ActorDep, db: DatabaseDep, asked: Asked) -> Response:
    """Everybody who answers, read and sent a hundred at a time: a long list needs no more memory than a short one."""
    lines = _lines(db, actor, asked)
    first = next(lines)  # what it raises becomes a page
    return StreamingResponse(
        itertools.chain((first,), lines),
        media_type=CSV,
        headers={
            "Content-Disposition": 'attachment; filename="approved-providers.csv"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _lines(db: Database, actor: Actor, asked: AskedFor) -> Iterator[bytes]:
    after, begun = None, False
    while after or not begun:
        with db.read() as session:
            found = directory(session, actor, asked.sought, agency_id=as_uuid(asked.agency), after=after, most=AT_ONCE)
        cells = itertools.chain.from_iterable(_cells(one) for one in found.approved)
        yield _text(cells if begun else itertools.chain((HEADINGS,), cells)).encode("utf-8" if begun else "utf-8-sig")
        after, begun = found.last, True


def _text(rows: Iterator[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def _cells(one: Approved) -> Iterator[tuple[str, ...]]:
    """A row for each therapy of which capacity was said, and one where nothing was."""
    covers = f"{one.coverage.answer}: {' '.join(one.coverage.reasons)}" if one.coverage else ""
    for entry in one.entries:
        member = entry.member
        stands = ("no", " ".join(reason.words for reason in member.reasons)) if member.reasons else ("yes", "")
        known = (one.name, member.framework_name, member.lot, member.region, *stands, covers, "; ".join(one.modes))
        for said in entry.capacity:
            figures = said.figures
            day = f"{london_day(said.as_of):%d/%m/%Y}"
            yield (*known, said.therapy, str(figures.places), str(figures.weeks), day)
        if not entry.capacity:
            yield (*known, "", "", "", "")
