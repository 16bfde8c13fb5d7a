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
from app.providers.models import Provider, ProviderRestriction
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
    _lock(session, actor, provider_id)
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
    _move_or_refused(session, "restrict", provider_id)
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
    _record(session, events.RESTRICTION_PROPOSED, actor, row)
    return row.id


def agree_restriction(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The second person: from now on the provider is restricted. It, its agencies and its frameworks' leads are told."""
    row = _row(session, actor, restriction_id)
    if row.began_by == actor.known:
        return
    refuse_if(_why_not(Step.AGREE, row, actor))
    _move_or_refused(session, "restrict", row.provider_id)
    row.began_at, row.began_by = clock.now(session), actor.known
    _record(session, events.PROVIDER_RESTRICTED, actor, row)
    _record(session, events.PROVIDER_WAS_RESTRICTED, NOBODY, row, subject=row.provider_id)
    _tell(session, row, lifted=False)


def decline_restriction(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The proposal comes to nothing; its own author takes it back by the same step."""
    row = _row(session, actor, restriction_id)
    if row.declined_by == actor.known:
        return
    refuse_if(_why_not(Step.DECLINE, row, actor))
    row.declined_at, row.declined_by = clock.now(session), actor.known
    _record(session, events.RESTRICTION_DECLINED, actor, row)


def propose_lift(session: Session, actor: Actor, restriction_id: UUID, reason: str) -> None:
    """The first of the two people who lift a restriction, with the reason."""
    row = _row(session, actor, restriction_id)
    if queries.stage_of(row) is Stage.LIFT_PROPOSED and (row.lift_proposed_by, row.lift_reason) == (
        actor.known,
        reason,
    ):
        return
    refuse_if(_why_not(Step.PROPOSE_LIFT, row, actor))
    _move_or_refused(session, "lift", row.provider_id)
    row.lift_proposed_at, row.lift_proposed_by, row.lift_reason = clock.now(session), actor.known, reason
    _record(session, events.LIFT_PROPOSED, actor, row)


def agree_lift(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The second person: it is lifted, and each membership stands as its own facts have it today."""
    row = _row(session, actor, restriction_id)
    if row.lifted_by == actor.known:
        return
    refuse_if(_why_not(Step.AGREE_LIFT, row, actor))
    _move_or_refused(session, "lift", row.provider_id)
    row.lifted_at, row.lifted_by = clock.now(session), actor.known
    _record(session, events.RESTRICTION_LIFTED, actor, row)
    _record(session, events.PROVIDER_RESTRICTED_NO_MORE, NOBODY, row, subject=row.provider_id)
    _tell(session, row, lifted=True)


def decline_lift(session: Session, actor: Actor, restriction_id: UUID) -> None:
    """The restriction stays; who proposed to lift it, and why, remains in the record of what happened."""
    row = _row(session, actor, restriction_id)
    refuse_if(_why_not(Step.DECLINE_LIFT, row, actor))
    _record(session, events.LIFT_DECLINED, actor, row, reason=row.lift_reason)
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
    for row in rows:
        if row.read_at is None:
            row.read_at, row.read_by = clock.now(session), actor.known
            agency = session.get_one(Organisation, row.organisation_id).name
            _record(session, events.RESTRICTION_READ, actor, restriction, about=row.organisation_id, agency=agency)


def _lock(session: Session, actor: Actor, provider_id: UUID) -> None:
    """The provider, so that restricting, closing and signing come one after another. Raises `NotFound`."""
    if not queries.decides(session, actor, provider_id):
        raise NotFound
    session.exec(select(Provider).where(Provider.id == provider_id).with_for_update()).one()


def _row(session: Session, actor: Actor, restriction_id: UUID) -> ProviderRestriction:
    known = session.get(ProviderRestriction, restriction_id)
    if known is None:
        raise NotFound
    _lock(session, actor, known.provider_id)
    session.refresh(known)
    return known


def _move_or_refused(session: Session, verb: str, provider_id: UUID) -> None:
    refuse_if(why_not_move(verb, life(session, session.get_one(Provider, provider_id), clock.now(session))))


def _why_not(step: Step, row: ProviderRestriction, actor: Actor) -> Refusal | None:
    return why_not_step(step, queries.stage_of(row), proposed_by_actor=queries.is_mine(row, actor))


def _proposal(row: ProviderRestriction) -> Proposal:
    return Proposal(RestrictionReason(row.reason), row.words, row.told, row.contact)


def _record(
    session: Session,
    event: audit.Event,
    actor: Actor,
    row: ProviderRestriction,
    *,
    subject: UUID | None = None,
    about: UUID | None = None,
    **detail: Any,
) -> None:
    """Who acted stands on the restriction's own record, for those who decide; the provider's says that it happened."""
    provider = session.get_one(Organisation, row.provider_id).name
    audit.record(session, event, actor=actor, subject=subject or row.id, about=about, provider=provider, **detail)


def _tell(session: Session, row: ProviderRestriction, *, lifted: bool) -> None:
    """The provider's owners, each agency that relies on it, and the leads of its frameworks: at once, and never the grounds."""
    now, provider = clock.now(session), session.get_one(Organisation, row.provider_id).name
    agencies, leads = queries.told_of(session, row.provider_id, london_day(now))
    session.add_all(
        RestrictionNotice(organisation_id=agency, restriction_id=row.id, lifted=lifted, at=now)
        for agency in sorted(agencies)
    )
    what = "lifted" if lifted else "restricted"
    said = {"provider": provider, "provider_id": str(row.provider_id), "what": what}
    owners = contacts_of(session, (row.provider_id,), Role.OWNER)
    others = [*contacts_of(session, agencies, *RELIERS), *contacts_of(session, leads, Role.FRAMEWORK_LEAD)]
    for template, people in (("restricted", owners), ("relied_on_restricted", others)):
        addresses = {f"restriction.{what}:{row.id}:{person.person_id}": person.email for person in people}
        mail.queue_all(session, f"memberships/{template}.txt", addresses, now, **said)
