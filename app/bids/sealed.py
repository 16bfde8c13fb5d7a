"""The letter inside the envelope. Who may import this is listed in pyproject.toml; import-linter refuses anybody else.

A draft and a submitted letter stand side by side, so that the submitted bid stands until its replacement commits.
"""

from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import one_of, refers_to


class LetterKind(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"


class BidLetter(SQLModel, table=True):
    """`ciphertext` is the canonical JSON of a Letter under a data key of its own, bound to its bid.

    That key is wrapped to the brief's public key, to the bidder's own, and under the token of the session that wrote it.
    `wrapped_key`, under the portal's own master key, is there only once two people have opened the letter; and for letters
    from before there was a keyholder, which are bound to their kind as well and have none of the other wraps.

    Where a brief has two envelopes, the price is apart: in `price_ciphertext`, under another data key, which `price_wrap` holds for
    the brief's private key, bound so that it is not mistaken for the other's, and `price_key`, once two people have opened the
    prices, under the portal's own. The bidder's two wraps then hold both data keys, one after the other.
    """

    __tablename__ = "bid_letter"
    __table_args__ = (
        UniqueConstraint("bid_id", "kind"),
        one_of("kind", LetterKind),
        CheckConstraint(
            "wrapped_key IS NOT NULL OR (brief_wrap IS NOT NULL AND own_wrap IS NOT NULL)", name="has_a_key"
        ),
        CheckConstraint("(price_ciphertext IS NULL) = (price_wrap IS NULL)", name="price_wrapped"),
        CheckConstraint(
            "price_key IS NULL OR (price_wrap IS NOT NULL AND wrapped_key IS NOT NULL)", name="price_after_quality"
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    bid_id: UUID = refers_to("bid.id")
    kind: str = Field(max_length=20)
    wrapped_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    brief_wrap: bytes | None = Field(default=None, sa_type=LargeBinary)
    own_wrap: bytes | None = Field(default=None, sa_type=LargeBinary)
    session_wrap: bytes | None = Field(default=None, sa_type=LargeBinary)
    ciphertext: bytes = Field(sa_type=LargeBinary)
    price_ciphertext: bytes | None = Field(default=None, sa_type=LargeBinary)
    price_wrap: bytes | None = Field(default=None, sa_type=LargeBinary)
    price_key: bytes | None = Field(default=None, sa_type=LargeBinary)
