"""What a spreadsheet is compared with, and the one that waits to be confirmed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.providers.models import PractitionerImport, Therapy
from app.providers.policy import EDITORS
from app.providers.queries.people import body_patterns, known_people
from app.providers.queries.whole import own_provider
from app.providers.rules.columns import Known
from app.providers.rules.importing import Person, identity, warnings


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The rows of a spreadsheet, each compared with who is here now; `done` once they were imported."""

    id: UUID
    provider_name: str
    file_name: str
    people: tuple[Person, ...]
    done: bool

    @property
    def new(self) -> int:
        return sum(not person.already for person in self.people)


def known(session: Session, provider_id: UUID) -> Known:
    therapies: dict[str, str] = dict(session.exec(select(Therapy.slug, Therapy.name).order_by(Therapy.name)).all())
    return Known(body_patterns(session), therapies, set(known_people(session, provider_id)))


def import_page(session: Session, actor: Actor, provider_id: UUID, import_id: UUID) -> ImportPage:
    """For those who keep the provider's records. Raises `NotFound` for another's, and for one that gave way to a newer."""
    _, organisation = own_provider(session, actor, provider_id, *EDITORS)
    kept = session.exec(
        select(PractitionerImport).where(
            PractitionerImport.id == import_id, col(PractitionerImport.provider_id) == provider_id
        )
    ).first()
    if kept is None:
        raise NotFound
    here, on = known(session, provider_id), london_day(clock.now(session))
    people = [_person(row, here, on) for row in kept.rows["people"]]
    return ImportPage(kept.id, organisation.name, kept.file_name, tuple(people), kept.done_at is not None)


def _person(row: dict[str, Any], here: Known, on: Any) -> Person:
    values = row["values"]
    return Person(row["row"], values, identity(values) in here.people, tuple(warnings(values, here, on)))
