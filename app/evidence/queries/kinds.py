"""The kinds of evidence, as reference data tells them."""

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.core.refusals import NotFound
from app.evidence import rules
from app.evidence.models import EvidenceItem, EvidenceKind
from app.evidence.rules import KindAudience, KindFacts


def kind_of(session: Session, slug: str) -> KindFacts:
    """Raises `NotFound`."""
    row = session.get(EvidenceKind, slug)
    if row is None:
        raise NotFound
    return kind_facts(row)


def with_kind(
    session: Session, *which: ColumnElement[bool] | bool, lock: bool = False
) -> tuple[EvidenceItem, KindFacts] | None:
    """An item, locked or not, and of what kind it is, in one query."""
    wanted = select(EvidenceItem, EvidenceKind).join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
    found = session.exec((wanted.with_for_update(of=EvidenceItem) if lock else wanted).where(*which)).first()
    return (found[0], kind_facts(found[1])) if found else None


def kinds(session: Session) -> list[KindFacts]:
    """Every kind of evidence: the common ones first, then by name."""
    rows = [kind_facts(row) for row in session.exec(select(EvidenceKind).order_by(EvidenceKind.name))]
    order = {slug: position for position, slug in enumerate(rules.COMMON)}
    return sorted(rows, key=lambda kind: order.get(kind.slug, len(order)))


def kind_facts(row: EvidenceKind) -> KindFacts:
    return KindFacts(
        slug=row.slug,
        name=row.name,
        holder=row.holder,
        category=row.category,
        issuer=row.issuer,
        reference_label=row.reference_label,
        reference_pattern=row.reference_pattern,
        expiry_kind=row.expiry_kind,
        capture=row.capture,
        sensitivity=row.sensitivity,
        promised_until_award=row.promised_until_award,
        how_checked=row.how_checked,
        audience=KindAudience(row.audience),
    )
