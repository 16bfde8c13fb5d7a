"""The documents and evidence of the scenario: one of each verdict, a certificate, a register, and a change that is told."""

import io
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, select

from app.core.blobs import Blobs
from app.core.database import Database
from app.evidence import commands as evidence
from app.evidence.models import EvidenceItem
from app.evidence.news import ItemChanged
from app.evidence.rules import NARROW, ItemFacts, ScanState
from app.evidence.rules.changes import Change, Difference
from app.evidence.rules.dbs import DbsFacts, Level, Workforce
from app.memberships.commands import note_change
from app.memberships.models import ChangeNotice
from app.providers.models import Practitioner
from tests import NOON, factories

PDF = b"%PDF-1.4 a demonstration certificate"


def items(db: Database, provider_id: UUID) -> tuple[UUID, ...]:
    with db.read() as session:
        return tuple(
            session.exec(
                select(EvidenceItem.id).where(EvidenceItem.provider_id == provider_id).order_by(EvidenceItem.id)
            )
        )


def documents(db: Database, blobs: Blobs, world: factories.World) -> tuple[UUID, ...]:
    """One document of A for each verdict, on items that wait for a checker."""
    made = []
    for state in (ScanState.CLEAN, ScanState.QUARANTINED, ScanState.INFECTED, ScanState.SCAN_FAILED):
        blob = blobs.put(io.BytesIO(PDF + state.encode()), room="evidence")
        with db.write() as session:
            item = evidence.add_item(
                session,
                world.owner_a,
                world.provider_a,
                ItemFacts(kind=factories.INSURANCE, issuer="Example Insurance"),
            )
            document = evidence.attach_document(
                session, world.owner_a, item, blob, media_type="application/pdf", file_name=f"{state}.pdf"
            )
            if state is not ScanState.QUARANTINED:
                evidence.record_scan(session, document, state, scanner="test")
            made.append(document)
    return tuple(made)


def referrals(db: Database, blobs: Blobs, world: factories.World, *briefs: UUID) -> tuple[UUID, ...]:
    """A clean document of each of these briefs' full referrals."""
    made = []
    for brief_id in briefs:
        blob = blobs.put(io.BytesIO(PDF + brief_id.bytes), room="referrals")
        with db.write() as session:
            made.append(factories.referral(session, world, brief_id, blob))
    return tuple(made)


def certificate(db: Database, world: factories.World) -> None:
    """A DBS certificate of A's practitioner, its record written, waits for a checker."""
    with db.write() as session:
        kind = factories.evidence_kind(session, "certificate", holder="person", sensitivity=NARROW)
        person = session.exec(select(Practitioner.id).where(Practitioner.provider_id == world.provider_a)).one()
        facts = ItemFacts(kind=kind, practitioner_id=person, expires_on=NOON.date() + timedelta(days=500))
        item = evidence.add_item(session, world.owner_a, world.provider_a, facts)
        record = DbsFacts(level=Level.ENHANCED, workforce=Workforce.CHILD)
        evidence.record_dbs(session, world.owner_a, item, record)
        session.get_one(EvidenceItem, item).submitted_at = NOON


def registered(db: Database, world: factories.World) -> None:
    """Something of A that a public register shows, sent for checking."""
    with db.write() as session:
        kind = factories.evidence_kind(session, "ico_registration")
        session.add(
            EvidenceItem(
                provider_id=world.provider_a,
                kind_slug=kind,
                issuer="Information Commissioner",
                reference="ZA123456",
                added_at=NOON,
                added_by=world.owner_a.known,
                submitted_at=NOON,
            )
        )


def changed(session: Session, world: factories.World) -> tuple[UUID, ...]:
    """What the test agency is told when A's insurance changes."""
    item = session.exec(
        select(EvidenceItem).where(
            EvidenceItem.provider_id == world.provider_a, EvidenceItem.expires_on == date(2027, 6, 30)
        )
    ).one()
    what = ItemChanged(
        item_id=item.id,
        newer_id=None,
        provider_id=item.provider_id,
        kind_slug=item.kind_slug,
        change=Change.EXPIRED,
        difference=(Difference("Expires", "30 June 2027", "expired"),),
        at=NOON,
    )
    note_change(session, what)
    return tuple(session.exec(select(ChangeNotice.id).where(ChangeNotice.organisation_id == world.raa_id)))
