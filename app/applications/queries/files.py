"""Whether each framework that asks a provider for a kind of evidence wants the file beside the record."""

from collections.abc import Sequence

from sqlmodel import Session, col, or_, select

from app.applications.models import Application, ApplicationLot
from app.core import clock
from app.core.london import london_day
from app.evidence.asking import Wanted
from app.frameworks.models import Framework, Lot, LotRequirement, Round
from app.memberships.models import Membership
from app.memberships.queries.live import live


def files_wanted(session: Session, what: Wanted) -> Sequence[bool]:
    """A framework that stands asks of members of its lots and of those who apply to them."""
    now = clock.now(session)
    on = london_day(now)
    joined = select(Membership.lot_id).where(Membership.provider_id == what.provider_id, live(on))
    asked_for = (
        select(ApplicationLot.lot_id)
        .join(Application, col(Application.id) == ApplicationLot.application_id)
        .join(Round, col(Round.id) == Application.round_id)
        .where(
            Application.provider_id == what.provider_id,
            col(Application.withdrawn_at).is_(None),
            col(ApplicationLot.decision).is_(None),
            or_(col(Application.submitted_at).is_not(None), col(Round.closes_at) > now),
        )
    )
    return session.exec(
        select(Framework.wants_dbs_file)
        .join(Lot, col(Lot.framework_id) == Framework.id)
        .join(LotRequirement, col(LotRequirement.lot_id) == Lot.id)
        .where(
            LotRequirement.kind_slug == what.kind_slug,
            or_(col(Lot.id).in_(joined), col(Lot.id).in_(asked_for)),
            col(Framework.withdrawn_at).is_(None),
            Framework.ends_on >= on,
        )
    ).all()
