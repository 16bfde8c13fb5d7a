"""What the rooms below were told of a practitioner already, as the start of an item: nobody types it twice."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import Session, col

from app.evidence.rules import ItemFacts, KindFacts
from app.providers.models import ProfessionalRegistration
from app.providers.queries import newest_dbs, registrations

REGISTRATION = "professional_registration"


def told_of(session: Session, kind: KindFacts, practitioner_id: UUID) -> ItemFacts:
    """A DBS certificate's number and day, or the first entry in a professional register; else only whose it is."""
    facts = ItemFacts(kind=kind.slug, practitioner_id=practitioner_id)
    if kind.narrow and (known := newest_dbs(session, practitioner_id)):
        return replace(facts, reference=known.certificate_number, starts_on=known.issued_on)
    if kind.slug == REGISTRATION:
        for _, entry in registrations(session, col(ProfessionalRegistration.practitioner_id) == practitioner_id):
            return replace(facts, issuer=entry.body_name, reference=entry.number, expires_on=entry.expires_on)
    return facts
