"""Briefs over HTTP: an agency writes, publishes and cancels; a member finds what it was invited to."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.briefs import commands, queries, rules
from app.briefs.forms import BriefForm, CancelForm, PublishForm, brief_form, findings, typed
from app.briefs.identity import Guarded, guarded
from app.briefs.policy import approvers, buyers, cancellers, commissioners, members
from app.briefs.queries import BriefFacts, CallOffChoice
from app.briefs.rules import AgeBand, Phase
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.frameworks import queries as frameworks
from app.frameworks.queries import Criterion
from app.frameworks.rules import Service
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers.queries import restricted
from app.web.forms import Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()

ANYWHERE: Final = "anywhere"
CLOSING_HOURS: Final = (("10", "10:00"), ("12", "12:00 noon"), ("14", "14:00"), ("16", "16:00"))


@router.get("/briefs", allow=buyers)
def list_briefs(request: Request, actor: ActorDep, db: DatabaseDep, phase: Phase | None = None) -> Response:
    with db.read() as session:
        now = clock.now(session)
        lines = queries.briefs(session, actor, now, phase)
    return page(
        request,
        "briefs/list.html",
        lines=lines,
        phase=phase,
        phases=list(Phase),
        now=now,
        may_write=commissioners(actor),
    )


@router.get("/briefs/new", allow=commissioners)
def new_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, framework: UUID | None = None, agency: UUID | None = None
) -> Response:
    with db.read() as session:
        choices = queries.call_off_choices(session, actor, clock.now(session))
        fitting = [c for c in choices if c.framework_id == framework and agency in (None, c.raa_id)]
        options = _options(session, framework) if framework and len(fitting) == 1 else None
    if options is None:
        return page(request, "briefs/choose.html", choices=fitting or choices)
    return _form_page(request, options, blank(), choice=fitting[0])


@router.post("/briefs/new", allow=commissioners)
def draft_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, framework: UUID, agency: UUID, body: Received = received()
) -> Response:
    with db.read() as session:
        choices = queries.call_off_choices(session, actor, clock.now(session))
        choice = next((c for c in choices if (c.framework_id, c.raa_id) == (framework, agency)), None)
        if choice is None:
            raise NotFound
        options = _options(session, framework)
    form = body.into(options.form)
    if form.value is None:
        return _form_page(request, options, form, choice=choice, status=422)
    try:
        with db.write() as session:
            brief_id = commands.draft_brief(session, actor, agency, framework, form.value.facts())
    except Refused as refused:
        return _form_page(request, options, form, choice=choice, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}")


@router.get("/briefs/{brief_id}", allow=buyers)
def show_brief(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _brief_page(request, actor, db, brief_id)


@router.get("/briefs/{brief_id}/edit", allow=commissioners)
def edit_brief(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    with db.read() as session:
        facts = _own_draft(session, actor, brief_id)
        options = _options(session, facts.framework_id)
        texts = queries.guarded_texts(session, queries.brief_of_buyer(session, actor, brief_id))
    form = blank(**typed(facts))
    return _form_page(request, options, form.but(**findings(texts)), brief=facts, texts=texts)


@router.post("/briefs/{brief_id}/edit", allow=commissioners)
def revise_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, body: Received = received()
) -> Response:
    with db.read() as session:
        facts = _own_draft(session, actor, brief_id)
        options = _options(session, facts.framework_id)
    form = body.into(options.form)
    if form.value is None:
        return _form_page(request, options, form, brief=facts, status=422)
    try:
        with db.write() as session:
            commands.revise_brief(session, actor, brief_id, form.value.facts())
    except Refused as refused:
        return _form_page(request, options, form, brief=facts, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}")


@router.post("/briefs/{brief_id}/publish", allow=approvers)
def publish_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[PublishForm] = posted(PublishForm)
) -> Response:
    if form.value is None:
        return _brief_page(request, actor, db, brief_id, form=form, status=422)
    try:
        with db.write() as session:
            commands.publish_brief(session, actor, brief_id, seen=form.value.seen)
    except Refused as refused:
        return _brief_page(request, actor, db, brief_id, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}")


@router.post("/briefs/{brief_id}/cancel", allow=cancellers)
def cancel_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[CancelForm] = posted(CancelForm)
) -> Response:
    if form.value is None:
        return _brief_page(request, actor, db, brief_id, form=form, status=422)
    try:
        with db.write() as session:
            commands.cancel_brief(session, actor, brief_id, form.value.reason)
    except Refused as refused:
        return _brief_page(request, actor, db, brief_id, refusal=refused.refusal, status=409)
    return see(f"/briefs/{brief_id}")


@router.get("/opportunities", allow=members)
def list_opportunities(
    request: Request, actor: ActorDep, db: DatabaseDep, framework: str = "", service: str = "", region: str = ""
) -> Response:
    with db.read() as session:
        now = clock.now(session)
        lines = queries.opportunities(
            session, actor, now, framework=_id(framework), service=service, region=_id(region)
        )
        known_frameworks, known_regions = queries.opportunity_filters(session, actor)
        held_back = restricted(session, provider_ids(actor), now)
    return page(
        request,
        "briefs/opportunities.html",
        lines=lines,
        now=now,
        held_back={
            seat.organisation_id: seat.organisation_name for seat in actor.seats if seat.organisation_id in held_back
        },
        filters=blank(framework=framework, service=service, region=region),
        filtered=bool(framework or service or region),
        frameworks=list(known_frameworks.items()),
        regions=list(known_regions.items()),
        services=[(kind.value, kind.replace("_", " ").capitalize()) for kind in Service],
    )


@dataclass(frozen=True, slots=True)
class _Options:
    """What the form of one framework offers."""

    form: type[BriefForm]
    lots: list[tuple[UUID, str]]
    places: list[tuple[str, str]]
    criteria: tuple[Criterion, ...]

    def guarded(self, form: Posted[Any]) -> tuple[Guarded, ...]:
        """The texts as they were typed, as the identity guard reads them."""
        place = str(form.typed.get("place", ""))
        whole = dict(self.places).get(place, "").endswith(ANYWHERE)
        said = [(label, str(form.typed.get(name, ""))) for name, label in rules.TEXTS]
        return guarded(said, near="" if whole else place.partition("/")[2])


def _options(session: Session, framework_id: UUID) -> _Options:
    lots, regions = frameworks.lots_and_regions(session, framework_id)
    criteria = frameworks.criteria(session, framework_id)
    return _Options(
        form=brief_form(criteria),
        lots=[(lot.id, lot.label) for lot in lots],
        places=[
            (f"{region.id}/{area}", f"{region.name}: {words}")
            for region in regions
            for area, words in ((region.name, ANYWHERE), *((name, name) for name in region.authorities))
        ],
        criteria=criteria,
    )


def _own_draft(session: Session, actor: Actor, brief_id: UUID) -> BriefFacts:
    """Raises `NotFound`, and `Refused` when it is no longer a draft."""
    brief, now = queries.brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER), clock.now(session)
    if refusal := rules.why_not_revise(phase=queries.phase_of(brief, now)):
        raise Refused(refusal)
    return queries.facts(session, brief, now)


def _form_page(
    request: Request,
    options: _Options,
    form: Posted[Any],
    *,
    choice: CallOffChoice | None = None,
    brief: BriefFacts | None = None,
    refusal: Refusal | None = None,
    texts: tuple[Guarded, ...] | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "briefs/edit.html",
        status=status,
        guarded=options.guarded(form) if texts is None else texts,
        options=options,
        form=form,
        choice=choice,
        brief=brief,
        refusal=refusal,
        age_bands=[(band, band.capitalize()) for band in AgeBand],
        hours=CLOSING_HOURS,
    )


def _brief_page(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    *,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        now = clock.now(session)
        view = queries.buyer_page(session, actor, brief_id, now)
    return page(
        request,
        "briefs/brief.html",
        status=status,
        view=view,
        brief=view.facts,
        now=now,
        form=form or blank(),
        refusal=refusal,
    )


def _id(typed: str) -> UUID | None:
    """The id chosen in a filter; anything else is no filter."""
    try:
        return UUID(typed)
    except ValueError:
        return None
