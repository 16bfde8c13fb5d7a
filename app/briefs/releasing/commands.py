"""Asking that words be let through, and letting them through or not."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.briefs import events, rules
from app.briefs.inviting.writing import tell_writers
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer, phase_of
from app.briefs.queries.buyer import authors
from app.briefs.queries.guarding import excerpt_of, guarded_texts
from app.briefs.released import TextRelease
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.audit import Event
from app.core.refusals import NotFound, refuse_if
from app.organisations.queries import contacts
from app.organisations.rules import Role


def ask_release(session: Session, actor: Actor, brief_id: UUID, keys: Collection[str], *, why: str) -> None:
    """Ask that words of a draft be let through, by their keys, and tell the agency's approvers that it waits.

    What was asked already is quietly left. Raises `NotFound` to all but the agency's commissioners, `Refused` where the
    words are not there any more.
    """
    brief, now = brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, lock=True), clock.now(session)
    there = {
        excerpt.key: (one.label, excerpt) for one in guarded_texts(session, brief) for _, excerpt in one.releasable
    }
    refuse_if(rules.why_not_ask_release(phase=phase_of(brief, now), found=set(keys) <= set(there)))
    held = select(TextRelease.text_sha256, TextRelease.kind, TextRelease.excerpt).where(
        TextRelease.brief_id == brief_id
    )
    already = {tuple(row) for row in session.exec(held)}
    new = [
        TextRelease(
            brief_id=brief_id,
            label=label,
            text_sha256=excerpt.text_sha256,
            kind=excerpt.kind,
            excerpt=excerpt.words,
            asked_at=now,
            asked_by=actor.known,
            asked_reason=why,
        )
        for label, excerpt in (there[key] for key in sorted(set(keys)))
        if (excerpt.text_sha256, excerpt.kind, excerpt.words) not in already
    ]
    if not new:
        return
    session.add_all(new)
    mail.queue_all(
        session,
        "briefs/words_asked.txt",
        {
            f"words {new[0].id} {one.person_id}": one.email
            for one in contacts(session, brief.raa_id, Role.APPROVER)
            if one.person_id != actor.person_id
        },
        reference=brief.reference,
        brief_id=str(brief_id),
    )
    _record(session, actor, brief, events.WORDS_ASKED, len(new), now)


def release_words(session: Session, actor: Actor, brief_id: UUID, asked: Collection[UUID], *, reason: str) -> None:
    """Let words through that somebody asked for; what was let through already is quietly left.

    Raises `NotFound` to all but the agency's approvers, `Refused` to whoever wrote of the brief or asked, where the text has
    changed since, and where somebody has decided otherwise.
    """
    brief, waiting, now = _to_decide(session, actor, brief_id, asked, release=True)
    if not waiting:
        return
    for row in waiting:
        row.released_at, row.released_by, row.released_reason = now, actor.known, reason
    _record(session, actor, brief, events.WORDS_RELEASED, len(waiting), now)


def decline_words(session: Session, actor: Actor, brief_id: UUID, asked: Collection[UUID], *, reason: str) -> None:
    """Say that words must be changed, and why; who asked and who wrote the brief are told. A second time it changes nothing.

    That closes the request: the same words of another text are asked about anew. Raises as `release_words` does.
    """
    brief, waiting, now = _to_decide(session, actor, brief_id, asked, release=False)
    if not waiting:
        return
    for row in waiting:
        row.declined_at, row.declined_by, row.declined_reason = now, actor.known, reason
    tell_writers(session, actor, brief, "briefs/words_declined.txt", now, also=[row.asked_by for row in waiting])
    _record(session, actor, brief, events.WORDS_DECLINED, len(waiting), now)


def _to_decide(
    session: Session, actor: Actor, brief_id: UUID, asked: Collection[UUID], *, release: bool
) -> tuple[Brief, list[TextRelease], datetime]:
    """The brief and those of the rows that wait for this person, locked, and the time. Raises `NotFound`, `Refused`."""
    brief, now = brief_of_buyer(session, actor, brief_id, Role.APPROVER, lock=True), clock.now(session)
    rows = session.exec(
        select(TextRelease)
        .where(TextRelease.brief_id == brief_id, col(TextRelease.id).in_(asked))
        .order_by(col(TextRelease.id))
        .with_for_update()
    ).all()
    if len(rows) != len(set(asked)):
        raise NotFound
    open_rows = [row for row in rows if not (row.released_at if release else row.declined_at)]
    if not open_rows:
        return brief, [], now
    there = {one.excerpt(found) for one in guarded_texts(session, brief) for found in one.findings}
    refuse_if(
        rules.why_not_ask_release(phase=phase_of(brief, now), found=True)
        or rules.why_not_decide_words(
            author=actor.person_id in authors(session, brief),
            asker=any(row.asked_by == actor.person_id for row in open_rows),
            still_there=all(excerpt_of(row) in there for row in open_rows),
            otherwise=any(row.released_at or row.declined_at for row in open_rows),
        )
    )
    return brief, open_rows, now


def _record(session: Session, actor: Actor, brief: Brief, event: Event, count: int, now: datetime) -> None:
    audit.record(session, event, actor=actor, subject=brief.id, at=now, reference=brief.reference, count=count)
