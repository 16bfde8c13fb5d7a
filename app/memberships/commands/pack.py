"""Handing out a due-diligence pack: each time is told."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from app.core import audit
from app.core.actor import Actor
from app.core.london import day_in_words
from app.memberships import events
from app.memberships.queries.pack import pack_provider


def hand_out_pack(session: Session, actor: Actor, provider_id: UUID, as_at: date, *, sha256: str) -> None:
    """Write down that a pack left, with its manifest's digest. Raises `NotFound` to those who may not have it."""
    _, name = pack_provider(session, actor, provider_id)
    day = day_in_words(as_at)
    audit.record(
        session, events.PACK_HANDED_OUT, actor=actor, subject=provider_id, provider=name, day=day, sha256=sha256
    )
