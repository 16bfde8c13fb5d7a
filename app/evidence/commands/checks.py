"""What one checker decides about an item, once: it is verified, or returned with the exact fix."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import refuse_if
from app.evidence import checklists, deciding, events, queries, rules
from app.evidence.commands.dbs import note_original_seen
from app.evidence.models import Verification
from app.evidence.rules import Outcome, Reason, Tick
from app.evidence.telling import tell_returned, tell_verified_again


def verify_item(
    session: Session,
    actor: Actor,
    item_id: UUID,
    *,
    how: str,
    ticks: Mapping[str, Tick],
    saw_original: bool = False,
) -> None:
    """The facts match what was seen, point by point. Older items of the kind and person are replaced.

    `how` says what was looked at, `ticks` are the points of `checklists.checklist` by key. One verification in ten is
    looked at again by somebody else, but no DBS check: its file is for one checker alone, its original seen in person.
    """
    item, kind = deciding.item_to_decide(session, actor, item_id)
    under_way = queries.under_way(session, item_id)
    if deciding.already(under_way, Outcome.VERIFIED):
        return
    deciding.refuse_while_others(under_way, actor)
    contradicted = queries.contradicted(queries.second_looks(session, item_id))
    refuse_if(rules.why_not_anew(contradicted=contradicted, person=actor.person_id))
    now = clock.now(session)
    on = london_day(now)
    refuse_if(
        rules.why_not_verify(
            kind,
            expires_on=item.expires_on,
            on=on,
            saw_original=saw_original,
            needs_new=item.needs_new_at is not None,
        )
    )
    points = checklists.checklist(kind, queries.registers_of(session, item_id))
    refuse_if(rules.why_not_ticked(points, ticks))
    found = queries.last_found(queries.register_looks(session, item_id, on))
    refuse_if(rules.why_not_register(item_id, points, ticks, found))
    seat = deciding.checkers_seat(actor)
    session.add(
        Verification(
            item_id=item.id,
            checker_id=actor.known,
            checker_organisation_id=seat.organisation_id,
            outcome=Outcome.VERIFIED,
            how=f"{'Original seen in person. ' if saw_original else ''}{how}",
            at=now,
            checklist=checklists.kept(points, ticks),
            second_look=rules.looked_at_again(item.id) and not kind.narrow,
        )
    )
    deciding.no_longer_taken(session, item.id)
    audit.record(
        session,
        events.ITEM_VERIFIED,
        actor=actor,
        subject=item.id,
        about=item.provider_id,
        kind=kind.name,
        organisation=seat.organisation_name,
    )
    if kind.narrow:
        note_original_seen(session, actor, item, on)
    deciding.replace_older(session, actor, item, kind)
    tell_verified_again(session, actor, seat, item)
    deciding.tell_keepers(session, item, kind, "evidence/verified.txt")


def return_item(session: Session, actor: Actor, item_id: UUID, reason_code: str, fix: str) -> None:
    """Send an item back with a reason of `rules.Reason` and, in words, exactly what mends it."""
    item, kind = deciding.item_to_decide(session, actor, item_id)
    under_way = queries.under_way(session, item_id)
    if deciding.already(under_way, Outcome.RETURNED):
        return
    deciding.refuse_while_others(under_way, actor)
    reason, seat = Reason(reason_code), deciding.checkers_seat(actor)
    session.add(
        Verification(
            item_id=item.id,
            checker_id=actor.known,
            checker_organisation_id=seat.organisation_id,
            outcome=Outcome.RETURNED,
            reason_code=reason,
            fix=fix,
            at=clock.now(session),
        )
    )
    deciding.no_longer_taken(session, item.id)
    audit.record(
        session,
        events.ITEM_RETURNED,
        actor=actor,
        subject=item.id,
        about=item.provider_id,
        kind=kind.name,
        organisation=seat.organisation_name,
        reason=rules.REASONS[reason],
    )
    tell_returned(session, item, kind)
    deciding.tell_keepers(session, item, kind, "evidence/returned.txt")
