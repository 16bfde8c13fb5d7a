"""Starting a framework over HTTP: from a template, from a file, or from nothing."""

from dataclasses import replace
from datetime import date

from fastapi import Request
from starlette.responses import Response

from app.core import clock
from app.core.london import london_day
from app.core.refusals import NotFound, Refused
from app.frameworks import commands, policy, rules
from app.frameworks.draft_forms import FileForm, StartForm
from app.frameworks.rules import Fault, FrameworkFacts
from app.frameworks.templates import TEMPLATES, template
from app.organisations.rules import slug
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/frameworks")

MOST_BYTES = 1024 * 1024


@router.get("/new", allow=policy.framework_leads)
def new_framework(request: Request, actor: ActorDep) -> Response:
    return _start_page(request, actor, blank(), blank())


@router.post("/new", allow=policy.framework_leads)
def start_framework(
    request: Request, actor: ActorDep, db: DatabaseDep, form: Posted[StartForm] = posted(StartForm)
) -> Response:
    if form.value is None:
        return _start_page(request, actor, form, blank(), status=422)
    given = form.value
    try:
        with db.write() as session:
            facts = _begun(given, london_day(clock.now(session)))
            made = commands.create_framework(session, actor, given.lead_id, facts)
    except Refused as refused:
        return _start_page(request, actor, form.but(name=refused.refusal.words), blank(), status=409)
    return see(f"/frameworks/drafts/{made}")


@router.post("/import", allow=policy.framework_leads, max_bytes=MOST_BYTES)
def import_framework(
    request: Request, actor: ActorDep, db: DatabaseDep, form: Posted[FileForm] = posted(FileForm, files=1)
) -> Response:
    """Write a draft from a file, or say of everything that is wrong with it where it stands."""
    if form.value is None:
        return _start_page(request, actor, blank(), form, status=422)
    found = rules.read(form.value.file.file.read())
    if isinstance(found, list):
        return _start_page(request, actor, blank(), form.but(file=_how_many(found)), faults=found, status=422)
    try:
        with db.write() as session:
            made = commands.create_framework(session, actor, form.value.lead_id, found)
    except commands.Faulty as faulty:
        faults = list(faulty.faults)
        return _start_page(request, actor, blank(), form.but(file=_how_many(faults)), faults=faults, status=422)
    except Refused as refused:
        return _start_page(request, actor, blank(), form.but(file=refused.refusal.words), status=409)
    return see(f"/frameworks/drafts/{made}")


def _begun(given: StartForm, today: date) -> FrameworkFacts:
    """The chosen template under a new name, or a draft that says nothing yet, for four years from today."""
    if given.template is None:
        until = rules.anniversary(today, 4)
        return FrameworkFacts(slug(given.name), given.name, "light_touch", today, until, countersigned=True)
    try:
        return replace(template(given.template), slug=slug(given.name), name=given.name)
    except KeyError:
        raise NotFound from None


def _how_many(faults: list[Fault]) -> str:
    things = "one thing is" if len(faults) == 1 else f"{len(faults)} things are"
    return f"Nothing was imported: {things} to be put right in the file"


def _start_page(
    request: Request,
    actor: ActorDep,
    form: Posted[StartForm],
    file_form: Posted[FileForm],
    *,
    faults: list[Fault] | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "frameworks/start.html",
        status=status,
        form=form,
        file_form=file_form,
        faults=faults or [],
        leading=policy.leading(actor),
        templates=TEMPLATES,
    )
