"""What was asked about cancelling a brief, and waits for somebody else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.briefs.cancelling.models import BriefCancellation
from app.briefs.models import Brief
from app.briefs.queries import brief_of_buyer
from app.briefs.rules import in_words
from app.briefs.two_people import waiting
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal, over
from app.organisations.rules import Role


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish to cancel that waits, with its reason."""

    id: UUID
    asked_by: UUID
    asker: str
    asked_at: datetime
    reason: str
    no_suitable_bid: bool


@dataclass(frozen=True, slots=True)
class Declined:
    """The one that was declined last, if nothing was asked since."""

    decliner: str
    declined_at: datetime
    reason: str


def published(session: Session, actor: Actor, brief_id: UUID, *roles: Role, lock: bool = False) -> Brief:
    """A brief of this person's agency that was published. A draft is withdrawn, on its own page. Raises `NotFound`."""
    brief = brief_of_buyer(session, actor, brief_id, *roles, lock=lock)
    if brief.published_at is None:
        raise NotFound
    return brief


def asked(session: Session, brief_id: UUID) -> Asked | None:
    row = session.exec(
        select(BriefCancellation, Person.name)
        .join(Person, col(Person.id) == BriefCancellation.asked_by)
        .where(BriefCancellation.brief_id == brief_id, *waiting(BriefCancellation))
    ).first()
    if row is None:
        return None
    return Asked(row[0].id, row[0].asked_by, row[1], row[0].asked_at, row[0].reason, row[0].no_suitable_bid)


def declined(session: Session, brief_id: UUID) -> Declined | None:
    row = session.exec(
        select(BriefCancellation, Person.name)
        .outerjoin(Person, col(Person.id) == BriefCancellation.declined_by)
        .where(BriefCancellation.brief_id == brief_id)
        .order_by(col(BriefCancellation.asked_at).desc(), col(BriefCancellation.id).desc())
        .limit(1)
    ).first()
    if row is None or row[0].declined_by is None or row[0].dropped_at is None:
        return None
    return Declined(row[1], row[0].dropped_at, row[0].declined_reason)


def asked_row(session: Session, brief_id: UUID) -> BriefCancellation | None:
    """The row that waits; whoever changes it holds the brief's lock."""
    query = select(BriefCancellation).where(BriefCancellation.brief_id == brief_id, *waiting(BriefCancellation))
    return session.exec(query.execution_options(populate_existing=True)).first()


def seen_row(session: Session, brief_id: UUID, seen: UUID | None) -> BriefCancellation:
    """The row that was on somebody's page, or the last where nobody looked; the brief is locked. Raises `NotFound`."""
    query = select(BriefCancellation).where(BriefCancellation.brief_id == brief_id)
    last = query.order_by(col(BriefCancellation.asked_at).desc(), col(BriefCancellation.id).desc()).limit(1)
    wanted = query.where(BriefCancellation.id == seen) if seen else last
    row = session.exec(wanted.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound
    return row


def why_not_decide_now(session: Session, row: BriefCancellation) -> Refusal | None:
    """Who has agreed to it, declined it or taken it back, and whether it has been asked for again since."""
    if row.agreed_at:
        return over(
            f"{_name(session, row.agreed_by)} agreed to this on {in_words(row.agreed_at)}. The brief has ended."
        )
    if row.dropped_at is None:
        return None
    did = "declined this" if row.declined_by else "took this back"
    since = "It has been asked for again since. Read that before you decide."
    return over(
        f"{_name(session, row.declined_by or row.asked_by)} {did} on {in_words(row.dropped_at)}.",
        since if asked_row(session, row.brief_id) else "",
    )


def _name(session: Session, person_id: UUID | None) -> str:
    return session.get_one(Person, person_id).name
