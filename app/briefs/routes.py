"""Briefs over HTTP: an agency looks, publishes and cancels; a member finds what it was invited to."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.briefs import commands, queries
from app.briefs.amending.queries import versions as amendments
from app.briefs.cancelling.commands import ask_cancellation
from app.briefs.cancelling.queries import asked as asked_to_cancel
from app.briefs.forms import CancelForm, PublishForm, SendBackForm
from app.briefs.inviting import commands as inviting
from app.briefs.inviting.queries import approving
from app.briefs.models import Brief
from app.briefs.policy import CANCELLERS, approvers, buyers, cancellers, commissioners, members
from app.briefs.policy import menders as brief_menders
from app.briefs.rules import Phase
from app.briefs.terms.rules import ROUTES
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.frameworks.rules import Service
from app.organisations.policy import provider_ids
from app.providers.queries import restricted
from app.sealing.asking import Seal
from app.sealing.doors import SealingDep
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, moment_of
from app.web.typed import give_back

router = Router()


@router.get("/briefs/{brief_id}", allow=buyers)
def show_brief(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _brief_page(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/approval/ask", allow=commissioners)
def ask_approval(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    try:
        with db.write() as session:
            inviting.ask_approval(session, actor, brief_id)
    except Refused as refused:
        return _brief_page(request, actor, db, brief_id, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}")


@router.post("/briefs/{brief_id}/publish", allow=approvers)
def publish_brief(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    sealing: SealingDep,
    brief_id: UUID,
    form: Posted[PublishForm] = posted(PublishForm),
) -> Response:
    if form.value is None:
        return _brief_page(request, actor, db, brief_id, form=form, status=422)
    seen = form.value.seen

    def publish(seal: Seal) -> None:
        with db.write() as session:
            commands.publish_brief(session, actor, brief_id, seen=seen)

    try:
        sealing(publish)
    except Refused as refused:
        return _brief_page(request, actor, db, brief_id, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}")


@router.post("/briefs/{brief_id}/send-back", allow=approvers)
def send_back(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    brief_id: UUID,
    form: Posted[SendBackForm] = posted(SendBackForm),
) -> Response:
    if form.value is None:
        return _brief_page(request, actor, db, brief_id, form=form, status=422)
    given = form.value
    try:
        with db.write() as session:
            inviting.send_back(session, actor, brief_id, given.why, seen=given.seen)
    except Refused as refused:
        brief = (f"/briefs/{brief_id}", "Read the brief as it stands")
        return give_back(request, SendBackForm, form.typed, replace(refused.refusal, fix=brief))
    return see(f"/briefs/{brief_id}")


@router.post("/briefs/{brief_id}/cancel", allow=cancellers)
def cancel_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[CancelForm] = posted(CancelForm)
) -> Response:
    """A draft is withdrawn; of a published brief it is asked for, and waits for a second person."""
    if form.value is None:
        return _brief_page(request, actor, db, brief_id, form=form, status=422)
    reason, none_suits = form.value.reason, form.value.how == "no_suitable_bid"
    try:
        with db.write() as session:
            if draft := queries.is_draft(session, actor, brief_id, *CANCELLERS):
                commands.withdraw_draft(session, actor, brief_id, reason)
            else:
                ask_cancellation(session, actor, brief_id, reason, no_suitable_bid=none_suits)
    except Refused as refused:
        return _brief_page(request, actor, db, brief_id, form=form, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}{'' if draft else '/cancellation'}")


@router.get("/opportunities", allow=members)
def list_opportunities(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework: str = "",
    service: str = "",
    therapy: str = "",
    region: str = "",
) -> Response:
    with db.read() as session:
        now = moment_of(request, session)
        lines = queries.opportunities(
            session, actor, now, framework=_id(framework), service=service, therapy=therapy, region=_id(region)
        )
        known_frameworks, known_regions, therapies = queries.opportunity_filters(session, actor)
        held_back = restricted(session, provider_ids(actor), now)
    return page(
        request,
        "briefs/opportunities.html",
        lines=lines,
        now=now,
        held_back={
            seat.organisation_id: seat.organisation_name for seat in actor.seats if seat.organisation_id in held_back
        },
        filters=blank(framework=framework, service=service, therapy=therapy, region=region),
        filtered=bool(framework or service or therapy or region),
        frameworks=list(known_frameworks.items()),
        regions=list(known_regions.items()),
        therapies=list(therapies.items()),
        services=[(kind.value, kind.replace("_", " ").capitalize()) for kind in Service],
    )


def _brief_page(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    *,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        now = moment_of(request, session)
        view = queries.buyer_page(session, actor, brief_id, now)
        draft = view.facts.phase is Phase.DRAFT
        versions = () if draft else amendments(session, brief_id)
        cancelling = None if draft else asked_to_cancel(session, brief_id)
        brief = session.get_one(Brief, brief_id)
        approvals = approving(session, brief, view.facts.seen, view.authors) if draft else None
    route = view.facts.terms.route
    return page(
        request,
        "briefs/brief.html",
        status=status,
        view=view,
        brief=view.facts,
        now=now,
        versions=versions,
        approvals=approvals,
        cancelling=cancelling,
        may_change=brief_menders(actor),
        may_end=cancellers(actor),
        form=form or blank(),
        refusal=refusal,
        route=ROUTES[route].name if route else "",
        elsewhere=ROUTES[route] if route and route.is_recorded else None,
    )


def _id(typed: str) -> UUID | None:
    """The id chosen in a filter; anything else is no filter."""
    try:
        return UUID(typed)
    except ValueError:
        return None
