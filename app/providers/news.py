"""What this room tells those above it, that somebody left; and asks them, what stands in the way of closing a provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.news import News, Question
from app.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Closing:
    """`own`: its owner asks. The platform's people, who may close it too, must not learn by asking whether it has bid."""

    provider_id: UUID
    own: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class PractitionerLeft:
    practitioner_id: UUID


@dataclass(frozen=True, slots=True)
class MembersLeft:
    """Who had accepted and is in this consortium no more: its lead, or its own owner, took it out, or the lead ended it for all."""

    provider_ids: tuple[UUID, ...]
    lead_id: UUID


PRACTITIONER_LEFT: Final = News[PractitionerLeft]("a practitioner left")
MEMBERS_LEFT: Final = News[MembersLeft]("members left a consortium")
CLOSING: Final = Question[Closing, Refusal]("what stands in the way of closing a provider")
