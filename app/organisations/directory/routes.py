"""The directory of agencies as at a day, one agency with its history, and the forms that record what changed."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core import audit, clock
from app.core.database import Database
from app.core.london import london_day
from app.core.refusals import Refusal, Refused
from app.organisations.directory import commands, queries
from app.organisations.directory.forms import ChangeForm, SignerForm
from app.organisations.directory.rules import FORM_WORDS
from app.organisations.policy import administers
from app.organisations.reference import DIRECTORY
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, signed_in

router = Router()


@router.get("/agencies", allow=signed_in)
def agencies(request: Request, db: DatabaseDep, actor: ActorDep, on: str = "") -> Response:
    with db.read() as session:
        day = _day(on) or london_day(clock.now(session))
        directory = queries.directory(session, day)
        events = [(event.at, audit.sentence(event)) for event in audit.timeline(session, DIRECTORY)]
    return page(
        request, "organisations/agencies.html", directory=directory, events=events, on=day, keeps=administers(actor)
    )


@router.get("/agencies/{agency_id}", allow=signed_in)
def agency(request: Request, db: DatabaseDep, actor: ActorDep, agency_id: UUID) -> Response:
    return _agency_page(request, db, agency_id, blank(), keeps=administers(actor))


@router.post("/agencies/{agency_id}/signers", allow=administers)
def record_signer(
    request: Request, db: DatabaseDep, actor: ActorDep, agency_id: UUID, form: Posted[SignerForm] = posted(SignerForm)
) -> Response:
    if form.value is None:
        return _agency_page(request, db, agency_id, form, keeps=True, status=422)
    given = form.value
    try:
        with db.write() as session:
            commands.record_signer(
                session,
                actor,
                agency_id,
                name=given.name,
                form=given.form,
                on=given.valid_from,
                source=given.source,
            )
    except Refused as refused:
        return _agency_page(request, db, agency_id, form, keeps=True, refusal=refused.refusal, status=409)
    return see(f"/agencies/{agency_id}")


@router.get("/directory/changes/new", allow=administers)
def new_change(request: Request, db: DatabaseDep) -> Response:
    return _change_page(request, db, blank())


@router.post("/directory/changes", allow=administers)
def record_change(
    request: Request, db: DatabaseDep, actor: ActorDep, form: Posted[ChangeForm] = posted(ChangeForm)
) -> Response:
    if form.value is None:
        return _change_page(request, db, form, status=422)
    try:
        with db.write() as session:
            agency_id = commands.record_change(session, actor, form.value.facts())
    except Refused as refused:
        return _change_page(request, db, form, refusal=refused.refusal, status=409)
    return see(f"/agencies/{agency_id}")


def _agency_page(
    request: Request,
    db: Database,
    agency_id: UUID,
    form: Posted[Any],
    *,
    keeps: bool,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        today = london_day(clock.now(session))
        found = queries.agency(session, agency_id, today)
    return page(
        request,
        "organisations/agency.html",
        status=status,
        agency=found,
        today=today,
        form=form,
        keeps=keeps,
        refusal=refusal,
        form_words=FORM_WORDS,
    )


def _change_page(
    request: Request, db: Database, form: Posted[Any], *, refusal: Refusal | None = None, status: int = 200
) -> Response:
    with db.read() as session:
        today = london_day(clock.now(session))
        standing, served = queries.agencies_on(session, today), queries.authorities_of(session, today)
    return page(
        request,
        "organisations/change.html",
        status=status,
        form=form,
        refusal=refusal,
        agencies=standing,
        authorities=[
            (authority_id, authority, agency)
            for agency_id, agency in standing
            for authority_id, authority in served.get(agency_id, ())
        ],
    )


def _day(typed: str) -> date | None:
    """The day chosen in the filter; anything else is no filter."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
