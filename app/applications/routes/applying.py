"""Applications over HTTP: the provider writes one, certifies and submits it, and may think again."""

from collections.abc import Callable
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.applications import commands, policy, queries, rules
from app.applications.forms import CertifyForm, DeclarationForm, LotsForm, StartForm, StatementForm
from app.applications.rules import Act, Phase
from app.core import clock
from app.core.actor import Actor
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
        now = clock.now(session)
        rows = queries.applications(session, actor, now)
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


@router.post("/applications/{application_id}/ready", allow=policy.providers)
def ask_to_certify(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[CertifyForm] = posted(CertifyForm),
) -> Response:
    if form.value is None:
        return _check_page(request, actor, db, application_id, form, status=422)
    try:
        with db.write() as session:
            commands.ask_to_certify(session, actor, application_id, by_two=form.value.certifiers == "two")
    except Refused as refused:
        return _check_page(request, actor, db, application_id, form, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


@router.post("/applications/{application_id}/certify", allow=policy.providers)
def certify_application(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.certify_application(session, actor, application_id)
    except Refused as refused:
        return _check_page(request, actor, db, application_id, blank(), refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


@router.post("/applications/{application_id}/writing", allow=policy.providers)
def go_on_writing(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _acted(request, actor, db, application_id, commands.go_on_writing)


@router.post("/applications/{application_id}/take-back", allow=policy.providers)
def take_back(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _acted(request, actor, db, application_id, commands.take_back)


@router.post("/applications/{application_id}/withdraw", allow=policy.providers)
def withdraw_application(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _acted(request, actor, db, application_id, commands.withdraw_application)


@router.post("/applications/{application_id}/restore", allow=policy.providers)
def restore_application(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    return _acted(request, actor, db, application_id, commands.restore_application)


@router.post("/applications/{application_id}/carry", allow=policy.providers)
def carry_application(request: Request, actor: ActorDep, db: DatabaseDep, application_id: UUID) -> Response:
    try:
        with db.write() as session:
            carried_to = commands.carry_application(session, actor, application_id)
    except Refused as refused:
        return _application_page(request, actor, db, application_id, refusal=refused.refusal, status=409)
    return see(f"/applications/{carried_to}")


def _acted(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    act: Callable[[Session, Actor, UUID], None],
) -> Response:
    """One button of the application's own page, pressed."""
    try:
        with db.write() as session:
            act(session, actor, application_id)
    except Refused as refused:
        return _application_page(request, actor, db, application_id, refusal=refused.refusal, status=409)
    return see(f"/applications/{application_id}")


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
        open_now = queries.rounds_to_carry_to(session, view, now)
        statement_from = queries.statement_from(session, view.id)
    owner = policy.submits_for(actor, view.provider_id)
    return page(
        request,
        "applications/task_list.html" if view.submitted_at is None else "applications/receipt.html",
        status=status,
        view=view,
        now=now,
        missing=view.sheet.missing(view.id),
        statement_from=statement_from,
        refusal=refusal or (_why_not_edit(view) if view.submitted_at is None else None),
        may=_may(view, writes=policy.writes_for(actor, view.provider_id), owner=owner, rounds=open_now),
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
        grid = queries.grid(session, view.round_id, view.held)
    return page(
        request,
        "applications/lots.html",
        status=status,
        view=view,
        grid=grid,
        editing=_why_not_edit(view) is None,
        form=form or blank(parts=[f"{part.lot_id}:{part.region_id}" for part in view.parts]),
        refusal=refusal or _why_not_edit(view),
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
        statement_from = queries.statement_from(session, view.id)
    return page(
        request,
        "applications/statement.html",
        status=status,
        view=view,
        statement_from=statement_from,
        editing=_why_not_edit(view) is None,
        form=form or blank(statement=view.statement),
        refusal=refusal or _why_not_edit(view),
        most=rules.MOST_STATEMENT,
    )


def _check_page(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    application_id: UUID,
    form: Posted[DeclarationForm] | Posted[CertifyForm],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view, now = queries.application(session, actor, application_id), clock.now(session)
    why_not = {
        act: rules.why_not_submit(
            act=act,
            phase=view.phase,
            parts=len(view.parts),
            statement=view.statement,
            owner=policy.submits_for(actor, view.provider_id),
            certifying=view.certifying,
            application_id=view.id,
            provider_id=view.provider_id,
            missing=view.sheet.missing(view.id),
        )
        for act in (Act.SUBMIT, Act.ASK_TO_CERTIFY)
    }
    writes = policy.writes_for(actor, view.provider_id)
    ended = _why_not_edit(view) if view.phase is Phase.LAPSED else None
    may_certify = writes and rules.why_not_certify(phase=view.phase, certifying=view.certifying) is None
    return page(
        request,
        "applications/check.html",
        status=status,
        view=view,
        now=now,
        form=form,
        missing=view.sheet.missing(view.id) if view.phase is Phase.IN_PROGRESS else (),
        refusal=refusal or ((ended or why_not[Act.SUBMIT]) if not may_certify else None),
        may_submit=why_not[Act.SUBMIT] is None,
        may_ask=writes and why_not[Act.ASK_TO_CERTIFY] is None,
        may_certify=may_certify,
    )


def _why_not_edit(view: queries.ApplicationView) -> Refusal | None:
    return rules.why_not_edit(view.phase, view.cancelled)


def _may(view: queries.ApplicationView, *, writes: bool, owner: bool, rounds: int) -> dict[str, bool]:
    """Which buttons the application's own page has for this person."""
    requested = sum(one.made_at is None for one in view.returned)
    decided = sum(part.decided_at is not None for part in view.parts)
    why_not = {
        "go_on_writing": rules.why_not_act(Act.GO_ON_WRITING, phase=view.phase, owner=owner),
        "withdraw": rules.why_not_act(Act.WITHDRAW, phase=view.phase, owner=owner),
        "take_back": rules.why_not_take_back(
            phase=view.phase, owner=owner, round_phase=view.round_phase, decided=decided, requested=requested
        ),
        "restore": rules.why_not_restore(phase=view.phase, owner=owner, round_phase=view.round_phase, other=None),
        "carry": rules.why_not_carry(phase=view.phase, rounds=rounds),
    }
    return {act: writes and refusal is None for act, refusal in why_not.items()}
