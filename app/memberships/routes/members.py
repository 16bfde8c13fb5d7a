"""Memberships over HTTP: mine, one of mine to rest or leave, and the members of a framework."""

from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core import audit, clock
from app.core.refusals import NotFound, Refusal, Refused
from app.frameworks.policy import framework_leads, leads
from app.frameworks.queries import framework_row
from app.memberships import commands, floors, policy, queries, rules
from app.memberships.capacity.queries import stated_by
from app.memberships.forms import ConfirmForm, FloorForm, LeaveForm, PauseForm, ReturnForm, as_uuid
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/memberships", allow=policy.providers)
def list_memberships(request: Request, actor: ActorDep, db: DatabaseDep, show: str = "") -> Response:
    """All of them, or with `show=blocked` those in which this person's providers cannot bid now, each with why."""
    with db.read() as session:
        rows = queries.memberships(session, actor, clock.now(session))
    blocked = [row for row in rows if row.reasons and row.state is not rules.State.ENDED]
    only = show == "blocked"
    return page(request, "memberships/list.html", rows=blocked if only else rows, only=only, blocked=len(blocked))


@router.get("/memberships/{membership_id}", allow=policy.providers)
def show_membership(request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID) -> Response:
    return _membership_page(request, actor, db, membership_id)


@router.post("/memberships/{membership_id}/leave", allow=policy.providers)
def leave(
    request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID, form: Posted[LeaveForm] = posted(LeaveForm)
) -> Response:
    if form.value is None:
        return _membership_page(request, actor, db, membership_id, form=form, status=422)
    given = form.value
    try:
        with db.write() as session:
            commands.end_membership(session, actor, membership_id, given.reason, given.last_day)
    except Refused as refused:
        return _refused(request, actor, db, membership_id, form, refused.refusal, "last_day")
    return see(f"/memberships/{membership_id}")


@router.post("/memberships/{membership_id}/pause", allow=policy.providers)
def pause(
    request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID, form: Posted[PauseForm] = posted(PauseForm)
) -> Response:
    if form.value is None:
        return _membership_page(request, actor, db, membership_id, form=form, status=422)
    until, whole = form.value.until, bool(form.value.scope)
    try:
        with db.write() as session:
            commands.pause_membership(session, actor, membership_id, until, whole_framework=whole)
    except Refused as refused:
        return _refused(request, actor, db, membership_id, form, refused.refusal, "until")
    return see(f"/memberships/{membership_id}")


@router.post("/memberships/{membership_id}/return", allow=policy.providers)
def take_up_again(
    actor: ActorDep, db: DatabaseDep, membership_id: UUID, form: Posted[ReturnForm] = posted(ReturnForm)
) -> Response:
    with db.write() as session:
        whole = bool(form.value and form.value.back_in)
        commands.return_membership(session, actor, membership_id, whole_framework=whole)
    return see(f"/memberships/{membership_id}")


@router.get("/frameworks/{framework_id}/members", allow=policy.overseers)
def list_members(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    lot: UUID | None = None,
    region: str = "",
    why: str = "",
    after: UUID | None = None,
) -> Response:
    narrowed = rules.Why(why) if why in list(rules.Why) else None
    with db.read() as session:
        found = queries.framework_members(
            session, actor, framework_id, lot, after=after, region_id=as_uuid(region), why=narrowed
        )
        capacity = stated_by(session, [member.membership_id for member in found.members], clock.now(session))
    filters = {"region": str(found.region.id) if found.region else "", "why": narrowed or ""}
    of_lot = {"lot": found.lot.id} if found.lot else {}
    return page(
        request,
        "memberships/members.html",
        found=found,
        capacity=capacity,
        filters=blank(**filters),
        here=f"/frameworks/{framework_id}/members?{urlencode({**of_lot, **filters})}",
        whys=list(rules.WHY_WORDS.items()),
        looked_at=queries.LOOKED_AT,
    )


@router.get("/frameworks/{framework_id}/ratings", allow=framework_leads)
def ratings(request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    return _ratings_page(request, actor, db, framework_id, blank())


@router.post("/frameworks/{framework_id}/ratings", allow=framework_leads)
def decide_rating(
    request: Request, actor: ActorDep, db: DatabaseDep, framework_id: UUID, form: Posted[FloorForm] = posted(FloorForm)
) -> Response:
    if form.value is None:
        return _ratings_page(request, actor, db, framework_id, form)
    given = form.value
    try:
        with db.write() as session:
            commands.decide_rating(session, actor, framework_id, given.item_id, given.choice, given.reason, given.day)
    except Refused as refused:
        if refused.refusal.code == "day":
            return _ratings_page(request, actor, db, framework_id, form.but(day=refused.refusal.words))
        return _ratings_page(request, actor, db, framework_id, form, refused.refusal)
    return see(f"/frameworks/{framework_id}/ratings")


@router.post("/frameworks/{framework_id}/ratings/confirm", allow=framework_leads)
def confirm_end(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    form: Posted[ConfirmForm] = posted(ConfirmForm),
) -> Response:
    if form.value is None:
        return _ratings_page(request, actor, db, framework_id, form)
    try:
        with db.write() as session:
            commands.confirm_end(session, actor, framework_id, form.value.confirmed_id)
    except Refused as refused:
        return _ratings_page(request, actor, db, framework_id, blank(), refused.refusal)
    return see(f"/frameworks/{framework_id}/ratings")


def _ratings_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    framework_id: UUID,
    form: Posted[FloorForm] | Posted[ConfirmForm],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        framework = framework_row(session, actor, framework_id)
        name, lead_id = framework.name, framework.lead_id
        found = floors.low_ratings(session, actor, clock.now(session), framework_id)
    if not leads(actor, lead_id):
        raise NotFound
    return page(
        request,
        "memberships/ratings.html",
        status=409 if refusal else 422 if form.errors else 200,
        refusal=refusal,
        actor_id=actor.person_id,
        framework_id=framework_id,
        name=name,
        ratings=found,
        form=form,
    )


def _refused(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    membership_id: UUID,
    form: Posted[LeaveForm] | Posted[PauseForm],
    refusal: Refusal,
    day: str,
) -> Response:
    """A refused day is said beside its field."""
    if refusal.code == "day":
        return _membership_page(request, actor, db, membership_id, form=form.but(**{day: refusal.words}), status=422)
    return _membership_page(request, actor, db, membership_id, form=form, refusal=refusal, status=409)


def _membership_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    membership_id: UUID,
    *,
    form: Posted[LeaveForm] | Posted[PauseForm] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = queries.membership(session, actor, membership_id)
        events = [(event.at, audit.sentence(event)) for event in audit.timeline(session, membership_id)]
    return page(
        request,
        "memberships/membership.html",
        status=status,
        view=view,
        member=view.member,
        form=form or blank(),
        refusal=refusal,
        owner=policy.signs_for(actor, view.member.provider_id),
        events=events,
    )
