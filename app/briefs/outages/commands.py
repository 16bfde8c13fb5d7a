"""Extending the deadlines that an outage of the service came near."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.briefs.amending.models import BriefAmendment
from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind
from app.briefs.amending.writing import publish_version, version_by_the_service
from app.briefs.asking import ASSESSORS
from app.briefs.models import Brief
from app.briefs.outages import rules
from app.briefs.policy import CANCELLERS
from app.briefs.rules import in_words
from app.core import beats, clock, mail
from app.core.actor import NOBODY
from app.core.beats import Outage
from app.core.database import Database
from app.organisations.queries import contacts
from app.organisations.rules import Role


def beat(database: Database) -> None:
    """A web process lives. Where that ends an outage, deadlines are extended before anything else is answered."""
    if beats.beat(database):
        make_good(database)


def make_good(database: Database) -> int:
    """Extend for every outage not dealt with yet; returns how many briefs. A cheap look where there is none."""
    with database.read() as session:
        if session.exec(_waiting()).first() is None:
            return 0
    with database.write() as session:
        outages = session.exec(_waiting().with_for_update()).all()
        return sum(_extend(session, outage) for outage in outages)


def _extend(session: Session, outage: Outage) -> int:
    now, extended = clock.now(session), 0
    for brief in session.exec(_near(outage)).all():
        closes_at = rules.extended(brief.closes_at, outage.from_at, outage.until_at)
        if closes_at is None:
            continue
        terms = replace(terms_of(brief), closes_at=closes_at)
        late = rules.overtaken(terms.start_by, closes_at)
        why = rules.reason(outage.from_at, outage.until_at, agree_start=late)
        row = version_by_the_service(brief, Kind.OUTAGE, why, now, outage.id)
        publish_version(session, NOBODY, brief, row, terms, now, agree_start=late)
        _tell_agency(session, brief, row, now, agree_start=late)
        extended += 1
    outage.applied_at = now
    return extended


def _tell_agency(session: Session, brief: Brief, row: BriefAmendment, now: datetime, *, agree_start: bool) -> None:
    """Everybody there who has a part in it: who writes and approves briefs, who opens bids, who is asked to assess this one."""
    people = {one.person_id: one.email for one in contacts(session, brief.raa_id, *CANCELLERS)}
    asked = set(ASSESSORS.ask(session, brief.id)) - set(people)
    if asked:
        assessors = contacts(session, brief.raa_id, Role.ASSESSOR)
        people |= {one.person_id: one.email for one in assessors if one.person_id in asked}
    mail.queue_all(
        session,
        "briefs/extended.txt",
        {f"brief.extended:{row.id}:{person_id}": email for person_id, email in people.items()},
        now,
        reference=brief.reference,
        brief_id=str(brief.id),
        reason=row.reason,
        closes_at=in_words(brief.closes_at),
        agree_start=agree_start,
    )


def _waiting() -> SelectOfScalar[Outage]:
    return select(Outage).where(col(Outage.applied_at).is_(None)).order_by(col(Outage.from_at))


def _near(outage: Outage) -> SelectOfScalar[Brief]:
    """Open or closed, not opened: locked as for an opening, which then finds the later deadline."""
    return (
        select(Brief)
        .where(
            col(Brief.published_at).is_not(None),
            Brief.closes_at > outage.from_at,
            Brief.closes_at < outage.until_at + rules.NEAR,
            col(Brief.published_at) < outage.until_at,
            col(Brief.opened_at).is_(None),
            col(Brief.awarded_at).is_(None),
            col(Brief.cancelled_at).is_(None),
        )
        .order_by(col(Brief.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
