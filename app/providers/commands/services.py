"""Whom a provider works with, how, where and in which languages."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlmodel import Session, col, delete

from app.core import audit
from app.core.actor import Actor
from app.core.refusals import refuse_if
from app.providers import events, queries, rules
from app.providers.models import ProviderOffer, ProviderReach
from app.providers.policy import EDITORS
from app.providers.rules import Aspect


def choose_services(
    session: Session, actor: Actor, provider_id: UUID, chosen: Mapping[Aspect, Collection[str]]
) -> None:
    """What is ticked of each aspect that is given; the others stay. Raises `Refused` for what no list holds."""
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    before, changed = queries.offered(session, provider_id).chosen, []
    for aspect, values in chosen.items():
        known = rules.CHOICES.get(aspect) or {value for value in values if rules.outward(value) == value}
        refuse_if(rules.unknown(values, known))
        if before.get(aspect, frozenset()) == set(values):
            continue
        changed.append(rules.WORDS[aspect].lower())
        session.exec(
            delete(ProviderOffer).where(
                col(ProviderOffer.provider_id) == provider_id, col(ProviderOffer.aspect) == aspect
            )
        )
        session.add_all(ProviderOffer(provider_id=provider_id, aspect=aspect, value=value) for value in set(values))
    if changed:
        audit.record(session, events.SERVICES_CHANGED, actor=actor, subject=provider_id, changed=", ".join(changed))


def set_reach(session: Session, actor: Actor, provider_id: UUID, *, travels_from: str, miles: int | None) -> None:
    """From which postcode district, and how far, this provider's people travel; without miles they do not."""
    queries.own_provider(session, actor, provider_id, *EDITORS, lock=True)
    row, wanted = session.get(ProviderReach, provider_id), (travels_from, miles)
    if (row and (row.travels_from, row.miles) == wanted) or (row is None and miles is None):
        return
    if row:
        session.delete(row)
        session.flush()
    if miles is not None:
        session.add(ProviderReach(provider_id=provider_id, travels_from=travels_from, miles=miles))
    audit.record(session, events.SERVICES_CHANGED, actor=actor, subject=provider_id, changed="how far they travel")
