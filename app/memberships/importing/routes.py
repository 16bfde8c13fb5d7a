"""A list of members from a spreadsheet: the empty file, what is wrong in a full one, and the page on which it is approved."""

from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.frameworks.policy import framework_leads
from app.memberships.importing import commands, queries
from app.memberships.importing.forms import ListForm, box, who_form
from app.memberships.importing.rules import Listing, in_one_wave, read_listing
from app.providers import spreadsheets
from app.providers.rules.sheets import MOST_FAULTS, MOST_ROWS, Fault
from app.web.downloads import attachment
from app.web.forms import Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/frameworks/{framework_id}/members")
UPLOAD_BYTES = spreadsheets.MOST_BYTES + 1024 * 1024  # the file and the form around it; a little more is said in words


@router.get("/import", allow=framework_leads)
def upload_page(request: Request, framework_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _upload(request, db, actor, framework_id, blank())


@router.get("/template", allow=framework_leads)
def template(framework_id: UUID, db: DatabaseDep, actor: ActorDep, kind: str = "xlsx") -> Response:
    """The spreadsheet to fill in, made for this framework's lots, regions and evidence."""
    with db.read() as session:
        columns = queries.upload_page(session, actor, framework_id).columns
    if kind == "csv":
        return attachment(spreadsheets.as_csv((), columns), spreadsheets.CSV, "members.csv")
    return attachment(spreadsheets.as_xlsx((), columns, title="Members"), spreadsheets.XLSX, "members.xlsx")


@router.post("/import", allow=framework_leads, max_bytes=UPLOAD_BYTES)
def upload(
    request: Request,
    framework_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ListForm] = posted(ListForm, files=1),
) -> Response:
    with db.read() as session:
        columns = queries.upload_page(session, actor, framework_id).columns
    if form.value is None:
        return _upload(request, db, actor, framework_id, form)
    try:
        rows = spreadsheets.read(form.value.file.file)
    except spreadsheets.Unreadable as unreadable:
        return _upload(request, db, actor, framework_id, form.but(file=str(unreadable)))
    listing = read_listing(rows, columns)
    faults = in_one_wave(listing.faults, _matching(db, listing))
    if faults:
        return _upload(request, db, actor, framework_id, form.but(file=_how_many(faults)), faults)
    form.value.file.file.seek(0)
    try:
        with db.write() as session:
            import_id = commands.keep_list(
                session,
                actor,
                framework_id,
                file_name=form.value.file.filename or "",
                sha256=digest(form.value.file.file.read()),
                lines=listing.lines,
            )
    except Refused as refused:
        return _upload(request, db, actor, framework_id, form.but(file=refused.refusal.words))
    return see(f"/frameworks/{framework_id}/members/import/{import_id}")


@router.get("/import/{list_id}", allow=framework_leads)
def check_page(request: Request, framework_id: UUID, list_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    return _check(request, db, actor, framework_id, list_id, blank())


@router.post("/import/{list_id}/who", allow=framework_leads)
def say_who(
    request: Request, framework_id: UUID, list_id: UUID, db: DatabaseDep, actor: ActorDep, sent: Received = received()
) -> Response:
    with db.read() as session:
        undecided = queries.import_page(session, actor, framework_id, list_id).undecided
    form = sent.into(who_form(undecided))
    if form.value is None:
        return _check(request, db, actor, framework_id, list_id, form)
    said = {one.line.row: getattr(form.value, box(one)) for one in undecided}
    with db.write() as session:
        commands.say_who(session, actor, framework_id, list_id, said)
    return see(f"/frameworks/{framework_id}/members/import/{list_id}")


@router.post("/import/{list_id}/approve", allow=framework_leads)
def approve(request: Request, framework_id: UUID, list_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    try:
        with db.write() as session:
            commands.approve_list(session, actor, framework_id, list_id)
    except Refused as refused:
        return _check(request, db, actor, framework_id, list_id, blank(), refused.refusal)
    return see(f"/frameworks/{framework_id}/members/import/{list_id}")


@router.post("/import/{list_id}/put-aside", allow=framework_leads)
def put_aside(framework_id: UUID, list_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    with db.write() as session:
        commands.put_aside_list(session, actor, framework_id, list_id)
    return see(f"/frameworks/{framework_id}/members/import")


def _matching(db: Database, listing: Listing) -> tuple[Fault, ...]:
    with db.read() as session:
        return queries.matched(session, listing.lines)[1]


def _how_many(faults: tuple[Fault, ...]) -> str:
    things = "one thing is" if len(faults) == 1 else f"{len(faults)} things are"
    return f"Nothing was imported: {things} to be put right in the spreadsheet"


def _upload(
    request: Request,
    db: Database,
    actor: Actor,
    framework_id: UUID,
    form: Posted[ListForm],
    faults: tuple[Fault, ...] = (),
) -> HTMLResponse:
    with db.read() as session:
        told = queries.upload_page(session, actor, framework_id)
    return page(
        request,
        "memberships/import.html",
        status=422 if form.errors else 200,
        told=told,
        form=form,
        faults=faults[:MOST_FAULTS],
        more=max(0, len(faults) - MOST_FAULTS),
        most=MOST_ROWS,
    )


def _check(
    request: Request,
    db: Database,
    actor: Actor,
    framework_id: UUID,
    list_id: UUID,
    form: Posted[Any],
    refusal: Refusal | None = None,
) -> HTMLResponse:
    with db.read() as session:
        told = queries.import_page(session, actor, framework_id, list_id)
    status = 409 if refusal else 422 if form.errors else 200
    return page(request, "memberships/import_check.html", status=status, told=told, form=form, box=box, refusal=refusal)
