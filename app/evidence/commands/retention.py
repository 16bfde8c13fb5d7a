"""Letting files go by the schedule with proof, and holding them back."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import NOBODY, Actor
from app.core.blobs import condemn
from app.core.refusals import NotAllowed, NotFound
from app.evidence import events, policy
from app.evidence.models import Deletion, Document, LegalHold
from app.evidence.queries.opening import is_needed
from app.evidence.queries.retention import Going, going
from app.organisations.models import Organisation
from app.providers.models import Provider


def purge(session: Session, on: date, *, automatic: bool = False) -> list[Going]:
    """Mark as purged every file whose time is over by `on` and that no legal hold keeps, each with its proof; what went.

    Their keys go in this write, so that nobody can read them again; the bytes are deleted after it. Providers are locked,
    so that a hold set at the same moment wins or waits.
    """
    due = {file.provider_id for file in going(session, on, automatic=automatic)}
    session.exec(
        select(Provider.id).where(col(Provider.id).in_(due)).order_by(col(Provider.id)).with_for_update()
    ).all()
    gone, at = [file for file in going(session, on, automatic=automatic) if not file.held], clock.now(session)
    for file in gone:
        row = session.get_one(Document, file.document_id)
        row.purged_at = at
        session.add(
            Deletion(
                document_id=row.id,
                provider_id=file.provider_id,
                what=file.what[:300],
                sha256=row.sha256,
                rule=file.rule.slug,
                at=at,
            )
        )
        audit.record(
            session,
            events.DOCUMENT_PURGED,
            actor=NOBODY,
            subject=row.id,
            about=row.item_id,
            rule=file.rule.name,
            sha256=row.sha256,
        )
    session.flush()
    for file in gone:
        key = session.get_one(Document, file.document_id).blob_key
        if not is_needed(session, key):
            condemn(session, key)
    return gone


def note_bytes_gone(session: Session, document_ids: Collection[UUID]) -> None:
    """The store no longer has the bytes of these purged documents."""
    at = clock.now(session)
    for row in session.exec(select(Deletion).where(col(Deletion.document_id).in_(document_ids)).with_for_update()):
        row.bytes_gone_at = row.bytes_gone_at or at


def set_legal_hold(session: Session, actor: Actor, provider_id: UUID, reason: str) -> UUID:
    """Keep every file of a provider, whatever the schedule says; one that is held already stays as it was."""
    if not policy.administers(actor):
        raise NotAllowed
    if session.exec(select(Provider.id).where(Provider.id == provider_id).with_for_update()).first() is None:
        raise NotFound
    live = session.exec(
        select(LegalHold.id).where(LegalHold.provider_id == provider_id, col(LegalHold.lifted_at).is_(None))
    ).first()
    if live:
        return live
    row = LegalHold(provider_id=provider_id, reason=reason, set_at=clock.now(session), set_by=actor.known)
    session.add(row)
    session.flush()
    _tell(session, actor, row, events.HOLD_SET, reason)
    return row.id


def lift_legal_hold(session: Session, actor: Actor, hold_id: UUID, reason: str) -> None:
    """Let the schedule run again for the hold's provider. A second time it changes nothing."""
    if not policy.administers(actor):
        raise NotAllowed
    row = session.exec(select(LegalHold).where(LegalHold.id == hold_id).with_for_update()).first()
    if row is None:
        raise NotFound
    if row.lifted_at:
        return
    row.lifted_at, row.lifted_by, row.lifted_reason = clock.now(session), actor.known, reason
    _tell(session, actor, row, events.HOLD_LIFTED, reason)


def _tell(session: Session, actor: Actor, row: LegalHold, event: audit.Event, reason: str) -> None:
    provider = session.get_one(Organisation, row.provider_id).name
    audit.record(session, event, actor=actor, subject=row.id, about=row.provider_id, provider=provider, reason=reason)
