"""What all the stories share: the session, the calendar, and everything made so far by the name it has in the data."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.crypto import Keyring
from app.core.signing import SigningKeys
from app.demo.telling import Calendar
from app.organisations.models import Organisation
from app.organisations.queries import seats_of
from app.sealing.asking import Seal
from app.settings import Settings

SEED: Final = "adoption support 2026"


@dataclass
class Stage:
    """`ids` holds people, organisations, frameworks and briefs by key; reference data keeps the slug it has.

    `token` is of the session in which all bids are written, and is kept by nobody.
    """

    session: Session
    blobs: Blobs
    config: Settings
    calendar: Calendar
    master: Keyring
    token: str = field(default_factory=secrets.token_urlsafe)
    ids: dict[str, UUID] = field(default_factory=dict)

    @property
    def seal(self) -> Seal:
        receipts = SigningKeys.parse(self.config.receipt_keys, "receipts'")
        return Seal(self.config.secret_key, self.token, receipts, self.config.keyholder_token)

    @property
    def drain(self) -> timedelta:
        return timedelta(seconds=self.config.opening_drain_seconds)

    def dice(self, key: str) -> Random:
        """Chance that falls the same way at every filling, whatever else is told in between."""
        return Random(f"{SEED} {key}")  # noqa: S311 - for policy numbers and dates, not for secrets

    def __getitem__(self, key: str) -> UUID:
        if key not in self.ids:
            found = self.session.exec(select(Organisation.id).where(Organisation.slug == key)).one()
            self.ids[key] = found
        return self.ids[key]

    def actor(self, key: str) -> Actor:
        """A person with the seats they hold at this moment of the story."""
        person = self.session.get_one(Person, self[key])
        return Actor(person.id, person.name, person.email, seats_of(self.session, person.id))

    def authorities(self, names: list[str]) -> list[UUID]:
        """Authorities of the reference data. Raises `LookupError` for a name it does not hold."""
        rows = self.session.exec(
            select(Organisation.name, Organisation.id)
            .where(Organisation.kind == "authority", col(Organisation.name).in_(names))
            .order_by(Organisation.name)
        ).all()
        if missing := set(names) - {name for name, _ in rows}:
            raise LookupError(f"no such authority: {', '.join(sorted(missing))}")
        return [authority_id for _, authority_id in rows]
