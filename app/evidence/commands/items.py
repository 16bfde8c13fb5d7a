"""Telling the facts of an item, mending them, and sending them to a checker."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound, refuse_if
from app.evidence import events, policy, queries, rules
from app.evidence.commands.told import linked
from app.evidence.models import EvidenceItem
from app.evidence.policy import KEEPERS
from app.evidence.queries.dbs import dbs_record
from app.evidence.rules import Answer, ItemFacts, KindFacts
from app.evidence.rules.told import differing
from app.organisations.policy import provider_ids
from app.providers.models import Practitioner, Provider


def add_item(session: Session, actor: Actor, provider_id: UUID, facts: ItemFacts) -> UUID:
    """Keep a new item, which promises its document until one is uploaded; the same facts again are quietly the same item.

    Raises `NotFound` for an unknown kind or another provider's practitioner, `Refused` for impossible facts.
    """
    if provider_id not in provider_ids(actor):
        raise NotFound
    if not policy.may_keep(actor, provider_id):
        raise NotAllowed
    session.exec(select(Provider.id).where(Provider.id == provider_id).with_for_update()).one()
    kind, facts, whose = _checked(session, provider_id, facts)
    facts, known = linked(session, actor, provider_id, kind, facts)
    unsent = select(EvidenceItem).where(
        EvidenceItem.provider_id == provider_id,
        EvidenceItem.kind_slug == facts.kind,
        col(EvidenceItem.submitted_at).is_(None),
    )
    for row in session.exec(unsent):
        if queries.facts_of(row) == facts:
            return row.id
    told = asdict(facts)
    item = EvidenceItem(
        provider_id=provider_id,
        kind_slug=told.pop("kind"),
        added_at=clock.now(session),
        added_by=actor.known,
        known_at=known.known_at if known and not differing(kind, known, facts) else None,
        **told,
    )
    session.add(item)
    session.flush()
    audit.record(session, events.ITEM_ADDED, actor=actor, subject=item.id, about=provider_id, kind=kind.name, **whose)
    return item.id


@dataclass(frozen=True, slots=True)
class Stated:
    """When a provider's paper of a kind expires, as somebody else states it."""

    provider_id: UUID
    kind: str
    expires_on: date


def state_expiries(session: Session, actor: Actor, lead_id: UUID, stated: Collection[Stated]) -> int:
    """Keep as promises what a framework's lead states of its members and nobody has checked; returns how many.

    Where anything of the kind has been told of a provider, that stands. Whether the actor may is the caller's question.
    """
    names = {kind.slug: kind.name for kind in queries.kinds(session)}
    told = set(
        session.exec(
            select(EvidenceItem.provider_id, EvidenceItem.kind_slug).where(
                col(EvidenceItem.provider_id).in_({one.provider_id for one in stated})
            )
        )
    )
    new = [
        EvidenceItem(
            provider_id=one.provider_id,
            kind_slug=one.kind,
            expires_on=one.expires_on,
            added_at=clock.now(session),
            added_by=actor.known,
            stated_by_id=lead_id,
        )
        for one in stated
        if (one.provider_id, one.kind) not in told
    ]
    session.add_all(new)
    session.flush()
    for item in new:
        audit.record(
            session,
            events.ITEM_STATED,
            actor=actor,
            subject=item.id,
            about=item.provider_id,
            kind=names[item.kind_slug],
            day=f"{item.expires_on}",
        )
    return len(new)


def change_item(session: Session, actor: Actor, item_id: UUID, facts: ItemFacts) -> None:
    """Fill in or mend the facts of an item that has not been sent; its kind stays."""
    item, _ = queries.own_item(session, actor, item_id, *KEEPERS, lock=True)
    refuse_if(rules.why_not_change(submitted=item.submitted_at is not None))
    kind, facts, _ = _checked(session, item.provider_id, facts)
    if facts.kind != item.kind_slug:
        raise NotFound
    facts, _ = linked(session, actor, item.provider_id, kind, facts)
    if queries.facts_of(item) == facts:
        return
    item.stated_by_id = None
    for name, value in asdict(facts).items():
        if name != "kind":
            setattr(item, name, value)
    audit.record(session, events.ITEM_CHANGED, actor=actor, subject=item.id, about=item.provider_id, kind=kind.name)


def submit_item(session: Session, actor: Actor, item_id: UUID) -> None:
    """Send an item to the checkers. Raises `Refused` with what is still missing."""
    item, kind = queries.own_item(session, actor, item_id, *KEEPERS, lock=True)
    if item.submitted_at:
        return
    now = clock.now(session)
    facts, scans = queries.facts_of(item), queries.scans(session, item_id)
    recorded = kind.narrow and dbs_record(session, item_id) is not None
    refuse_if(rules.why_not_submit(kind, facts, scans, on=london_day(now), recorded=recorded))
    item.submitted_at = now
    audit.record(session, events.ITEM_SUBMITTED, actor=actor, subject=item.id, about=item.provider_id, kind=kind.name)


def _checked(session: Session, provider_id: UUID, facts: ItemFacts) -> tuple[KindFacts, ItemFacts, dict[str, Any]]:
    """The kind, the facts as they may be stored, and whose they are in words."""
    kind = queries.kind_of(session, facts.kind)
    if not kind.of_a_person:
        facts = replace(facts, practitioner_id=None)
    if not kind.four_answers:
        facts = replace(facts, answer=None, rating=None, inspected_on=None)
    elif facts.answer is not Answer.REGISTERED:
        facts = replace(facts, rating=None, inspected_on=None)
    refuse_if(rules.why_not_facts(kind, facts))
    if facts.practitioner_id:
        person = session.get(Practitioner, facts.practitioner_id)
        if person is None or person.provider_id != provider_id or person.left_at:
            raise NotFound
    return kind, facts, queries.whose(session, facts.practitioner_id)
