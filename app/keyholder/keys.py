"""Making pairs of keys, and reading the private ones with the master key that never leaves this process."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.briefs.queries import close_later_than_their_keys
from app.core import clock
from app.core.crypto import Keyring, Unreadable
from app.core.sealing import new_pair, vouch
from app.sealing.models import SealingKey
from app.sealing.queries import is_genuine
from app.sealing.rules import Holder, bound, vouched_for

AT_ONCE: Final = 200


def key_of(session: Session, holder: Holder, holder_id: UUID, *, lock: bool = False) -> SealingKey | None:
    query = select(SealingKey).where(SealingKey.holder == holder, SealingKey.holder_id == holder_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()


def make_key(
    session: Session,
    master: Keyring,
    holder: Holder,
    holder_id: UUID,
    *,
    voucher: str,
    not_before: datetime | None = None,
    instead_of: SealingKey | None = None,
) -> UUID:
    """A new pair, where there is none but `instead_of`: nothing that was sealed to that one can be opened again.

    `voucher` is what the keyholder shares with the portal, under which it vouches for the public key.
    """
    private, public = new_pair()
    if instead_of:
        session.delete(instead_of)
        session.flush()
    row = SealingKey(
        holder=holder,
        holder_id=holder_id,
        public_key=public,
        word=vouch(voucher, bound_to=vouched_for(holder, holder_id, public)),
        wrapped_private=master.wrap(private, bound_to=bound(holder, holder_id, public, not_before)),
        master_key_id=master.current,
        not_before=not_before,
        created_at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row.id


def private_key(master: Keyring, row: SealingKey) -> bytes:
    """Raises `Unreadable` when the row was changed, or its master key is not here."""
    return master.unwrap(row.wrapped_private, key_id=row.master_key_id, bound_to=_bound(row))


def vouch_anew(master: Keyring, row: SealingKey, *, voucher: str) -> None:
    """For the public key that is bound into the private one. Raises `Unreadable` where that is another."""
    private_key(master, row)
    row.word = vouch(voucher, bound_to=vouched_for(Holder(row.holder), row.holder_id, row.public_key))


def vouch_for_all(session: Session, master: Keyring, *, voucher: str) -> int:
    """For each key that these master keys open and that has no word of this voucher; how many. The others stay without."""
    held = session.exec(select(SealingKey).order_by(col(SealingKey.id)).with_for_update())
    doubted = [row for row in held if not is_genuine(row, voucher) and _opens(master, row)]
    for row in doubted:
        vouch_anew(master, row, voucher=voucher)
    return len(doubted)


def follow(session: Session, master: Keyring) -> list[UUID]:
    """Bind the keys of briefs that have come to close later to that close, and never to an earlier one; which briefs'.

    One that was changed is left as it is, and does not open.
    """
    followed = []
    for brief_id, closes_at in close_later_than_their_keys(session).items():
        row = key_of(session, Holder.BRIEF, brief_id, lock=True)
        if row and row.not_before and row.not_before < closes_at and _opens(master, row):
            private = private_key(master, row)
            row.not_before, row.master_key_id = closes_at, master.current
            row.wrapped_private = master.wrap(private, bound_to=_bound(row))
            followed.append(brief_id)
    return followed


def rewrap(session: Session, master: Keyring, *, but: Sequence[UUID] = ()) -> int:
    """Wrap some of the keys that are not under the current master key by it; how many. Raises `Unreadable`."""
    old = (
        select(SealingKey)
        .where(SealingKey.master_key_id != master.current, col(SealingKey.id).not_in(but))
        .order_by(col(SealingKey.id))
    )
    rows = session.exec(old.limit(AT_ONCE).with_for_update()).all()
    for row in rows:
        row.wrapped_private = master.wrap(private_key(master, row), bound_to=_bound(row))
        row.master_key_id = master.current
    return len(rows)


def unreadable(session: Session, master: Keyring) -> Iterator[SealingKey]:
    """Each key that these master keys do not open."""
    for row in session.exec(select(SealingKey).order_by(col(SealingKey.id))):
        if not _opens(master, row):
            yield row


def _opens(master: Keyring, row: SealingKey) -> bool:
    try:
        private_key(master, row)
    except Unreadable:
        return False
    return True


def _bound(row: SealingKey) -> bytes:
    return bound(Holder(row.holder), row.holder_id, row.public_key, row.not_before)
