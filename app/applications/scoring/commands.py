"""Naming assessors, declaring interests, marking alone, agreeing on the marks, and settling ties."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import delete, exists
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.applications import events
from app.applications.models import Application, ApplicationLot
from app.applications.queries import led_row
from app.applications.scoring.models import (
    AgreedMark,
    ApplicantDeclaration,
    ApplicationScore,
    RoundAssessor,
    ScoreSheet,
    TieBreak,
)
from app.applications.scoring.queries.assessing import Sheet, begun_sheet, own_round, own_seat
from app.applications.scoring.queries.facts import questions_of
from app.applications.scoring.queries.moderating import comparison, led_round, nameable, ranking_page
from app.applications.scoring.queries.sheets import applicants, seats_among_applicants
from app.applications.scoring.queries.standing import assessed, lock_ranked
from app.applications.scoring.rules import (
    why_not_agree,
    why_not_break_tie,
    why_not_declare,
    why_not_name,
    why_not_release,
    why_not_with_interest,
)
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.core.scoring import Mark
from app.frameworks.models import Framework, Lot, Region, Round
from app.organisations.policy import lead_ids
from app.organisations.rules import Role


def name_assessor(session: Session, actor: Actor, round_id: UUID, person_id: UUID) -> None:
    """Ask a person to score the applications of a round. Quiet when they have been asked. Raises `NotFound`, `Refused`."""
    window, framework, _ = led_round(session, actor, round_id)
    session.exec(select(Round.id).where(Round.id == round_id).with_for_update(key_share=True)).one()
    now = clock.now(session)
    name = nameable(session, framework, london_day(now)).get(person_id)
    if name is None:
        raise NotFound
    row = _seat(session, round_id, person_id)
    if row and row.released_at is None:
        return
    belongs = bool(seats_among_applicants(session, (round_id,), (person_id,)))
    scored = any(one.weight for one in questions_of(session, window.question_set_id))
    refuse_if(why_not_name(scored=scored, belongs=belongs))
    row = row or RoundAssessor(round_id=round_id, person_id=person_id, named_at=now, named_by=actor.known)
    row.released_at, row.released_by, row.release_reason = None, None, ""
    session.add(row)
    session.flush()
    audit.record(
        session,
        events.ASSESSOR_NAMED,
        actor=actor,
        subject=row.id,
        about=round_id,
        name=audit.Personal(name, person_id),
        round=window.name,
    )
    mail.queue(
        session,
        "applications/asked_to_score.txt",
        to=session.get_one(Person, person_id).email,
        dedupe=f"application.asked_to_score:{row.id}",
        name=name,
        framework=framework.name,
        round=window.name,
        round_id=str(round_id),
    )


def release_assessor(session: Session, actor: Actor, round_id: UUID, assessor_id: UUID, reason: str = "") -> None:
    """Take off an assessor: nobody waits for their marks any more. Quiet when they are off.

    The marks they have submitted and the interests they have declared stay and count as before; then a reason is needed.
    Raises `NotFound`, `Refused`.
    """
    found = session.exec(
        select(RoundAssessor, Round.name)
        .join(Round, col(Round.id) == RoundAssessor.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .where(RoundAssessor.id == assessor_id, RoundAssessor.round_id == round_id)
        .where(col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)))
        .with_for_update(of=RoundAssessor)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        led_round(session, actor, round_id)
        return
    row, round_name = found
    if row.released_at:
        return
    submitted = (col(ScoreSheet.assessor_id) == assessor_id) & col(ScoreSheet.submitted_at).is_not(None)
    interested = (col(ApplicantDeclaration.assessor_id) == assessor_id) & (col(ApplicantDeclaration.nature) != "")
    on_record = session.exec(select(exists().where(submitted) | exists().where(interested))).one()
    refuse_if(why_not_release(on_record=on_record, reason=reason))
    drafts = (col(ScoreSheet.assessor_id) == assessor_id) & col(ScoreSheet.submitted_at).is_(None)
    of_drafts = select(ScoreSheet.id).where(drafts)
    session.execute(delete(ApplicationScore).where(col(ApplicationScore.sheet_id).in_(of_drafts)))
    session.execute(delete(ScoreSheet).where(drafts))
    if on_record:
        row.released_at, row.released_by, row.release_reason = clock.now(session), actor.known, reason
    else:
        session.execute(delete(ApplicantDeclaration).where(col(ApplicantDeclaration.assessor_id) == assessor_id))
        session.delete(row)
    name = audit.Personal(session.get_one(Person, row.person_id).name, row.person_id)
    audit.record(
        session,
        events.ASSESSOR_RELEASED,
        actor=actor,
        subject=row.id,
        about=round_id,
        name=name,
        round=round_name,
    )


def declare_interests(
    session: Session, actor: Actor, round_id: UUID, about: Collection[UUID], interests: Mapping[UUID, str]
) -> None:
    """Say how one stands to providers that applied: an interest of this nature, or none in all the others of `about`.

    Who declared none may declare an interest later; never the other way round. Raises `NotFound`, `Refused`.
    """
    own_round(session, actor, round_id)
    _lock_seat(session, actor, round_id)
    applied = {one.provider_id for one in applicants(session, (round_id,))[round_id]}
    if not (set(about) | interests.keys()) <= applied:
        raise NotFound
    me, now = own_seat(session, actor, round_id), clock.now(session)
    known = {
        row.provider_id: row
        for row in session.exec(select(ApplicantDeclaration).where(ApplicantDeclaration.assessor_id == me.id))
    }
    for provider_id in sorted(set(about) | interests.keys()):
        nature, row = interests.get(provider_id, ""), known.get(provider_id)
        if row is None:
            row = ApplicantDeclaration(assessor_id=me.id, provider_id=provider_id, declared_at=now)
        elif row.nature == nature:
            continue
        else:
            refuse_if(why_not_declare(interested=bool(row.nature)))
        row.nature, row.declared_at = nature, now
        session.add(row)
    audit.record(
        session,
        events.DECLARED,
        actor=actor,
        subject=me.id,
        about=round_id,
        count=len(set(about) | interests.keys()),
        interests=len(interests),
    )


def save_marks(
    session: Session, actor: Actor, round_id: UUID, application_id: UUID, marks: Mapping[UUID, Mark]
) -> None:
    """Write one's marks of one application, over any written before. Raises `NotFound`, `Refused`."""
    mine, seen = _own_sheet(session, actor, round_id, application_id)
    refuse_if(seen.why_not_score)
    if not marks.keys() <= {one.id for one in seen.questions}:
        raise NotFound
    rows = session.exec(select(ApplicationScore).where(ApplicationScore.sheet_id == mine.id))
    before, now = {row.question_id: row for row in rows}, clock.now(session)
    for question_id, mark in marks.items():
        row = before.get(question_id) or ApplicationScore(
            sheet_id=mine.id, question_id=question_id, points=0, reason="", scored_at=now
        )
        row.points, row.reason, row.scored_at = mark.points, mark.reason, now
        session.add(row)
    audit.record(session, events.MARKS_SAVED, actor=actor, subject=mine.id, about=application_id)


