"""What members of a lot of a draft must hold, over HTTP: one thing after another, each of which must be met."""

from functools import partial
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refused
from app.evidence.rules import RATINGS, in_words, rule_of
from app.frameworks import commands, policy, queries
from app.frameworks.commands.writing import digest_of
from app.frameworks.draft_forms import NeedForm, SeenForm, place_of, with_needs
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/frameworks/drafts")


@router.get("/{draft_id}/lots/{place}/evidence", allow=policy.framework_leads)
def show_evidence(request: Request, actor: ActorDep, db: DatabaseDep, draft_id: UUID, place: str) -> Response:
    return _evidence_page(request, actor, db, draft_id, place, blank())


@router.post("/{draft_id}/lots/{place}/evidence", allow=policy.framework_leads)
def add_evidence(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    draft_id: UUID,
    place: str,
    form: Posted[NeedForm] = posted(NeedForm),
) -> Response:
    """One more thing that must be met."""
    if form.value is None:
        return _evidence_page(request, actor, db, draft_id, place, form, status=422)
    given = form.value
    try:
        with db.write() as session:
            need = given.rule(queries.insured(session))
            added = partial(with_needs, place=place, change=lambda needs: (*needs, need))
            commands.revise_framework(session, actor, draft_id, given.seen, added)
    except Refused as refused:
        words = {"kinds": refused.refusal.words}
        return _evidence_page(request, actor, db, draft_id, place, form.but(**words), status=409)
    return see(f"/frameworks/drafts/{draft_id}/lots/{place}/evidence")


@router.post("/{draft_id}/lots/{place}/evidence/{item}/remove", allow=policy.framework_leads)
def remove_evidence(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    draft_id: UUID,
    place: str,
    item: int,
    form: Posted[SeenForm] = posted(SeenForm),
) -> Response:
    try:
        with db.write() as session:
            removed = partial(with_needs, place=place, change=lambda needs: (*needs[: item - 1], *needs[item:]))
            commands.revise_framework(session, actor, draft_id, form.value.seen if form.value else "", removed)
    except Refused as refused:
        wrong = blank().but(kinds=refused.refusal.words)
        return _evidence_page(request, actor, db, draft_id, place, wrong, status=409)
    return see(f"/frameworks/drafts/{draft_id}/lots/{place}/evidence")


def _evidence_page(
    request: Request,
    actor: Actor,
    db: Database,
    draft_id: UUID,
    place: str,
    form: Posted[NeedForm],
    *,
    status: int = 200,
) -> Response:
    with db.read() as session:
        _, facts = queries.draft(session, actor, draft_id)
        offered = queries.choices(session, "evidence")
    at = place_of(facts, "lots", place)
    if at is None:
        raise NotFound
    lot, names = facts.lots[at], dict(offered["kinds"])
    return page(
        request,
        "frameworks/evidence.html",
        status=status,
        draft_id=draft_id,
        facts=facts,
        lot=lot,
        place=place,
        needs=[in_words(rule_of(need), names) for need in lot.requires],
        form=form,
        seen=digest_of(facts),
        kinds=offered["kinds"],
        ratings=list(RATINGS.items()),
    )
