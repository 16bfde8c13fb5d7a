"""Saving and ending alerts, and telling of what fits them, each brief once."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.queries import line_up
from app.briefs import events
from app.briefs.alerts import queries, rules
from app.briefs.alerts.models import BriefAlert
from app.briefs.alerts.rules import Often
from app.briefs.alerts.telling import tell_untold
from app.briefs.policy import members
from app.core import audit, clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotFound, refuse_if


def save_alert(
    session: Session,
    actor: Actor,
    *,
    framework_id: UUID | None,
    region_id: UUID | None,
    service: str,
    often: Often,
    therapy: str | None = None,
) -> UUID:
    """What is None or empty fits everything. Raises `NotFound` for what is not this person's to choose, and `Refused`."""
    now = clock.now(session)
    known = queries.choices(session, actor, now)
    chosen = ((framework_id, known.frameworks), (region_id, known.regions), (therapy, known.therapies))
    if not members(actor) or any(one not in (None, *offered) for one, offered in chosen):
        raise NotFound
    line_up(session, actor.known)
    own = session.exec(
        select(BriefAlert).where(BriefAlert.person_id == actor.known, col(BriefAlert.ended_at).is_(None))
    ).all()
    wanted = (framework_id, region_id, service, therapy, often)
    same = any((one.framework_id, one.region_id, one.service, one.therapy_slug, one.often) == wanted for one in own)
    refuse_if(rules.why_not_save(alerts=len(own), same=same))
    row = BriefAlert(
        person_id=actor.known,
        framework_id=framework_id,
        region_id=region_id,
        service=service,
        therapy_slug=therapy,
        often=often,
        made_at=now,
    )
    session.add(row)
    audit.record(session, events.ALERT_SAVED, actor=actor, subject=row.id, at=now, often=often.words.lower())
    return row.id


def end_alert(session: Session, actor: Actor, alert_id: UUID) -> None:
    """A second time it changes nothing. Raises `NotFound` to all but its own person."""
    row = queries.own_alert(session, actor, alert_id)
    if row.ended_at:
        return
    row.ended_at = clock.now(session)
    audit.record(session, events.ALERT_ENDED, actor=actor, subject=row.id, at=row.ended_at)


def tell(database: Database, often: Often) -> int:
    """Tell what these alerts have not told yet; returns how many messages. A cheap look where there is nothing."""
    with database.read() as session:
        if not queries.untold(session, [often], clock.now(session)):
            return 0
    with database.write() as session:
        return tell_untold(session, often)
