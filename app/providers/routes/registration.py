"""Registering: what kind of provider, one short page, and the task list after it."""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.accounts.commands import count_try
from app.accounts.rules import Attempt
from app.accounts.visiting import VisitorDep
from app.core.refusals import Refusal, Refused
from app.providers import commands, policy, queries, rules
from app.providers.forms import RegistrationForm
from app.providers.routes.profile import beside
from app.providers.rules.duplicates import Traces
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers")

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
    visitor: VisitorDep,
    form: Posted[RegistrationForm] = posted(RegistrationForm),
) -> Response:
    if form.value is None:
        return _registration(request, form)
    try:
        with db.write() as session:
            count_try(session, Attempt.CLAIM, email=actor.email, host=visitor.host)
    except Refused as refused:
        return _registration(request, form, refused.refusal)
    with db.read() as session:
        alike = queries.alike(session, Traces(form.value.name), person_id=actor.known)
    if alike and not form.value.none_of_these:
        return page(request, "providers/alike.html", status=409, form=form, alike=alike)
    try:
        with db.write() as session:
            provider_id = commands.register_provider(
                session, actor, form.value.registration(), none_of_these=len(alike)
            )
    except Refused as refused:
        said = beside(form, refused.refusal)
        return _registration(request, said, refused.refusal)
    return see(f"/providers/{provider_id}/tasks")


def _registration(request: Request, form: Posted[RegistrationForm], refusal: Refusal | None = None) -> HTMLResponse:
    """With errors beside the fields the refusal only leads on; without any it is why not."""
    typed = form.typed.get("kind", "")
    if typed not in rules.KINDS:
        kinds = list(rules.KINDS.items())
        return page(request, "providers/kind.html", status=422, form=_NO_KIND, kinds=kinds)
    kind = rules.ProviderKind(typed)
    needed = rules.NUMBERS_NEEDED.get(kind)
    return page(
        request,
        "providers/register.html",
        status=422 if form.errors else 409 if refusal else 200,
        form=form,
        refusal=refusal,
        kind=kind,
        words=rules.KINDS[kind],
        needed=rules.IDENTIFIERS[needed] if needed else None,
        terms=rules.TERMS_VERSION,
    )
