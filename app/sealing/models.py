"""The pairs of keys as stored: the public half vouched for, the private half wrapped by the keyholder's master key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import identity, one_of
from app.sealing.rules import Holder


class SealingKey(SQLModel, table=True):
    """The pair of a brief or of an organisation. Before `not_before`, which is bound into the wrap, a brief's stays shut.

    `word` is the keyholder's for the public key, under what it shares with the portal; without it nothing is sealed to the key.
    """

    __tablename__ = "sealing_key"
    __table_args__ = (
        UniqueConstraint("holder", "holder_id"),
        one_of("holder", Holder),
        CheckConstraint("(holder = 'brief') = (not_before IS NOT NULL)", name="not_before"),
    )

    id: UUID = identity()
    holder: str = Field(max_length=20)
    holder_id: UUID
    public_key: bytes = Field(sa_type=LargeBinary)
    word: bytes = Field(sa_type=LargeBinary)
    wrapped_private: bytes = Field(sa_type=LargeBinary)
    master_key_id: str = Field(max_length=40, index=True)
    not_before: datetime | None = None
    created_at: datetime
