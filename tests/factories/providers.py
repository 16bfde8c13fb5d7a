"""Providers, as registered and with a finished profile."""

from uuid import UUID

from sqlmodel import Session, select

from app.organisations.models import Organisation
from app.organisations.rules import OrganisationKind
from app.providers.models import Practitioner, Provider, ProviderArea, ProviderTherapy, Therapy
from tests import NOON
from tests.factories.organisations import organisation
from tests.sealing import organisation_key

THERAPY, AREA = "test_therapy", "Test county"


def provider(session: Session, name: str) -> UUID:
    provider_id = organisation(session, OrganisationKind.PROVIDER, name)
    session.add(
        Provider(
            id=provider_id,
            kind="company",
            summary="Therapy",
            registered_at=NOON,
            terms_version="1",
            share_code="Zz99Test",
            record_confirmed_on=NOON.date(),
        )
    )
    session.flush()
    organisation_key(session, provider_id)
    session.add(
        Practitioner(provider_id=provider_id, full_name=f"Therapist of {name}", profession="Therapist", added_at=NOON)
    )
    session.flush()
    return provider_id


def active(session: Session, provider_id: UUID) -> UUID:
    """The provider with a finished profile: it offers the one test therapy in the one test area."""
    if session.get(Therapy, THERAPY) is None:
        session.add(
            Therapy(
                slug=THERAPY,
                name="Test therapy",
                family="Test",
                services="",
                source="test",
                confidence="verified",
                plain="Children play.",
            )
        )
        session.flush()
    area = session.exec(select(Organisation.id).where(Organisation.name == AREA)).first()
    area = area or organisation(session, OrganisationKind.AUTHORITY, AREA)
    session.add(ProviderTherapy(provider_id=provider_id, therapy_slug=THERAPY))
    session.add(ProviderArea(provider_id=provider_id, authority_id=area))
    session.flush()
    return provider_id
