"""What two people open, each before the keyholder, as columns: the bids of a brief, and later their prices."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import identity


class ApprovalByTwo(SQLModel):
    """What one of the two gave. `witness` is the keyholder's proof that they were there themselves."""

    id: UUID = identity()
    brief_id: UUID
    person_id: UUID = Field(foreign_key="person.id", ondelete="RESTRICT")
    position: int = Field(ge=1, le=2)
    at: datetime
    witness: str = Field(max_length=120)


def by_two() -> tuple[UniqueConstraint, ...]:
    """The constraints of such a table: for each brief one first and one second approval, by two different people."""
    return UniqueConstraint("brief_id", "person_id"), UniqueConstraint("brief_id", "position")
