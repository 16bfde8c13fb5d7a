"""Extending the deadlines that an outage of the service came near."""

from dataclasses import replace

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind
from app.briefs.amending.writing import publish_version, version_by_the_service
from app.briefs.models import Brief
from app.briefs.outages import rules
from app.core import beats, clock
from app.core.actor import NOBODY
from app.core.beats import Outage
from app.core.database import Database


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
        row = version_by_the_service(brief, Kind.OUTAGE, rules.reason(outage.from_at, outage.until_at), now, outage.id)
        publish_version(session, NOBODY, brief, row, replace(terms_of(brief), closes_at=closes_at), now)
        extended += 1
    outage.applied_at = now
    return extended


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
