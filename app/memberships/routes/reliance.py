"""How far an agency relies on others, and, for a provider, who relies on each of its facts."""

from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core.actor import Actor
from app.evidence.policy import members
from app.evidence.rules.reliance import RELIANCE_WORDS, Relied
from app.memberships import commands, policy
from app.memberships.forms import RelianceForm
from app.memberships.queries.reliance import agency_reliance
from app.memberships.queries.relied_on import all_relied_on, who_relies
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/reliance", allow=policy.buyers)
def show_reliance(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    agency: UUID | None = None,
    kind: str = "",
    provider: str = "",
    standing: str = "",
    after: UUID | None = None,
) -> Response:
    filters = {"kind": kind, "provider": provider, "standing": standing}
    return _page(request, actor, db, agency, blank(), filters, after)


@router.post("/agencies/{agency_id}/reliance", allow=policy.reliers)
def save_reliance(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    agency_id: UUID,
    form: Posted[RelianceForm] = posted(RelianceForm),
) -> Response:
    if form.value is None:
        return _page(request, actor, db, agency_id, form, {})
    with db.write() as session:
        commands.set_reliance(session, actor, agency_id, form.value.kind or None, form.value.policy)
    return see(f"/reliance?agency={agency_id}")


@router.get("/evidence/{item_id}/relied-on", allow=members)
def show_who_relies(request: Request, actor: ActorDep, db: DatabaseDep, item_id: UUID) -> Response:
    with db.read() as session:
        found = who_relies(session, actor, item_id)
    return page(request, "memberships/relied_on.html", found=found, item=found.item, words=RELIANCE_WORDS)


@router.get("/providers/{provider_id}/relied-on", allow=members)
def show_all_relied_on(request: Request, actor: ActorDep, db: DatabaseDep, provider_id: UUID) -> Response:
    with db.read() as session:
        name, facts = all_relied_on(session, actor, provider_id)
    return page(
        request,
        "memberships/all_relied_on.html",
        provider_id=provider_id,
        name=name,
        facts=facts,
        words=RELIANCE_WORDS,
    )


def _page(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    agency_id: UUID | None,
    form: Posted[RelianceForm],
    filters: dict[str, str],
    after: UUID | None = None,
) -> Response:
    kind, provider, standing = (filters.get(name, "") for name in ("kind", "provider", "standing"))
    with db.read() as session:
        found = agency_reliance(
            session,
            actor,
            agency_id,
            kind=kind,
            provider=provider.strip(),
            relied=Relied(standing) if standing in list(Relied) else None,
            after=after,
        )
    narrowed = {name: value for name, value in filters.items() if value}
    return page(
        request,
        "memberships/reliance.html",
        status=422 if form.errors else 200,
        found=found,
        form=form,
        filters=blank(**filters),
        narrowed=narrowed,
        here=f"/reliance?{urlencode({'agency': found.agency.id, **narrowed})}",
        standings=[(one.value, one.value.capitalize()) for one in Relied],
        choices=[(value, *words) for value, words in RELIANCE_WORDS.items()],
        words=RELIANCE_WORDS,
        answers=policy.answers_for(actor, found.agency.id),
        looks=policy.looks_for(actor, found.agency.id),
    )
