"""Telling those who are members already that a new round asks nothing of them."""

from sqlmodel import Session, col, func, select

from app.core import mail
from app.core.london import LONDON, london_day
from app.frameworks.models import RoundScope
from app.frameworks.news import RoundNews
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.organisations.queries import emails_of
from app.organisations.rules import Role


def tell_members_of_round(session: Session, what: RoundNews) -> None:
    """Listens to frameworks: the owners of members in what the round takes learn that they need not apply again."""
    rows = session.exec(
        select(Membership.provider_id, func.count())
        .join(
            RoundScope,
            (col(RoundScope.lot_id) == Membership.lot_id) & (col(RoundScope.region_id) == Membership.region_id),
        )
        .where(RoundScope.round_id == what.round_id, live(london_day(what.at)))
        .group_by(col(Membership.provider_id))
    ).all()
    owners = emails_of(session, [provider_id for provider_id, _ in rows], Role.OWNER)
    for provider_id, count in rows:
        mail.queue_all(
            session,
            "memberships/round.txt",
            {
                f"memberships.round:{what.round_id}:{provider_id}:{person_id}": email
                for person_id, email in owners.get(provider_id, ())
            },
            what.at,
            framework=what.framework,
            framework_id=str(what.framework_id),
            round=what.round,
            opens=f"{what.opens_at.astimezone(LONDON):%A %-d %B %Y at %H:%M}",
            count=count,
        )
