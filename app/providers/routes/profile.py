"""Registering, the profile’s page, editing it, pausing and returning."""

from collections.abc import Callable
from dataclasses import asdict
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.providers import commands, policy, queries, rules
from app.providers.forms import ProfileForm, RegistrationForm
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers")


BESIDE = {
    "company_number_missing": "company_number",
    "company_number_taken": "company_number",
    "charity_number_missing": "charity_number",
    "charity_number_taken": "charity_number",
}
"""Refusals that belong beside a field."""


_NO_KIND = blank().but(kind="Select what kind of provider you are")


@router.get("/register", allow=policy.registrars)
def choose_kind(request: Request, kind: str = "", step: str = "") -> HTMLResponse:
    if kind in rules.KINDS:
        return _registration(request, blank(kind=kind))
    form = _NO_KIND if step else blank()
    return page(request, "providers/kind.html", status=422 if step else 200, form=form, kinds=list(rules.KINDS.items()))


@router.post("/register", allow=policy.registrars)
def register(
    request: Request,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[RegistrationForm] = posted(RegistrationForm),
) -> Response:
    if form.value is None:
        return _registration(request, form)
    try:
        with db.write() as session:
            provider_id = commands.register_provider(session, actor, form.value.registration())
    except Refused as refused:
        if refused.refusal.code in BESIDE:
            return _registration(request, form.but(**{BESIDE[refused.refusal.code]: refused.refusal.words}))
        return _registration(request, form, refused.refusal)
    return see(f"/providers/{provider_id}")


@router.get("/{provider_id}", allow=policy.viewers)
def show(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _profile(request, db, actor, provider_id)


@router.get("/{provider_id}/edit", allow=policy.members)
def edit(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        queries.own_provider(session, actor, provider_id, *policy.EDITORS)
        told = queries.profile(session, actor, provider_id)
    return _edit(request, told, blank(**asdict(told.facts)))


@router.post("/{provider_id}/edit", allow=policy.members)
def save(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ProfileForm] = posted(ProfileForm),
) -> Response:
    with db.read() as session:
        queries.own_provider(session, actor, provider_id, *policy.EDITORS)
        told = queries.profile(session, actor, provider_id)
    if form.value is None:
        return _edit(request, told, form)
    try:
        with db.write() as session:
            commands.update_profile(session, actor, provider_id, form.value.facts())
    except Refused as refused:
        return _edit(request, told, form.but(**{BESIDE[refused.refusal.code]: refused.refusal.words}))
    return see(f"/providers/{provider_id}")


@router.post("/{provider_id}/pause", allow=policy.members)
def pause(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    return _moved(request, db, actor, provider_id, commands.pause_provider)


@router.post("/{provider_id}/return", allow=policy.members)
def come_back(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    return _moved(request, db, actor, provider_id, commands.return_provider)


def _registration(request: Request, form: Posted[RegistrationForm], refusal: Refusal | None = None) -> HTMLResponse:
    kind = form.typed.get("kind", "")
    if kind not in rules.KINDS:
        return page(
            request,
            "providers/kind.html",
            status=422,
            form=_NO_KIND,
            kinds=list(rules.KINDS.items()),
        )
    return page(
        request,
        "providers/register.html",
        status=409 if refusal else 422 if form.errors else 200,
        form=form,
        refusal=refusal,
        kind=rules.ProviderKind(kind),
        words=rules.KINDS[rules.ProviderKind(kind)],
        asked=rules.NUMBERS_ASKED[rules.ProviderKind(kind)],
        needed=rules.NUMBERS_NEEDED.get(rules.ProviderKind(kind)),
        terms=rules.TERMS_VERSION,
    )


def _profile(
    request: Request, db: DatabaseDep, actor: Actor, provider_id: UUID, refusal: Refusal | None = None
) -> HTMLResponse:
    with db.read() as session:
        told = queries.profile(session, actor, provider_id)
    return page(
        request,
        "providers/profile.html",
        status=409 if refusal else 200,
        told=told,
        kind=rules.KINDS[told.kind],
        asked=rules.NUMBERS_ASKED[told.kind],
        own=policy.belongs(actor, provider_id),
        may_edit=policy.may_edit(actor, provider_id),
        may_pause=policy.may_pause(actor, provider_id) and rules.why_not_move("pause", told.state) is None,
        may_return=policy.may_pause(actor, provider_id) and rules.why_not_move("return", told.state) is None,
        refusal=refusal,
    )


def _edit(request: Request, told: queries.Profile, form: Posted[ProfileForm]) -> HTMLResponse:
    return page(
        request,
        "providers/edit.html",
        status=422 if form.errors else 200,
        told=told,
        form=form,
        asked=rules.NUMBERS_ASKED[told.kind],
        needed=rules.NUMBERS_NEEDED.get(told.kind),
    )


def _moved(request: Request, db: DatabaseDep, actor: Actor, provider_id: UUID, move: Callable[..., None]) -> Response:
    try:
        with db.write() as session:
            move(session, actor, provider_id)
    except Refused as refused:
        return _profile(request, db, actor, provider_id, refused.refusal)
    return see(f"/providers/{provider_id}")
