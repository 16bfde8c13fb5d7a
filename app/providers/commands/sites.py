"""Where a provider works: adding a site, changing what is said of it, closing it."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.database import violates
from app.core.refusals import NotFound, Refused
from app.providers import events, queries
from app.providers.models import Site
from app.providers.policy import EDITORS
from app.providers.rules.sites import NAME_TAKEN, SiteFacts


def add_site(session: Session, actor: Actor, provider_id: UUID, facts: SiteFacts) -> UUID:
    """The same site a second time is quietly the same. Raises `Refused` when another open site has its name."""
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    named = select(Site).where(Site.provider_id == provider_id, Site.name == facts.name, col(Site.closed_at).is_(None))
    already = session.exec(named).first()
    if already and all(getattr(already, field) == value for field, value in _columns(facts).items()):
        return already.id
    row = Site(provider_id=provider_id, added_at=clock.now(session), **_columns(facts))
    session.add(row)
    _flush_or_named(session)
    audit.record(session, events.SITE_ADDED, actor=actor, subject=row.id, about=provider_id, name=facts.name)
    return row.id


def update_site(session: Session, actor: Actor, provider_id: UUID, site_id: UUID, facts: SiteFacts) -> None:
    """Raises `Refused` when another open site has this name."""
    row = _own(session, actor, provider_id, site_id)
    changed = [field for field, value in _columns(facts).items() if getattr(row, field) != value]
    if not changed:
        return
    for field in changed:
        setattr(row, field, _columns(facts)[field])
    _flush_or_named(session)
    words = ", ".join(field.replace("_", "-") for field in changed)
    audit.record(
        session, events.SITE_CHANGED, actor=actor, subject=row.id, about=provider_id, name=row.name, changed=words
    )


def close_site(session: Session, actor: Actor, provider_id: UUID, site_id: UUID) -> None:
    """Families are no longer sent there; what was recorded stays. A second click is quiet."""
    row = _own(session, actor, provider_id, site_id)
    if row.closed_at:
        return
    row.closed_at = clock.now(session)
    audit.record(session, events.SITE_CLOSED, actor=actor, subject=row.id, about=provider_id, name=row.name)


def _own(session: Session, actor: Actor, provider_id: UUID, site_id: UUID) -> Site:
    queries.own_provider(session, actor, provider_id, *EDITORS)
    wanted = select(Site).where(Site.id == site_id, Site.provider_id == provider_id).with_for_update()
    row = session.exec(wanted).first()
    if row is None:
        raise NotFound
    return row


def _columns(facts: SiteFacts) -> dict[str, Any]:
    return {**asdict(facts), "uses": ",".join(facts.uses)}


def _flush_or_named(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if violates(error, "uq_site_open_name"):
            raise Refused(NAME_TAKEN) from None
        raise
