"""The list and the items of those whose they are."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, Refusal, Refused
from app.evidence import commands, policy, queries, rules
from app.evidence.asking import file_off
from app.evidence.files import ACCEPT, SHOWN_IN_THE_PAGE
from app.evidence.forms import ItemForm, SettleForm, UploadForm
from app.evidence.queries.dbs import told_of_certificate
from app.evidence.queries.told import Beginning, beginning, told_of
from app.evidence.rules import ItemFacts
from app.evidence.rules.dbs import DBS_WORDS
from app.evidence.rules.registration import applies
from app.evidence.rules.told import differing
from app.evidence.scanning import scanner_named
from app.providers.queries import own_provider, practitioners
from app.providers.rules import ProviderKind
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, SettingsDep

router = Router()


BESIDE = {"practitioner_missing": "practitioner_id", "expires_before_start": "expires_on"}


@router.get("/providers/{provider_id}/evidence", allow=policy.members)
def evidence_of(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        provider, organisation = own_provider(session, actor, provider_id)
        name = organisation.name
        items = queries.held(session, provider_id, london_day(clock.now(session)))
        kinds = [kind for kind in queries.kinds(session) if applies(kind.slug, ProviderKind(provider.kind))]
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
        sole=provider.kind == ProviderKind.SOLE_PRACTITIONER,
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
    of: UUID | None = None,
    entry: UUID | None = None,
    there: bool = False,
) -> Response:
    """A form begun with what is told already.

    `instead_of` is an item whose facts are a start for this one: one returned, or about to expire. `of` is the practitioner
    whose evidence it is, `entry` what of theirs it proves; `there` asks for the item that proves it already, if there is one.
    """
    if not kind:
        return see(f"/providers/{provider_id}/evidence")
    with db.read() as session:
        own_provider(session, actor, provider_id, *policy.KEEPERS)
        old = queries.facts_of(queries.own_item(session, actor, instead_of)[0]) if instead_of else None
        begun = beginning(session, provider_id, queries.kind_of(session, kind), old=old, of=of, entry=entry)
    if there and begun.item_id:
        return see(f"/evidence/{begun.item_id}")
    if begun.whose_first:
        return _whose(request, db, actor, provider_id, kind)
    return _item_form(request, db, actor, provider_id, kind, _typed(begun.facts), begun=begun)


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
    return item_shown(request, db, actor, config.scanner, item_id, blank())


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


@router.post("/evidence/{item_id}/settle", allow=policy.members)
def settle(
    request: Request,
    item_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    config: SettingsDep,
    form: Posted[SettleForm] = posted(SettleForm),
) -> Response:
    """The profile and the item say different things: one of them is right."""
    if form.value is None:
        raise NotFound
    try:
        with db.write() as session:
            commands.settle(session, actor, item_id, by_evidence=form.value.right == "evidence")
    except Refused as refused:
        return item_shown(request, db, actor, config.scanner, item_id, blank(), refused.refusal)
    return see(f"/evidence/{item_id}")


@router.post("/evidence/{item_id}/submit", allow=policy.members)
def submit(request: Request, item_id: UUID, db: DatabaseDep, actor: ActorDep, config: SettingsDep) -> Response:
    try:
        with db.write() as session:
            commands.submit_item(session, actor, item_id)
    except Refused as refused:
        return item_shown(request, db, actor, config.scanner, item_id, blank(), refused.refusal)
    return see(f"/evidence/{item_id}")


def _typed(facts: ItemFacts) -> Posted[ItemForm]:
    """The form with facts already known in it."""
    boxes: dict[str, object] = {
        "answer": facts.answer or "",
        "rating": facts.rating or "",
        "confidential_reason": facts.confidential_reason,
        "registration_id": facts.registration_id or "",
        "qualification_id": facts.qualification_id or "",
        "practitioner_id": facts.practitioner_id or "",
        "issuer": facts.issuer,
        "reference": facts.reference,
        "cover": "" if facts.cover_pence is None else f"{facts.cover_pence / 100:,.2f}".removesuffix(".00"),
    }
    days = (("starts_on", facts.starts_on), ("expires_on", facts.expires_on), ("inspected_on", facts.inspected_on))
    for name, day in days:
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
    *,
    begun: Beginning | None = None,
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
        answers=list(rules.ANSWERS.items()),
        ratings=list(rules.RATINGS.items()),
        people=people,
        form=form,
        item_id=item_id,
        source=begun.source if begun else None,
        others=begun.others if begun else (),
    )


def _whose(request: Request, db: DatabaseDep, actor: Actor, provider_id: UUID, slug: str) -> HTMLResponse:
    """Several practitioners: whose it is comes first, so that the form can begin with what is told of them."""
    with db.read() as session:
        name = own_provider(session, actor, provider_id, *policy.KEEPERS)[1].name
        kind = queries.kind_of(session, slug)
        people = [(person.id, person.name) for person in practitioners(session, provider_id)]
    return page(
        request, "evidence/whose.html", provider_id=provider_id, name=name, kind=kind, people=people, form=blank()
    )


def item_shown(
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
        on = london_day(clock.now(session))
        item = queries.item_page(session, item_id, on)
        documents = queries.documents(session, actor, item)
        history = queries.history(session, item_id)
        second_looks = queries.second_looks(session, item_id)
        record, status = told_of_certificate(session, item_id) if item.kind.narrow else (None, ())
        no_file = file_off(session, item.kind, item.provider_id)
        keeps = policy.may_keep(actor, item.provider_id)
        known = told_of(session, item.kind, item.provider_id, item.facts) if keeps and not item.replaced_by_id else None
    found = scanner_named(scanner)
    return page(
        request,
        "evidence/item.html",
        status=409 if refusal else 422 if form.errors else 200,
        item=item,
        documents=documents,
        history=history,
        second_looks=second_looks,
        form=form,
        refusal=refusal,
        may_keep=keeps,
        told=known,
        differences=differing(item.kind, known, item.facts) if known else (),
        why_not=rules.why_not_submit(
            item.kind, item.facts, [d.scan_state for d in documents], on=on, recorded=record is not None
        ),
        scanner=found.name if found else "",
        audience=rules.AUDIENCES[rules.audience(item.kind, confidential_reason=item.confidential_reason)],
        accept=ACCEPT,
        shown=SHOWN_IN_THE_PAGE,
        record=record,
        status_checks=status,
        file_off=no_file,
        dbs_words=DBS_WORDS,
    )
