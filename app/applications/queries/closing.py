"""Applications that stand in the way of closing a provider."""

from sqlmodel import Session, col, or_, select

from app.applications.models import Application, ApplicationLot
from app.core.refusals import Refusal
from app.frameworks.models import Framework, Round
from app.providers.news import Closing


def in_the_way(session: Session, closing: Closing) -> list[Refusal]:
    """Those under review: submitted, and some part of them not decided yet, or to be looked at again."""
    asked_again = col(ApplicationLot.review_asked_at).is_not(None) & col(ApplicationLot.review_outcome).is_(None)
    undecided = select(ApplicationLot.application_id).where(or_(col(ApplicationLot.decision).is_(None), asked_again))
    rows = session.exec(
        select(Application.id, Framework.name)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .where(
            Application.provider_id == closing.provider_id,
            col(Application.submitted_at).is_not(None),
            col(Application.withdrawn_at).is_(None),
            col(Application.id).in_(undecided),
        )
        .order_by(Framework.name, col(Application.id))
    )
    return [
        Refusal(
            "application_under_review",
            f"An application to {framework} is not decided yet.",
            (f"/applications/{application_id}", "Look at it, or withdraw it") if closing.own else None,
        )
        for application_id, framework in rows
    ]
