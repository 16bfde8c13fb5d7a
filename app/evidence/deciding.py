"""What every decision of a checker has in common: whose it is, that it is made once, and who is told."""

from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import Actor, Seat
from app.core.refusals import Refusal, Refused, refuse_if
from app.evidence import events, policy, queries, rules
from app.evidence.check_models import CheckTaken
from app.evidence.models import EvidenceItem
from app.evidence.policy import KEEPERS
from app.evidence.queries import UnderWay
from app.evidence.rules import KindFacts, Outcome
from app.evidence.telling import tell_replaced
from app.organisations.models import Organisation
from app.organisations.queries import contacts


def checkers_seat(actor: Actor) -> Seat:
    """The seat for which this checker acts."""
    return next(seat for seat in actor.seats if seat.organisation_id in policy.checker_seats(actor))


def item_to_decide(session: Session, actor: Actor, item_id: UUID) -> tuple[EvidenceItem, KindFacts]:
    """The item, locked, for a checker who may decide it. Raises `NotFound`, `Refused` with whatever stands in the way."""
    item, kind = queries.item_for_check(session, actor, item_id, lock=True)
    refuse_if(rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()))
    return item, kind


def already(under_way: UnderWay, outcome: Outcome) -> bool:
    """Whether it was decided so already. Raises `Refused` when it was decided otherwise."""
    was = under_way.outcome
    if was and was != outcome:
        raise Refused(Refusal("already_decided", f"This was {was} by another checker in the meantime."))
    return was is not None


def refuse_while_others(under_way: UnderWay, actor: Actor) -> None:
    """Raise what a colleague has begun with this item: a refusal that waits, or that they have taken it."""
    refuse_if(rules.why_not_while_proposed(under_way.proposal.proposer_name if under_way.proposal else None))
    refuse_if(rules.why_not_while_taken(by=under_way.taken_by, by_name=under_way.taken_by_name, person=actor.person_id))


def no_longer_taken(session: Session, item_id: UUID) -> None:
    session.execute(delete(CheckTaken).where(col(CheckTaken.item_id) == item_id))


def replace_older(session: Session, actor: Actor, item: EvidenceItem, kind: KindFacts) -> None:
    older = session.exec(
        select(EvidenceItem)
        .where(
            EvidenceItem.provider_id == item.provider_id,
            EvidenceItem.kind_slug == item.kind_slug,
            col(EvidenceItem.practitioner_id).is_not_distinct_from(item.practitioner_id),
            col(EvidenceItem.replaced_by_id).is_(None),
            col(EvidenceItem.added_at) <= item.added_at,
            EvidenceItem.id != item.id,
        )
        .with_for_update()
    )
    for row in older:
        if item.kind_slug in rules.OF_SEVERAL and row.issuer.casefold() != item.issuer.casefold():
            continue
        row.replaced_by_id = item.id
        audit.record(session, events.ITEM_REPLACED, actor=actor, subject=row.id, about=item.id, kind=kind.name)
        tell_replaced(session, row, item, kind)


def tell_keepers(session: Session, item: EvidenceItem, kind: KindFacts, template: str) -> None:
    provider_name, at = session.get_one(Organisation, item.provider_id).name, clock.now(session)
    for contact in contacts(session, item.provider_id, *KEEPERS):
        mail.queue(
            session,
            template,
            to=contact.email,
            dedupe=f"{template}:{item.id}:{contact.person_id}:{at.isoformat()}",
            name=contact.name,
            kind=kind.name,
            provider=provider_name,
            item=str(item.id),
        )
