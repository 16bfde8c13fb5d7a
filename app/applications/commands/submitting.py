"""Certifying and submitting an application, taking it back, withdrawing and restoring it; every submission is kept."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.applications import events, policy, queries, rules
from app.applications.answers.queries import sheet
from app.applications.models import Application, ApplicationBurden, ApplicationLot, EarlierSubmission
from app.applications.queries.burden import burden_of
from app.applications.queries.returned import returned
from app.applications.rules import Act, Phase
from app.applications.telling import tell
from app.core import audit, clock
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.refusals import Refusal, refuse_if
from app.frameworks.models import Framework, Round
from app.organisations.rules import Role
from app.providers.queries import held_open


def ask_to_certify(session: Session, actor: Actor, application_id: UUID, *, by_two: bool) -> None:
    """Put a finished application before its provider's owners; with `by_two`, two people certify it. A second time is quiet.

    Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    row, phase = _row(session, actor, application_id)
    if phase is Phase.AWAITING_CERTIFICATION and row.by_two == by_two:
        return
    refuse_if(_why_not_submit(session, actor, row, phase, Act.ASK_TO_CERTIFY))
    row.ready_at, row.ready_by, row.by_two = clock.now(session), actor.known, by_two
    certifiers = "two people" if by_two else "an owner"
    audit.record(session, events.READY, actor=actor, subject=row.id, about=row.provider_id, certifiers=certifiers)
    tell(session, row, row.provider_id, Role.OWNER, "certify", key=f"{row.id}:{row.ready_at.isoformat()}")


def go_on_writing(session: Session, actor: Actor, application_id: UUID) -> None:
    """Take it from before those who certify: who certified it first does so again, because it may change."""
    row, phase = _row(session, actor, application_id)
    if phase is Phase.IN_PROGRESS:
        return
    refuse_if(rules.why_not_act(Act.GO_ON_WRITING, phase=phase, owner=True))
    _uncertify(row)
    audit.record(session, events.WRITING_AGAIN, actor=actor, subject=row.id)


def certify_application(session: Session, actor: Actor, application_id: UUID) -> None:
    """The first of two people says that what is sent is true; an owner other than they does so by submitting."""
    row, phase = _row(session, actor, application_id)
    if row.certified_by == actor.known:
        return
    refuse_if(rules.why_not_certify(phase=phase, certifying=queries.certifying(row, actor)))
    row.certified_at, row.certified_by = clock.now(session), actor.known
    audit.record(session, events.CERTIFIED, actor=actor, subject=row.id, about=row.provider_id)


