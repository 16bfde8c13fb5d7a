"""The winner's undertaking as stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.rows import identity, json_column, refers_to


class ReferralUndertaking(SQLModel, table=True):
    """Signed once for an award, by an owner of the provider that won. `content_sha256` is the digest of what was signed."""

    __tablename__ = "referral_undertaking"

    id: UUID = identity()
    award_id: UUID = refers_to("award.id", index=False, unique=True)
    provider_id: UUID = refers_to("provider.id", index=False)
    signed_at: datetime
    signed_by: UUID = refers_to("person.id", index=False)
    content: dict[str, Any] = json_column()
    content_sha256: str = Field(max_length=64)
