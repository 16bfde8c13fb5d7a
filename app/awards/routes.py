"""Awards over HTTP: the opening, the assessment, the results, the award and the letters."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.applications.scoring.queries import assessing as applications
from app.awards.approving import ask_keyholder
from app.awards.commands.assessment import open_bids, save_scores, submit_scores
from app.awards.commands.award import approve_award, propose_award, reject_award
from app.awards.commands.opening import add_assessor, approve_opening, declare_interests, release_assessor
from app.awards.commands.out_of_order import break_glass, mend_glass
from app.awards.forms import Appointment, BrokenGlass, Decision, Proposal, Rejection, Scoring
from app.awards.policy import approvers, assessors, chairs, letter_readers, openers, proposers, viewers
from app.awards.queries.approvals import BIDS
from app.awards.queries.assessment import assessment, bid_to_score, declaration, tasks, to_score
from app.awards.queries.letters import own_letter, own_letters
from app.awards.queries.opening import opening
from app.awards.queries.results import award_page, results
from app.awards.queries.since import winner_since
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.core.scoring import MOST_POINTS, POINTS
from app.memberships.commands import keep_refused
from app.sealing.doors import SealingDep
from app.settings import Settings
from app.web.assessing import (
    declaration_form,
    marks,
    nature_of,
    scoring_form,
    typed_marks,
    with_interests,
)
from app.web.forms import Form, Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, SettingsDep, moment_of
from app.web.steps import NOTHING, take

router = Router()


@router.get("/briefs/{brief_id}/opening", allow=openers)
def opening_page(request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID) -> Response:
    return _opening(request, actor, db, config, brief_id)


@router.post("/briefs/{brief_id}/assessors", allow=chairs)
def ask_assessor(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    config: SettingsDep,
    brief_id: UUID,
    form: Posted[Appointment] = posted(Appointment),
) -> Response:
    def step(session: Session, wanted: Appointment) -> None:
        add_assessor(session, actor, brief_id, wanted.person_id)

    again = partial(_opening, request, actor, db, config, brief_id)
    return take(db, form, step, again, f"/briefs/{brief_id}/opening")


@router.post("/briefs/{brief_id}/assessors/{assessor_id}/release", allow=chairs)
def take_off_assessor(
    request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID, assessor_id: UUID
) -> Response:
    def step(session: Session, _: Form) -> None:
        release_assessor(session, actor, brief_id, assessor_id)

    again = partial(_opening, request, actor, db, config, brief_id)
    return take(db, NOTHING, step, again, f"/briefs/{brief_id}/opening")


@router.post("/briefs/{brief_id}/opening", allow=openers)
def open_with_another(
    request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, sealing: SealingDep, brief_id: UUID
) -> Response:
    first, second = sealing.keyholder.approve_opening, sealing.keyholder.open_bids
    try:
        told = ask_keyholder(db, actor, brief_id, BIDS, sealing.seal.token, first=first, second=second)
        with db.write() as session:
            approve_opening(session, actor, brief_id, drain=_drain(config), secret=config.secret_key, told=told)
    except Refused as no:
        return _opening(request, actor, db, config, brief_id, refusal=no.refusal)
    return see(f"/briefs/{brief_id}/opening")


@router.post("/briefs/{brief_id}/opening/out-of-order", allow=approvers)
def open_out_of_order(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    config: SettingsDep,
    brief_id: UUID,
    form: Posted[BrokenGlass] = posted(BrokenGlass),
) -> Response:
    def step(session: Session, told: BrokenGlass) -> None:
        break_glass(session, actor, brief_id, told.reason)

    again = partial(_opening, request, actor, db, config, brief_id)
    return take(db, form, step, again, f"/briefs/{brief_id}/opening")


@router.post("/briefs/{brief_id}/opening/out-of-order/take-back", allow=approvers)
def wait_for_order(request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID) -> Response:
    def step(session: Session, _: Form) -> None:
        mend_glass(session, actor, brief_id)

    again = partial(_opening, request, actor, db, config, brief_id)
    return take(db, NOTHING, step, again, f"/briefs/{brief_id}/opening")


@router.get("/briefs/{brief_id}/declaration", allow=assessors)
def declaration_page(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _declaration(request, actor, db, brief_id)


@router.post("/briefs/{brief_id}/declaration", allow=assessors)
def declare(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, sent: Received = received()
) -> Response:
    with db.read() as session:
        invited = declaration(session, actor, brief_id).invited
    form, interests = with_interests(sent.into(declaration_form(invited)), invited)
    if form.errors:
        return _declaration(request, actor, db, brief_id, form=form, status=422)
    try:
        with db.write() as session:
            declare_interests(session, actor, brief_id, interests)
    except Refused as no:
        return _declaration(request, actor, db, brief_id, form=form, refusal=no.refusal, status=409)
    return see(f"/briefs/{brief_id}/assessment")


@router.get("/assessments", allow=assessors)
def assessments_page(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        now = clock.now(session)
        mine, rounds = tasks(session, actor, now), applications.tasks(session, actor, now)
    return page(request, "awards/assessments.html", tasks=mine, rounds=rounds)


@router.get("/briefs/{brief_id}/assessment", allow=assessors)
def assessment_page(
    request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID
) -> Response:
    return _assessment(request, actor, db, config, brief_id)


@router.post("/briefs/{brief_id}/assessment/open", allow=assessors)
def open_bids_to_read(
    request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID
) -> Response:
    try:
        with db.write() as session:
            open_bids(session, actor, brief_id, secret=config.secret_key)
    except Refused as no:
        return _assessment(request, actor, db, config, brief_id, refusal=no.refusal, status=409)
    return see(f"/briefs/{brief_id}/assessment")


@router.post("/briefs/{brief_id}/assessment/submit", allow=assessors)
def submit(request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID) -> Response:
    try:
        with db.write() as session:
            submit_scores(session, actor, brief_id, secret=config.secret_key)
    except Refused as no:
        return _assessment(request, actor, db, config, brief_id, refusal=no.refusal, status=409)
    return see(f"/briefs/{brief_id}/assessment")


@router.get("/briefs/{brief_id}/assessment/{bid_id}", allow=assessors)
def scoring_page(
    request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID, bid_id: UUID
) -> Response:
    return _scoring(request, actor, db, config, brief_id, bid_id)


@router.post("/briefs/{brief_id}/assessment/{bid_id}", allow=assessors)
def save(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    config: SettingsDep,
    brief_id: UUID,
    bid_id: UUID,
    sent: Received = received(),
) -> Response:
    with db.read() as session:
        asked = [(criterion.id, criterion.name.lower()) for criterion in to_score(session, actor, brief_id)]
    form = sent.into(scoring_form(asked, Scoring))
    if form.value is None:
        return _scoring(request, actor, db, config, brief_id, bid_id, form=form, status=422)
    try:
        with db.write() as session:
            given, seen = marks(form.value, asked), form.value.seen
            save_scores(session, actor, brief_id, bid_id, given, secret=config.secret_key, seen=seen)
    except Refused as no:
        return _scoring(request, actor, db, config, brief_id, bid_id, form=form, refusal=no.refusal, status=409)
    return see(f"/briefs/{brief_id}/assessment")


@router.get("/briefs/{brief_id}/results", allow=viewers)
def results_page(request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID) -> Response:
    with db.read() as session:
        seen = results(session, actor, brief_id, secret=config.secret_key)
    return page(request, "awards/results.html", seen=seen, most_points=MOST_POINTS)


@router.get("/briefs/{brief_id}/award", allow=openers)
def award(request: Request, actor: ActorDep, db: DatabaseDep, config: SettingsDep, brief_id: UUID) -> Response:
    return _award(request, actor, db, config, brief_id)


@router.get("/briefs/{brief_id}/award/since", allow=openers)
def award_since(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    with db.read() as session:
        found = winner_since(session, actor, brief_id)
    return page(request, "awards/since.html", found=found, brief_id=brief_id)


@router.post("/briefs/{brief_id}/award", allow=proposers)
def propose(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    config: SettingsDep,
    brief_id: UUID,
    form: Posted[Proposal] = posted(Proposal),
) -> Response:
    if form.value is None:
        return _award(request, actor, db, config, brief_id, form=form, status=422)
    try:
        with db.write() as session:
            bid_id, reason, seen = form.value.bid_id, form.value.reason, form.value.seen
            propose_award(session, actor, brief_id, bid_id, reason=reason, secret=config.secret_key, seen=seen)
    except Refused as no:
        with db.write() as session:
            keep_refused(session, actor, no)
        return _award(request, actor, db, config, brief_id, form=form, refusal=no.refusal, status=409)
    return see(f"/briefs/{brief_id}/award")


@router.post("/briefs/{brief_id}/award/approve", allow=approvers)
def approve(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    config: SettingsDep,
    brief_id: UUID,
    form: Posted[Decision] = posted(Decision),
) -> Response:
    if form.value is None:
        return _award(request, actor, db, config, brief_id, form=form, status=422)
    try:
        with db.write() as session:
            approve_award(session, actor, brief_id, secret=config.secret_key, seen=form.value.award_id)
    except Refused as no:
        with db.write() as session:
            keep_refused(session, actor, no)
        return _award(request, actor, db, config, brief_id, refusal=no.refusal, status=409)
    return see(f"/briefs/{brief_id}/award")


@router.post("/briefs/{brief_id}/award/reject", allow=approvers)
def reject(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    config: SettingsDep,
    brief_id: UUID,
    form: Posted[Rejection] = posted(Rejection),
) -> Response:
    if form.value is None:
        return _award(request, actor, db, config, brief_id, form=form, status=422)
    try:
        with db.write() as session:
            reason, seen = form.value.reason, form.value.award_id
            reject_award(session, actor, brief_id, reason=reason, secret=config.secret_key, seen=seen)
    except Refused as no:
        return _award(request, actor, db, config, brief_id, form=form, refusal=no.refusal, status=409)
    return see(f"/briefs/{brief_id}/award")


@router.get("/letters", allow=letter_readers)
def letters_page(request: Request, actor: ActorDep, db: DatabaseDep) -> Response:
    with db.read() as session:
        mine = own_letters(session, actor)
    return page(request, "awards/letters.html", letters=mine)


@router.get("/letters/{letter_id}", allow=letter_readers)
def letter_page(request: Request, actor: ActorDep, db: DatabaseDep, letter_id: UUID) -> Response:
    with db.read() as session:
        letter = own_letter(session, actor, letter_id)
    return page(request, "awards/letter.html", letter=letter)


def _drain(config: Settings) -> timedelta:
    return timedelta(seconds=config.opening_drain_seconds)


def _opening(
    request: Request,
    actor: Actor,
    db: Database,
    config: Settings,
    brief_id: UUID,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        view = opening(session, actor, brief_id, drain=_drain(config))
    status = 409 if refusal else 422 if form else 200
    return page(request, "awards/opening.html", status=status, view=view, form=form or blank(), refusal=refusal)


def _declaration(
    request: Request,
    actor: Actor,
    db: Database,
    brief_id: UUID,
    *,
    form: Posted[Form] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = declaration(session, actor, brief_id)
    natures = {nature_of(provider_id): nature for provider_id, nature in view.interests.items()}
    none = view.declared_at is not None and not view.interests
    form = form or blank(interest=[str(i) for i in view.interests], none="true" if none else "", **natures)
    context = {"view": view, "form": form, "refusal": refusal, "nature_of": nature_of}
    return page(request, "awards/declaration.html", status=status, **context)


def _assessment(
    request: Request,
    actor: Actor,
    db: Database,
    config: Settings,
    brief_id: UUID,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        at = moment_of(request, session, refusal)
        view = assessment(session, actor, brief_id, secret=config.secret_key, at=at)
    return page(request, "awards/assessment.html", status=status, view=view, refusal=refusal, most_points=MOST_POINTS)


def _scoring(
    request: Request,
    actor: Actor,
    db: Database,
    config: Settings,
    brief_id: UUID,
    bid_id: UUID,
    *,
    form: Posted[Scoring] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        at = moment_of(request, session, refusal)
        view, bid = bid_to_score(session, actor, brief_id, bid_id, secret=config.secret_key, at=at)
    form = form or blank(**typed_marks(bid.marks))
    context = {"view": view, "bid": bid, "form": form, "refusal": refusal, "points": POINTS}
    return page(request, "awards/scoring.html", status=status, **context)


def _award(
    request: Request,
    actor: Actor,
    db: Database,
    config: Settings,
    brief_id: UUID,
    *,
    form: Posted[Proposal] | Posted[Decision] | Posted[Rejection] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view = award_page(session, actor, brief_id, secret=config.secret_key)
    return page(request, "awards/award.html", status=status, view=view, form=form or blank(), refusal=refusal)
