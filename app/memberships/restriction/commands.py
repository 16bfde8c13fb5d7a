"""Restricting a provider and lifting it again, each by two people; and an agency's word that it has read of it."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import NOBODY, Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound, Refusal, Refused, refuse_if
from app.memberships import events
from app.memberships.models import RestrictionNotice
from app.memberships.policy import RELIERS
from app.memberships.restriction import queries
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, provider_ids
from app.organisations.queries import contacts_of
from app.organisations.rules import Role
from app.providers.models import ProviderRestriction
from app.providers.queries import life
from app.providers.rules import why_not_move
from app.providers.rules.restriction import Proposal, RestrictionReason, Stage, Step, why_not_step


def propose_restriction(session: Session, actor: Actor, provider_id: UUID, proposal: Proposal) -> UUID:
    """The first of the two people; nobody else is told yet. The same again is quietly the same.

    Raises `NotAllowed` to the provider's own people, `NotFound` for one that this person may not restrict, `Refused` when it
    is closed or restricted, or another proposal waits.
    """
    if provider_id in provider_ids(actor):
        raise NotAllowed
    held = queries.lock_to_decide(session, actor, provider_id)
    live = session.exec(
        select(ProviderRestriction).where(
            ProviderRestriction.provider_id == provider_id,
            col(ProviderRestriction.declined_at).is_(None),
            col(ProviderRestriction.lifted_at).is_(None),
        )
    ).first()
    if live and live.began_at is None:
        if live.proposed_by == actor.known and _proposal(live) == proposal:
            return live.id
        raise Refused(Refusal("restriction_waits", "A proposal to restrict this provider waits already."))
    _move_or_refused(session, "restrict", held)
    row = ProviderRestriction(
        provider_id=provider_id,
        reason=proposal.reason,
        words=proposal.words,
        told=proposal.told,
        contact=proposal.contact,
        proposed_at=clock.now(session),
        proposed_by=actor.known,
    )
    session.add(row)
    session.flush()
    _record(session, events.RESTRICTION_PROPOSED, actor, row, held)
    return row.id


def agree_restriction(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The second person: from now on the provider is restricted. It, its agencies and its frameworks' leads are told."""
    row, held = _row(session, actor, restriction_id)
    if row.began_by == actor.known:
        return
    refuse_if(_why_not(Step.AGREE, row, actor))
    _move_or_refused(session, "restrict", held)
    row.began_at, row.began_by = clock.now(session), actor.known
    _record(session, events.PROVIDER_RESTRICTED, actor, row, held)
    _record(session, events.PROVIDER_WAS_RESTRICTED, NOBODY, row, held, subject=row.provider_id)
    _tell(session, row, held, lifted=False)


