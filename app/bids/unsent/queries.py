"""Which drafts were not submitted when their brief closed."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from app.bids.models import Bid
from app.bids.queries.letters import has_draft
from app.briefs.models import Brief
from app.core.beats import no_outage_before

TOLD_WITHIN: Final = timedelta(days=7)


def drafts_not_sent(
    session: Session, now: datetime, *, drain: timedelta, lock: bool = False
) -> list[tuple[Bid, Brief]]:
    """The bids of briefs that closed in the last week, with a draft of which nobody was told since. What they say stays sealed.

    For `drain` after the close nobody can say so yet: what was received in time may still wait in line. Nor while the outage
    rule may still extend the brief: a worker may live while the web is silent.
    """
    query = (
        select(Bid, Brief)
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(
            has_draft(),
            col(Bid.unsent_told_at).is_(None) | (col(Bid.unsent_told_at) < col(Brief.closes_at)),
            col(Brief.closes_at) <= now - drain,
            col(Brief.closes_at) > now - TOLD_WITHIN,
            col(Brief.cancelled_at).is_(None),
            no_outage_before(col(Brief.closes_at)),
        )
        .order_by(col(Bid.id))
    )
    if lock:
        query = query.with_for_update(of=Bid, key_share=True).execution_options(populate_existing=True)
    return list(session.exec(query).all())
