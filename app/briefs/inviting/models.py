"""Approvals of briefs, the value above which it takes two, and the match report, as stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.rows import identity, refers_to


class ApprovalLimit(SQLModel, table=True):
    """The budget above which an agency's briefs take two approvers. Said again it is another row: the newest counts."""

    __tablename__ = "approval_limit"
    __table_args__ = (
        CheckConstraint("pence >= 0", name="pence"),
        Index("ix_approval_limit_said", "organisation_id", "set_at"),
    )

    id: UUID = identity()
    organisation_id: UUID = refers_to("organisation.id", index=False)
    pence: int = Field(sa_type=BigInteger)
    set_at: datetime
    set_by: UUID = refers_to("person.id", index=False)


class BriefApproval(SQLModel, table=True):
    """The first of two approvals of a brief, of the words whose digest is `seen`: it lapses when they are written anew."""

    __tablename__ = "brief_approval"
    __table_args__ = (UniqueConstraint("brief_id", "person_id", "seen"),)

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id", index=False)
    person_id: UUID = refers_to("person.id", index=False)
    seen: str = Field(max_length=64)
    at: datetime


class MatchReport(SQLModel, table=True):
    """Whom a publication considered, kept as evidence. `sha256` is the digest of its lines, as the record has it, too.

    `limit_pence` is the value above which two approvers were needed that day.
    """

    __tablename__ = "match_report"

    brief_id: UUID = Field(foreign_key="brief.id", primary_key=True, ondelete="RESTRICT")
    made_at: datetime
    limit_pence: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64)


class MatchLine(SQLModel, table=True):
    """One member of the lot in the region on the day of publication. `reasons` are [code, words] of why it was not invited."""

    __tablename__ = "match_line"
    __table_args__ = (UniqueConstraint("brief_id", "provider_id"),)

    id: UUID = identity()
    brief_id: UUID = refers_to("match_report.brief_id", index=False)
    provider_id: UUID = refers_to("provider.id")
    provider_name: str = Field(max_length=200)
    invited: bool
    reasons: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
