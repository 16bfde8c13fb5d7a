"""Looking at public keys."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.core.sealing import is_vouched
from app.sealing.asking import KeyMissing, Seal
from app.sealing.models import SealingKey
from app.sealing.rules import Holder, vouched_for


def public_keys(session: Session, brief_id: UUID, organisation_id: UUID, seal: Seal) -> tuple[bytes, bytes]:
    """Those to which a letter is sealed: the brief's and the bidder's own. Raises `KeyMissing`, also of one that the keyholder
    does not vouch for: somebody has put it there, or the two share something new since.
    """
    rows = session.exec(select(SealingKey).where(col(SealingKey.holder_id).in_((brief_id, organisation_id)))).all()
    vouched = {(row.holder, row.holder_id): row.public_key for row in rows if is_genuine(row, seal.voucher)}
    for which in ((Holder.BRIEF, brief_id), (Holder.ORGANISATION, organisation_id)):
        if which not in vouched:
            raise KeyMissing(*which)
    return vouched[Holder.BRIEF, brief_id], vouched[Holder.ORGANISATION, organisation_id]


def is_genuine(row: SealingKey, voucher: str) -> bool:
    """Whether the keyholder has given its word for this public key of this holder."""
    return is_vouched(row.word, voucher, bound_to=vouched_for(Holder(row.holder), row.holder_id, row.public_key))


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
