"""What a publication does besides: a first of two approvals, the invitations, and the report of whom it considered."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ScalarSelect, and_
from sqlmodel import Session, col, delete, select

from app.accounts.models import Person
from app.briefs import events
from app.briefs.inviting import rules
from app.briefs.inviting.models import BriefApproval, MatchLine, MatchReport
from app.briefs.inviting.papers import Papers
from app.briefs.models import Brief, BriefInvitation
from app.core import audit, mail
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.money import pounds
from app.core.refusals import refuse_if
from app.core.rows import packed, unpacked
from app.memberships.queries import Member
from app.organisations.models import OrganisationSeat
from app.organisations.queries import contacts
from app.organisations.rules import Role

WHY: Final = "A member of this lot in this region whose agreement is signed and whose evidence is in date"


def approve_brief(session: Session, actor: Actor, brief: Brief, beside: Papers, seen: str, now: datetime) -> bool:
    """Give this person's approval of the words whose digest is `seen`; returns whether it is the last one needed.

    `brief` is locked, and the caller has asked every other rule. The first of two tells the agency's other approvers. Raises
    `Refused` when this person has given theirs.
    """
    needed, approved = rules.approvers_needed(brief.budget_pence or 0, beside.limit_pence), beside.approved(seen)
    refuse_if(rules.why_not_approve_again(needed=needed, approved=approved, person=actor.known))
    if needed == 1 or approved:
        return True
    session.add(BriefApproval(brief_id=brief.id, person_id=actor.known, seen=seen, at=now))
    audit.record(session, events.APPROVED, actor=actor, subject=brief.id, at=now, reference=brief.reference)
    others = [one for one in contacts(session, brief.raa_id, Role.APPROVER) if one.person_id != actor.person_id]
    addresses = {f"brief.approve:{brief.id}:{now.isoformat()}:{one.person_id}": one.email for one in others}
    words = {"reference": brief.reference, "brief_id": str(brief.id), "limit": pounds(beside.limit_pence)}
    mail.queue_all(session, "briefs/approve.txt", addresses, now, **words)
    return False


def approvers(brief_id: UUID) -> ScalarSelect[str]:
    """Who has approved the brief as it stands, as (person, where they are told) for `rows.unpacked`: a column of another query.

    Who is no approver there any more is told nowhere.
    """
    seat = select(OrganisationSeat.id).where(
        OrganisationSeat.person_id == BriefApproval.person_id,
        OrganisationSeat.organisation_id == Brief.raa_id,
        OrganisationSeat.role == Role.APPROVER,
        col(OrganisationSeat.ended_at).is_(None),
    )
    told = and_(col(Person.id) == BriefApproval.person_id, col(Person.disabled_at).is_(None), seat.exists())
    return (
        packed(BriefApproval.person_id, Person.email)
        .select_from(BriefApproval)
        .join(Brief, col(Brief.id) == BriefApproval.brief_id)
        .outerjoin(Person, told)
        .where(col(BriefApproval.brief_id) == brief_id)
        .scalar_subquery()
    )


def end_approvals(
    session: Session, actor: Actor, brief: Brief, approved: str | None, now: datetime, *, what: str
) -> None:
    """`approved` is what the column `approvers` said. They are told once, in the words of `what`, but the person acting."""
    given = {UUID(person_id): email for person_id, email in unpacked(approved)}
    if not given:
        return
    session.exec(delete(BriefApproval).where(col(BriefApproval.brief_id) == brief.id))
    addresses = {
        f"brief.approval_ended:{brief.id}:{now.isoformat()}:{person_id}": email
        for person_id, email in given.items()
        if email and person_id != actor.person_id
    }
    words = {"reference": brief.reference, "brief_id": str(brief.id), "what": what}
    mail.queue_all(session, "briefs/approval_ended.txt", addresses, now, **words)


def take_approval_back(session: Session, actor: Actor, brief_id: UUID) -> None:
    """Whoever writes of a brief after approving it is its author, even where nothing of it has changed."""
    session.exec(
        delete(BriefApproval).where(
            col(BriefApproval.brief_id) == brief_id, col(BriefApproval.person_id) == actor.known
        )
    )


def tell_writers(
    session: Session, actor: Actor, brief: Brief, template: str, now: datetime, *, also: Collection[UUID] = ()
) -> None:
    """To those who wrote any of it or asked for its approval, and `also` these, but the person acting."""
    wrote = audit.actors(session, [brief.id], events.DRAFTED, events.REVISED, events.APPROVAL_ASKED)
    told = {brief.created_by, *also, *(person_id for _, person_id in wrote if person_id)} - {actor.person_id}
    addresses = {
        f"{template}:{brief.id}:{now.isoformat()}:{one.person_id}": one.email
        for one in contacts(session, brief.raa_id, Role.COMMISSIONER)
        if one.person_id in told
    }
    mail.queue_all(session, template, addresses, now, reference=brief.reference, brief_id=str(brief.id))


def invite(
    session: Session, brief: Brief, members: Sequence[Member], now: datetime, limit: int
) -> tuple[list[UUID], str]:
    """Invite each member against whom nothing speaks, and keep the report of all of them.

    As few statements for a thousand members as for one. `limit` is the value above which two approve. Returns whom it
    invited, and the digest of the report.
    """
    lines = [
        MatchLine(
            brief_id=brief.id,
            provider_id=member.provider_id,
            provider_name=member.provider_name,
            invited=not member.reasons,
            reasons=[[reason.code, reason.words] for reason in member.reasons],
        )
        for member in members
    ]
    said = {str(line.provider_id): [line.invited, *(code for code, _ in line.reasons)] for line in lines}
    sha256 = digest(canonical(said))
    session.add(MatchReport(brief_id=brief.id, made_at=now, limit_pence=limit, sha256=sha256))
    session.flush()
    session.add_all(lines)
    session.add_all(
        BriefInvitation(
            brief_id=brief.id,
            provider_id=member.provider_id,
            membership_id=member.membership_id,
            invited_at=now,
            why=WHY,
        )
        for member in members
        if not member.reasons
    )
    return [member.provider_id for member in members if not member.reasons], sha256
