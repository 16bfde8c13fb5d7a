"""What this room must know of those above it: whether a framework asks a provider for the file of a DBS certificate."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from app.core.news import Question
from app.evidence.rules import KindFacts


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of evidence, of a provider."""

    provider_id: UUID
    kind_slug: str


FILE_WANTED: Final = Question[Wanted, bool]("whether each framework that asks for it wants the file beside the record")


def file_off(session: Session, kind: KindFacts, provider_id: UUID) -> bool:
    """Whether the record alone is asked for: the kind has one, and every framework that asks for it wants no file."""
    if not kind.narrow:
        return False
    wanted = FILE_WANTED.ask(session, Wanted(provider_id, kind.slug))
    return bool(wanted) and not any(wanted)
