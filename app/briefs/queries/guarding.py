"""What the identity guard finds in a brief, beside what a second person has let through or not."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.briefs.identity import Excerpt, Guarded, guarded
from app.briefs.models import Brief
from app.briefs.released import TextRelease
from app.briefs.rules import TEXTS
from app.briefs.terms.models import terms_of
from app.frameworks.models import Region


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to let words through. `stands`: the text has not changed since."""

    id: UUID
    label: str
    excerpt: Excerpt
    stands: bool
    asked_at: datetime
    asked_by: UUID
    asker: str
    why: str
    released_at: datetime | None
    declined_at: datetime | None
    decider: str
    reason: str

    @property
    def waits(self) -> bool:
        return self.stands and not self.released_at and not self.declined_at


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a brief's texts: the district it names, if it names one, what was let through, and what not, and why."""

    near: str
    released: frozenset[Excerpt]
    declined: tuple[tuple[Excerpt, str], ...] = ()


def beside(session: Session, brief: Brief) -> Beside:
    return _beside(session, [brief])[brief.id]


def guarded_texts(session: Session, brief: Brief) -> tuple[Guarded, ...]:
    """The brief's free texts, those of `rules.TEXTS` first, with what is found in each."""
    return guarded_of(session, [brief])[brief.id]


def guarded_of(session: Session, briefs: Collection[Brief]) -> dict[UUID, tuple[Guarded, ...]]:
    """The same for many briefs at once."""
    known = _beside(session, briefs)
    return {brief.id: _read(brief, known[brief.id]) for brief in briefs}


def guarded_with(brief: Brief, region: str, released: Collection[Excerpt]) -> tuple[Guarded, ...]:
    """The same for a caller that has read the name of its region and what was released."""
    return _read(brief, _near(brief, region, released))


def _read(brief: Brief, known: Beside) -> tuple[Guarded, ...]:
    texts = [*((label, getattr(brief, name)) for name, label in TEXTS), *terms_of(brief).texts]
    return guarded(texts, near=known.near, released=known.released, declined=known.declined)


def excerpt_of(row: TextRelease) -> Excerpt:
    return Excerpt(row.text_sha256, row.kind, row.excerpt)


def _near(
    brief: Brief, region: str, released: Collection[Excerpt], declined: Iterable[tuple[Excerpt, str]] = ()
) -> Beside:
    return Beside("" if brief.area == region else brief.area, frozenset(released), tuple(declined))


def _beside(session: Session, briefs: Collection[Brief]) -> dict[UUID, Beside]:
    decided = or_(col(TextRelease.released_at).is_not(None), col(TextRelease.declined_at).is_not(None))
    rows = session.exec(
        select(Brief.id, Region.name, TextRelease)
        .join(Region, col(Region.id) == Brief.region_id)
        .outerjoin(TextRelease, and_(col(TextRelease.brief_id) == Brief.id, decided))
        .where(col(Brief.id).in_([brief.id for brief in briefs]))
    ).all()
    regions = {brief_id: region for brief_id, region, _ in rows}
    released: dict[UUID, set[Excerpt]] = {brief_id: set() for brief_id in regions}
    declined: dict[UUID, dict[Excerpt, str]] = {brief_id: {} for brief_id in regions}
    for brief_id, _, row in rows:
        if row and row.released_at:
            released[brief_id].add(excerpt_of(row))
        elif row:
            declined[brief_id][excerpt_of(row)] = row.declined_reason
    return {
        brief.id: _near(brief, regions[brief.id], released[brief.id], declined[brief.id].items()) for brief in briefs
    }


def asked(session: Session, brief: Brief) -> tuple[Asked, ...]:
    """Every request about this brief's words, oldest first."""
    decider = aliased(Person)
    rows = session.exec(
        select(TextRelease, Person.name, decider.name)
        .join(Person, col(Person.id) == TextRelease.asked_by)
        .outerjoin(decider, col(decider.id) == func.coalesce(TextRelease.released_by, TextRelease.declined_by))
        .where(TextRelease.brief_id == brief.id)
        .order_by(col(TextRelease.asked_at), col(TextRelease.id))
    ).all()
    there = {one.excerpt(found) for one in guarded_texts(session, brief) for found in one.findings} if rows else set()
    return tuple(_asked(row, asker, other or "", there) for row, asker, other in rows)


def _asked(row: TextRelease, asker: str, decider: str, there: set[Excerpt]) -> Asked:
    excerpt = excerpt_of(row)
    return Asked(
        id=row.id,
        label=row.label,
        excerpt=excerpt,
        stands=excerpt in there,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        asker=asker,
        why=row.asked_reason,
        released_at=row.released_at,
        declined_at=row.declined_at,
        decider=decider,
        reason=row.released_reason or row.declined_reason,
    )
