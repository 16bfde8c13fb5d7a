"""The builder over HTTP: a draft as a list of tasks, each a page to fill in or a list of parts; what is missing; a preview."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, Refusal, Refused
from app.evidence.rules import RATINGS, in_words, rule_of
from app.frameworks import commands, policy, queries, rules
from app.frameworks.commands.writing import digest_of
from app.frameworks.draft_forms import (
    PAGES,
    ROWS,
    DraftForm,
    SeenForm,
    as_typed,
    beside,
    form_of,
    place_of,
    rows_of,
    with_part,
    without_part,
)
from app.frameworks.rules import FrameworkFacts
from app.web.forms import Posted, Received, blank, posted, received
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/frameworks/drafts")

WORDS = {
    "units": list(rules.UNITS.items()),
    "mechanisms": list(rules.MECHANISMS.items()),
    "ways": list(rules.WAYS.items()),
    "admissions": list(rules.ADMISSIONS.items()),
    "answerings": list(rules.ANSWERINGS.items()),
    "carrying": list(rules.CARRYING.items()),
    "knowns": [(known, fact.name) for known, fact in rules.FACTS.items()],
    "services": [(service, service.replace("_", " ").capitalize()) for service in rules.Service],
    "ratings": list(RATINGS.items()),
}
"""Closed lists as the forms offer them."""


@router.get("/{draft_id}", allow=policy.framework_leads)
def show_draft(request: Request, actor: ActorDep, db: DatabaseDep, draft_id: UUID) -> Response:
    with db.read() as session:
        row, facts = queries.draft(session, actor, draft_id)
        lacks = rules.missing(facts, queries.clocks_of(session, row))
        doubts = queries.doubts(session, row, facts)
    if row.approved_at:
        return see(f"/frameworks/{draft_id}")
    return page(
        request,
        "frameworks/draft.html",
        draft_id=draft_id,
        facts=facts,
        tasks=rules.TASKS,
        counts={task: len(getattr(facts, rows.attribute)) for task, rows in ROWS.items()},
        lacks=lacks,
        doubts=doubts,
        to_do={gap.code.split(".")[0] for gap in lacks},
        known=rules.already_known(facts),
        wrote=row.created_by == actor.person_id,
    )


@router.get("/{draft_id}/preview", allow=policy.framework_leads)
def preview(request: Request, actor: ActorDep, db: DatabaseDep, draft_id: UUID) -> Response:
    """The draft as an applicant reads it."""
    return _preview_page(request, actor, db, draft_id, None)


@router.post("/{draft_id}/preview", allow=policy.framework_leads)
def try_answers(
    request: Request, actor: ActorDep, db: DatabaseDep, draft_id: UUID, sent: Received = received()
) -> Response:
    """What the answers typed on the preview would come to; nothing is kept."""
    return _preview_page(request, actor, db, draft_id, sent)


@router.get("/{draft_id}/{task}", allow=policy.framework_leads)
def show_task(request: Request, actor: ActorDep, db: DatabaseDep, draft_id: UUID, task: str) -> Response:
    if task in PAGES:
        return _form_page(request, actor, db, draft_id, task, None)
    return _rows_page(request, actor, db, draft_id, task)


@router.post("/{draft_id}/{task}", allow=policy.framework_leads)
def keep_page(
    request: Request, actor: ActorDep, db: DatabaseDep, draft_id: UUID, task: str, sent: Received = received()
) -> Response:
    """One of the pages that are filled in whole."""
    if task not in PAGES:
        raise NotFound
    form: Posted[DraftForm] = sent.into(PAGES[task])
    if form.value is None:
        return _form_page(request, actor, db, draft_id, task, None, form, status=422)
    told, seen = form.value.told(), form.value.seen
    try:
        with db.write() as session:
            commands.revise_framework(session, actor, draft_id, seen, lambda facts: replace(facts, **told))
    except Refused as refused:
        return _refused(request, actor, db, draft_id, task, None, form, refused)
    return see(f"/frameworks/drafts/{draft_id}")


@router.post("/{draft_id}/questions/approve", allow=policy.framework_leads)
def freeze_questions(request: Request, actor: ActorDep, db: DatabaseDep, draft_id: UUID) -> Response:
    """The newer questions of an approved framework, approved by a second person."""
    try:
        with db.write() as session:
            commands.freeze_questions(session, actor, draft_id)
    except Refused as refused:
        return _rows_page(request, actor, db, draft_id, "questions", refused.refusal)
    return see(f"/frameworks/drafts/{draft_id}/questions")


@router.get("/{draft_id}/{task}/{place}", allow=policy.framework_leads)
def show_part(request: Request, actor: ActorDep, db: DatabaseDep, draft_id: UUID, task: str, place: str) -> Response:
    rows_of(task)
    return _form_page(request, actor, db, draft_id, task, place)


@router.post("/{draft_id}/{task}/{place}", allow=policy.framework_leads)
def keep_part(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    draft_id: UUID,
    task: str,
    place: str,
    sent: Received = received(),
) -> Response:
    """One part of a list: the one at `place`, from 1, or another for “new”."""
    form: Posted[DraftForm] = sent.into(rows_of(task).form)
    if form.value is None:
        return _form_page(request, actor, db, draft_id, task, place, form, status=422)
    given = form.value

    def kept(facts: FrameworkFacts) -> FrameworkFacts:
        return with_part(facts, task, place_of(facts, task, place), given)

    try:
        with db.write() as session:
            _keep(session, actor, draft_id, task, given.seen, kept)
    except Refused as refused:
        return _refused(request, actor, db, draft_id, task, place, form, refused)
    return see(f"/frameworks/drafts/{draft_id}/{task}")


@router.post("/{draft_id}/{task}/{place}/remove", allow=policy.framework_leads)
def remove_part(
    request: Request,
    actor: ActorDep,
    db: DatabaseDep,
    draft_id: UUID,
    task: str,
    place: str,
    form: Posted[SeenForm] = posted(SeenForm),
) -> Response:
    def removed(facts: FrameworkFacts) -> FrameworkFacts:
        at = place_of(facts, task, place)
        if at is None:
            raise NotFound
        return without_part(facts, task, at)

    try:
        with db.write() as session:
            _keep(session, actor, draft_id, task, form.value.seen if form.value else "", removed)
    except Refused as refused:
        return _rows_page(request, actor, db, draft_id, task, refused.refusal)
    return see(f"/frameworks/drafts/{draft_id}/{task}")


def _keep(
    session: Session,
    actor: Actor,
    draft_id: UUID,
    task: str,
    seen: str,
    change: Callable[[FrameworkFacts], FrameworkFacts],
) -> None:
    """A draft is changed whole; of an approved framework only the questions, for a later round."""
    if task == "questions" and queries.framework_row(session, actor, draft_id).approved_at:
        _, facts = queries.draft(session, actor, draft_id)
        commands.revise_questions(session, actor, draft_id, seen, change(facts).questions)
    else:
        commands.revise_framework(session, actor, draft_id, seen, change)


def _preview_page(request: Request, actor: Actor, db: Database, draft_id: UUID, sent: Received | None) -> Response:
    with db.read() as session:
        _, facts = queries.draft(session, actor, draft_id)
        names = queries.kind_names(session)
    data = sent.data if sent and sent.data else {}
    answers = {at: str(data.get(f"q{at}", "")).strip() for at in range(1, len(facts.questions) + 1)}
    tried = {at: rules.outcome(facts.questions[at - 1], answer) for at, answer in answers.items()} if sent else {}
    return page(
        request,
        "frameworks/preview.html",
        draft_id=draft_id,
        facts=facts,
        needs={lot.number: [in_words(rule_of(need), names) for need in lot.requires] for lot in facts.lots},
        sections=list(dict.fromkeys(question.section for question in facts.questions)),
        known={asked.position: asked for asked in rules.already_known(facts)},
        units=rules.UNITS,
        answers=answers,
        answers_to=rules.answers_to,
        tried=tried,
        outcomes=rules.OUTCOMES,
    )


def _rows_page(
    request: Request, actor: Actor, db: Database, draft_id: UUID, task: str, refusal: Refusal | None = None
) -> Response:
    rows = rows_of(task)
    with db.read() as session:
        row, facts = queries.draft(session, actor, draft_id)
        names = queries.organisation_names(session) if task == "call-off" else {}
        version = queries.version_of_questions(session, row) if task == "questions" else None
    return page(
        request,
        "frameworks/rows.html",
        status=409 if refusal else 200,
        draft_id=draft_id,
        facts=facts,
        task=task,
        heading=dict(rules.TASKS)[task],
        one=rows.one,
        parts=getattr(facts, rows.attribute),
        names=names,
        version=version,
        wrote=version is not None and version.written_by == actor.person_id,
        seen=digest_of(facts),
        units=rules.UNITS,
        refusal=refusal,
    )


def _refused(
    request: Request,
    actor: Actor,
    db: Database,
    draft_id: UUID,
    task: str,
    place: str | None,
    form: Posted[DraftForm],
    refused: Refused,
) -> Response:
    """Faults beside their fields; any other refusal over the form."""
    if isinstance(refused, commands.Faulty):
        form = form.but(**beside(refused.faults, form_of(task)))
        return _form_page(request, actor, db, draft_id, task, place, form, status=422)
    return _form_page(request, actor, db, draft_id, task, place, form, refused.refusal, status=409)


def _form_page(
    request: Request,
    actor: Actor,
    db: Database,
    draft_id: UUID,
    task: str,
    place: str | None,
    form: Posted[DraftForm] | None = None,
    refusal: Refusal | None = None,
    *,
    status: int = 200,
) -> Response:
    with db.read() as session:
        _, facts = queries.draft(session, actor, draft_id)
        at = place_of(facts, task, place) if place else None
        part = facts if place is None else None if at is None else getattr(facts, rows_of(task).attribute)[at]
        offered = queries.choices(session, task)
    typed = as_typed(form_of(task), part) if part else {"number": len(facts.lots) + 1, "required": "true"}
    return page(
        request,
        "frameworks/part.html",
        status=status,
        draft_id=draft_id,
        facts=facts,
        task=task,
        place=place,
        heading=dict(rules.TASKS)[task] if place is None else f"{'Change' if part else 'Add'} a {rows_of(task).one}",
        form=form or blank(**typed),
        priced=any(value for name, value in (form.typed if form else typed).items() if name.startswith("rate_")),
        refusal=refusal,
        seen=digest_of(facts),
        offered=offered,
        words=WORDS,
    )
