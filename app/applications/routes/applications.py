"""Applications over HTTP: the provider applies, the framework's lead decides part by part."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.applications import commands, policy, queries, rules
from app.applications.forms import DeclarationForm, LotsForm, RefusalForm, StartForm, StatementForm
from app.applications.queries.failing import why_fail
from app.core import clock
from app.core.refusals import NotFound, Refusal, Refused
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.post("/rounds/{round_id}/applications", allow=policy.providers)
def start_application(
    actor: ActorDep, db: DatabaseDep, round_id: UUID, form: Posted[StartForm] = posted(StartForm)
) -> Response:
    if form.value is None:
        raise NotFound
    with db.write() as session:
        application_id = commands.start_application(session, actor, round_id, form.value.provider_id)
    return see(f"/applications/{application_id}")


@router.get("/applications", allow=policy.providers)
def list_applications(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        rows, now = queries.applications(session, actor), clock.now(session)
    return page(request, "applications/list.html", rows=rows, now=now)


@router.get("/applications/{application_id}", allow=policy.providers)
def show_application(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _application_page(request, actor, db, application_id)


@router.get("/applications/{application_id}/lots", allow=policy.providers)
def show_lots(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _lots_page(request, actor, db, application_id, None)


@router.post("/applications/{application_id}/lots", allow=policy.providers)
def choose_lots(
    request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID, form: Posted[LotsForm] = posted(LotsForm)
) -> Response:
    if form.value is None:
        return _lots_page(request, actor, db, application_id, form, status=422)
    try:
        with db.write() as session:
            commands.choose_lots(session, actor, application_id, form.value.parts)
    except Refused as refused:
        return _lots_page(request, actor, db, application_id, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


@router.get("/applications/{application_id}/statement", allow=policy.providers)
def show_statement(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _statement_page(request, actor, db, application_id, None)


@router.post("/applications/{application_id}/statement", allow=policy.providers)
def write_statement(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[StatementForm] = posted(StatementForm),
) -> Response:
    if form.value is None:
        return _statement_page(request, actor, db, application_id, form, status=422)
    try:
        with db.write() as session:
            commands.write_statement(session, actor, application_id, form.value.statement)
    except Refused as refused:
        return _statement_page(request, actor, db, application_id, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


@router.get("/applications/{application_id}/check", allow=policy.providers)
def check_answers(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _check_page(request, actor, db, application_id, blank())


@router.post("/applications/{application_id}/submit", allow=policy.providers)
def submit_application(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[DeclarationForm] = posted(DeclarationForm),
) -> Response:
    if form.value is None:
        return _check_page(request, actor, db, application_id, form, status=422)
    try:
        with db.write() as session:
            commands.submit_application(session, actor, application_id)
    except Refused as refused:
        return _check_page(request, actor, db, application_id, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


@router.post("/applications/{application_id}/withdraw", allow=policy.providers)
def withdraw_application(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.withdraw_application(session, actor, application_id)
    except Refused as refused:
        return _application_page(request, actor, db, application_id, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


@router.get("/decisions", allow=policy.deciders)
def list_decisions(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        rows, now = queries.decisions(session, actor), clock.now(session)
    return page(request, "applications/queue.html", rows=rows, now=now)


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


def _application_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """A task list while it is written, a receipt with decisions afterwards."""
    with db.read() as session:
        view, now = queries.application(session, actor, application_id), clock.now(session)
    owner = policy.submits_for(actor, view.provider_id)
    return page(
        request,
        "applications/task_list.html" if view.submitted_at is None else "applications/receipt.html",
        status=status,
        view=view,
        now=now,
        refusal=refusal or (rules.why_not_edit(view.phase) if view.submitted_at is None else None),
        may_write=policy.writes_for(actor, view.provider_id),
        why_not_withdraw=rules.why_not_withdraw(phase=view.phase, owner=owner),
        reasons=rules.REASONS,
    )


def _lots_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[LotsForm] | None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = queries.application(session, actor, application_id)
        grid = queries.grid(session, view)
    return page(
        request,
        "applications/lots.html",
        status=status,
        view=view,
        grid=grid,
        form=form or blank(parts=[f"{part.lot_id}:{part.region_id}" for part in view.parts]),
        refusal=refusal or rules.why_not_edit(view.phase),
    )


def _statement_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[StatementForm] | None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = queries.application(session, actor, application_id)
    return page(
        request,
        "applications/statement.html",
        status=status,
        view=view,
        form=form or blank(statement=view.statement),
        refusal=refusal or rules.why_not_edit(view.phase),
        most=rules.MOST_STATEMENT,
    )


def _check_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[DeclarationForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view, now = queries.application(session, actor, application_id), clock.now(session)
    why_not = rules.why_not_submit(
        phase=view.phase,
        parts=len(view.parts),
        statement=view.statement,
        owner=policy.submits_for(actor, view.provider_id),
        application_id=view.id,
        provider_id=view.provider_id,
    )
    return page(
        request,
        "applications/check.html",
        status=status,
        view=view,
        now=now,
        form=form,
        refusal=refusal or why_not,
        may_submit=why_not is None,
    )


def _decision_page(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    with db.read() as session:
        view = queries.decision(session, actor, application_id)
    return page(
        request,
        "applications/decision.html",
        view=view,
        own_provider=policy.belongs_to(actor, view.provider_id),
        reasons=rules.REASONS,
    )


def _part_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    part_id: UUID,
    form: Posted[RefusalForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """One part with what may be done about it now; a step that may not be taken says why."""
    with db.read() as session:
        view = queries.decision(session, actor, application_id)
    part = next((part for part in view.parts if part.id == part_id), None)
    if part is None:
        raise NotFound
    why_not = {
        step.name.lower(): rules.why_not_step(
            step,
            state=part.state,
            phase=view.phase,
            proposed_by_actor=part.proposed_by == actor.person_id,
            own_provider=policy.belongs_to(actor, view.provider_id),
        )
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
        reasons=rules.REASONS,
    )
