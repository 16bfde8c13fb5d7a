"""The letter inside the envelope. Only bids.queries and bids.commands may import this; import-linter refuses anybody else.

A draft and a submitted letter stand side by side, so that the submitted bid stands until its replacement commits.
"""

from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import one_of, refers_to


class LetterKind(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"


class BidLetter(SQLModel, table=True):
    """`ciphertext` is the canonical JSON of a Letter under a data key of its own, `wrapped_key` that key under the master key."""

    __tablename__ = "bid_letter"
    __table_args__ = (UniqueConstraint("bid_id", "kind"), one_of("kind", LetterKind))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    bid_id: UUID = refers_to("bid.id")
    kind: str = Field(max_length=20)
    wrapped_key: bytes = Field(sa_type=LargeBinary)
    ciphertext: bytes = Field(sa_type=LargeBinary)
