"""Evidence over HTTP: the list and the items of those whose it is, the documents, and the checkers' pages."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal, Refused
from app.evidence import commands, policy, queries, rules
from app.evidence.files import ACCEPT, SHOWN_IN_THE_PAGE, UnfitFile, inspect
from app.evidence.forms import ItemForm, ReturnForm, UploadForm, VerifyForm
from app.evidence.models import Document
from app.evidence.rules import ItemFacts
from app.evidence.scanning import scan, scanner_named
from app.providers.queries import own_provider, practitioners
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, BlobsDep, DatabaseDep, Router, SettingsDep

router = Router()

UPLOAD_BYTES = rules.MOST_BYTES + 1024 * 1024  # the file and the form around it
BESIDE = {"practitioner_missing": "practitioner_id", "expires_before_start": "expires_on"}
STORE_AWAY = "The document store cannot be reached. Nothing was saved. Try again in a minute."

# A document is shown by the browser's own viewer, alone or beside a checker's form, and may do nothing else.
_DOWNLOAD = "default-src 'none'; sandbox"
_IN_THE_PAGE = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'; frame-ancestors 'self'"
)
_PAGE_WITH_VIEWER = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; frame-src 'self'"
)


@router.get("/providers/{provider_id}/evidence", allow=policy.members)
def evidence_of(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        name = own_provider(session, actor, provider_id)[1].name
        items = queries.held(session, provider_id, rules.london_day(clock.now(session)))
        kinds = queries.kinds(session)
    have = {item.kind.slug for item in items}
    return page(
        request,
        "evidence/list.html",
        provider_id=provider_id,
        name=name,
        items=items,
        asked_for=[kind for kind in kinds if kind.slug in rules.COMMON and kind.slug not in have],
        kinds=[(kind.slug, kind.name) for kind in kinds],
        may_keep=policy.may_keep(actor, provider_id),
        form=blank(),
    )


@router.get("/providers/{provider_id}/evidence/add", allow=policy.members)
def new_item(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    kind: str = "",
    instead_of: UUID | None = None,
) -> Response:
    """`instead_of` is an item whose facts are a start for this one: one returned, or about to expire."""
    if not kind:
        return see(f"/providers/{provider_id}/evidence")
    form = blank()
    if instead_of:
        with db.read() as session:
            item, _ = queries.own_item(session, actor, instead_of)
            form = _typed(queries.facts_of(item))
    return _item_form(request, db, actor, provider_id, kind, form)


@router.post("/providers/{provider_id}/evidence/add", allow=policy.members)
def add_item(
    request: Request,
    provider_id: UUID,
    kind: str,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ItemForm] = posted(ItemForm),
) -> Response:
    if form.value is None:
        return _item_form(request, db, actor, provider_id, kind, form)
    try:
        with db.write() as session:
            item_id = commands.add_item(session, actor, provider_id, form.value.facts(kind))
    except Refused as refused:
        return _item_form(request, db, actor, provider_id, kind, _beside(form, refused))
    return see(f"/evidence/{item_id}")


@router.get("/evidence/{item_id}", allow=policy.members)
def show_item(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep, config: SettingsDep) -> HTMLResponse:
    return _item(request, db, actor, config.scanner, item_id, blank())


@router.get("/evidence/{item_id}/edit", allow=policy.members)
def edit_item(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        item, _ = queries.own_item(session, actor, item_id, *policy.KEEPERS)
        provider_id, facts = item.provider_id, queries.facts_of(item)
    return _item_form(request, db, actor, provider_id, facts.kind, _typed(facts), item_id)


@router.post("/evidence/{item_id}/edit", allow=policy.members)
def save_item(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ItemForm] = posted(ItemForm),
) -> Response:
    with db.read() as session:
        item, kind = queries.own_item(session, actor, item_id, *policy.KEEPERS)
        provider_id = item.provider_id
    if form.value is None:
        return _item_form(request, db, actor, provider_id, kind.slug, form, item_id)
    try:
        with db.write() as session:
            commands.change_item(session, actor, item_id, form.value.facts(kind.slug))
    except Refused as refused:
        if refused.refusal.code not in BESIDE:
            raise
        return _item_form(request, db, actor, provider_id, kind.slug, _beside(form, refused), item_id)
    return see(f"/evidence/{item_id}")


@router.post("/evidence/{item_id}/documents", allow=policy.members, max_bytes=UPLOAD_BYTES)
def upload(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    blobs: BlobsDep,
    actor: ActorDep,
    config: SettingsDep,
    form: Posted[UploadForm] = posted(UploadForm, files=1),
) -> Response:
    """The bytes first, then the row, then the scan in a write of its own: whatever fails, nothing unscanned opens."""
    with db.read() as session:
        item, _ = queries.own_item(session, actor, item_id, *policy.KEEPERS)
        refusal = rules.why_not_change(submitted=item.submitted_at is not None)
    if refusal:
        return _item(request, db, actor, config.scanner, item_id, blank(), refusal)
    if form.value is None:
        return _item(request, db, actor, config.scanner, item_id, form)
    try:
        fit = inspect(form.value.file.file, form.value.file.filename or "")
    except UnfitFile as unfit:
        return _item(request, db, actor, config.scanner, item_id, form.but(file=str(unfit)))
    try:
        blob = blobs.put(form.value.file.file, room="evidence")
    except OSError:
        answer = _item(request, db, actor, config.scanner, item_id, form.but(file=STORE_AWAY))
        answer.status_code = 503
        return answer
    with db.write() as session:
        document_id = commands.attach_document(
            session, actor, item_id, blob, media_type=fit.media_type, file_name=fit.file_name
        )
    scan(db, blobs, scanner_named(config.scanner), document_id)
    return see(f"/evidence/{item_id}")


@router.post("/evidence/{item_id}/submit", allow=policy.members)
def submit(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep, config: SettingsDep) -> Response:
    try:
        with db.write() as session:
            commands.submit_item(session, actor, item_id)
    except Refused as refused:
        return _item(request, db, actor, config.scanner, item_id, blank(), refused.refusal)
    return see(f"/evidence/{item_id}")


@router.get("/documents/{document_id}/file", allow=policy.readers)
def document_file(
    document_id: UUID,
    db: DatabaseDep,
    blobs: BlobsDep,
    actor: ActorDep,
    view: Annotated[str | None, Query()] = None,
) -> Response:
    with db.read() as session:
        document, _ = queries.document_to_open(session, actor, document_id, narrow=False)
    return _file(blobs, document, in_the_page=view is not None)


@router.post("/documents/{document_id}/open", allow=policy.readers)
def open_document(document_id: UUID, db: DatabaseDep, blobs: BlobsDep, actor: ActorDep) -> Response:
    """A DBS file: a form and not a link, because each opening is written down."""
    with db.write() as session:
        document = commands.open_narrow_document(session, actor, document_id)
    return _file(blobs, document, in_the_page=False)


@router.get("/checks", allow=policy.checkers)
def checks(request: Request, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        waiting = queries.checks(session, actor, rules.london_day(clock.now(session)))
    return page(request, "evidence/checks.html", waiting=waiting, target=rules.TARGET_DAYS, most=queries.QUEUE)


@router.get("/checks/{item_id}", allow=policy.checkers)
def check(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _check(request, db, actor, item_id)


@router.post("/checks/{item_id}/verify", allow=policy.checkers)
def verify(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[VerifyForm] = posted(VerifyForm),
) -> Response:
    if form.value is None:
        return _check(request, db, actor, item_id, verifying=form)
    try:
        with db.write() as session:
            commands.verify_item(session, actor, item_id, how=form.value.how, saw_original=form.value.saw_original)
    except Refused as refused:
        return _check(request, db, actor, item_id, verifying=form, refusal=refused.refusal)
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
        return _check(request, db, actor, item_id, returning=form)
    try:
        with db.write() as session:
            commands.return_item(session, actor, item_id, form.value.reason, form.value.fix)
    except Refused as refused:
        return _check(request, db, actor, item_id, returning=form, refusal=refused.refusal)
    return see(f"/checks/{item_id}")


def _typed(facts: ItemFacts) -> Posted[ItemForm]:
    """The form with facts already known in it."""
    boxes: dict[str, object] = {
        "practitioner_id": facts.practitioner_id or "",
        "issuer": facts.issuer,
        "reference": facts.reference,
        "cover": "" if facts.cover_pence is None else f"{facts.cover_pence / 100:,.2f}".removesuffix(".00"),
    }
    for name, day in (("starts_on", facts.starts_on), ("expires_on", facts.expires_on)):
        for part in ("day", "month", "year"):
            boxes[f"{name}-{part}"] = getattr(day, part) if day else ""
    return blank(**boxes)


def _beside(form: Posted[ItemForm], refused: Refused) -> Posted[ItemForm]:
    return form.but(**{BESIDE[refused.refusal.code]: refused.refusal.words})


def _item_form(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    slug: str,
    form: Posted[ItemForm],
    item_id: UUID | None = None,
) -> HTMLResponse:
    with db.read() as session:
        name = own_provider(session, actor, provider_id, *policy.KEEPERS)[1].name
        kind = queries.kind_of(session, slug)
        people = [(person.id, person.name) for person in practitioners(session, provider_id)]
    return page(
        request,
        "evidence/item_form.html",
        status=422 if form.errors else 200,
        provider_id=provider_id,
        name=name,
        kind=kind,
        people=people,
        form=form,
        item_id=item_id,
    )


def _item(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    scanner: str,
    item_id: UUID,
    form: Posted[UploadForm],
    refusal: Refusal | None = None,
) -> HTMLResponse:
    with db.read() as session:
        queries.own_item(session, actor, item_id)
        on = rules.london_day(clock.now(session))
        item = queries.item_page(session, item_id, on)
        documents = queries.documents(session, actor, item)
        history = queries.history(session, item_id)
    found = scanner_named(scanner)
    return page(
        request,
        "evidence/item.html",
        status=409 if refusal else 422 if form.errors else 200,
        item=item,
        documents=documents,
        history=history,
        form=form,
        refusal=refusal,
        may_keep=policy.may_keep(actor, item.provider_id),
        why_not=rules.why_not_submit(item.kind, item.facts, [d.scan_state for d in documents], on=on),
        scanner=found.name if found else "",
        accept=ACCEPT,
        shown=SHOWN_IN_THE_PAGE,
    )


def _check(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    item_id: UUID,
    *,
    verifying: Posted[VerifyForm] | None = None,
    returning: Posted[ReturnForm] | None = None,
    refusal: Refusal | None = None,
) -> HTMLResponse:
    with db.read() as session:
        queries.item_for_check(session, actor, item_id)
        item = queries.item_page(session, item_id, rules.london_day(clock.now(session)))
        documents = queries.documents(session, actor, item)
        history = queries.history(session, item_id)
    verifying, returning = verifying or blank(), returning or blank()
    answer = page(
        request,
        "evidence/check.html",
        status=409 if refusal else 422 if verifying.errors or returning.errors else 200,
        item=item,
        documents=documents,
        history=history,
        verifying=verifying,
        returning=returning,
        refusal=refusal,
        why_not=rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()),
        reasons=list(rules.REASONS.items()),
        shown=SHOWN_IN_THE_PAGE,
    )
    answer.headers["Content-Security-Policy"] = _PAGE_WITH_VIEWER
    return answer


def _file(blobs: BlobsDep, document: Document, *, in_the_page: bool) -> Response:
    try:
        content = blobs.get(document.blob_key)
    except FileNotFoundError:
        raise NotFound from None
    inline = in_the_page and document.media_type in SHOWN_IN_THE_PAGE
    headers = {
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(document.file_name)}",
        "Content-Security-Policy": _IN_THE_PAGE if inline else _DOWNLOAD,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if inline:
        headers["X-Frame-Options"] = "SAMEORIGIN"
    return Response(content, media_type=document.media_type, headers=headers)
