"""Looking at an official register: by a person, guided, with what was captured; or by machine, where a key is set."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from app.core import clock
from app.core.actor import Actor
from app.core.blobs import StoreAway
from app.core.database import Database
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused, refuse_if
from app.evidence import checklists, commands, policy, queries, rules
from app.evidence.commands import LookedAt
from app.evidence.companies_house import Unavailable, compare, live_register
from app.evidence.files import ACCEPT, UnfitFile
from app.evidence.forms import RegisterForm
from app.evidence.routes.uploading import STORE_AWAY, UPLOAD_BYTES, intake, taken, then_scan
from app.evidence.rules import Found
from app.web.forms import Posted, blank
from app.web.pages import page, see
from app.web.routing import ActorDep, BlobsDep, DatabaseDep, Router, SettingsDep
from app.web.uploads import uploaded

COMPANIES_HOUSE = "companies_house"

router = Router()


@router.get("/checks/{item_id}/registers/{register}", allow=policy.checkers)
def look_at_register(request: Request, item_id: UUID, register: str, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _register_page(request, db, actor, item_id, register, blank())


@router.post("/checks/{item_id}/registers/{register}", allow=policy.checkers, max_bytes=UPLOAD_BYTES)
def record_register(
    request: Request,
    item_id: UUID,
    register: str,
    db: DatabaseDep,
    blobs: BlobsDep,
    actor: ActorDep,
    config: SettingsDep,
    form: Posted[RegisterForm] = uploaded(RegisterForm, intake),
) -> Response:
    """What was captured first, as any document is; then the look that points to it."""
    with db.read() as session:
        _may_look(session, actor, item_id, register)
    form = _with_note(form)
    if form.value is None or form.errors:
        return _register_page(request, db, actor, item_id, register, form)
    document_id, capture = None, form.value.capture
    try:
        if capture:
            document_id = taken(db, blobs, actor, item_id, capture, commands.attach_capture)
    except UnfitFile as unfit:
        return _register_page(request, db, actor, item_id, register, form.but(capture=str(unfit)))
    except StoreAway:
        answer = _register_page(request, db, actor, item_id, register, form.but(capture=STORE_AWAY))
        answer.status_code = 503
        return answer
    seen = LookedAt(form.value.looked_on, form.value.result, form.value.note)
    recorded = _recorded(request, db, actor, item_id, register, seen, form, document_id)
    return then_scan(recorded, db, blobs, config.scanner, document_id) if document_id else recorded


@router.post("/checks/{item_id}/registers/{register}/ask", allow=policy.checkers)
def ask_register(
    request: Request, item_id: UUID, register: str, db: DatabaseDep, actor: ActorDep, config: SettingsDep
) -> Response:
    """The facts are read, the register is asked with no transaction open, and the answer is written down."""
    live = live_register(config)
    with db.read() as session:
        _may_look(session, actor, item_id, register)
        if live is None or register != COMPANIES_HOUSE:
            raise NotFound
        item = queries.item_page(session, item_id, on := london_day(clock.now(session)))
    number = item.facts.reference
    try:
        result, words = compare(live.look_up(number), number=number, legal_name=item.provider_name)
    except Unavailable as unavailable:
        refusal = Refusal("register_unavailable", str(unavailable))
        return _register_page(request, db, actor, item_id, register, blank(), refusal)
    return _recorded(request, db, actor, item_id, register, LookedAt(on, result, words, live=True), blank(), None)


def _may_look(session: Session, actor: Actor, item_id: UUID, register: str) -> None:
    """Raises `NotFound`, or `Refused` for an item of one's own organisation."""
    item, _ = queries.item_for_check(session, actor, item_id)
    if checklists.register(register) not in queries.registers_of(session, item_id):
        raise NotFound
    refuse_if(rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()))


def _with_note(form: Posted[RegisterForm]) -> Posted[RegisterForm]:
    if form.value and form.value.result is not Found.MATCHES and not form.value.note:
        return form.but(note="Say what differs, or how you searched")
    return form


def _recorded(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    register: str,
    seen: LookedAt,
    form: Posted[RegisterForm],
    document_id: UUID | None,
) -> Response:
    try:
        with db.write() as session:
            commands.record_register_check(session, actor, item_id, register, seen, document_id)
    except Refused as refused:
        if refused.refusal.code in ("looked_later", "looked_before"):
            return _register_page(request, db, actor, item_id, register, form.but(looked_on=refused.refusal.words))
        return _register_page(request, db, actor, item_id, register, form, refused.refusal)
    return see(f"/checks/{item_id}#registers")


def _register_page(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    key: str,
    form: Posted[RegisterForm],
    refusal: Refusal | None = None,
) -> HTMLResponse:
    with db.read() as session:
        queries.item_for_check(session, actor, item_id)
        register = checklists.register(key)
        if register not in queries.registers_of(session, item_id):
            raise NotFound
        on = london_day(clock.now(session))
        item = queries.item_page(session, item_id, on)
        looks = [look for look in queries.register_looks(session, item_id, on) if look.register_key == key]
    if not form.typed:
        form = blank(**{"looked_on-day": on.day, "looked_on-month": on.month, "looked_on-year": on.year})
    return page(
        request,
        "evidence/check_register.html",
        status=409 if refusal else 422 if form.errors else 200,
        item=item,
        register=register,
        looks=looks,
        form=form,
        refusal=refusal,
        why_not=rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()),
        sent_on=london_day(item.submitted_at or item.added_at),
        look_days=rules.LOOK_DAYS,
        results=list(rules.FOUND.items()),
        found=rules.FOUND,
        asks=key == COMPANIES_HOUSE and live_register(request.app.state.settings) is not None,
        accept=ACCEPT,
    )
