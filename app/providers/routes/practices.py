"""One practitioner over HTTP: the record, each of its parts to fill in, leaving and coming back."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused
from app.providers import commands, policy, queries, rules
from app.providers.practice_forms import FORMS
from app.web.forms import Form, Posted, Received, blank, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()

KEEP: Final[dict[str, Callable[..., Any]]] = {
    "name": commands.change_practitioner,
    "registration": commands.keep_registration,
    "qualification": commands.keep_qualification,
    "therapy": commands.allow_therapy,
    "supervision": commands.keep_supervision,
    "insurance": commands.keep_insurance,
    "dbs": commands.record_dbs,
}
SEVERAL: Final = ("registration", "qualification")
"""Parts of which there are several: one is changed where its id is given, and else another is added."""


@router.get("/providers/{provider_id}/practitioners", allow=policy.members)
def everybody(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep, added: int = 0) -> HTMLResponse:
    with db.read() as session:
        name = queries.own_provider(session, actor, provider_id)[1].name
        people = queries.practitioners(session, provider_id, left=True)
        on = london_day(clock.now(session))
    return page(
        request,
        "providers/practitioners.html",
        provider_id=provider_id,
        name=name,
        people=[person for person in people if not person.left_at],
        left=[person for person in people if person.left_at],
        today=on,
        added=added,
        may_edit=policy.may_edit(actor, provider_id),
    )


@router.get("/practitioners/{practitioner_id}", allow=policy.viewers)
def show(request: Request, practitioner_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _record(request, db, actor, practitioner_id)


@router.post("/practitioners/{practitioner_id}/left", allow=policy.members)
def left(practitioner_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    with db.write() as session:
        person = queries.own_practitioner(session, actor, practitioner_id, *policy.EDITORS)
        commands.mark_practitioner_left(session, actor, person.provider_id, practitioner_id)
    return see(f"/practitioners/{practitioner_id}")


@router.post("/practitioners/{practitioner_id}/return", allow=policy.members)
def come_back(practitioner_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    with db.write() as session:
        commands.return_practitioner(session, actor, practitioner_id)
    return see(f"/practitioners/{practitioner_id}")


@router.get("/practitioners/{practitioner_id}/{part}", allow=policy.members)
def part_to_fill(
    request: Request,
    practitioner_id: UUID,
    part: str,
    db: DatabaseDep,
    actor: ActorDep,
    entry: UUID | None = None,
) -> HTMLResponse:
    return _fill(request, db, actor, practitioner_id, part, None, entry)


@router.post("/practitioners/{practitioner_id}/{part}", allow=policy.members)
def keep_part(
    request: Request,
    practitioner_id: UUID,
    part: str,
    db: DatabaseDep,
    actor: ActorDep,
    entry: UUID | None = None,
    sent: Received = received(),
) -> Response:
    with db.read() as session:
        queries.own_practitioner(session, actor, practitioner_id, *policy.EDITORS)
    form: Posted[Form] = sent.into(_form_of(part))
    if form.value is None:
        return _fill(request, db, actor, practitioner_id, part, form, entry)
    given = form.value.model_dump() | ({"entry_id": entry} if part in SEVERAL else {})
    try:
        with db.write() as session:
            KEEP[part](session, actor, practitioner_id, **given)
    except Refused as refused:
        beside = "ground" if refused.refusal.code == "ground_missing" else "form"
        return _fill(request, db, actor, practitioner_id, part, form.but(**{beside: refused.refusal.words}), entry)
    return see(f"/practitioners/{practitioner_id}#{part}")


@router.post("/practitioners/{practitioner_id}/{part}/{entry_id}/remove", allow=policy.members)
def remove(
    request: Request, practitioner_id: UUID, part: str, entry_id: UUID, db: DatabaseDep, actor: ActorDep
) -> Response:
    try:
        with db.write() as session:
            queries.own_practitioner(session, actor, practitioner_id, *policy.EDITORS)
            commands.remove_entry(session, actor, practitioner_id, part, entry_id)
    except Refused as refused:
        return _record(request, db, actor, practitioner_id, refused.refusal)
    return see(f"/practitioners/{practitioner_id}#{part}")


def _form_of(part: str) -> type[Form]:
    if part not in FORMS:
        raise NotFound
    return FORMS[part]


def _record(
    request: Request, db: DatabaseDep, actor: Actor, practitioner_id: UUID, refusal: Refusal | None = None
) -> HTMLResponse:
    with db.read() as session:
        told = queries.practitioner_page(session, actor, practitioner_id)
    return page(
        request,
        "providers/record.html",
        status=409 if refusal else 200,
        told=told,
        own=policy.belongs(actor, told.provider_id),
        may_edit=policy.may_edit(actor, told.provider_id),
        dbs_warning=rules.dbs_warning(told.dbs.certificate_number) if told.dbs else None,
        frequencies=rules.FREQUENCIES,
        levels=rules.DBS_LEVELS,
        workforces=rules.WORKFORCES,
        lapsed=partial(rules.lapsed, on=told.today),
        refusal=refusal,
    )


def _fill(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    practitioner_id: UUID,
    part: str,
    form: Posted[Form] | None,
    entry: UUID | None,
) -> HTMLResponse:
    _form_of(part)
    with db.read() as session:
        person = queries.own_practitioner(session, actor, practitioner_id, *policy.EDITORS)
        typed = {} if form else _boxes(queries.part_as_typed(session, person, part, entry))
        name, choices = person.full_name, _choices(session, person.provider_id, practitioner_id, part)
    return page(
        request,
        "providers/part.html",
        status=422 if form else 200,
        practitioner_id=practitioner_id,
        name=name,
        part=part,
        entry=entry if part in SEVERAL else None,
        form=form or blank(**typed),
        **choices,
    )


def _choices(session: Session, provider_id: UUID, practitioner_id: UUID, part: str) -> dict[str, Any]:
    if part == "registration":
        return {"bodies": [(body.value, body.label) for body in queries.bodies(session)]}
    if part == "therapy":
        groups, offered = queries.therapy_groups(session), queries.chosen_therapies(session, provider_id)
        every = [choice for group in groups for choice in group.choices]
        return {
            "therapies": [(c.value, c.label) for c in every if not offered or c.value in offered],
            "grounds": [(c.value, c.label) for c in queries.grounds(session, practitioner_id)],
        }
    return {
        "frequencies": list(rules.FREQUENCIES.items()),
        "levels": list(rules.DBS_LEVELS.items()),
        "workforces": list(rules.WORKFORCES.items()),
    }


def _boxes(known: dict[str, Any]) -> dict[str, Any]:
    """Values as the fields of a form show them: a date in three boxes, a tick as text, nothing as nothing."""
    boxes: dict[str, Any] = {}
    for name, value in known.items():
        if isinstance(value, date):
            boxes |= {f"{name}-{part}": getattr(value, part) for part in ("day", "month", "year")}
        elif isinstance(value, bool):
            boxes[name] = "true" if value else ""
        else:
            boxes[name] = "" if value is None else value
    return boxes
