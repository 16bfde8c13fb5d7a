"""Changing the master key: everything under an older one is put under the current one. It can be stopped and begun again."""

from typing import NamedTuple, TypeVar

from sqlmodel import Session, col, select

from app.awards.models import QualityAssessed
from app.awards.two_people import ApprovalByTwo
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import NOBODY
from app.core.crypto import Keyring
from app.core.database import Database
from app.keyholder import keys, opening, prices
from app.keyholder.holder import NOWHERE
from app.sealing import events
from app.sealing.models import SealingKey

_T = TypeVar("_T", ApprovalByTwo, QualityAssessed)


class Rotated(NamedTuple):
    """How many keys were wrapped anew, how many approvals and records were proved anew, and which keys do not open."""

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
    """What was approved and recorded of briefs that have something to be opened still: their bids, or their prices."""
    proved = 0
    for sealed in (opening.BIDS, prices.PRICES):
        for row in _old(session, master, sealed.envelope.row):
            brief = session.get_one(Brief, row.brief_id)
            if sealed.is_witnessed(master, brief, row):
                row.witness = sealed.witness(master, brief, row.person_id)
                proved += 1
    for record in _old(session, master, QualityAssessed):
        if prices.is_quality_witness(master, record):
            record.witness = prices.quality_witness(master, record)
            proved += 1
    return proved


def _old(session: Session, master: Keyring, kind: type[_T]) -> list[_T]:
    waits = col(Brief.opened_at).is_(None) | (col(Brief.two_envelopes) & col(Brief.prices_opened_at).is_(None))
    rows = (
        select(kind)
        .join(Brief, col(Brief.id) == kind.brief_id)
        .where(waits, ~col(kind.witness).startswith(f"{master.current}:"))
        .with_for_update(of=kind)
    )
    return list(session.exec(rows))
