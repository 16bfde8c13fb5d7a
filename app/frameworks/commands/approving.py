"""Freezing what a framework states: by a second person, whole at its approval, and its questions again for a later round."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.core import audit, clock
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.london import london_day
from app.core.refusals import Refusal, Refused, refuse_if
from app.frameworks import events, parts, queries, rules
from app.frameworks.commands.writing import Faulty, digest_of
from app.frameworks.models import QuestionSet
from app.frameworks.rules import FrameworkFacts, Phase, QuestionFacts


def approve_framework(session: Session, actor: Actor, framework_id: UUID) -> None:
    """Freeze a complete draft under one digest, by a second lead of the same organisation; a second time it changes nothing."""
    row = queries.led_framework(session, actor, framework_id)
    if row.approved_at:
        return
    now = clock.now(session)
    facts = queries.facts_of(session, row)
    refuse_if(
        rules.why_not_approve(
            phase=queries.phase_of(row, london_day(now)),
            writer=row.created_by == actor.person_id,
            missing=rules.missing(facts, queries.clocks_of(session, row)),
        )
    )
    asked = queries.question_set(session, row)
    if asked:
        _freeze(asked, facts, actor, now)
    row.approved_at, row.approved_by = now, actor.known
    row.sha256 = digest(rules.frozen_text(facts).encode())
    audit.record(
        session,
        events.APPROVED,
        actor=actor,
        subject=row.id,
        framework=row.name,
        version=row.agreement_version,
        sha256=row.sha256,
    )


def revise_questions(
    session: Session, actor: Actor, framework_id: UUID, seen: str, questions: Sequence[QuestionFacts]
) -> int:
    """Write the questions of a later round of an approved framework, as a newer version until it is frozen. Returns it.

    `seen` is `digest_of` the facts with the newest questions that the person had before them. Raises `Faulty`, and `Refused`
    for a draft, whose questions are changed with it, or where somebody has changed them meanwhile.
    """
    row = queries.led_framework(session, actor, framework_id)
    _refuse_unless_approved(queries.phase_of(row, london_day(clock.now(session))))
    newest = queries.newest_questions(session, row)
    before = queries.facts_of(session, row, newest.version if newest else None)
    refuse_if(rules.why_not_change(seen=seen, now=digest_of(before)))
    facts = rules.checked(replace(before, questions=tuple(questions)))
    if isinstance(facts, list):
        raise Faulty(tuple(facts))
    if newest is None or newest.frozen_at:
        newest = QuestionSet(framework_id=row.id, version=newest.version + 1 if newest else 1, written_by=actor.known)
        session.add(newest)
        session.flush()
    else:
        parts.clear_questions(session, newest)
        newest.written_by = actor.known
    parts.write_questions(session, newest, facts.questions)
    audit.record(
        session, events.QUESTIONS_WRITTEN, actor=actor, subject=row.id, framework=row.name, version=newest.version
    )
    return newest.version


def freeze_questions(session: Session, actor: Actor, framework_id: UUID) -> None:
    """Freeze the newest questions, by somebody who did not write them: rounds set up from now on ask them."""
    row = queries.led_framework(session, actor, framework_id)
    newest = queries.newest_questions(session, row)
    if not row.approved_at or newest is None or newest.frozen_at:
        raise Refused(Refusal("nothing_to_freeze", "There are no newer questions to approve."))
    if newest.written_by == actor.person_id:
        raise Refused(Refusal("second_person", "Who wrote the questions cannot approve them. Ask a colleague."))
    facts = queries.facts_of(session, row, newest.version)
    refuse_if(next((r for r in rules.missing(facts, queries.clocks_of(session, row)) if _of_questions(r)), None))
    _freeze(newest, facts, actor, clock.now(session))
    audit.record(
        session,
        events.QUESTIONS_FROZEN,
        actor=actor,
        subject=row.id,
        framework=row.name,
        version=newest.version,
        sha256=newest.sha256,
    )


def _freeze(asked: QuestionSet, facts: FrameworkFacts, actor: Actor, now: datetime) -> None:
    asked.frozen_at, asked.frozen_by = now, actor.known
    asked.sha256 = digest(rules.questions_text(facts).encode())


def _of_questions(refusal: Refusal) -> bool:
    return refusal.code.startswith("questions.")


def _refuse_unless_approved(phase: Phase) -> None:
    if phase not in (Phase.APPROVED, Phase.LIVE):
        raise Refused(Refusal("not_approved", f"Only an approved framework has later rounds; this one is {phase}."))
