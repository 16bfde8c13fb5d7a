"""Kinds of evidence, what a lot asks of them, and what a checker has verified."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from app.core.actor import Actor
from app.evidence.checklists import checklist
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries import kind_facts, registers_of
from app.evidence.rules import REGISTER, Tick, kinds_of, rule_of
from app.frameworks.models import Lot, LotRequirement
from tests import NOON

INSURANCE = "insurance_public_liability"


def evidence_kind(
    session: Session, slug: str = INSURANCE, *, holder: str = "organisation", sensitivity: str = "business"
) -> str:
    if session.get(EvidenceKind, slug) is None:
        session.add(
            EvidenceKind(
                slug=slug,
                name=slug.replace("_", " ").capitalize(),
                holder=holder,
                category="insurance",
                what_it_is="A test kind",
                expiry_kind="fixed",
                usual_months=12,
                capture="file",
                sensitivity=sensitivity,
                source="test",
                confidence="verified",
            )
        )
        session.flush()
    return slug


def verified_evidence(
    session: Session,
    provider_id: UUID,
    checker: Actor,
    *,
    kind: str = INSURANCE,
    expires_on: date | None = date(2027, 6, 30),
    practitioner_id: UUID | None = None,
) -> UUID:
    """An item of evidence that a checker has verified."""
    item = EvidenceItem(
        provider_id=provider_id,
        practitioner_id=practitioner_id,
        kind_slug=evidence_kind(session, kind),
        issuer="Example Insurance",
        reference="PL-1",
        starts_on=date(2026, 1, 1),
        expires_on=expires_on,
        added_at=NOON,
        added_by=checker.known,
        submitted_at=NOON,
    )
    session.add(item)
    session.flush()
    session.add(
        Verification(
            item_id=item.id,
            checker_id=checker.known,
            checker_organisation_id=checker.seats[0].organisation_id,
            outcome="verified",
            at=NOON,
        )
    )
    session.flush()
    return item.id


def requirement(session: Session, lot_id: UUID, rule: dict[str, Any], *, holder: str = "organisation") -> None:
    """Give a lot a rule of its own in the place of its list; kinds it names that are new belong to `holder`."""
    session.get_one(Lot, lot_id).requirement = rule
    kinds = kinds_of(rule_of(rule))
    for row in session.exec(select(LotRequirement).where(LotRequirement.lot_id == lot_id)):
        session.delete(row)
    session.flush()
    for kind in kinds:
        evidence_kind(session, kind, holder=holder)
        session.add(LotRequirement(lot_id=lot_id, kind_slug=kind))
    session.flush()


def ticked(session: Session, item_id: UUID) -> dict[str, Tick]:
    """The item's checklist with every point seen; the look at a register, if it asks for one, does not apply."""
    kind = kind_facts(session.get_one(EvidenceKind, session.get_one(EvidenceItem, item_id).kind_slug))
    return {
        point.key: Tick(reason="The register is closed today") if point.key == REGISTER else Tick(seen=True)
        for point in checklist(kind, registers_of(session, item_id))
    }
