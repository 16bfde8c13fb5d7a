"""People, their sessions, one-time links and the counters that slow guessing down."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.accounts.rules import LinkKind
from app.core.rows import identity, one_of, refers_to


class Person(SQLModel, table=True):
    """`demonstration_note` says who a persona of the demonstration is: only such a person may be stepped into."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: UUID = identity()
    email: str = Field(max_length=254, unique=True)
    name: str = Field(max_length=200)
    password_hash: str = Field(default="", max_length=200)
    created_at: datetime
    confirmed_at: datetime | None = None
    disabled_at: datetime | None = None
    demonstration_note: str = Field(default="", max_length=200)


class SignInSession(SQLModel, table=True):
    __tablename__ = "sign_in_session"

    id: UUID = identity()
    token_digest: str = Field(max_length=64, unique=True)
    person_id: UUID = refers_to("person.id")
    began_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    device: str = Field(default="", max_length=200)


class OneTimeLink(SQLModel, table=True):
    __tablename__ = "one_time_link"
    __table_args__ = (one_of("kind", LinkKind),)

    id: UUID = identity()
    token_digest: str = Field(max_length=64, unique=True)
    person_id: UUID = refers_to("person.id")
    kind: str = Field(max_length=20)
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


class AttemptCount(SQLModel, table=True):
    """How often `bucket` (what is limited, and for whom, as a digest) was tried since `began_at`."""

    __tablename__ = "attempt_count"

    bucket: str = Field(primary_key=True, max_length=100)
    began_at: datetime
    count: int = 0