def submit_application(session: Session, actor: Actor, application_id: UUID) -> None:
    """Fix and share what is asked for, by an owner, before the round closes by the database's clock; once.

    The snapshot is what is decided on, not the moving profile. Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    at = clock.now(session)
    row, phase = _row(session, actor, application_id)
    if row.submitted_at and not row.withdrawn_at:
        return
    refuse_if(None if held_open(session, row.provider_id) else rules.CLOSED)
    refuse_if(_why_not_submit(session, actor, row, phase, Act.SUBMIT))
    row.snapshot = queries.snapshot_of(session, actor, row, at)
    row.snapshot_sha256 = digest(canonical(row.snapshot))
    row.submitted_at, row.submitted_by = at, actor.known
    session.add(ApplicationBurden(application_id=row.id, **asdict(burden_of(session, row, at))))
    audit.record(
        session,
        events.SUBMITTED,
        actor=actor,
        subject=row.id,
        about=row.provider_id,
        at=at,
        sha256=row.snapshot_sha256,
    )
    this_time = f"{row.id}:{at.isoformat()}"
    tell(session, row, row.provider_id, Role.OWNER, "submitted", key=this_time, sha256=row.snapshot_sha256)
    framework = session.get_one(Framework, session.get_one(Round, row.round_id).framework_id)
    tell(session, row, framework.lead_id, Role.FRAMEWORK_LEAD, "waiting", key=this_time)


def take_back(session: Session, actor: Actor, application_id: UUID) -> None:
    """Write on after submitting, until the round closes. What was submitted is kept with its digest; a second time is quiet.

    A refusal that somebody has proposed meanwhile goes with it: it was about what is no longer asked.
    """
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    parts, window, at = queries.parts_of(session, row.id), session.get_one(Round, row.round_id), clock.now(session)
    undecided = sum(part.decision is None for part in parts)
    phase = queries.phase_in(row, window, undecided, at)
    if phase is Phase.IN_PROGRESS or row.submitted_at is None or row.submitted_by is None:
        return
    refuse_if(
        rules.why_not_take_back(
            phase=phase,
            owner=policy.submits_for(actor, row.provider_id),
            round_phase=queries.round_phase_of(window, at),
            decided=len(parts) - undecided,
            requested=sum(one.made_at is None for one in returned(session, row)),
        )
    )
    back_to_draft(session, actor, row, parts, at)


def back_to_draft(
    session: Session,
    actor: Actor,
    row: Application,
    parts: Sequence[ApplicationLot],
    at: datetime,
    event: audit.Event = events.TAKEN_BACK,
) -> None:
    """What was submitted is a draft again, and is kept with its digest. Whether it may be is the caller's question."""
    if row.submitted_at is None or row.submitted_by is None:
        return
    session.add(
        EarlierSubmission(
            application_id=row.id,
            submitted_at=row.submitted_at,
            submitted_by=row.submitted_by,
            snapshot=row.snapshot,
            snapshot_sha256=row.snapshot_sha256,
            taken_back_at=at,
            taken_back_by=actor.known,
        )
    )
    sha256 = row.snapshot_sha256
    row.submitted_at, row.submitted_by, row.snapshot, row.snapshot_sha256 = None, None, {}, ""
    _uncertify(row)
    for part in parts:
        part.proposed_by, part.proposed_at, part.reason_code, part.reason = None, None, "", ""
    session.delete(session.get_one(ApplicationBurden, row.id))
    audit.record(session, event, actor=actor, subject=row.id, about=row.provider_id, sha256=sha256)


def withdraw_application(session: Session, actor: Actor, application_id: UUID) -> None:
    """Give up what is not decided yet; memberships already opened stay. A second time it changes nothing."""
    row, phase = _row(session, actor, application_id)
    if row.withdrawn_at:
        return
    refuse_if(rules.why_not_act(Act.WITHDRAW, phase=phase, owner=policy.submits_for(actor, row.provider_id)))
    row.withdrawn_at = clock.now(session)
    audit.record(session, events.WITHDRAWN, actor=actor, subject=row.id, about=row.provider_id)


def restore_application(session: Session, actor: Actor, application_id: UUID) -> None:
    """Until the round closes, a withdrawal is undone: the application stands where it stood. A second time is quiet."""
    row, phase = _row(session, actor, application_id)
    if row.withdrawn_at is None:
        return
    window = session.get_one(Round, row.round_id)
    other = queries.live_application(session, row.provider_id, row.round_id)
    refuse_if(
        rules.why_not_restore(
            phase=phase,
            owner=policy.submits_for(actor, row.provider_id),
            round_phase=queries.round_phase_of(window, clock.now(session)),
            other=other.id if other else None,
        )
    )
    row.withdrawn_at = None
    audit.record(session, events.RESTORED, actor=actor, subject=row.id, about=row.provider_id)


def _row(session: Session, actor: Actor, application_id: UUID) -> tuple[Application, Phase]:
    """The row, locked, for those who write for its provider, and where it stands."""
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    return row, queries.phase_of(session, row, clock.now(session))


def _why_not_submit(session: Session, actor: Actor, row: Application, phase: Phase, act: Act) -> Refusal | None:
    return rules.why_not_submit(
        act=act,
        phase=phase,
        parts=len(queries.parts_of(session, row.id)),
        statement=row.statement,
        owner=policy.submits_for(actor, row.provider_id),
        certifying=queries.certifying(row, actor),
        application_id=row.id,
        provider_id=row.provider_id,
        missing=sheet(session, row.id, session.get_one(Round, row.round_id).question_set_id).missing(row.id),
    )


def _uncertify(row: Application) -> None:
    row.ready_at, row.ready_by, row.by_two, row.certified_at, row.certified_by = None, None, False, None, None
