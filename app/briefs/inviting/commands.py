"""The value above which two approve a brief; and what goes from match reports when people are forgotten."""

from uuid import UUID

from sqlmodel import Session, select

from app.briefs import events
from app.briefs.inviting import queries
from app.briefs.inviting.models import ApprovalLimit, MatchLine
from app.briefs.policy import sits_there
from app.core import audit, clock
from app.core.actor import Actor
from app.core.money import pounds
from app.core.refusals import NotFound
from app.evidence.news import PeopleForgotten
from app.organisations.rules import Role


def set_approval_limit(session: Session, actor: Actor, agency_id: UUID, pence: int) -> None:
    """The value above which two approve the agency's briefs, from now on; a higher one only those drafted from now on.

    The same again changes nothing. Raises `NotFound` to all but the agency's approvers.
    """
    if not sits_there(actor, agency_id, Role.APPROVER):
        raise NotFound
    before = queries.limit_of(session, agency_id)
    if before == pence:
        return
    row = ApprovalLimit(organisation_id=agency_id, pence=pence, set_at=clock.now(session), set_by=actor.known)
    session.add(row)
    audit.record(
        session,
        events.LIMIT_SET,
        actor=actor,
        subject=row.id,
        about=agency_id,
        before=pounds(before),
        now=pounds(pence),
    )


def forget_people(session: Session, forgotten: PeopleForgotten) -> None:
    """The words of reasons may name a closed provider's people: they go, and their codes stay, over which the digest is."""
    for line in session.exec(select(MatchLine).where(MatchLine.provider_id == forgotten.provider_id)):
        line.reasons = [[code, ""] for code, _ in line.reasons]
