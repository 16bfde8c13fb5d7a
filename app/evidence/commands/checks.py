"""What a checker decides about an item, once."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.refusals import Refusal, Refused, refuse_if
from app.evidence import events, policy, queries, rules
from app.evidence.commands.dbs import note_original_seen
from app.evidence.models import EvidenceItem, Verification
from app.evidence.policy import KEEPERS
from app.evidence.rules import KindFacts, Outcome, Reason
from app.evidence.telling import tell_replaced, tell_returned
from app.organisations.models import Organisation
from app.organisations.queries import contacts


def verify_item(session: Session, actor: Actor, item_id: UUID, *, how: str, saw_original: bool = False) -> None:
    """The facts match what was seen. `how` says what was looked at; older items of the kind and person are replaced."""
    item, kind = queries.item_for_check(session, actor, item_id, lock=True)
    if _decided(session, item_id, Outcome.VERIFIED):
        return
    on = rules.london_day(clock.now(session))
    refuse_if(rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()))
    refuse_if(rules.why_not_verify(kind, expires_on=item.expires_on, on=on, saw_original=saw_original))
    seen = "Original seen in person. " if saw_original else ""
    organisation = _decide(session, actor, item, Outcome.VERIFIED, how=f"{seen}{how}")
    audit.record(
        session,
        events.ITEM_VERIFIED,
        actor=actor,
        subject=item.id,
        about=item.provider_id,
        kind=kind.name,
        organisation=organisation,
    )
    if kind.narrow:
        note_original_seen(session, actor, item, on)
    _replace_older(session, actor, item, kind)
    _tell_keepers(session, item, kind, "evidence/verified.txt")


def return_item(session: Session, actor: Actor, item_id: UUID, reason_code: str, fix: str) -> None:
    """Send an item back with a reason of `rules.Reason` and, in words, exactly what mends it."""
    item, kind = queries.item_for_check(session, actor, item_id, lock=True)
    if _decided(session, item_id, Outcome.RETURNED):
        return
    refuse_if(rules.why_not_check(provider_id=item.provider_id, organisations=actor.where()))
    reason = Reason(reason_code)
    organisation = _decide(session, actor, item, Outcome.RETURNED, reason=reason, fix=fix)
    audit.record(
        session,
        events.ITEM_RETURNED,
        actor=actor,
        subject=item.id,
        about=item.provider_id,
        kind=kind.name,
        organisation=organisation,
        reason=rules.REASONS[reason],
    )
    tell_returned(session, item, kind)
    _tell_keepers(session, item, kind, "evidence/returned.txt")


def _decided(session: Session, item_id: UUID, outcome: Outcome) -> bool:
    """Whether it was decided so already. Raises `Refused` when it was decided otherwise."""
    was = session.exec(select(Verification.outcome).where(Verification.item_id == item_id)).first()
    if was and was != outcome:
        raise Refused(Refusal("already_decided", f"This was {was} by another checker in the meantime."))
    return was is not None


def _decide(
    session: Session,
    actor: Actor,
    item: EvidenceItem,
    outcome: Outcome,
    *,
    how: str = "",
    reason: Reason | None = None,
    fix: str = "",
) -> str:
    """Write the decision; returns the name of the organisation it was made for."""
    seat = next(seat for seat in actor.seats if seat.organisation_id in policy.checker_seats(actor))
    session.add(
        Verification(
            item_id=item.id,
            checker_id=actor.known,
            checker_organisation_id=seat.organisation_id,
            outcome=outcome,
            reason_code=reason or "",
            fix=fix,
            how=how,
            at=clock.now(session),
        )
    )
    return seat.organisation_name


def _replace_older(session: Session, actor: Actor, item: EvidenceItem, kind: KindFacts) -> None:
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
        row.replaced_by_id = item.id
        audit.record(session, events.ITEM_REPLACED, actor=actor, subject=row.id, about=item.id, kind=kind.name)
        tell_replaced(session, row, item, kind)


def _tell_keepers(session: Session, item: EvidenceItem, kind: KindFacts, template: str) -> None:
    provider_name = session.get_one(Organisation, item.provider_id).name
    for contact in contacts(session, item.provider_id, *KEEPERS):
        mail.queue(
            session,
            template,
            to=contact.email,
            dedupe=f"{template}:{item.id}:{contact.person_id}",
            name=contact.name,
            kind=kind.name,
            provider=provider_name,
            item=str(item.id),
        )
