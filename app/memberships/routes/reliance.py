"""How far an agency relies on others, and, for a provider, who relies on each of its facts."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.evidence.policy import members
from app.evidence.rules.reliance import RELIANCE_WORDS, Relied
from app.memberships import commands, policy
from app.memberships.forms import OwnCheckForm, RelianceForm
from app.memberships.queries.reliance import MOST, agency_reliance, who_relies
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/reliance", allow=policy.buyers)
def show_reliance(request: Request, actor: ActorDep, db: DatabaseDep, agency: UUID | None = None) -> Response:
    return _page(request, actor, db, agency, blank())


@router.post("/agencies/{agency_id}/reliance", allow=policy.reliers)
def save_reliance(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    agency_id: UUID,
    form: Posted[RelianceForm] = posted(RelianceForm),
) -> Response:
    if form.value is None:
        return _page(request, actor, db, agency_id, form)
    with db.write() as session:
        commands.set_reliance(session, actor, agency_id, form.value.kind or None, form.value.policy)
    return see(f"/reliance?agency={agency_id}")


@router.post("/agencies/{agency_id}/own-checks/{item_id}", allow=policy.lookers)
def save_own_check(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    agency_id: UUID,
    item_id: UUID,
    form: Posted[OwnCheckForm] = posted(OwnCheckForm),
) -> Response:
    if form.value is None:
        return _page(request, actor, db, agency_id, form)
    try:
        with db.write() as session:
            commands.check_ourselves(session, actor, agency_id, item_id, form.value.how)
    except Refused as refused:
        return _page(request, actor, db, agency_id, form, refused.refusal)
    return see(f"/reliance?agency={agency_id}")


@router.get("/evidence/{item_id}/relied-on", allow=members)
def show_who_relies(request: Request, actor: ActorDep, db: DatabaseDep, item_id: UUID) -> Response:
    with db.read() as session:
        found = who_relies(session, actor, item_id)
    return page(request, "memberships/relied_on.html", found=found, item=found.item, words=RELIANCE_WORDS)


def _page(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    agency_id: UUID | None,
    form: Posted[RelianceForm] | Posted[OwnCheckForm],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        found = agency_reliance(session, actor, agency_id)
    return page(
        request,
        "memberships/reliance.html",
        status=409 if refusal else 422 if form.errors else 200,
        found=found,
        form=form,
        refusal=refusal,
        choices=[(value, *words) for value, words in RELIANCE_WORDS.items()],
        words=RELIANCE_WORDS,
        to_look_at=[line for line in found.lines if line.relied is Relied.OWN_CHECK_MISSING],
        answers=policy.answers_for(actor, found.agency_id),
        looks=policy.looks_for(actor, found.agency_id),
        most=MOST,
    )
