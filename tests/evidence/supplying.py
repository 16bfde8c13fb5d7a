"""A provider that tells evidence of its own, another one, and a checker: what tests of the commands begin with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from uuid import UUID

from sqlmodel import Session, select

from app.core import audit
from app.core.actor import Actor
from app.core.blobs import Blobs
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.evidence import commands, queries, reference, scanning
from app.evidence.rules import ItemFacts, ScanState, Standing
from app.evidence.rules.dbs import DbsFacts, Level, Workforce
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner
from tests import factories
from tests.evidence import files

TODAY = date(2026, 11, 23)

DBS = DbsFacts(level=Level.ENHANCED, workforce=Workforce.CHILD, children_barred=True)

LIABILITY = ItemFacts(
    kind="ins_public_liability",
    issuer="Example Insurance",
    reference="PL-1",
    cover_pence=500_000_000,
    starts_on=date(2026, 7, 1),
    expires_on=date(2027, 6, 30),
)


@dataclass
class Set:
    provider_id: UUID
    practitioner_id: UUID
    owner: Actor
    reader: Actor
    other_owner: Actor
    other_practitioner_id: UUID
    checker: Actor


def alder(session: Session) -> Set:
    reference.load(session)
    provider_id, other_id = (
        factories.provider(session, "Alder Therapy"),
        factories.provider(session, "Birch Therapy"),
    )
    hub = factories.organisation(session, OrganisationKind.LEAD, "Test hub")
    people = {p.provider_id: p.id for p in session.exec(select(Practitioner))}
    return Set(
        provider_id,
        people[provider_id],
        factories.seated(session, provider_id, Role.OWNER, name="Olive Owner"),
        factories.seated(session, provider_id, Role.BIDS, name="Rita Reader"),
        factories.seated(session, other_id, Role.OWNER, name="Omar Owner"),
        people[other_id],
        factories.seated(session, hub, Role.CHECKER, name="Cara Checker"),
    )


def added(db: Database, made: Set, facts: ItemFacts = LIABILITY) -> UUID:
    with db.write() as session:
        return commands.add_item(session, made.owner, made.provider_id, facts)


def attached(db: Database, blobs: Blobs, made: Set, item_id: UUID, content: bytes = b"") -> UUID:
    blob = blobs.put(BytesIO(content or files.pdf()), room="evidence")
    with db.write() as session:
        return commands.attach_document(
            session, made.owner, item_id, blob, media_type="application/pdf", file_name="policy.pdf"
        )


def sent_for_check(db: Database, blobs: Blobs, made: Set, facts: ItemFacts = LIABILITY) -> UUID:
    item_id = added(db, made, facts)
    scanning.scan(db, blobs, scanning.DevelopmentScanner(), attached(db, blobs, made, item_id))
    with db.write() as session:
        if facts.kind == "dbs_enhanced":
            commands.record_dbs(session, made.owner, item_id, DBS)
        commands.submit_item(session, made.owner, item_id)
    return item_id


def verified(db: Database, made: Set, item_id: UUID) -> None:
    with db.write() as session:
        commands.verify_item(
            session, made.checker, item_id, ticks=factories.ticked(session, item_id), how="Saw the schedule"
        )


def events_of(db: Database, record_id: UUID) -> list[str]:
    with db.read() as session:
        return [row.name for row in audit.timeline(session, record_id)]


def mail_queued(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        rows = session.exec(select(OutboxMessage).order_by(OutboxMessage.template, OutboxMessage.to_address))
        return [(row.template, row.to_address) for row in rows]


def standing_of(db: Database, made: Set, kind: str = LIABILITY.kind, on: date = TODAY) -> Standing:
    with db.read() as session:
        return queries.standings(session, [made.provider_id], [kind], on)[made.provider_id, kind]


class Learned(scanning.DevelopmentScanner):
    """A scanner that has learned of a new virus since."""

    def verdict(self, content: Iterator[bytes]) -> ScanState:
        return ScanState.INFECTED
