"""The profile’s page, telling its facts and its numbers, pausing, returning, and closing for good."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.accounts.commands import count_try
from app.accounts.rules import Attempt
from app.accounts.visiting import VisitorDep
from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.providers import commands, policy, queries, rules
from app.providers.forms import AboutForm, ArchiveForm, NumbersForm, PauseForm
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers")


@router.get("/{provider_id}", allow=policy.viewers)
def show(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _profile(request, db, actor, provider_id)


@router.get("/{provider_id}/history", allow=policy.members)
def history(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep, number: int = 1) -> HTMLResponse:
    with db.read() as session:
        told = queries.history(session, actor, provider_id, number)
    return page(request, "providers/history.html", provider_id=provider_id, told=told, number=number)


@router.get("/{provider_id}/edit", allow=policy.members)
def edit(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep, tasks: bool = False) -> HTMLResponse:
    """`tasks`, here and on the pages like it: whoever came from the task list goes back to it."""
    told = _own(db, actor, provider_id)
    return _edit(request, told, blank(**asdict(told.facts)), tasks)


@router.post("/{provider_id}/edit", allow=policy.members)
def save(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[AboutForm] = posted(AboutForm),
    tasks: bool = False,
) -> Response:
    if form.value is None:
        return _edit(request, _own(db, actor, provider_id), form, tasks)
    with db.write() as session:
        commands.update_profile(session, actor, provider_id, form.value.about())
    return see(onward(provider_id, tasks))


@router.get("/{provider_id}/numbers", allow=policy.members)
def numbers(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep, tasks: bool = False) -> HTMLResponse:
    told = _own(db, actor, provider_id)
    return _numbers(request, told, blank(**asdict(told.facts)), tasks)


@router.post("/{provider_id}/numbers", allow=policy.members)
def save_numbers(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    visitor: VisitorDep,
    form: Posted[NumbersForm] = posted(NumbersForm),
    tasks: bool = False,
) -> Response:
    if form.value is None:
        return _numbers(request, _own(db, actor, provider_id), form, tasks)
    queries.let_in(actor, provider_id, *policy.EDITORS)
    try:
        with db.write() as session:
            count_try(session, Attempt.CLAIM, email=actor.email, host=visitor.host)
        with db.write() as session:
            commands.tell_numbers(
                session, actor, provider_id, form.value.numbers(), record_is_current=form.value.current
            )
    except Refused as refused:
        again = beside(form, refused.refusal)
        return _numbers(request, _own(db, actor, provider_id), again, tasks, refused.refusal)
    return see(onward(provider_id, tasks, "#numbers"))


@router.post("/{provider_id}/pause", allow=policy.members)
def pause(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[PauseForm] = posted(PauseForm),
) -> Response:
    if form.value is None:
        return _profile(request, db, actor, provider_id, form=form)
    until = form.value.until
    return _moved(request, db, actor, provider_id, lambda *who: commands.pause_provider(*who, until=until), form)


@router.post("/{provider_id}/return", allow=policy.members)
def come_back(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    return _moved(request, db, actor, provider_id, commands.return_provider, blank())


@router.get("/{provider_id}/close", allow=policy.closers)
def closing(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _closing(request, db, actor, provider_id, blank())


@router.post("/{provider_id}/close", allow=policy.closers)
def close(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ArchiveForm] = posted(ArchiveForm),
) -> Response:
    if form.value is None:
        return _closing(request, db, actor, provider_id, form)
    try:
        with db.write() as session:
            commands.archive_provider(session, actor, provider_id)
    except Refused:  # the page says why: everything that stands in the way, and not the first thing alone
        return _closing(request, db, actor, provider_id, form, status=409)
    return see(f"/providers/{provider_id}" if policy.viewers(actor) else f"/providers/{provider_id}/restriction")


def onward(provider_id: UUID, tasks: bool, part: str = "") -> str:
    """Where somebody goes after saving: back to the task list, or to the part of the profile that shows it."""
    return f"/providers/{provider_id}/tasks" if tasks else f"/providers/{provider_id}{part}"


def beside(form: Posted[Any], refusal: Refusal) -> Posted[Any]:
    """A refusal about one number stands beside its field."""
    field = refusal.code.removesuffix("_missing").removesuffix("_taken")
    return form.but(**{field: refusal.words}) if field in rules.IDENTIFIERS else form


def _own(db: DatabaseDep, actor: Actor, provider_id: UUID) -> queries.Profile:
    with db.read() as session:
        queries.own_provider(session, actor, provider_id, *policy.EDITORS)
        return queries.profile(session, actor, provider_id)


def _profile(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    refusal: Refusal | None = None,
    form: Posted[Any] | None = None,
) -> HTMLResponse:
    with db.read() as session:
        told = queries.profile(session, actor, provider_id)
    owns, form = policy.may_pause(actor, provider_id), form or blank()
    return page(
        request,
        "providers/profile.html",
        status=409 if refusal else 422 if form.errors else 200,
        told=told,
        kind=rules.KINDS[told.kind],
        asked=[rules.IDENTIFIERS[field] for field in rules.NUMBERS_ASKED[told.kind]],
        own=policy.belongs(actor, provider_id),
        overseen=policy.sees_every_provider(actor),
        may_edit=policy.may_edit(actor, provider_id),
        may_restrict=policy.may_restrict(actor, provider_id) and rules.why_not_move("restrict", told.state) is None,
        may_pause=owns and rules.why_not_move("pause", told.state) is None,
        may_return=owns and rules.why_not_move("return", told.state) is None,
        refusal=refusal,
        form=form,
    )


def _edit(request: Request, told: queries.Profile, form: Posted[AboutForm], tasks: bool) -> HTMLResponse:
    return page(request, "providers/edit.html", status=422 if form.errors else 200, told=told, form=form, tasks=tasks)


def _numbers(
    request: Request, told: queries.Profile, form: Posted[NumbersForm], tasks: bool, refusal: Refusal | None = None
) -> HTMLResponse:
    return page(
        request,
        "providers/numbers.html",
        status=422 if form.errors else 200,
        told=told,
        form=form,
        asked=[rules.IDENTIFIERS[field] for field in rules.NUMBERS_ASKED[told.kind]],
        needed=rules.NUMBERS_NEEDED.get(told.kind),
        refusal=refusal,
        tasks=tasks,
    )


def _closing(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    form: Posted[ArchiveForm],
    *,
    status: int = 200,
) -> HTMLResponse:
    with db.read() as session:
        told = queries.closing(session, actor, provider_id)
    return page(request, "providers/close.html", status=422 if form.errors else status, told=told, form=form)


def _moved(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    move: Callable[..., None],
    form: Posted[Any],
) -> Response:
    try:
        with db.write() as session:
            move(session, actor, provider_id)
    except Refused as refused:
        if refused.refusal.code.startswith("until"):
            return _profile(request, db, actor, provider_id, form=form.but(until=refused.refusal.words))
        return _profile(request, db, actor, provider_id, refused.refusal)
    return see(f"/providers/{provider_id}")
