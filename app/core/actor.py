"""Who is asking: plain data, so that permission checks need no database."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Seat:
    """One role of one person in one organisation. `kind` is the organisation's kind, `role` a value of organisations.rules.Role."""

    organisation_id: UUID
    organisation_name: str
    kind: str
    role: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with their seats; `NOBODY` is a stranger."""

    person_id: UUID | None = None
    name: str = ""
    email: str = ""
    seats: tuple[Seat, ...] = ()

    def where(self, *roles: str) -> frozenset[UUID]:
        """The organisations in which this person holds any of these roles; with no role named, any seat."""
        return frozenset(seat.organisation_id for seat in self.seats if not roles or seat.role in roles)

    def has(self, *roles: str) -> bool:
        return bool(self.where(*roles))

    @property
    def known(self) -> UUID:
        """The person's id, for use behind a door that admits signed-in people only."""
        if self.person_id is None:
            raise LookupError("nobody is signed in")
        return self.person_id


NOBODY = Actor()
