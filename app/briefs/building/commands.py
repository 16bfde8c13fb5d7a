"""Beginning a brief as a copy of another, and leaving advice as it is."""

from uuid import UUID

from sqlmodel import Session

from app.briefs import commands, events, queries, rules
from app.briefs.rules import CLOSING_HOURS, Facts
from app.briefs.terms.models import terms_of
from app.briefs.terms.rules import advice, copied, why_not_leave
from app.briefs.terms.templates import closes_on
from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import refuse_if
from app.organisations.rules import Role

NOON = CLOSING_HOURS[1]


def copy_brief(session: Session, actor: Actor, brief_id: UUID) -> UUID:
    """A new draft with what another brief asked for: without its dates, what it said of the family, or decisions on money.

    Raises `NotFound` to all but its agency's commissioners, and `Refused` where the agency may write no brief today.
    """
    source = queries.brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER)
    facts = Facts(
        lot_id=source.lot_id,
        region_id=source.region_id,
        title=f"Copy of {source.reference}",
        need="",
        outcomes="",
        age_band=None,
        area="",
        sessions=source.sessions,
        start_by=None,
        budget_pence=source.budget_pence,
        closes_at=rules.closing(closes_on(london_day(clock.now(session))), NOON),
        weights=tuple(one.weight for one in queries.criteria(session, brief_id)),
    )
    made = commands.draft_brief(
        session, actor, source.raa_id, source.framework_id, facts, copied(terms_of(source)), copied_from=source.id
    )
    audit.record(session, events.COPIED, actor=actor, subject=made, reference=source.reference)
    return made


def leave_advice(session: Session, actor: Actor, brief_id: UUID, code: str) -> None:
    """Leave a piece of the checker's advice as it is; a second time it changes nothing.

    Raises `NotFound` to all but the agency's commissioners, and `Refused` for what is no advice or no longer a draft.
    """
    brief = queries.brief_of_buyer(session, actor, brief_id, Role.COMMISSIONER, lock=True)
    now = clock.now(session)
    if code in brief.advice_left:
        return
    refuse_if(queries.why_not_revise(brief, now))
    found = queries.standing(session, brief, now).found
    refuse_if(why_not_leave(code, [one.code for one in advice(found, ())]))
    brief.advice_left = [*brief.advice_left, code]
    told = code.replace("_", " ")  # the words of a finding may quote the brief
    audit.record(session, events.ADVICE_LEFT, actor=actor, subject=brief.id, reference=brief.reference, advice=told)
