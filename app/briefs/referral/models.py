"""Documents of a full referral as stored: their names are never kept, for they often name a child."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.briefs.referral.rules import Content
from app.core.rows import identity, one_of, refers_to
from app.evidence.rules import ScanState


class ReferralDocument(SQLModel, table=True):
    """A document of a brief's full referral, by number. Its bytes are under `blob_key`, encrypted under a key of their own.

    Nobody opens it unless `scan_state` is clean. Once withdrawn, by a person or at the end of its time, its key is gone.
    """

    __tablename__ = "referral_document"
    __table_args__ = (
        UniqueConstraint("brief_id", "number"),
        one_of("content", Content),
        one_of("scan_state", ScanState),
        CheckConstraint("size > 0", name="not_empty"),
    )

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id", index=False)
    number: int
    content: str = Field(max_length=20)
    blob_key: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    size: int
    media_type: str = Field(max_length=100)
    attached_at: datetime
    attached_by: UUID = refers_to("person.id", index=False)
    scan_state: str = Field(default=ScanState.QUARANTINED, max_length=20, index=True)
    scanned_at: datetime | None = None  # the last attempt, whatever came of it
    withdrawn_at: datetime | None = None
