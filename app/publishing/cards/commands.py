"""Writing a card, naming those who agreed, and showing it to anybody or to nobody."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, delete, func, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.organisations.rules import Role
from app.providers.models import Practitioner, ProviderTherapy
from app.providers.news import PractitionerLeft
from app.providers.policy import EDITORS
from app.providers.queries import own_provider
from app.publishing.cards import events, rules
from app.publishing.cards.models import PublicCard, PublicName


def write_card(
    session: Session, actor: Actor, provider_id: UUID, *, summary: str, expect: str, named: Collection[UUID] = ()
) -> None:
    """Keep the words, and name those practitioners alone who agreed. The same again is quiet.

    Raises `NotFound` for another's provider or practitioner, `NotAllowed` where the role does not reach.
    """
    own_provider(session, actor, provider_id, *EDITORS, lock=True)
    row = session.get(PublicCard, provider_id)
    if row is None or (row.summary, row.expect) != (summary, expect):
        row = row or PublicCard(provider_id=provider_id, changed_at=clock.now(session))
        row.summary, row.expect, row.changed_at = summary, expect, clock.now(session)
        session.add(row)
        audit.record(session, events.CARD_WRITTEN, actor=actor, subject=provider_id)
    _name(session, actor, provider_id, set(named))


def _name(session: Session, actor: Actor, provider_id: UUID, named: set[UUID]) -> None:
    people = session.exec(
        select(Practitioner).where(Practitioner.provider_id == provider_id, col(Practitioner.left_at).is_(None))
    ).all()
    here = {person.id for person in people}
    if not named <= here:
        raise NotFound
    now = clock.now(session)
    agreed = select(PublicName).where(col(PublicName.practitioner_id).in_(here))
    kept = {row.practitioner_id: row for row in session.exec(agreed)}
    for person in people:
        if (person.id in kept) == (person.id in named):
            continue
        if row := kept.get(person.id):
            session.delete(row)
        else:
            session.add(
                PublicName(practitioner_id=person.id, agreed_on=london_day(now), noted_at=now, noted_by=actor.known)
            )
        event = events.NAME_ENDED if person.id in kept else events.NAME_AGREED
        told = audit.Personal(person.full_name, person.id)
        audit.record(session, event, actor=actor, subject=person.id, about=provider_id, at=now, name=told)


def name_no_longer(session: Session, left: PractitionerLeft) -> None:
    """Who leaves is named no more; should they come back, only after agreeing anew."""
    session.exec(delete(PublicName).where(col(PublicName.practitioner_id) == left.practitioner_id))


def list_card(session: Session, actor: Actor, provider_id: UUID, *, indexed: bool) -> None:
    """Show the card to anybody; `indexed`: search engines may keep it. The owner's own word. Raises `Refused`."""
    provider, _ = own_provider(session, actor, provider_id, Role.OWNER, lock=True)
    row = session.get(PublicCard, provider_id)
    chosen = select(func.count()).select_from(ProviderTherapy).where(col(ProviderTherapy.provider_id) == provider_id)
    refusal = rules.why_not_list(
        summary=row.summary if row else "",
        therapies=session.exec(chosen).one(),
        closed=provider.archived_at is not None,
    )
    refuse_if(refusal)
    if row is None or (row.listed_at and row.indexed == indexed):
        return
    row.listed_at, row.listed_by, row.indexed = row.listed_at or clock.now(session), actor.known, indexed
    words = "and search engines may keep it" if indexed else "and asked search engines not to keep it"
    audit.record(session, events.CARD_LISTED, actor=actor, subject=provider_id, indexing=words)


def unlist_card(session: Session, actor: Actor, provider_id: UUID) -> None:
    """Show the card to nobody any more; its words stay. A second time is quiet."""
    own_provider(session, actor, provider_id, Role.OWNER, lock=True)
    row = session.get(PublicCard, provider_id)
    if row is None or row.listed_at is None:
        return
    row.listed_at, row.listed_by, row.indexed = None, None, False
    audit.record(session, events.CARD_UNLISTED, actor=actor, subject=provider_id)
