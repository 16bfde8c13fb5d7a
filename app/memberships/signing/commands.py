"""Signing, countersigning, and putting an agreement on hold."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.london import day_in_words, london_day
from app.core.refusals import NotAllowed, NotFound, refuse_if
from app.memberships import events
from app.memberships.models import Membership
from app.memberships.queries import line_up
from app.memberships.signing import queries, rules
from app.memberships.signing.queries import Agreement
from app.memberships.terms import AgreementHold
from app.organisations.queries import contacts
from app.organisations.rules import Role

_SUBJECTS: Final = {
    "countersigned": "The agreement is complete",
    "held": "The agreement is on hold",
    "released": "The agreement is no longer on hold",
}


def sign_agreement(session: Session, actor: Actor, membership_id: UUID, sha256: str = "") -> None:
    """Sign the framework's agreement, once, for every membership of it that waits; a second time it changes nothing.

    Each row keeps who, when and the SHA-256 of the text signed; `sha256`, where it is told, is of the text that was read.
    Raises `NotFound`, `NotAllowed` to those who do not own the provider, `Refused` when the membership or its framework has
    ended, while the agreement is on hold, or for another text.
    """
    found = _agreement(session, actor, membership_id)
    if not found.own:
        raise NotFound
    if not found.owns:
        raise NotAllowed
    if found.signed_at:
        return
    refuse_if(found.why_not_sign or rules.why_not_text(read=sha256 or found.sha256, now=found.sha256))
    at = clock.now(session)
    for row in queries.at_once(session, session.get_one(Membership, membership_id), london_day(at)):
        row.signed_at, row.signed_by, row.signed_sha256 = at, actor.known, found.sha256
        _record(session, events.SIGNED, actor, row, version=found.version, sha256=found.sha256)


def countersign_agreement(session: Session, actor: Actor, membership_id: UUID, sha256: str) -> None:
    """Sign for the framework's lead what the provider has signed, in every membership signed with this one, which opens them.

    `sha256` is of the text that was read. A second time it changes nothing. Raises `NotFound` to all but the framework's leads
    who are not of the provider, `Refused` before the provider has signed, while it is on hold, after the end, or for another text.
    """
    found = _led(session, actor, membership_id)
    if found.countersigned_at:
        return
    refuse_if(found.why_not_countersign or rules.why_not_text(read=sha256, now=found.sha256))
    at = clock.now(session)
    for row in queries.at_once(session, session.get_one(Membership, membership_id), london_day(at)):
        row.countersigned_at, row.countersigned_by = at, actor.known
        _record(session, events.COUNTERSIGNED, actor, row, version=found.version, sha256=found.sha256)
    _tell(session, found, "countersigned", f"{membership_id}:{at}")


def hold_agreement(session: Session, actor: Actor, membership_id: UUID, reason: str, review_on: date) -> None:
    """Put what is not complete of a provider's agreement on hold, until it is released; both sides are told.

    The same again is quietly the same. Raises `NotFound` to all but the framework's leads, `Refused` for what is complete or
    held for another reason, and for a day that is not to come.
    """
    found = _led(session, actor, membership_id)
    if found.hold and (found.hold.reason, found.hold.review_on) == (reason, review_on):
        return
    at = clock.now(session)
    on = london_day(at)
    refuse_if(rules.why_not_hold(found.stage, ended=found.ended, phase=found.phase, review_on=review_on, on=on))
    row = AgreementHold(
        provider_id=found.provider_id,
        framework_id=found.framework_id,
        reason=reason,
        review_on=review_on,
        held_at=at,
        held_by=actor.known,
    )
    session.add(row)
    session.flush()
    day = day_in_words(review_on)
    for one in queries.at_once(session, session.get_one(Membership, membership_id), on):
        _record(session, events.HELD, actor, one, day=day, reason=reason)
    _tell(session, found, "held", str(row.id), day=day)


def release_agreement(session: Session, actor: Actor, membership_id: UUID) -> None:
    """Let a held agreement go on; both sides are told. What is not held stays as it is. Raises `NotFound`."""
    found = _led(session, actor, membership_id)
    standing = select(AgreementHold).where(
        AgreementHold.provider_id == found.provider_id,
        AgreementHold.framework_id == found.framework_id,
        col(AgreementHold.released_at).is_(None),
    )
    row = session.exec(standing).first()
    if row is None:
        return
    row.released_at, row.released_by = clock.now(session), actor.known
    for one in queries.at_once(session, session.get_one(Membership, membership_id), london_day(row.released_at)):
        _record(session, events.RELEASED, actor, one)
    _tell(session, found, "released", str(row.id))


def _agreement(session: Session, actor: Actor, membership_id: UUID) -> Agreement:
    """Changes to the memberships of one provider come one after another. Raises `NotFound`."""
    line_up(session, membership_id)
    return queries.agreement(session, actor, membership_id)


def _led(session: Session, actor: Actor, membership_id: UUID) -> Agreement:
    found = _agreement(session, actor, membership_id)
    if not found.leads:
        raise NotFound
    return found


def _record(session: Session, event: audit.Event, actor: Actor, row: Membership, **detail: Any) -> None:
    audit.record(session, event, actor=actor, subject=row.id, about=row.provider_id, **detail)


def _tell(session: Session, found: Agreement, what: str, key: str, *, day: str = "") -> None:
    """The provider's owners; of what rests and goes on also the framework's leads, who may sign."""
    people = contacts(session, found.provider_id, Role.OWNER)
    if what != "countersigned":
        people = [*people, *contacts(session, found.lead_id, Role.FRAMEWORK_LEAD)]
    mail.queue_all(
        session,
        "memberships/agreement.txt",
        {f"agreement.{what}:{key}:{one.person_id}": one.email for one in people},
        clock.now(session),
        subject=_SUBJECTS[what],
        what=what,
        framework=found.framework_name,
        provider=found.provider_name,
        lead=found.lead_name,
        day=day,
        membership=str(found.membership_id),
    )
