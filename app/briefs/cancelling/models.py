"""What was asked, agreed and declined about cancelling a brief, as stored."""

from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from app.briefs.two_people import AskedAndAgreed, by_two
from app.core.rows import identity, refers_to


class BriefCancellation(AskedAndAgreed, table=True):
    """A wish to cancel a brief, with the reason that all invited read once it is agreed. Declined is dropped, by another."""

    __tablename__ = "brief_cancellation"
    __table_args__ = (
        *by_two("brief_cancellation"),
        CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", name="agreed_by_somebody"),
        CheckConstraint("reason <> ''", name="reasoned"),
        CheckConstraint(
            "declined_by IS NULL OR (dropped_at IS NOT NULL AND declined_reason <> '' AND declined_by <> asked_by)",
            name="declined_by_another",
        ),
    )

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id", index=False)
    reason: str = Field(max_length=1000)
    no_suitable_bid: bool = False
    declined_by: UUID | None = refers_to("person.id", nullable=True, index=False)
    declined_reason: str = Field(default="", max_length=1000)
