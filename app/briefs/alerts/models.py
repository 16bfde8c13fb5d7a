"""Alerts, and what each has told, as stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from app.briefs.alerts.rules import Often
from app.core.rows import identity, one_of, refers_to

_LIVE = text("ended_at IS NULL")


class BriefAlert(SQLModel, table=True):
    """What a person wants to hear of; what is empty fits everything."""

    __tablename__ = "brief_alert"
    __table_args__ = (
        one_of("often", Often),
        Index("ix_brief_alert_live", "often", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: UUID = identity()
    person_id: UUID = refers_to("person.id")
    framework_id: UUID | None = refers_to("framework.id", nullable=True, index=False)
    region_id: UUID | None = refers_to("region.id", nullable=True, index=False)
    service: str = Field(default="", max_length=60)
    therapy_slug: str | None = Field(default=None, foreign_key="therapy.slug", ondelete="RESTRICT", max_length=60)
    often: str = Field(max_length=20)
    made_at: datetime
    ended_at: datetime | None = None


class AlertTold(SQLModel, table=True):
    """That an alert has told of a brief: once and never again."""

    __tablename__ = "alert_told"

    alert_id: UUID = Field(foreign_key="brief_alert.id", primary_key=True, ondelete="RESTRICT")
    brief_id: UUID = Field(foreign_key="brief.id", primary_key=True, ondelete="RESTRICT")
    at: datetime
