"""The versions of a framework's agreement that were approved, as one provider meets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import Session, col, select

from app.core.crypto import digest
from app.core.london import london_day
from app.frameworks.models import Framework
from app.memberships.models import Membership
from app.memberships.rules.variations import Change, Silence, asked, binding, to_sign
from app.memberships.terms import Variation, VariationAnswer


@dataclass(frozen=True, slots=True)
class Version:
    """A text by its name and SHA-256; `id` is of the variation that brought it, if one did."""

    version: str
    sha256: str
    text: str
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Varied:
    """A new version and what it means for one membership. `settled`: whether it agrees, once that is known."""

    id: UUID
    change: Change
    settled: bool | None
    binds: bool


@dataclass(frozen=True, slots=True)
class Versions:
    """Which text a membership has signed or is to sign, the one that binds it on a day, and every newer one it was asked about."""

    signs: Version
    binds: Version
    since: date | None
    later: tuple[Varied, ...]


def approved(
    session: Session, framework_id: UUID, provider_id: UUID | None = None
) -> list[tuple[Variation, bool | None]]:
    """Every approved new version, the oldest first, with what the provider has answered."""
    mine = and_(col(VariationAnswer.variation_id) == Variation.id, col(VariationAnswer.provider_id) == provider_id)
    rows = session.exec(
        select(Variation, VariationAnswer.agrees)
        .outerjoin(VariationAnswer, mine)
        .where(Variation.framework_id == framework_id, col(Variation.approved_at).is_not(None))
        .order_by(col(Variation.effective_on))
    )
    return [(row, agrees) for row, agrees in rows]


def change_of(row: Variation, agrees: bool | None = None) -> Change:
    return Change(row.version, row.sha256, row.answer_by, row.effective_on, Silence(row.silence), agrees)


def first_version(framework: Framework) -> Version:
    text = framework.agreement_text
    return Version(framework.agreement_version, digest(text.encode()), text)


def version_of(row: Variation) -> Version:
    return Version(row.version, row.sha256, row.text, row.id)


def versions_for(session: Session, row: Membership, framework: Framework, on: date) -> Versions:
    """How the agreement stands for one membership on a London day."""
    rows = approved(session, framework.id, row.provider_id)
    changes = [change_of(one, agrees) for one, agrees in rows]
    known = {one.sha256: version_of(one) for one, _ in rows}
    first = first_version(framework)
    if row.signed_at is None:
        newest = to_sign(changes, on)
        signs = known[newest.sha256] if newest else first
        return Versions(signs, signs, None, ())
    signed_on = london_day(row.signed_at)
    bound = binding(changes, signed_on=signed_on, on=on)
    signs = known.get(row.signed_sha256, first)
    later = tuple(
        Varied(one.id, change, change.settled(on), change is bound)
        for (one, _), change in zip(rows, changes, strict=True)
        if asked(change, signed_on)
    )
    binds = known[bound.sha256] if bound else signs
    return Versions(signs, binds, bound.effective_on if bound else signed_on, later)


def version_before(rows: Sequence[tuple[Variation, bool | None]], framework: Framework, effective_on: date) -> Version:
    """The version that one taking effect on this day would follow."""
    earlier = [one for one, _ in rows if one.effective_on < effective_on]
    return version_of(earlier[-1]) if earlier else first_version(framework)
