"""Deciding over HTTP: the framework's lead decides part by part, and a second person confirms a refusal."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.applications import commands, policy, queries, rules
from app.applications.forms import RefusalForm, ReviewForm
from app.applications.queries.failing import why_fail
from app.applications.scoring.queries.checks import judged
from app.applications.scoring.queries.interests import led_decision
from app.core import clock
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/decisions", allow=policy.deciders)
def list_decisions(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        rows = queries.decisions(session, actor, clock.now(session))
        again = queries.reviews(session, actor)
    return page(request, "applications/queue.html", rows=rows, again=again)


@router.get("/decisions/reasons", allow=policy.deciders)
def show_reasons(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        found = why_fail(session, actor)
    return page(request, "applications/failing.html", found=found)


@router.get("/decisions/{application_id}", allow=policy.deciders)
def show_decision(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _decision_page(request, actor, db, application_id)


@router.get("/decisions/{application_id}/parts/{part_id}", allow=policy.deciders)
def show_part(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID, part_id: UUID) -> Response:
    return _part_page(request, actor, db, application_id, part_id, blank())


@router.post("/decisions/{application_id}/parts/{part_id}/accept", allow=policy.deciders)
def accept_part(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID, part_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.accept_part(session, actor, application_id, part_id)
    except Refused as refused:
        return _part_page(request, actor, db, application_id, part_id, blank(), refusal=refused.refusal, status=409)
    return see(f"/decisions/{application_id}")


@router.post("/decisions/{application_id}/parts/{part_id}/refuse", allow=policy.deciders)
def propose_refusal(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    part_id: UUID,
    form: Posted[RefusalForm] = posted(RefusalForm),
) -> Response:
    if form.value is None:
        return _part_page(request, actor, db, application_id, part_id, form, status=422)
    given = form.value
    try:
        with db.write() as session:
            commands.propose_refusal(session, actor, application_id, part_id, given.reason_code, given.reason)
    except Refused as refused:
        return _part_page(request, actor, db, application_id, part_id, form, refusal=refused.refusal, status=409)
    return see(f"/decisions/{application_id}")


@router.post("/decisions/{application_id}/parts/{part_id}/confirm", allow=policy.deciders)
def confirm_refusal(
    request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID, part_id: UUID
) -> Response:
    try:
        with db.write() as session:
            commands.confirm_refusal(session, actor, application_id, part_id)
    except Refused as refused:
        return _part_page(request, actor, db, application_id, part_id, blank(), refusal=refused.refusal, status=409)
    return see(f"/decisions/{application_id}")


@router.post("/decisions/{application_id}/parts/{part_id}/review", allow=policy.deciders)
def decide_review(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    part_id: UUID,
    form: Posted[ReviewForm] = posted(ReviewForm),
) -> Response:
    if form.value is None:
        return _part_page(request, actor, db, application_id, part_id, form, status=422)
    given = form.value
    try:
        with db.write() as session:
            commands.decide_review(session, actor, application_id, part_id, given.outcome, given.reason)
    except Refused as refused:
        return _part_page(request, actor, db, application_id, part_id, form, refusal=refused.refusal, status=409)
    return see(f"/decisions/{application_id}")


@router.get("/decisions/{application_id}/passing", allow=policy.deciders)
def show_passing(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _decision_page(request, actor, db, application_id, template="passing")


@router.post("/decisions/{application_id}/passing", allow=policy.deciders)
def accept_passing(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.accept_passing(session, actor, application_id)
    except Refused as no:
        return _decision_page(request, actor, db, application_id, template="passing", refusal=no.refusal, status=409)
    return see(f"/decisions/{application_id}")


def _decision_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    *,
    template: str = "decision",
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """Every part with what the rules say of it; or those alone that pass by themselves."""
    with db.read() as session:
        view = led_decision(session, actor, application_id)
        found = judged(session, view, london_day(clock.now(session)))
    return page(
        request,
        f"applications/{template}.html",
        status=status,
        view=view,
        found=found,
        refusal=refusal,
        own=policy.why_not_own(actor, view.provider_id, view.vouched),
        reasons=rules.REASONS,
    )


def _part_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    part_id: UUID,
    form: Posted[RefusalForm] | Posted[ReviewForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """One part with what may be done about it now; a step that may not be taken says why."""
    with db.read() as session:
        view = led_decision(session, actor, application_id)
        found = judged(session, view, london_day(clock.now(session))).parts.get(part_id)
    part = next((part for part in view.parts if part.id == part_id), None)
    if part is None or found is None:
        raise NotFound
    why_not = {
        step.name.lower(): rules.why_not_step(
            step,
            state=found.found.before(step, part.state, part.reason_code),
            phase=view.phase,
            took_part=part.took_part(actor.person_id),
            own=policy.why_not_own(actor, view.provider_id, view.vouched),
        )
        or found.found.why_not(step, part.reason_code)
        for step in rules.Step
    }
    return page(
        request,
        "applications/part.html",
        status=status,
        view=view,
        part=part,
        form=form,
        refusal=refusal,
        why_not=why_not,
        found=found,
        reasons=rules.REASONS,
        grounds=[
            (reason, words) for reason, words in rules.REASONS.items() if not found.found.why_not_refuse_on(reason)
        ],
    )