def submit_marks(session: Session, actor: Actor, round_id: UUID, application_id: UUID) -> None:
    """Submit all one's marks of one application, for good. Quiet when done. Raises `NotFound`, `Refused`."""
    mine, seen = _own_sheet(session, actor, round_id, application_id)
    if mine.submitted_at:
        return
    refuse_if(seen.why_not_submit)
    mine.submitted_at = clock.now(session)
    audit.record(session, events.MARKS_SUBMITTED, actor=actor, subject=mine.id, about=application_id)


def agree_marks(
    session: Session, actor: Actor, round_id: UUID, application_id: UUID, marks: Mapping[UUID, tuple[int, str]]
) -> None:
    """Record the points that count for each scored question, with a note where the assessors were apart.

    They may be changed until a decision rests on them. Raises `NotFound`, `Refused`.
    """
    row, now = led_row(session, actor, application_id, lock=True), clock.now(session)
    lock_ranked(session, application_id)
    seen = comparison(session, actor, round_id, application_id)
    refuse_if(seen.why_not)
    given = seen.points
    if marks.keys() != given.keys():
        raise NotFound
    before = {
        mark.question_id: mark
        for mark in session.exec(
            select(AgreedMark).where(
                AgreedMark.application_id == application_id, AgreedMark.snapshot_sha256 == row.snapshot_sha256
            )
        )
    }
    for question_id, (points, note) in marks.items():
        refuse_if(why_not_agree(given[question_id], points, note))
        mark = before.get(question_id) or AgreedMark(
            application_id=application_id,
            snapshot_sha256=row.snapshot_sha256,
            question_id=question_id,
            lowest=min(given[question_id]),
            highest=max(given[question_id]),
            points=points,
            agreed_at=now,
            agreed_by=actor.known,
        )
        mark.points, mark.note, mark.agreed_at, mark.agreed_by = points, note, now, actor.known
        session.add(mark)
    audit.record(session, events.MARKS_AGREED, actor=actor, subject=application_id, about=round_id)


