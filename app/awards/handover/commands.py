"""Signing for the full referral, and opening a document of it."""

from uuid import UUID

from sqlmodel import Session

from app.awards.handover import queries, rules
from app.awards.handover.models import ReferralUndertaking
from app.awards.policy import SIGNERS
from app.briefs import events
from app.briefs.queries import lock_brief
from app.core import audit, clock
from app.core.actor import Actor
from app.core.refusals import refuse_if


def sign_for_referral(session: Session, actor: Actor, letter_id: UUID, read: str) -> None:
    """Sign the undertaking that was read, by its digest, for the provider that won. A second time it changes nothing.

    Raises `NotFound` to all but the winner's owners, `Refused` for another text and while the provider is restricted.
    """
    won = queries.won_by(session, actor, letter_id, *SIGNERS)
    lock_brief(session, won.brief.id, exclusive=True)
    won, now = queries.won_by(session, actor, letter_id, *SIGNERS), clock.now(session)
    if won.signed:
        return
    refuse_if(queries.why_not_sign(session, won, actor, read, now))
    content = queries.to_sign(won, actor)
    row = ReferralUndertaking(
        award_id=won.letter.award_id,
        provider_id=won.letter.provider_id,
        signed_at=now,
        signed_by=actor.known,
        content=content,
        content_sha256=rules.fingerprint(content),
    )
    session.add(row)
    audit.record(session, events.REFERRAL_SIGNED, actor=actor, subject=won.brief.id, at=now, sha256=row.content_sha256)


def open_handed_over(session: Session, actor: Actor, letter_id: UUID, document_id: UUID) -> None:
    """Write down that somebody of the winner opened a document. Raises `NotFound`, `Refused`."""
    now = clock.now(session)
    brief, document = queries.document_to_hand_over(session, actor, letter_id, document_id, now)
    audit.record(session, events.REFERRAL_OPENED, actor=actor, subject=brief.id, at=now, number=document.number)
