"""One page of every expiry, to look at, to print, or to take away as CSV."""

import csv
import io
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from app.core import clock
from app.core.london import london_day
from app.evidence import policy
from app.evidence.queries.expiries import Expiry, expiries
from app.evidence.rules.expiries import WITHIN
from app.providers.queries import own_provider
from app.providers.spreadsheets import CSV, neutral
from app.web.downloads import attachment
from app.web.forms import blank
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()

STANDINGS: Final = {
    "missing": "Not sent yet",
    "promised": "Promised",
    "awaiting_check": "Waiting for a checker",
    "returned": "Returned to you",
    "verified": "Verified",
    "expired": "Expired",
    "refused": "Refused",
    "unfit": "Does not meet the rule",
}


@router.get("/providers/{provider_id}/expiries", allow=policy.members)
def show(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    person: str = "",
    kind: str = "",
    within: str = "",
    form: str = "",
) -> Response:
    """Filters that make no sense filter nothing: they come from links and may be old. `form=csv` gives a file."""
    chosen, days = _id(person), int(within) if within in map(str, WITHIN) else None
    with db.read() as session:
        name = own_provider(session, actor, provider_id)[1].name
        on = london_day(clock.now(session))
        found = expiries(session, provider_id, on, person=chosen, kind=kind, days=days)
    if form == "csv":
        return _file(found.listed)
    return page(
        request,
        "evidence/expiries.html",
        provider_id=provider_id,
        name=name,
        today=on,
        found=found,
        filtered=bool(chosen or kind or days),
        form=blank(person=chosen or "", kind=kind, within=days or ""),
        within=[(days, f"{days} days") for days in WITHIN],
        query=request.url.query,
        may_keep=policy.may_keep(actor, provider_id),
    )


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        return None


def _file(found: Iterable[Expiry]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("Expires", "What", "Reference", "Whose", "Where it stands"))
    for one in found:
        stands = STANDINGS[one.standing] if one.standing else "Recorded"
        cells = (f"{one.expires_on:%d/%m/%Y}", one.what, one.reference, one.whose or "The provider", stands)
        writer.writerow([neutral(cell) for cell in cells])
    return attachment(out.getvalue().encode("utf-8-sig"), CSV, "expiries.csv")
