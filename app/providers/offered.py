"""How and for whom a provider works, as stored."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.core.rows import one_of
from app.providers.rules.offering import Aspect


class ProviderOffer(SQLModel, table=True):
    """One thing ticked: a need, an age, a way or place of working, a language, a culture, or a postcode district covered."""

    __tablename__ = "provider_offer"
    __table_args__ = (one_of("aspect", Aspect), Index("ix_provider_offer_value", "aspect", "value"))

    provider_id: UUID = Field(foreign_key="provider.id", primary_key=True)
    aspect: str = Field(primary_key=True, max_length=20)
    value: str = Field(primary_key=True, max_length=40)


class ProviderReach(SQLModel, table=True):
    """From where a provider travels, and how far."""

    __tablename__ = "provider_reach"
    __table_args__ = (
        CheckConstraint("miles BETWEEN 1 AND 300", name="miles"),
        Index("ix_provider_reach_from", "travels_from", postgresql_ops={"travels_from": "text_pattern_ops"}),
    )

    provider_id: UUID = Field(foreign_key="provider.id", primary_key=True)
    travels_from: str = Field(max_length=4)
    miles: int