def break_tie(session: Session, actor: Actor, round_id: UUID, part_id: UUID, reason: str) -> None:
    """Record why one part comes before those it ties with for the last place. Raises `NotFound`, or `Refused`: among others to
    whom an interest keeps away from anybody who competes there.
    """
    part = session.get(ApplicationLot, part_id)
    if part is None:
        raise NotFound
    row, now = led_row(session, actor, part.application_id, lock=True), clock.now(session)
    if row.round_id != round_id:
        raise NotFound
    kept_away = ranking_page(session, actor, round_id, part.lot_id, part.region_id).kept_away
    refuse_if(why_not_with_interest(interested=bool(kept_away)))
    lock_ranked(session, row.id)
    found = assessed(session, row, (part,), london_day(now)).parts[part_id]
    refuse_if(why_not_break_tie(standing=found.standing, waiting=found.waiting))
    session.add(TieBreak(part_id=part_id, reason=reason, broken_at=now, broken_by=actor.known))
    lot, region = session.get_one(Lot, part.lot_id), session.get_one(Region, part.region_id)
    audit.record(
        session,
        events.TIE_BROKEN,
        actor=actor,
        subject=part_id,
        about=row.id,
        lot=lot.name,
        region=region.name,
    )


def _own_sheet(session: Session, actor: Actor, round_id: UUID, application_id: UUID) -> tuple[ScoreSheet, Sheet]:
    """This assessor's sheet, begun if it is not yet, as far as they may see the application. What they do waits in line."""
    _lock_seat(session, actor, round_id)
    seen, seat_id, mine = begun_sheet(session, actor, round_id, application_id)
    if mine is None:
        digest = session.get_one(Application, application_id).snapshot_sha256
        mine = ScoreSheet(assessor_id=seat_id, application_id=application_id, snapshot_sha256=digest)
        session.add(mine)
        session.flush()
    return mine, seen


def _lock_seat(session: Session, actor: Actor, round_id: UUID) -> None:
    """Let one person declare, mark or submit one thing after the other. Raises `NotFound` unless they are named."""
    mine = select(RoundAssessor.id).where(
        RoundAssessor.round_id == round_id,
        RoundAssessor.person_id == actor.person_id,
        col(RoundAssessor.released_at).is_(None),
    )
    if session.exec(mine.with_for_update(key_share=True)).first() is None:
        raise NotFound


def _seat(session: Session, round_id: UUID, person_id: UUID) -> RoundAssessor | None:
    return session.exec(
        select(RoundAssessor).where(RoundAssessor.round_id == round_id, RoundAssessor.person_id == person_id)
    ).first()
