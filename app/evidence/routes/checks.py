"""The checkers’ queue, and the page of one check with its decisions."""

from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.london import london_day
from app.core.refusals import Refusal, Refused
from app.evidence import checklists, commands, policy, queries, rules
from app.evidence.companies_house import live_register
from app.evidence.files import SHOWN_IN_THE_PAGE
from app.evidence.forms import (
    NoteForm,
    RefuseForm,
    ReturnForm,
    SecondLookForm,
    TakeForm,
    VerifyForm,
    name_unanswered,
    ticks,
    verify_form,
)
from app.evidence.queries import Tab
from app.evidence.queries.dbs import told_of_certificate
from app.evidence.rules.dbs import DBS_WORDS
from app.web.downloads import PAGE_WITH_VIEWER
from app.web.forms import Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/checks", allow=policy.checkers)
def checks(
    request: Request,
    db: DatabaseDep,
    actor: ActorDep,
    tab: str = Tab.WAITING,
    kind: str = "",
    provider: str = "",
    mine: str = "",
) -> HTMLResponse:
    chosen = Tab(tab) if tab in list(Tab) else Tab.WAITING
    with db.read() as session:
        on = london_day(clock.now(session))
        queue = queries.queue(session, actor, on, chosen, kind=kind, provider=provider.strip(), mine=mine == "yes")
    return page(
        request,
        "evidence/checks.html",
        tab=chosen,
        queue=queue,
        filters=blank(kind=kind, provider=provider, mine=["yes"] if mine == "yes" else []),
        narrowed=bool(kind or provider or mine),
        agency=policy.checks_for_agency(actor),
        target=rules.TARGET_DAYS,
        most=queries.QUEUE,
        counted=queries.COUNTED,
    )


