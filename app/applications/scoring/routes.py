"""Scoring over HTTP: the assessor declares and scores alone; the lead names assessors, agrees on marks and settles ties."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.applications.policy import deciders
from app.applications.scoring import commands
from app.applications.scoring.forms import (
    ListedForm,
    NameForm,
    ReleaseForm,
    TieForm,
    agreed_marks,
    agreeing_form,
    note_for,
)
from app.applications.scoring.policy import assessors
from app.applications.scoring.queries.assessing import Sheet, declaration, room, sheet
from app.applications.scoring.queries.moderating import Comparison, comparison, ranking_page, round_scoring
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.core.scoring import POINTS
from app.web.assessing import (
    declaration_form,
    marks,
    nature_of,
    points_for,
    scoring_form,
    typed_marks,
    with_interests,
)
from app.web.forms import Form, Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/rounds/{round_id}/scoring", allow=deciders)
def show_round(request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID) -> Response:
    return _round(request, actor, db, round_id)


@router.post("/rounds/{round_id}/assessors", allow=deciders)
def name_assessor(
    request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID, form: Posted[NameForm] = posted(NameForm)
) -> Response:
    if form.value is None:
        return _round(request, actor, db, round_id, form=form, status=422)
    try:
        with db.write() as session:
            commands.name_assessor(session, actor, round_id, form.value.person_id)
    except Refused as no:
        return _round(request, actor, db, round_id, form=form, refusal=no.refusal, status=409)
    return see(f"/rounds/{round_id}/scoring")


@router.post("/rounds/{round_id}/assessors/{round_assessor_id}/release", allow=deciders)
def release_assessor(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    round_id: UUID,
    round_assessor_id: UUID,
    form: Posted[ReleaseForm] = posted(ReleaseForm),
) -> Response:
    if form.value is None:
        return _round(request, actor, db, round_id, form=form, status=422)
    try:
        with db.write() as session:
            commands.release_assessor(session, actor, round_id, round_assessor_id, form.value.reason)
    except Refused as no:
        return _round(request, actor, db, round_id, refusal=no.refusal, status=409)
    return see(f"/rounds/{round_id}/scoring")


@router.get("/rounds/{round_id}/scoring/{application_id}", allow=deciders)
def show_comparison(
    request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID, application_id: UUID
) -> Response:
    return _compared(request, actor, db, round_id, application_id)


@router.post("/rounds/{round_id}/scoring/{application_id}", allow=deciders)
def agree_marks(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    round_id: UUID,
    application_id: UUID,
    sent: Received = received(),
) -> Response:
    with db.read() as session:
        view = comparison(session, actor, round_id, application_id)
    form, agreed = agreed_marks(sent.into(agreeing_form(view.points)), view.points)
    if form.errors:
        return _comparison_page(request, view, form=form, status=422)
    try:
        with db.write() as session:
            commands.agree_marks(session, actor, round_id, application_id, agreed)
    except Refused as no:
        return _compared(request, actor, db, round_id, application_id, form=form, refusal=no.refusal, status=409)
    return see(f"/rounds/{round_id}/scoring")


@router.get("/rounds/{round_id}/ranking/{lot_id}/{region_id}", allow=deciders)
def show_ranking(
    request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID, lot_id: UUID, region_id: UUID
) -> Response:
    return _ranking(request, actor, db, round_id, lot_id, region_id)


@router.post("/rounds/{round_id}/ranking/{lot_id}/{region_id}", allow=deciders)
def break_tie(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    round_id: UUID,
    lot_id: UUID,
    region_id: UUID,
    form: Posted[TieForm] = posted(TieForm),
) -> Response:
    if form.value is None:
        return _ranking(request, actor, db, round_id, lot_id, region_id, form=form, status=422)
    try:
        with db.write() as session:
            commands.break_tie(session, actor, round_id, form.value.part_id, form.value.reason)
    except Refused as no:
        return _ranking(request, actor, db, round_id, lot_id, region_id, form=form, refusal=no.refusal, status=409)
    return see(f"/rounds/{round_id}/ranking/{lot_id}/{region_id}")


@router.get("/scoring/{round_id}/declaration", allow=assessors)
def show_declaration(request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID) -> Response:
    return _declaration(request, actor, db, round_id)


@router.post("/scoring/{round_id}/declaration", allow=assessors)
def declare(
    request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID, sent: Received = received()
) -> Response:
    with db.read() as session:
        view = declaration(session, actor, round_id)
    ids = sent.into(ListedForm).typed.get("listed", "").split()
    listed = [(provider_id, name) for provider_id, name in view.asked if str(provider_id) in ids]
    form, interests = with_interests(sent.into(declaration_form(listed)), listed)
    if form.errors:
        return _declaration(request, actor, db, round_id, form=form, status=422)
    try:
        with db.write() as session:
            about = [provider_id for provider_id, _ in listed]
            commands.declare_interests(session, actor, round_id, about, interests)
            others = declaration(session, actor, round_id).applied
    except Refused as no:
        return _declaration(request, actor, db, round_id, form=form, refusal=no.refusal, status=409)
    return see(f"/scoring/{round_id}/declaration" if others else f"/scoring/{round_id}")


@router.get("/scoring/{round_id}", allow=assessors)
def show_room(request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID) -> Response:
    with db.read() as session:
        view = room(session, actor, round_id)
    return page(request, "applications/scoring/room.html", view=view)


@router.get("/scoring/{round_id}/{application_id}", allow=assessors)
def show_sheet(request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID, application_id: UUID) -> Response:
    return _sheet(request, actor, db, round_id, application_id)


@router.post("/scoring/{round_id}/{application_id}", allow=assessors)
def save_marks(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    round_id: UUID,
    application_id: UUID,
    sent: Received = received(),
) -> Response:
    with db.read() as session:
        view = sheet(session, actor, round_id, application_id)
    asked = _asked(view)
    form = sent.into(scoring_form(asked, Form))
    if form.value is None:
        return _sheet_page(request, view, form=form, status=422)
    try:
        with db.write() as session:
            commands.save_marks(session, actor, round_id, application_id, marks(form.value, asked))
    except Refused as no:
        return _sheet(request, actor, db, round_id, application_id, form=form, refusal=no.refusal, status=409)
    return see(f"/scoring/{round_id}/{application_id}")


@router.post("/scoring/{round_id}/{application_id}/submit", allow=assessors)
def submit_marks(request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID, application_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.submit_marks(session, actor, round_id, application_id)
    except Refused as no:
        return _sheet(request, actor, db, round_id, application_id, refusal=no.refusal, status=409)
    return see(f"/scoring/{round_id}")


def _asked(view: Sheet) -> list[tuple[UUID, str]]:
    """What a sheet asks, each under its number."""
    return [(one.id, f"question {number}") for number, one in enumerate(view.questions, start=1)]


def _round(
    request: Request,
    actor: Actor,
    db: Database,
    round_id: UUID,
    *,
    form: Posted[NameForm] | Posted[ReleaseForm] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = round_scoring(session, actor, round_id)
    return page(
        request,
        "applications/scoring/round.html",
        status=status,
        view=view,
        form=form or blank(),
        refusal=refusal,
    )


def _compared(
    request: Request,
    actor: Actor,
    db: Database,
    round_id: UUID,
    application_id: UUID,
    *,
    form: Posted[Form] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = comparison(session, actor, round_id, application_id)
    return _comparison_page(request, view, form=form, refusal=refusal, status=status)


def _comparison_page(
    request: Request,
    view: Comparison,
    *,
    form: Posted[Form] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "applications/scoring/comparison.html",
        status=status,
        view=view,
        form=form or blank(**_typed(view)),
        refusal=refusal,
        points=POINTS,
    )


def _typed(view: Comparison) -> dict[str, str | int]:
    """The agreed marks as they stand in the form: those recorded, or else the one that every assessor gave."""
    typed: dict[str, str | int] = {}
    for one in view.questions:
        question_id, given = one.question.id, {mark.points for _, mark in one.given}
        if one.agreed:
            typed |= {points_for(question_id): one.agreed.points, note_for(question_id): one.agreed.note}
        elif len(given) == 1:
            typed[points_for(question_id)] = given.pop()
    return typed


def _ranking(
    request: Request,
    actor: Actor,
    db: Database,
    round_id: UUID,
    lot_id: UUID,
    region_id: UUID,
    *,
    form: Posted[TieForm] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = ranking_page(session, actor, round_id, lot_id, region_id)
    return page(
        request,
        "applications/scoring/ranking.html",
        status=status,
        view=view,
        form=form or blank(),
        refusal=refusal,
    )


def _declaration(
    request: Request,
    actor: Actor,
    db: Database,
    round_id: UUID,
    *,
    form: Posted[Form] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = declaration(session, actor, round_id)
    return page(
        request,
        "applications/scoring/declaration.html",
        status=status,
        view=view,
        form=form or blank(interest=[]),
        refusal=refusal,
        nature_of=nature_of,
    )


def _sheet(
    request: Request,
    actor: Actor,
    db: Database,
    round_id: UUID,
    application_id: UUID,
    *,
    form: Posted[Form] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = sheet(session, actor, round_id, application_id)
    return _sheet_page(request, view, form=form, refusal=refusal, status=status)


def _sheet_page(
    request: Request,
    view: Sheet,
    *,
    form: Posted[Form] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "applications/scoring/sheet.html",
        status=status,
        view=view,
        form=form or blank(**typed_marks(view.marks)),
        refusal=refusal,
        points=POINTS,
    )
