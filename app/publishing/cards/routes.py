"""Cards over HTTP: three pages for anybody, and two on which a provider writes its own and looks at it first."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response

from app.core.actor import Actor
from app.core.refusals import Refusal, Refused
from app.providers import policy
from app.providers.rules import CHOICES, Aspect, outward
from app.publishing.cards import commands, queries, rules
from app.publishing.cards.forms import CardForm, ListingForm
from app.publishing.cards.queries import Sought
from app.web.forms import Posted, blank, posted
from app.web.pace import Paced
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, anyone

router = Router()


@router.get("/find-support", allow=anyone)
def find(
    request: Request,
    paced: Paced,
    db: DatabaseDep,
    place: str = "",
    therapy: str = "",
    need: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=1000)] = 1,
) -> HTMLResponse:
    district, form = outward(place), blank(place=place[:80], therapy=therapy, need=need)
    with db.read() as session:
        named = () if district else queries.councils(session, place[:80])
        if place.strip() and not district and not named:
            form = form.but(place="Enter a postcode, or the first half of one, like LS1, or the name of your council")
        sought = Sought(district or "", named, therapy, need if need in CHOICES[Aspect.NEED] else "")
        found = queries.find(session, sought, number)
    status = 422 if form.errors else 200
    return _public(
        request,
        "publishing/find.html",
        status=status,
        found=found,
        sought=sought,
        form=form,
        needs=CHOICES[Aspect.NEED].items(),
    )


@router.get("/find-support/compare", allow=anyone)
def compare(
    request: Request,
    paced: Paced,
    db: DatabaseDep,
    card: Annotated[list[UUID], Query()] = [],  # noqa: B006
) -> HTMLResponse:
    with db.read() as session:
        cards = queries.listed_cards(session, card[: rules.MOST_COMPARED])
    too_many = len(set(card)) > rules.MOST_COMPARED
    return _public(request, "publishing/compare.html", cards=cards, too_many=too_many, most=rules.MOST_COMPARED)


@router.get("/find-support/{provider_id}", allow=anyone)
def card(request: Request, paced: Paced, provider_id: UUID, db: DatabaseDep) -> HTMLResponse:
    with db.read() as session:
        shown = queries.listed_card(session, provider_id)
    return _public(request, "publishing/card.html", indexed=shown.indexed, card=shown, preview=False)


@router.get("/providers/{provider_id}/card", allow=policy.members)
def write(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _own(request, db, actor, provider_id)


@router.post("/providers/{provider_id}/card", allow=policy.members)
def save(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[CardForm] = posted(CardForm),
) -> Response:
    if form.value is None:
        return _own(request, db, actor, provider_id, form=form, status=422)
    with db.write() as session:
        commands.write_card(session, actor, provider_id, **form.value.model_dump())
    return see(f"/providers/{provider_id}/card/preview")


@router.get("/providers/{provider_id}/card/preview", allow=policy.members)
def preview(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _preview(request, db, actor, provider_id)


@router.post("/providers/{provider_id}/card/list", allow=policy.members)
def list_it(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ListingForm] = posted(ListingForm),
) -> Response:
    try:
        with db.write() as session:
            indexed = form.value is not None and form.value.indexed
            commands.list_card(session, actor, provider_id, indexed=indexed)
    except Refused as refused:
        return _preview(request, db, actor, provider_id, refusal=refused.refusal, status=409)
    return see(f"/providers/{provider_id}/card/preview")


@router.post("/providers/{provider_id}/card/unlist", allow=policy.members)
def unlist(provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> Response:
    with db.write() as session:
        commands.unlist_card(session, actor, provider_id)
    return see(f"/providers/{provider_id}/card/preview")


def _public(
    request: Request, template: str, *, status: int = 200, indexed: bool = False, **context: Any
) -> HTMLResponse:
    answer = page(request, template, status=status, wait_words=rules.wait_words, **context)
    if not indexed:
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _own(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    *,
    form: Posted[CardForm] | None = None,
    status: int = 200,
) -> HTMLResponse:
    with db.read() as session:
        own = queries.own_card(session, actor, provider_id)
    form = form or blank(summary=own.card.summary, expect=own.card.expect, named=own.named)
    return page(request, "publishing/write.html", status=status, own=own, form=form)


def _preview(
    request: Request,
    db: DatabaseDep,
    actor: Actor,
    provider_id: UUID,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HTMLResponse:
    with db.read() as session:
        own = queries.own_card(session, actor, provider_id)
    return _public(
        request,
        "publishing/card.html",
        status=status,
        card=own.card,
        preview=True,
        refusal=refusal,
        long=rules.long_sentences(f"{own.card.summary}\n{own.card.expect}"),
        may_list=policy.may_pause(actor, provider_id),
        form=blank(indexed=own.card.indexed),
    )
