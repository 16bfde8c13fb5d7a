"""Whether an interest keeps somebody from an application, even where they lead its framework."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.applications import queries
from app.applications.models import Application
from app.applications.queries import ApplicationView
from app.applications.scoring.models import ApplicantDeclaration, RoundAssessor
from app.applications.scoring.rules import why_not_with_interest
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal


def why_not_take_part(session: Session, actor: Actor, row: Application) -> Refusal | None:
    """Who declared an interest in a provider as an assessor of the round never decides about it, then or later."""
    return why_not_with_interest(interested=_interested(session, actor, row.round_id, row.provider_id))


def led_decision(session: Session, actor: Actor, application_id: UUID) -> ApplicationView:
    """An application as its framework's lead sees it; not found where they declared an interest in the provider."""
    view = queries.decision(session, actor, application_id)
    if _interested(session, actor, view.round_id, view.provider_id):
        raise NotFound
    return view


def _interested(session: Session, actor: Actor, round_id: UUID, provider_id: UUID) -> bool:
    query = (
        select(ApplicantDeclaration.id)
        .join(RoundAssessor, col(RoundAssessor.id) == ApplicantDeclaration.assessor_id)
        .where(
            RoundAssessor.round_id == round_id,
            RoundAssessor.person_id == actor.person_id,
            ApplicantDeclaration.provider_id == provider_id,
            ApplicantDeclaration.nature != "",
        )
    )
    return session.exec(query).first() is not None