def decline_restriction(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The proposal comes to nothing; its own author takes it back by the same step."""
    row, held = _row(session, actor, restriction_id)
    if row.declined_by == actor.known:
        return
    refuse_if(_why_not(Step.DECLINE, row, actor))
    row.declined_at, row.declined_by = clock.now(session), actor.known
    _record(session, events.RESTRICTION_DECLINED, actor, row, held)


def propose_lift(session: Session, actor: Actor, restriction_id: UUID, reason: str) -> None:
    """The first of the two people who lift a restriction, with the reason."""
    row, held = _row(session, actor, restriction_id)
    if queries.stage_of(row) is Stage.LIFT_PROPOSED and (row.lift_proposed_by, row.lift_reason) == (
        actor.known,
        reason,
    ):
        return
    refuse_if(_why_not(Step.PROPOSE_LIFT, row, actor))
    _move_or_refused(session, "lift", held)
    row.lift_proposed_at, row.lift_proposed_by, row.lift_reason = clock.now(session), actor.known, reason
    _record(session, events.LIFT_PROPOSED, actor, row, held)


def agree_lift(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The second person: it is lifted, and each membership stands as its own facts have it today."""
    row, held = _row(session, actor, restriction_id)
    if row.lifted_by == actor.known:
        return
    refuse_if(_why_not(Step.AGREE_LIFT, row, actor))
    _move_or_refused(session, "lift", held)
    row.lifted_at, row.lifted_by = clock.now(session), actor.known
    _record(session, events.RESTRICTION_LIFTED, actor, row, held)
    _record(session, events.PROVIDER_RESTRICTED_NO_MORE, NOBODY, row, held, subject=row.provider_id)
    _tell(session, row, held, lifted=True)


def decline_lift(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The restriction stays; who proposed to lift it, and why, remains in the record of what happened."""
    row, held = _row(session, actor, restriction_id)
    refuse_if(_why_not(Step.DECLINE_LIFT, row, actor))
    _record(session, events.LIFT_DECLINED, actor, row, held, reason=row.lift_reason)
    row.lift_proposed_at = row.lift_proposed_by = None
    row.lift_reason = ""


def read_notice(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The agency has read what it was told. A second time it changes nothing. Raises `NotFound`."""
    rows = session.exec(
        select(RestrictionNotice)
        .where(
            RestrictionNotice.restriction_id == restriction_id,
            col(RestrictionNotice.organisation_id).in_(buyer_ids(actor, *RELIERS)),
        )
        .order_by(col(RestrictionNotice.id))
        .with_for_update()
    ).all()
    if not rows:
        raise NotFound
    restriction = session.get_one(ProviderRestriction, restriction_id)
    provider = session.get_one(Organisation, restriction.provider_id).name
    for row in rows:
        if row.read_at is None:
            row.read_at, row.read_by = clock.now(session), actor.known
            agency = session.get_one(Organisation, row.organisation_id).name
            audit.record(
                session,
                events.RESTRICTION_READ,
                actor=actor,
                subject=restriction_id,
                about=row.organisation_id,
                agency=agency,
                provider=provider,
            )


def _row(session: Session, actor: Actor, restriction_id: UUID) -> tuple[ProviderRestriction, queries.Held]:
    """A restriction, and its provider locked. Raises `NotFound`."""
    whose = select(ProviderRestriction.provider_id).where(ProviderRestriction.id == restriction_id)
    held = queries.lock_to_decide(session, actor, whose.scalar_subquery())
    return session.get_one(ProviderRestriction, restriction_id, populate_existing=True), held


def _move_or_refused(session: Session, verb: str, held: queries.Held) -> None:
    refuse_if(why_not_move(verb, life(session, held.provider, clock.now(session))))


def _why_not(step: Step, row: ProviderRestriction, actor: Actor) -> Refusal | None:
    return why_not_step(step, queries.stage_of(row), proposed_by_actor=queries.is_mine(row, actor))


def _proposal(row: ProviderRestriction) -> Proposal:
    return Proposal(RestrictionReason(row.reason), row.words, row.told, row.contact)


def _record(
    session: Session,
    event: audit.Event,
    actor: Actor,
    row: ProviderRestriction,
    held: queries.Held,
    *,
    subject: UUID | None = None,
    **detail: Any,
) -> None:
    """Who acted stands on the restriction's own record, for those who decide; the provider's says that it happened."""
    audit.record(session, event, actor=actor, subject=subject or row.id, provider=held.name, **detail)


def _tell(session: Session, row: ProviderRestriction, held: queries.Held, *, lifted: bool) -> None:
    """The provider's owners, each agency that relies on it, and the leads of its frameworks: at once, and never the grounds."""
    now = clock.now(session)
    agencies, leads = queries.told_of(session, row.provider_id, london_day(now))
    session.add_all(
        RestrictionNotice(organisation_id=agency, restriction_id=row.id, lifted=lifted, at=now)
        for agency in sorted(agencies)
    )
    what = "lifted" if lifted else "restricted"
    said = {"provider": held.name, "provider_id": str(row.provider_id), "what": what}
    owners = contacts_of(session, (row.provider_id,), Role.OWNER)
    others = [*contacts_of(session, agencies, *RELIERS), *contacts_of(session, leads, Role.FRAMEWORK_LEAD)]
    for template, people in (("restricted", owners), ("relied_on_restricted", others)):
        addresses = {f"restriction.{what}:{row.id}:{person.person_id}": person.email for person in people}
        mail.queue_all(session, f"memberships/{template}.txt", addresses, now, **said)
