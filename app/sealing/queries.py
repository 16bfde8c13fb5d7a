"""Looking at public keys."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.sealing.asking import KeyMissing
from app.sealing.models import SealingKey
from app.sealing.rules import Holder


def public_keys(session: Session, brief_id: UUID, organisation_id: UUID) -> tuple[bytes, bytes]:
    """Those to which a letter is sealed: the brief's and the bidder's own. Raises `KeyMissing`."""
    rows = session.exec(
        select(SealingKey.holder_id, SealingKey.public_key).where(
            col(SealingKey.holder_id).in_((brief_id, organisation_id))
        )
    )
    found = dict(rows.all())
    for holder, holder_id in ((Holder.BRIEF, brief_id), (Holder.ORGANISATION, organisation_id)):
        if holder_id not in found:
            raise KeyMissing(holder, holder_id)
    return found[brief_id], found[organisation_id]


def hour_bound(session: Session, brief_id: UUID) -> datetime | None:
    """Before which a brief's key stays shut; none where it has no pair."""
    query = select(SealingKey.not_before).where(SealingKey.holder == Holder.BRIEF, SealingKey.holder_id == brief_id)
    return session.exec(query).first()


def refuse_without_key(
    session: Session, holder: Holder, holder_id: UUID, *, not_before: datetime | None = None
) -> None:
    """Raises `KeyMissing` when there is no pair, or none that stays shut until that very moment."""
    query = select(SealingKey.id).where(SealingKey.holder == holder, SealingKey.holder_id == holder_id)
    if not_before:
        query = query.where(SealingKey.not_before == not_before)
    if session.exec(query).first() is None:
        raise KeyMissing(holder, holder_id)
