"""Questions over HTTP: of a round, of a brief for its members and for its agency, and each question by itself."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.briefs.policy import buyers, members
from app.clarifications import commands, queries, rules
from app.clarifications.forms import (
    AnswerForm,
    AskForm,
    FollowForm,
    KeepForm,
    PrivacyForm,
    QuestionForm,
    WhyForm,
    WordingForm,
)
from app.clarifications.queries import Place, QuestionView
from app.clarifications.rules import Act, Stage, State
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, signed_in
from app.web.steps import NOTHING, take

router = Router()

Finder = Callable[[Session, Actor, UUID, Any], Place]


@router.get("/rounds/{round_id}/questions", allow=signed_in)
def round_questions(request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID) -> Response:
    return _thread_page(request, actor, db, queries.of_round, round_id)


@router.post("/rounds/{round_id}/questions", allow=signed_in)
def ask_about_round(
    request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID, form: Posted[AskForm] = posted(AskForm)
) -> Response:
    return _ask(request, actor, db, queries.of_round, round_id, form)


@router.post("/rounds/{round_id}/questions/follow", allow=signed_in)
def follow_round(
    request: Request, actor: ActorDep, db: DatabaseDep, round_id: UUID, form: Posted[FollowForm] = posted(FollowForm)
) -> Response:
    return _follow(request, actor, db, queries.of_round, round_id, form)


@router.get("/opportunities/{brief_id}/questions", allow=members)
def member_questions(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _thread_page(request, actor, db, queries.of_members_brief, brief_id)


@router.post("/opportunities/{brief_id}/questions", allow=members)
def ask_about_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[AskForm] = posted(AskForm)
) -> Response:
    return _ask(request, actor, db, queries.of_members_brief, brief_id, form)


@router.post("/opportunities/{brief_id}/questions/follow", allow=members)
def follow_brief(
    request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID, form: Posted[FollowForm] = posted(FollowForm)
) -> Response:
    return _follow(request, actor, db, queries.of_members_brief, brief_id, form)


@router.get("/briefs/{brief_id}/questions", allow=buyers)
def agency_questions(request: Request, actor: ActorDep, db: DatabaseDep, brief_id: UUID) -> Response:
    return _thread_page(request, actor, db, queries.of_brief, brief_id)


@router.get("/clarifications/{clarification_id}", allow=signed_in)
def show_question(request: Request, actor: ActorDep, db: DatabaseDep, clarification_id: UUID) -> Response:
    return _question_page(request, actor, db, clarification_id)


@router.post("/clarifications/{clarification_id}", allow=signed_in)
def rewrite_question(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    clarification_id: UUID,
    form: Posted[QuestionForm] = posted(QuestionForm),
) -> Response:
    def change(session: Session, given: QuestionForm) -> None:
        commands.rewrite_question(session, actor, clarification_id, given.words, given.reason, ask=given.keep is None)

    return _change(request, actor, db, clarification_id, form, change, field="words")


@router.post("/clarifications/{clarification_id}/withdraw", allow=signed_in)
def withdraw_question(request: Request, actor: ActorDep, db: DatabaseDep, clarification_id: UUID) -> Response:
    with db.read() as session:
        _, place, _ = queries.question(session, actor, clarification_id)
    return _act(request, actor, db, clarification_id, commands.withdraw_question, to=place.page)


@router.post("/clarifications/{clarification_id}/let-public", allow=signed_in)
def let_public(request: Request, actor: ActorDep, db: DatabaseDep, clarification_id: UUID) -> Response:
    return _act(request, actor, db, clarification_id, commands.let_public)


@router.post("/clarifications/{clarification_id}/accept", allow=signed_in)
def accept_question(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    clarification_id: UUID,
    form: Posted[WordingForm] = posted(WordingForm),
) -> Response:
    def change(session: Session, given: WordingForm) -> None:
        commands.accept_question(session, actor, clarification_id, given.wording)

    return _change(request, actor, db, clarification_id, form, change, field="wording")


@router.post("/clarifications/{clarification_id}/return", allow=signed_in)
def return_question(
    request: Request, actor: ActorDep, db: DatabaseDep, clarification_id: UUID, form: Posted[WhyForm] = posted(WhyForm)
) -> Response:
    def change(session: Session, given: WhyForm) -> None:
        commands.return_question(session, actor, clarification_id, given.why)

    return _change(request, actor, db, clarification_id, form, change, field="why")


@router.post("/clarifications/{clarification_id}/privacy", allow=signed_in)
def decide_privacy(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    clarification_id: UUID,
    form: Posted[PrivacyForm] = posted(PrivacyForm),
) -> Response:
    def change(session: Session, given: PrivacyForm) -> None:
        if given.agrees == "yes":
            commands.agree_to_privacy(session, actor, clarification_id)
        else:
            commands.refuse_privacy(session, actor, clarification_id, given.privacy_why)

    return _change(request, actor, db, clarification_id, form, change, field="agrees")


@router.post("/clarifications/{clarification_id}/answer", allow=signed_in)
def write_answer(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    clarification_id: UUID,
    form: Posted[AnswerForm] = posted(AnswerForm),
) -> Response:
    def change(session: Session, given: AnswerForm) -> None:
        commands.write_answer(session, actor, clarification_id, given.reply(), send=given.keep is None, seen=given.seen)

    return _change(request, actor, db, clarification_id, form, change, field="answer")


@router.post("/clarifications/{clarification_id}/deadline", allow=signed_in)
def keep_deadline(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    clarification_id: UUID,
    form: Posted[KeepForm] = posted(KeepForm),
) -> Response:
    def change(session: Session, given: KeepForm) -> None:
        commands.keep_deadline(session, actor, clarification_id, given.keep_reason)

    return _change(request, actor, db, clarification_id, form, change, field="keep_reason")


def _ask(request: Request, actor: Actor, db: Database, find: Finder, about_id: UUID, form: Posted[AskForm]) -> Response:
    if form.value is None:
        return _thread_page(request, actor, db, find, about_id, form=form, status=422)
    given = form.value
    try:
        with db.write() as session:
            place = find(session, actor, about_id, clock.now(session))
            commands.write_question(
                session, actor, place, given.provider_id, given.words, given.reason, ask=given.keep is None
            )
    except Refused as refused:
        told = form.but(words=refused.refusal.words)
        return _thread_page(request, actor, db, find, about_id, form=told, status=409)
    return see(f"{place.page}#own")


def _follow(
    request: Request, actor: Actor, db: Database, find: Finder, about_id: UUID, form: Posted[FollowForm]
) -> Response:
    if form.value is None:
        return _thread_page(request, actor, db, find, about_id, form=form, status=422)
    with db.write() as session:
        place = find(session, actor, about_id, clock.now(session))
        commands.follow(session, actor, place, form.value.how)
    return see(f"{place.page}#told")


def _act(
    request: Request,
    actor: Actor,
    db: Database,
    clarification_id: UUID,
    command: Callable[[Session, Actor, UUID], object],
    *,
    to: str = "",
) -> Response:
    """Something that needs no form."""

    def again(_form: Posted[Any], refusal: Refusal | None) -> Response:
        return _question_page(request, actor, db, clarification_id, refusal=refusal, status=409)

    then = to or f"/clarifications/{clarification_id}"
    return take(db, NOTHING, lambda session, _: command(session, actor, clarification_id), again, then)


def _change(
    request: Request,
    actor: Actor,
    db: Database,
    clarification_id: UUID,
    form: Posted[Any],
    change: Callable[[Session, Any], None],
    *,
    field: str,
) -> Response:
    """Something that is typed; a refusal is said beside `field`."""

    def again(typed: Posted[Any], refusal: Refusal | None) -> Response:
        told = typed.but(**{field: refusal.words}) if refusal else typed
        return _question_page(request, actor, db, clarification_id, form=told, status=409 if refusal else 422)

    return take(db, form, change, again, f"/clarifications/{clarification_id}")


def _thread_page(
    request: Request,
    actor: Actor,
    db: Database,
    find: Finder,
    about_id: UUID,
    *,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        now = clock.now(session)
        place = find(session, actor, about_id, now)
        thread = queries.thread(session, actor, place)
        told = queries.followed(session, actor, place)
    anybody = bool(place.asking) or place.stage is Stage.PLANNED
    why_not = rules.why_not_ask(
        stage=place.stage, answers=place.belongs, ineligible=None if anybody else rules.PROVIDERS_ONLY
    )
    return page(
        request,
        "clarifications/questions.html",
        status=status,
        place=place,
        thread=thread,
        told=told,
        why_not_ask=why_not,
        now=now,
        form=form or blank(how=("daily" if told.daily else "each") if told.follows else "stop", confidence="public"),
        refusal=refusal,
    )


def _question_page(
    request: Request,
    actor: Actor,
    db: Database,
    clarification_id: UUID,
    *,
    form: Posted[Any] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    with db.read() as session:
        view, place = queries.question_page(session, actor, clarification_id)
    now = place.at
    late = rules.is_late(place.stage, place.dates.answer_by, now)
    return page(
        request,
        "clarifications/question.html",
        status=status,
        place=place,
        view=view,
        may={act: _may(act, view, place) for act in Act},
        late=late,
        later=rules.later_close(place.closes_at, place.dates.leaves, now) if late else None,
        now=now,
        form=form or blank(**_typed(view)),
        refusal=refusal,
    )


def _may(act: Act, view: QuestionView, place: Place) -> bool:
    return rules.why_not(act, state=view.state, stage=place.stage, asker=view.own) is None


def _typed(view: QuestionView) -> dict[str, str]:
    """What is known already, in the fields of whoever looks."""
    typed = {
        "words": view.original,
        "confidence": "private" if view.private_reason else "public",
        "private_reason": view.private_reason,
        "wording": view.words,
    }
    if view.draft:
        typed |= {
            "answer": view.draft.words,
            "changes": view.draft.changes,
            "changes_request": "yes" if view.draft.changes_request else "no",
        }
    elif view.state in (State.ANSWERED, State.CORRECTED):
        typed["answer"] = view.answers[0].words
    return typed
