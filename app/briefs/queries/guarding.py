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
    rows = session.exec(
        select(Region.name, TextRelease)
        .outerjoin(TextRelease, and_(col(TextRelease.brief_id) == brief.id, col(TextRelease.released_at).is_not(None)))
        .where(Region.id == brief.region_id)
    ).all()
    return Beside(
        near="" if brief.area == rows[0][0] else brief.area,
        released=frozenset(Excerpt(row.text_sha256, row.kind, row.excerpt) for _, row in rows if row),
    )


def guarded_texts(session: Session, brief: Brief) -> tuple[Guarded, ...]:
    """The brief's free texts, those of `rules.TEXTS` first, with what is found in each."""
    known = beside(session, brief)
    return _read(brief, known)


def stops(brief: Brief, region: str, released: Collection[Excerpt]) -> bool:
    """Whether something is found in it that is not among what was `released`; `region` is the name of its own."""
    known = Beside("" if brief.area == region else brief.area, frozenset(released))
    return any(one.unreleased for one in _read(brief, known))


def _read(brief: Brief, known: Beside) -> tuple[Guarded, ...]:
    texts = [*((label, getattr(brief, name)) for name, label in TEXTS), *terms_of(brief).texts]
    return guarded(texts, near=known.near, released=known.released)


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
