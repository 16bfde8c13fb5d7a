"""What a member and a framework's lead have agreed, as stored: when an agreement rests."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.core.rows import identity, refers_to

_HELD = text("released_at IS NULL")


class AgreementHold(SQLModel, table=True):
    """A lead has put what a provider and a framework have not both signed yet on hold, for a reason; one at a time stands."""

    __tablename__ = "agreement_hold"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="says_why"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released_by_somebody"),
        Index(
            "uq_agreement_hold_standing",
            "provider_id",
            "framework_id",
            unique=True,
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
    )

    id: UUID = identity()
    provider_id: UUID = refers_to("provider.id", index=False)
    framework_id: UUID = refers_to("framework.id")
    reason: str = Field(max_length=500)
    review_on: date  # the day on which the lead looks at it again; until it is released it lasts
    held_at: datetime
    held_by: UUID = refers_to("person.id", index=False)
    released_at: datetime | None = None
    released_by: UUID | None = refers_to("person.id", nullable=True, index=False)
