"""What every change of a published brief does, whoever makes it: a version, an event, and one message to all invited."""

from dataclasses import astuple
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from app.briefs import events
from app.briefs.amending import queries, rules
from app.briefs.amending.models import BriefAmendment
from app.briefs.amending.rules import Kind, Terms
from app.briefs.models import Brief, BriefInvitation
from app.briefs.news import VERSION_PUBLISHED, BriefNews
from app.briefs.rules import in_words
from app.core import audit, mail
from app.core.actor import Actor
from app.organisations.queries import contacts, contacts_of
from app.organisations.rules import Role


def publish_version(
    session: Session,
    actor: Actor,
    brief: Brief,
    row: BriefAmendment,
    terms: Terms,
    now: datetime,
    *,
    agree_start: bool = False,
) -> None:
    """`brief` is locked exclusively, and whoever calls this has asked the rules.

    `agree_start`: the message says that work can no longer start by the day that was named.
    """
    row.changes = [list(astuple(one)) for one in rules.changes(queries.terms_of(brief), terms)]
    row.terms = terms.values()
    brief.sqlmodel_update(terms.columns())
    brief.version += 1
    if row.kind == Kind.MATERIAL:
        brief.material_version = brief.version
    row.version, row.published_at, row.published_by = brief.version, now, actor.person_id
    session.add(row)
    audit.record(
        session,
        events.AMENDED,
        actor=actor,
        subject=row.id,
        about=brief.id,
        at=now,
        version=brief.version,
        closes_at=in_words(brief.closes_at),
        **in_the_record(brief, row),
    )
    tell_invited(
        session,
        brief,
        "briefs/amended.txt",
        f"brief.amended:{row.id}",
        now,
        kind=row.kind,
        what=Kind(row.kind).words,
        version=brief.version,
        closes_at=in_words(brief.closes_at),
        agree_start=agree_start,
    )
    amended = row.kind in (Kind.MINOR, Kind.MATERIAL)
    VERSION_PUBLISHED.tell(session, BriefNews(brief.id, brief.version, amended, actor, now))


def version_by_the_service(brief: Brief, kind: Kind, reason: str, now: datetime, outage_id: UUID) -> BriefAmendment:
    """The row of a change that nobody proposed."""
    return BriefAmendment(
        brief_id=brief.id, kind=kind, based_on=brief.version, reason=reason, proposed_at=now, outage_id=outage_id
    )


def tell_invited(session: Session, brief: Brief, template: str, key: str, now: datetime, **words: str | int) -> None:
    """The same message to the owners and bid writers of everybody invited, whether they have answered or not."""
    invited = session.exec(select(BriefInvitation.provider_id).where(BriefInvitation.brief_id == brief.id)).all()
    people = contacts_of(session, invited, Role.OWNER, Role.BIDS)
    addresses = {f"{key}:{person.person_id}": person.email for person in people}
    mail.queue_all(session, template, addresses, now, reference=brief.reference, brief_id=str(brief.id), **words)


def tell_approvers(
    session: Session, actor: Actor, brief: Brief, key: str, now: datetime, *, what: str, path: str
) -> None:
    """To the agency's approvers but the person acting: something of a brief waits for one of them, at this page of it."""
    others = [one for one in contacts(session, brief.raa_id, Role.APPROVER) if one.person_id != actor.person_id]
    addresses = {f"{key}:{one.person_id}": one.email for one in others}
    words = {"reference": brief.reference, "brief_id": str(brief.id), "what": what, "path": path}
    mail.queue_all(session, "briefs/waits.txt", addresses, now, **words)


def in_the_record(brief: Brief, row: BriefAmendment) -> dict[str, str]:
    """What every event about a change says of it."""
    labels = ", ".join(label.lower() for _, label, *_ in row.changes)
    return {"reference": brief.reference, "kind": row.kind.replace("_", " "), "changed": labels}
