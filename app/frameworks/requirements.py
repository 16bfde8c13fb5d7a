"""What each lot asks of its members’ evidence: the rule that its framework’s approval froze, part by part."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam
from sqlmodel import Session, col, select

from app.core.database import fetch
from app.core.rows import packed, unpacked
from app.evidence.models import EvidenceKind
from app.evidence.rules import Finding, Piece, Rule, clauses, in_words, kinds_of, rule_of, weigh
from app.frameworks.models import Lot, LotRequirement


class Kind(Protocol):
    """What a requirement says of a kind of evidence."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def holder(self) -> str: ...
    @property
    def promised_until_award(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must be met of a lot's rule. `names` are its kinds' by slug, `holder` is "person" where practitioners hold them all."""

    rule: Rule
    names: tuple[tuple[str, str], ...]
    holder: str
    promised_until_award: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        return kinds_of(self.rule)

    @property
    def kind(self) -> str:
        """Its kind, or the kinds of which any one will do, as one word."""
        return "|".join(self.kinds)

    @property
    def name(self) -> str:
        return in_words(self.rule, dict(self.names))

    def weigh(self, held: Mapping[str, Sequence[Piece]]) -> Finding:
        """How what a provider or a practitioner holds, by kind, stands with it: the one function that decides."""
        return weigh(self.rule, held, dict(self.names))


@dataclass(frozen=True, slots=True)
class _Named:
    slug: str
    name: str
    holder: str
    promised_until_award: bool


def requirements(session: Session, lot_ids: Collection[UUID]) -> dict[UUID, list[Requirement]]:
    """What must be met of each of these lots' rules, by name, in one query; a lot that needs nothing has an empty list."""
    found = _gathered(fetch(session, _of_lots(), {"lots": list(lot_ids)}))
    return {lot_id: found.get(lot_id, []) for lot_id in lot_ids}


def requirements_where(session: Session, which: ColumnElement[bool]) -> dict[UUID, list[Requirement]]:
    """The same of the lots like that which need something."""
    return _gathered(fetch(session, _required().where(which), {}))


@cache
def _of_lots() -> Select[Any]:
    """Put together once, as every page about a brief or a membership asks it."""
    return _required().where(col(LotRequirement.lot_id).in_(bindparam("lots", expanding=True)))


def _required() -> Select[Any]:
    kind = (EvidenceKind.slug, EvidenceKind.name, EvidenceKind.holder, EvidenceKind.promised_until_award)
    wanted: Select[Any] = (
        select(LotRequirement.lot_id, Lot.requirement, *kind)  # type: ignore[call-overload]
        .join(Lot, col(Lot.id) == LotRequirement.lot_id)
        .join(EvidenceKind, col(EvidenceKind.slug) == LotRequirement.kind_slug)
        .order_by(EvidenceKind.name)
    )
    return wanted


def _gathered(rows: Sequence[Any]) -> dict[UUID, list[Requirement]]:
    rules_of: dict[UUID, Mapping[str, Any]] = {}
    kinds: dict[UUID, list[_Named]] = defaultdict(list)
    for lot_id, rule, *kind in rows:
        rules_of[lot_id] = rule
        kinds[lot_id].append(_Named(*kind))
    return {lot_id: requirements_of(rules_of[lot_id], of_lot) for lot_id, of_lot in kinds.items()}


def requirement_column() -> Any:
    """The kinds that the query's `Lot` requires, as one text for `required_by`: no statement of their own near a deadline."""
    kinds = packed(EvidenceKind.slug, EvidenceKind.name, EvidenceKind.holder, EvidenceKind.promised_until_award)
    of_lot = kinds.join(LotRequirement, col(LotRequirement.kind_slug) == EvidenceKind.slug)
    return of_lot.where(col(LotRequirement.lot_id) == Lot.id).correlate(Lot).scalar_subquery()


def required_by(lot: Lot, kinds: str | None) -> list[Requirement]:
    """What must be met of a lot's rule, from what `requirement_column` gave."""
    named = [_Named(slug, name, holder, told in ("1", "true")) for slug, name, holder, told in unpacked(kinds)]
    return requirements_of(lot.requirement, named)


def requirements_of(rule: Mapping[str, Any], kinds: Sequence[Kind]) -> list[Requirement]:
    """What must be met of a lot's rule, given the kinds it names; without a rule, each of the kinds."""
    by_slug = {kind.slug: kind for kind in kinds}
    parts = clauses(rule_of(rule)) if rule else tuple(rule_of(slug) for slug in by_slug)
    return sorted((_requirement(part, by_slug) for part in parts), key=lambda need: need.name)


def _requirement(rule: Rule, by_slug: Mapping[str, Kind]) -> Requirement:
    kinds = [by_slug[slug] for slug in kinds_of(rule)]
    return Requirement(
        rule,
        tuple((kind.slug, kind.name) for kind in kinds),
        kinds[0].holder if len({kind.holder for kind in kinds}) == 1 else "organisation",
        all(kind.promised_until_award for kind in kinds),
    )
