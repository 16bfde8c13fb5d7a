"""Changing the master key: everything under an older one is put under the current one. It can be stopped and begun again."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from app.awards.models import OpeningApproval
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import NOBODY
from app.core.crypto import Keyring
from app.core.database import Database
from app.keyholder import keys, opening
from app.keyholder.holder import NOWHERE
from app.sealing import events
from app.sealing.models import SealingKey


class Rotated(NamedTuple):
    """How many keys were wrapped anew, how many approvals of openings under way proved anew, and which keys do not open."""

    keys: int
    approvals: int
    lost: list[SealingKey]


def rotate(database: Database, master: Keyring) -> Rotated:
    """Keys that no master key here opens are left as they are, and named: with the right one they can still be read."""
    wrapped, lost = 0, []
    with database.write() as session:
        lost = list(keys.unreadable(session, master))
    while True:
        with database.write() as session:
            if not (some := keys.rewrap(session, master, but=[row.id for row in lost])):
                break
            wrapped += some
            audit.record(session, events.ROTATED, actor=NOBODY, subject=NOWHERE, count=f"{some}", key=master.current)
    with database.write() as session:
        approvals = _prove_anew(session, master)
    return Rotated(wrapped, approvals, lost)


def _prove_anew(session: Session, master: Keyring) -> int:
    """First approvals that wait for the second person."""
    waiting = (
        select(OpeningApproval)
        .join(Brief, col(Brief.id) == OpeningApproval.brief_id)
        .where(col(Brief.opened_at).is_(None), ~col(OpeningApproval.witness).startswith(f"{master.current}:"))
        .with_for_update(of=OpeningApproval)
    )
    rows = [row for row in session.exec(waiting).all() if opening.is_witness(master, row)]
    for row in rows:
        row.witness = opening.witness(master, row.brief_id, row.person_id)
    return len(rows)
