"""Many practitioners from a spreadsheet: the empty file, what is wrong in a full one, and the page that asks before it counts."""

from dataclasses import replace
from typing import ClassVar
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field
from starlette.datastructures import UploadFile

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.providers import commands, policy, queries, spreadsheets
from app.providers.rules.columns import COLUMNS
from app.providers.rules.importing import Sheet, read_sheet
from app.providers.rules.sheets import MOST_FAULTS, MOST_ROWS
from app.web.downloads import attachment
from app.web.forms import Form, Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers")
UPLOAD_BYTES = spreadsheets.MOST_BYTES + 1024 * 1024  # the file and the form around it; a little more is said in words


class SpreadsheetForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"file": "Select the spreadsheet"}

    file: UploadFile = Field(title="the spreadsheet")


@router.get("/{provider_id}/practitioners/import", allow=policy.members)
def upload_page(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _upload(request, db, actor, provider_id, blank())


@router.post("/{provider_id}/practitioners/import", allow=policy.members, max_bytes=UPLOAD_BYTES)
def upload(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[SpreadsheetForm] = posted(SpreadsheetForm, files=1),
) -> Response:
    with db.read() as session:
        queries.own_provider(session, actor, provider_id, *policy.EDITORS)
        here, on = queries.known(session, provider_id), london_day(clock.now(session))
    if form.value is None:
        return _upload(request, db, actor, provider_id, form)
    try:
        rows = spreadsheets.read(form.value.file.file)
    except spreadsheets.Unreadable as unreadable:
        return _upload(request, db, actor, provider_id, form.but(file=str(unreadable)))
    sheet = read_sheet(rows, here, on=on)
    if sheet.faults:
        return _upload(request, db, actor, provider_id, form.but(file=_how_many(sheet)), sheet)
    with db.write() as session:
        import_id = commands.keep_import(
            session, actor, provider_id, file_name=form.value.file.filename or "", people=sheet.people
        )
    return see(f"/providers/{provider_id}/practitioners/import/{import_id}")


@router.get("/{provider_id}/practitioners/template", allow=policy.members)
def template(provider_id: UUID, db: DatabaseDep, actor: ActorDep, kind: str = "xlsx", rows: str = "") -> Response:
    """The spreadsheet to fill in; with `rows=mine`, those who are here already in it."""
    with db.read() as session:
        queries.own_provider(session, actor, provider_id, *policy.EDITORS)
        here = queries.known(session, provider_id)
        people = queries.practitioners(session, provider_id) if rows == "mine" else ()
    lines = [_line(person) for person in people]
    if kind == "csv":
        return attachment(spreadsheets.as_csv(lines, COLUMNS), spreadsheets.CSV, "practitioners.csv")
    bodies = (*sorted(here.bodies), "Other")
    columns = [replace(one, choices=bodies) if one.key in ("body", "second_body") else one for one in COLUMNS]
    book = spreadsheets.as_xlsx(lines, columns, title="Practitioners", more=("Therapies", here.therapies.values()))
    return attachment(book, spreadsheets.XLSX, "practitioners.xlsx")


@router.get("/{provider_id}/practitioners/import/{import_id}", allow=policy.members)
def check_page(request: Request, provider_id: UUID, import_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        told = queries.import_page(session, actor, provider_id, import_id)
    return page(request, "providers/import_check.html", provider_id=provider_id, told=told)


@router.post("/{provider_id}/practitioners/import/{import_id}", allow=policy.members)
def confirm(provider_id: UUID, import_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    with db.write() as session:
        added = commands.import_practitioners(session, actor, provider_id, import_id)
    return see(f"/providers/{provider_id}/practitioners?added={added}")


def _how_many(sheet: Sheet) -> str:
    count = len(sheet.faults)
    things = "one thing is" if count == 1 else f"{count} things are"
    return f"Nothing was imported: {things} to be put right in the spreadsheet"


def _line(person: queries.PractitionerView) -> list[str]:
    """The cells of somebody who is here, in the template's columns: what the list of practitioners shows, no more."""
    cells = {"full_name": person.name, "profession": person.profession}
    for entry, (body, number, until) in zip(
        person.registrations,
        (("body", "number", "registered_until"), ("second_body", "second_number", "second_until")),
        strict=False,
    ):
        cells |= {body: entry.body if entry.body_name else "Other", number: entry.number}
        cells[until] = f"{entry.expires_on:%d/%m/%Y}" if entry.expires_on else ""
    return [cells.get(column.key, "") for column in COLUMNS]


def _upload(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    form: Posted[SpreadsheetForm],
    sheet: Sheet | None = None,
) -> HTMLResponse:
    with db.read() as session:
        name = queries.own_provider(session, actor, provider_id, *policy.EDITORS)[1].name
    return page(
        request,
        "providers/import.html",
        status=422 if form.errors else 200,
        provider_id=provider_id,
        name=name,
        form=form,
        faults=sheet.faults[:MOST_FAULTS] if sheet else (),
        more=max(0, len(sheet.faults) - MOST_FAULTS) if sheet else 0,
        columns=COLUMNS,
        most=MOST_ROWS,
    )
