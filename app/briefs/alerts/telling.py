"""One message to each person of what their alerts have not told yet."""

from itertools import groupby

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.briefs.alerts import queries
from app.briefs.alerts.models import AlertTold
from app.briefs.alerts.rules import Often
from app.briefs.rules import in_words
from app.core import clock, mail


def tell_untold(session: Session, *often: Often) -> int:
    """One message to each person, of each brief once, however many alerts it fits and however often those tell."""
    now, sent = clock.now(session), 0
    found = queries.untold(session, often, now)
    for _, its in groupby(found, key=lambda one: one.person_id):
        fits = list(its)
        briefs = {one.brief_id: f"{one.reference}, closes on {in_words(one.closes_at)}" for one in fits}
        first = fits[0]
        mail.queue(
            session,
            "briefs/alert.txt",
            now,
            to=first.email,
            dedupe=f"brief.alert:{first.alert_id}:{first.brief_id}",
            count=len(briefs),
            briefs="\n".join(briefs.values()),
        )
        sent += 1
    if found:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        rows = [{"alert_id": one.alert_id, "brief_id": one.brief_id, "at": now} for one in found]
        session.connection().execute(
            insert(AlertTold).on_conflict_do_nothing(index_elements=["alert_id", "brief_id"]), rows
        )
    return sent
