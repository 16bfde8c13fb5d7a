"""The due-diligence pack of a provider, as at any past day."""

from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.memberships import commands, policy, rules
from app.memberships.forms import PackForm
from app.memberships.packing import archive, pieces
from app.memberships.queries.pack import pack, pack_provider
from app.web.forms import Posted, blank, posted
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/providers/{provider_id}/pack", allow=policy.pack_readers)
def show_pack(request: Request, actor: ActorDep, db: DatabaseDep, provider_id: UUID) -> Response:
    return _page(request, actor, db, provider_id, None)


@router.post("/providers/{provider_id}/pack", allow=policy.pack_readers)
def download_pack(
    request: Request, actor: ActorDep, db: DatabaseDep, provider_id: UUID, form: Posted[PackForm] = posted(PackForm)
) -> Response:
    """A form and not a link, because each download is written down: read, made, told, and only then sent."""
    if form.value is None:
        return _page(request, actor, db, provider_id, form)
    with db.read() as session:
        pack_provider(session, actor, provider_id)
        now = clock.now(session)
        refusal = rules.why_not_pack(as_at=form.value.as_at, on=london_day(now))
        found = None if refusal else pack(session, actor, provider_id, form.value.as_at)
    if refusal or found is None:
        return _page(request, actor, db, provider_id, form.but(as_at=refusal.words if refusal else ""))
    content, sha256 = archive(found, now)
    with db.write() as session:
        commands.hand_out_pack(session, actor, provider_id, form.value.as_at, sha256=sha256)
    name = f"Due diligence - {found.provider} - {form.value.as_at}.zip"
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(pieces(content), media_type="application/zip", headers=headers)


def _page(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    provider_id: UUID,
    form: Posted[PackForm] | None,
) -> Response:
    with db.read() as session:
        _, name = pack_provider(session, actor, provider_id)
        today = london_day(clock.now(session))
    day = {"as_at-day": today.day, "as_at-month": today.month, "as_at-year": today.year}
    form = form or blank(**day)
    return page(
        request,
        "memberships/pack.html",
        status=422 if form.errors else 200,
        provider_id=provider_id,
        name=name,
        form=form,
    )
