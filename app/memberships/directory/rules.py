"""What is looked for in the directory, and which lots and regions answer it. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

IN_PERSON: Final = "in_person"


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for; what is left out is not asked. `district` is a postcode district or area, like LS1 or LS."""

    framework_id: UUID | None = None
    service: str = ""
    therapy: str = ""
    authority_id: UUID | None = None
    district: str = ""
    mode: str = ""

    @property
    def online_will_do(self) -> bool:
        """Whether somebody who works online, wherever the family lives, answers a question about a place."""
        return self.mode != IN_PERSON


@dataclass(frozen=True, slots=True)
class OfferedLot:
    """A lot as the directory asks about it. It buys the `therapies` it names, and where it names none, all of its service."""

    id: UUID
    framework_id: UUID
    service: str
    therapies: frozenset[str]

    def answers(self, sought: Sought, services_of_therapy: Collection[str]) -> bool:
        """`services_of_therapy`: the services as part of which the therapy that is looked for can be bought."""
        if sought.framework_id not in (None, self.framework_id) or sought.service not in ("", self.service):
            return False
        if not sought.therapy:
            return True
        return sought.therapy in self.therapies if self.therapies else self.service in services_of_therapy


@dataclass(frozen=True, slots=True)
class OfferedRegion:
    """A region of a framework, with the authorities in it."""

    id: UUID
    framework_id: UUID
    authorities: frozenset[UUID]

    def answers(self, sought: Sought) -> bool:
        if sought.framework_id not in (None, self.framework_id):
            return False
        return sought.authority_id is None or sought.authority_id in self.authorities
