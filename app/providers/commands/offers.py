"""What a provider offers, and where."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, delete

from app.core import audit
from app.core.actor import Actor
from app.core.refusals import refuse_if
from app.providers import events, queries, rules
from app.providers.models import ProviderArea, ProviderTherapy
from app.providers.policy import EDITORS


def choose_therapies(session: Session, actor: Actor, provider_id: UUID, slugs: Collection[str]) -> None:
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    known = {choice.value for group in queries.therapy_groups(session) for choice in group.choices}
    refuse_if(rules.unknown(slugs, known))
    if queries.chosen_therapies(session, provider_id) == frozenset(slugs):
        return
    session.exec(delete(ProviderTherapy).where(col(ProviderTherapy.provider_id) == provider_id))
    session.add_all(ProviderTherapy(provider_id=provider_id, therapy_slug=slug) for slug in set(slugs))
    audit.record(session, events.THERAPIES_CHOSEN, actor=actor, subject=provider_id, count=len(set(slugs)))


def choose_areas(
    session: Session,
    actor: Actor,
    provider_id: UUID,
    authority_ids: Collection[UUID],
    *,
    regions: Collection[str] = (),
    were: Collection[str] = (),
) -> None:
    """Cover these authorities, and all of each region whose box is ticked now and was not before (`were`)."""
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    members = {g.heading: frozenset(choice.value for choice in g.choices) for g in queries.area_groups(session)}
    ticked = {str(authority_id) for authority_id in authority_ids}
    wanted = rules.expanded(members, ticked=ticked, regions=regions, were=were)
    refuse_if(rules.unknown(wanted, frozenset().union(*members.values())))
    if queries.chosen_areas(session, provider_id) == wanted:
        return
    session.exec(delete(ProviderArea).where(col(ProviderArea.provider_id) == provider_id))
    session.add_all(ProviderArea(provider_id=provider_id, authority_id=UUID(key)) for key in wanted)
    audit.record(session, events.AREAS_CHOSEN, actor=actor, subject=provider_id, count=len(wanted))