@router.get("/checks/reasons", allow=policy.reasons_readers)
def reasons(request: Request, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        found = queries.reasons(session)
    return page(request, "evidence/check_reasons.html", found=found, checks=policy.checkers(actor))


@router.get("/checks/{item_id}", allow=policy.checkers)
def check(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return check_shown(request, db, actor, item_id)


@router.post("/checks/{item_id}/verify", allow=policy.checkers)
def verify(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep, sent: Received = received()) -> Response:
    with db.read() as session:
        _, kind = queries.item_for_check(session, actor, item_id)
        points = checklists.checklist(kind, queries.registers_of(session, item_id))
    form = sent.into(verify_form(points))
    told = ticks(form.typed, points)
    if form.value is None:
        return check_shown(request, db, actor, item_id, verifying=name_unanswered(form, points, told))
    try:
        with db.write() as session:
            commands.verify_item(
                session,
                actor,
                item_id,
                how=form.value.how,
                ticks=told,
                saw_original=form.value.saw_original,
            )
    except Refused as refused:
        if refused.refusal.code == "checklist":
            return check_shown(request, db, actor, item_id, verifying=name_unanswered(form, points, told))
        return check_shown(request, db, actor, item_id, verifying=form, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/return", allow=policy.checkers)
def give_back(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ReturnForm] = posted(ReturnForm),
) -> Response:
    if form.value is None:
        return check_shown(request, db, actor, item_id, returning=form)
    try:
        with db.write() as session:
            commands.return_item(session, actor, item_id, form.value.reason, form.value.fix)
    except Refused as refused:
        return check_shown(request, db, actor, item_id, returning=form, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/refuse", allow=policy.checkers)
def refuse(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[RefuseForm] = posted(RefuseForm),
) -> Response:
    if form.value is None:
        return check_shown(request, db, actor, item_id, refusing=form)
    try:
        with db.write() as session:
            commands.propose_refusal(session, actor, item_id, form.value.refuse_reason, form.value.words)
    except Refused as refused:
        return check_shown(request, db, actor, item_id, refusing=form, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/refusal/confirm", allow=policy.checkers)
def confirm_refusal(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    try:
        with db.write() as session:
            commands.confirm_refusal(session, actor, item_id)
    except Refused as refused:
        return check_shown(request, db, actor, item_id, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/refusal/send-back", allow=policy.checkers)
def send_refusal_back(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[NoteForm] = posted(NoteForm),
) -> Response:
    if form.value is None:
        return check_shown(request, db, actor, item_id, settling=form)
    try:
        with db.write() as session:
            commands.send_refusal_back(session, actor, item_id, form.value.note)
    except Refused as refused:
        return check_shown(request, db, actor, item_id, settling=form, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/refusal/withdraw", allow=policy.checkers)
def withdraw_refusal(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    try:
        with db.write() as session:
            commands.withdraw_refusal(session, actor, item_id)
    except Refused as refused:
        return check_shown(request, db, actor, item_id, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/second-look", allow=policy.checkers)
def second_look(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[SecondLookForm] = posted(SecondLookForm),
) -> Response:
    if form.value and form.value.agrees == "no" and not form.value.disagreement:
        form = form.but(disagreement="Say what is wrong")
    if form.value is None or form.errors:
        return check_shown(request, db, actor, item_id, looking=form)
    try:
        with db.write() as session:
            commands.take_second_look(
                session, actor, item_id, agrees=form.value.agrees == "yes", words=form.value.disagreement
            )
    except Refused as refused:
        return check_shown(request, db, actor, item_id, looking=form, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/take", allow=policy.checkers)
def take(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[TakeForm] = posted(TakeForm),
) -> Response:
    try:
        with db.write() as session:
            commands.take_check(session, actor, item_id, over=form.value is not None and form.value.over)
    except Refused as refused:
        return check_shown(request, db, actor, item_id, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


@router.post("/checks/{item_id}/release", allow=policy.checkers)
def release(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    try:
        with db.write() as session:
            commands.release_check(session, actor, item_id)
    except Refused as refused:
        return check_shown(request, db, actor, item_id, refusal=refused.refusal)
    return see("/checks")


def check_shown(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    *,
    verifying: Posted[VerifyForm] | None = None,
    returning: Posted[ReturnForm] | None = None,
    refusing: Posted[RefuseForm] | None = None,
    settling: Posted[NoteForm] | None = None,
    looking: Posted[SecondLookForm] | None = None,
    refusal: Refusal | None = None,
) -> HTMLResponse:
    """The page of one check, with the forms as they were typed."""
    with db.read() as session:
        queries.item_for_check(session, actor, item_id)
        on = london_day(clock.now(session))
        item = queries.item_page(session, item_id, on)
        registers = queries.registers_of(session, item_id)
        record, status = told_of_certificate(session, item_id) if item.kind.narrow else (None, ())
        shown: dict[str, Any] = {
            "documents": queries.documents(session, actor, item),
            "history": queries.history(session, item_id),
            "under_way": queries.under_way(session, item_id),
            "looks": queries.register_looks(session, item_id, on),
            "second_looks": queries.second_looks(session, item_id),
            "record": record,
            "status_checks": status,
        }
    forms = [given or blank() for given in (verifying, returning, refusing, settling, looking)]
    live = live_register(request.app.state.settings) is not None
    answer = page(
        request,
        "evidence/check.html",
        status=409 if refusal else 422 if any(form.errors for form in forms) else 200,
        item=item,
        **shown,
        **dict(zip(("verifying", "returning", "refusing", "settling", "looking"), forms, strict=True)),
        refusal=refusal,
        why_not=rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()),
        why_not_anew=rules.why_not_anew(
            contradicted=queries.contradicted(shown["second_looks"]), person=actor.person_id
        ),
        actor_id=actor.person_id,
        points=checklists.checklist(item.kind, registers),
        registers=registers,
        register_names={register.key: register.name for register in checklists.registers()},
        found=rules.FOUND,
        asks=live,
        reasons=list(rules.REASONS.items()),
        shown=SHOWN_IN_THE_PAGE,
        dbs_words=DBS_WORDS,
    )
    answer.headers["Content-Security-Policy"] = PAGE_WITH_VIEWER
    return answer
