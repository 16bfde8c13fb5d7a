"""Who meets a restriction of provider A, and why it is lifted."""

from dataclasses import replace

from sqlmodel import Session

from app.core.actor import Actor
from app.organisations.rules import OrganisationKind, Role
from tests import factories

WHY = "The referral came to nothing."


def everybody(session: Session, made: factories.World) -> dict[str, Actor]:
    elsewhere = factories.organisation(session, OrganisationKind.LEAD, "Another hub")
    platform = factories.organisation(session, OrganisationKind.PLATFORM, "Test platform")
    reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    return {
        "owner": made.owner_a,
        "reader": reader,
        "owner of another": made.owner_b,
        "commissioner": made.commissioner,
        "checker": made.checker,
        "lead": made.lead,
        "lead two": made.lead_two,
        "lead elsewhere": factories.seated(session, elsewhere, Role.FRAMEWORK_LEAD),
        "lead of it and seated in it": replace(reader, seats=(*reader.seats, *made.lead.seats)),
        "administrator": factories.seated(session, platform, Role.ADMINISTRATOR, name="Adam Administrator"),
        "auditor": factories.seated(session, platform, Role.AUDITOR, name="Audrey Auditor"),
    }
