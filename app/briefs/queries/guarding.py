"""What the identity guard finds in a brief, beside what a second person has let through."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_
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
    releaser: str
    reason: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a brief's texts: the district it names, if it names one, and what was let through."""

    near: str
    released: frozenset[Excerpt]


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
    return guarded(texts, near=known.near, released=known.released)


def _near(brief: Brief, region: str, released: Collection[Excerpt]) -> Beside:
    return Beside("" if brief.area == region else brief.area, frozenset(released))


def _beside(session: Session, briefs: Collection[Brief]) -> dict[UUID, Beside]:
    rows = session.exec(
        select(Brief.id, Region.name, TextRelease)
        .join(Region, col(Region.id) == Brief.region_id)
        .outerjoin(TextRelease, and_(col(TextRelease.brief_id) == Brief.id, col(TextRelease.released_at).is_not(None)))
        .where(col(Brief.id).in_([brief.id for brief in briefs]))
    ).all()
    regions = {brief_id: region for brief_id, region, _ in rows}
    released: dict[UUID, set[Excerpt]] = {brief_id: set() for brief_id in regions}
    for brief_id, _, row in rows:
        if row:
            released[brief_id].add(Excerpt(row.text_sha256, row.kind, row.excerpt))
    return {brief.id: _near(brief, regions[brief.id], released[brief.id]) for brief in briefs}


def asked(session: Session, brief: Brief) -> tuple[Asked, ...]:
    """Every request about this brief's words, oldest first."""
    releaser = aliased(Person)
    rows = session.exec(
        select(TextRelease, Person.name, releaser.name)
        .join(Person, col(Person.id) == TextRelease.asked_by)
        .outerjoin(releaser, col(releaser.id) == TextRelease.released_by)
        .where(TextRelease.brief_id == brief.id)
        .order_by(col(TextRelease.asked_at), col(TextRelease.id))
    ).all()
    there = {one.excerpt(found) for one in guarded_texts(session, brief) for found in one.findings} if rows else set()
    return tuple(_asked(row, asker, other or "", there) for row, asker, other in rows)


def _asked(row: TextRelease, asker: str, releaser: str, there: set[Excerpt]) -> Asked:
    excerpt = Excerpt(row.text_sha256, row.kind, row.excerpt)
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
        releaser=releaser,
        reason=row.released_reason,
    )
