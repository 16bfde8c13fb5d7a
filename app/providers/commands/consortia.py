"""Consortia: starting one, inviting members, each member's own word, leaving, ending."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.database import violates
from app.core.refusals import NotFound, Refused, refuse_if
from app.organisations.policy import provider_ids
from app.organisations.queries import contacts, names
from app.organisations.rules import Role
from app.providers import events, queries
from app.providers.models import Consortium, ConsortiumMember
from app.providers.news import MEMBERS_LEFT, MembersLeft
from app.providers.rules import consortia as rules


def start_consortium(session: Session, actor: Actor, lead_id: UUID, *, name: str) -> UUID:
    """One with this provider as its lead and first member; the same name again is quietly the same."""
    _, lead = queries.own_provider(session, actor, lead_id, Role.OWNER, lock=True)
    known = queries.own_consortium_named(session, lead_id, name)
    if known:
        return known
    now = clock.now(session)
    row = Consortium(name=name, lead_id=lead_id, started_at=now)
    session.add(row)
    session.flush()
    session.add(
        ConsortiumMember(
            consortium_id=row.id,
            provider_id=lead_id,
            known_as=lead.name,
            invited_at=now,
            invited_by=actor.known,
            accepted_at=now,
            accepted_by=actor.known,
        )
    )
    audit.record(session, events.CONSORTIUM_STARTED, actor=actor, subject=row.id, about=lead_id, name=name)
    return row.id


def invite_member(session: Session, actor: Actor, consortium_id: UUID, *, known_as: str) -> UUID:
    """Invite the provider of this name or official number; its owners are told. Raises `NotFound`, `Refused`.

    Until it accepts it stands under what was typed, so that a number tells no name.
    """
    row = _led(session, actor, consortium_id)
    found = queries.known_as(session, known_as)
    already = bool(found) and queries.live_member(session, consortium_id, found[0]) is not None
    refuse_if(rules.why_not_invite(found=len(found), already=already, ended=row.ended_at is not None))
    member = ConsortiumMember(
        consortium_id=consortium_id,
        provider_id=found[0],
        known_as=known_as,
        invited_at=clock.now(session),
        invited_by=actor.known,
    )
    session.add(member)
    try:
        session.flush()
    except IntegrityError as error:
        if violates(error, "uq_consortium_member_live"):
            refuse_if(rules.why_not_invite(found=1, already=True, ended=False))
        raise
    audit.record(
        session, events.CONSORTIUM_INVITED, actor=actor, subject=consortium_id, known_as=known_as, name=row.name
    )
    lead = names(session, [row.lead_id])[row.lead_id]
    for owner in contacts(session, member.provider_id, Role.OWNER):
        mail.queue(
            session,
            "providers/consortium_invitation.txt",
            to=owner.email,
            dedupe=f"consortium:{member.id}:{owner.person_id}",
            consortium=row.name,
            consortium_id=str(row.id),
            lead=lead,
        )
    return member.id


def accept_membership(session: Session, actor: Actor, consortium_id: UUID, member_id: UUID) -> None:
    """An owner of the member says yes. A second click is quiet."""
    row, member = _member(session, actor, consortium_id, member_id)
    if not _may("accept", row, member):
        return
    member.accepted_at, member.accepted_by = clock.now(session), actor.known
    provider = names(session, [member.provider_id])[member.provider_id]
    audit.record(
        session,
        events.CONSORTIUM_ACCEPTED,
        actor=actor,
        subject=row.id,
        about=member.provider_id,
        provider=provider,
        name=row.name,
    )


def decline_membership(session: Session, actor: Actor, consortium_id: UUID, member_id: UUID) -> None:
    """An owner of the member says no. A second click is quiet. Who it was is in the member's own history alone."""
    row, member = _member(session, actor, consortium_id, member_id)
    if not _may("decline", row, member):
        return
    member.declined_at = clock.now(session)
    audit.record(
        session,
        events.CONSORTIUM_DECLINED,
        actor=actor,
        subject=member.id,
        about=member.provider_id,
        known_as=member.known_as,
        name=row.name,
    )


def leave_consortium(session: Session, actor: Actor, consortium_id: UUID, member_id: UUID) -> None:
    """An owner of the member, or of the lead, takes it out. A second click is quiet; the lead itself stays."""
    row, member = _member(session, actor, consortium_id, member_id, lead_may=True)
    if not _may("leave", row, member):
        return
    member.left_at = clock.now(session)
    provider = names(session, [member.provider_id])[member.provider_id]
    audit.record(
        session,
        events.CONSORTIUM_LEFT,
        actor=actor,
        subject=row.id,
        about=member.provider_id,
        provider=provider,
        name=row.name,
    )
    MEMBERS_LEFT.tell(session, MembersLeft((member.provider_id,), row.lead_id))


def end_consortium(session: Session, actor: Actor, consortium_id: UUID) -> None:
    """An owner of the lead ends it for all. A second click is quiet."""
    row = _led(session, actor, consortium_id)
    if row.ended_at:
        return
    row.ended_at = clock.now(session)
    audit.record(session, events.CONSORTIUM_ENDED, actor=actor, subject=row.id, about=row.lead_id, name=row.name)
    others = session.exec(
        select(ConsortiumMember.provider_id).where(
            ConsortiumMember.consortium_id == row.id,
            ConsortiumMember.provider_id != row.lead_id,
            col(ConsortiumMember.accepted_at).is_not(None),
            col(ConsortiumMember.left_at).is_(None),
        )
    )
    MEMBERS_LEFT.tell(session, MembersLeft(tuple(others), row.lead_id))


def _led(session: Session, actor: Actor, consortium_id: UUID) -> Consortium:
    """The consortium, locked, for an owner of its lead; `NotFound` for those who may not see it."""
    row = queries.visible_consortium(session, actor, consortium_id, ever=True, lock=True)
    queries.own_provider(session, actor, row.lead_id, Role.OWNER)
    return row


def _member(
    session: Session, actor: Actor, consortium_id: UUID, member_id: UUID, *, lead_may: bool = False
) -> tuple[Consortium, ConsortiumMember]:
    row = queries.visible_consortium(session, actor, consortium_id, ever=True, lock=True)
    wanted = select(ConsortiumMember).where(
        ConsortiumMember.id == member_id, ConsortiumMember.consortium_id == consortium_id
    )
    member = session.exec(wanted.with_for_update()).first()
    if member is None:
        raise NotFound
    if not (lead_may and row.lead_id in provider_ids(actor, Role.OWNER)):
        queries.own_provider(session, actor, member.provider_id, Role.OWNER)
    return row, member


def _may(verb: str, row: Consortium, member: ConsortiumMember) -> bool:
    """False where it was done already; raises `Refused` where the rules forbid it."""
    now = rules.member_state(accepted_at=member.accepted_at, declined_at=member.declined_at, left_at=member.left_at)
    lead = member.provider_id == row.lead_id
    if rules.is_again(verb, now) and not lead:
        return False
    refusal = rules.why_not_answer(verb, now, lead=lead, ended=row.ended_at is not None)
    if refusal:
        raise Refused(refusal)
    return True
