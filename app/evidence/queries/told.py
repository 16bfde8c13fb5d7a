"""What the pages of a provider's profile tell already, as the start of an item: nobody types it twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.evidence.models import EvidenceItem
from app.evidence.queries.holdings import facts_of
from app.evidence.rules import ItemFacts, KindFacts
from app.evidence.rules.told import NUMBERS, Part, Told, chosen, found, part_of, same, started
from app.providers.models import (
    DbsRecord,
    PersonalInsurance,
    Practitioner,
    ProfessionalBody,
    ProfessionalRegistration,
    Provider,
    Qualification,
    Supervision,
)
from app.providers.queries import practitioners
from app.providers.rules import FREQUENCIES, NUMBERS_ASKED, SHARE_CODE, Frequency, ProviderKind, identifier

MEDIATION: Final = ("fmc_accreditation", "FMC")
"""The one body whose entries are evidence of a kind of their own."""


def told(session: Session, kind: KindFacts, provider_id: UUID) -> tuple[Told, ...]:
    """Every fact of this kind that the provider's pages hold, by practitioner. One query."""
    part = part_of(kind)
    return tuple(_READERS[part](session, kind, provider_id)) if part else ()


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new item starts from. `others` is what else of this kind is told; `item_id` proves the same already.

    `whose_first`: something is told of several people, so that whose it is has to be asked before the rest.
    """

    facts: ItemFacts
    source: Told | None = None
    others: tuple[Told, ...] = ()
    item_id: UUID | None = None
    whose_first: bool = False


def beginning(
    session: Session, provider_id: UUID, kind: KindFacts, *, old: ItemFacts | None, of: UUID | None, entry: UUID | None
) -> Beginning:
    """Begin with `old`, which the new item replaces, or with what is told already; nobody asks which of one practitioner."""
    known = told(session, kind, provider_id)
    if old:
        source = found(known, old)
        return Beginning(started(old, source) if source else old, source)
    people = [person.id for person in practitioners(session, provider_id)]
    only = people[0] if len(people) == 1 else None
    whose = of if of in people else only
    if kind.of_a_person and not whose and known:
        return Beginning(ItemFacts(kind=kind.slug), whose_first=True)
    held = held_of(session, kind, provider_id)
    source = chosen(known, held.values(), of=whose, entry=entry)
    issuer = kind.issuer if kind.narrow else ""  # of a DBS certificate it is always the same
    facts = ItemFacts(kind=kind.slug, practitioner_id=whose if kind.of_a_person else None, issuer=issuer)
    return Beginning(
        started(facts, source) if source else facts,
        source,
        tuple(one for one in known if one is not source and one.whose == whose),
        next((key for key, one in held.items() if source and same(source, one)), None),
    )


def told_of(session: Session, kind: KindFacts, provider_id: UUID, facts: ItemFacts) -> Told | None:
    """What is told already of the fact that an item proves."""
    return found(told(session, kind, provider_id), facts)


def held_of(session: Session, kind: KindFacts, provider_id: UUID) -> dict[UUID, ItemFacts]:
    """The facts of the provider's items of a kind, without those that gave way to a newer."""
    rows = session.exec(
        select(EvidenceItem).where(
            EvidenceItem.provider_id == provider_id,
            EvidenceItem.kind_slug == kind.slug,
            col(EvidenceItem.replaced_by_id).is_(None),
        )
    )
    return {row.id: facts_of(row) for row in rows}


def untold_number(session: Session, kind: KindFacts, provider_id: UUID, number: str) -> str | None:
    """The official number that this kind proves, where the provider is asked for it, tells none, and this is nobody else's."""
    field = NUMBERS.get(kind.slug)
    provider = session.get_one(Provider, provider_id)
    if field not in (*NUMBERS_ASKED[ProviderKind(provider.kind)], SHARE_CODE.field) or getattr(provider, field):
        return None
    known = identifier(field)
    tidy = known.tidy(number)
    taken = select(Provider.id).where(getattr(Provider, field) == tidy)
    return field if len(tidy) <= known.most and session.exec(taken).first() is None else None


def _numbers(session: Session, kind: KindFacts, provider_id: UUID) -> Iterable[Told]:
    field, provider = NUMBERS[kind.slug], session.get_one(Provider, provider_id)
    if number := getattr(provider, field):
        yield Told(
            part=Part.NUMBER,
            words=f"{identifier(field).label} {number}",
            page=f"/providers/{provider_id}/numbers",
            page_name="your official numbers",
            facts=ItemFacts(kind=kind.slug, issuer=kind.issuer, reference=number),
            known_at=provider.numbers_told_at or provider.registered_at,
        )


def _registrations(session: Session, kind: KindFacts, provider_id: UUID) -> Iterable[Told]:
    for person, row, body in session.exec(
        select(Practitioner, ProfessionalRegistration, ProfessionalBody)
        .join(ProfessionalRegistration, col(ProfessionalRegistration.practitioner_id) == Practitioner.id)
        .outerjoin(ProfessionalBody, col(ProfessionalBody.slug) == ProfessionalRegistration.body_slug)
        .where(*_here(provider_id))
        .order_by(Practitioner.full_name, col(ProfessionalRegistration.id))
    ):
        slug, mediates = MEDIATION
        if (kind.slug == slug) is (row.body_slug == mediates):
            facts = ItemFacts(
                kind=kind.slug,
                practitioner_id=person.id,
                issuer=body.name if body else "",
                reference=row.number,
                expires_on=row.expires_on,
                registration_id=row.id,
            )
            words = f"{row.body_slug or 'Another body'} {row.number}".rstrip()
            yield _of_person(Part.REGISTRATION, person, words, facts, row.added_at)


def _qualifications(session: Session, kind: KindFacts, provider_id: UUID) -> Iterable[Told]:
    for person, row in session.exec(
        select(Practitioner, Qualification)
        .join(Qualification, col(Qualification.practitioner_id) == Practitioner.id)
        .where(*_here(provider_id))
        .order_by(Practitioner.full_name, col(Qualification.id))
    ):
        facts = ItemFacts(kind=kind.slug, practitioner_id=person.id, issuer=row.awarding_body, qualification_id=row.id)
        year = f" ({row.year})" if row.year else ""
        yield _of_person(Part.QUALIFICATION, person, f"{row.name}{year}", facts, row.added_at)


def _supervision(session: Session, kind: KindFacts, provider_id: UUID) -> Iterable[Told]:
    for person, row in session.exec(
        select(Practitioner, Supervision)
        .join(Supervision, col(Supervision.practitioner_id) == Practitioner.id)
        .where(*_here(provider_id))
        .order_by(Practitioner.full_name)
    ):
        by = f"{row.supervisor}, {row.body}" if row.body else row.supervisor
        words = f"{by}: {FREQUENCIES[Frequency(row.frequency)].lower()}"
        facts = ItemFacts(kind=kind.slug, practitioner_id=person.id, issuer=row.supervisor)
        yield _of_person(Part.SUPERVISION, person, words, facts)


def _insurance(session: Session, kind: KindFacts, provider_id: UUID) -> Iterable[Told]:
    for person, row in session.exec(
        select(Practitioner, PersonalInsurance)
        .join(PersonalInsurance, col(PersonalInsurance.practitioner_id) == Practitioner.id)
        .where(*_here(provider_id))
        .order_by(Practitioner.full_name)
    ):
        facts = ItemFacts(kind=kind.slug, issuer=row.insurer, reference=row.policy_number, expires_on=row.expires_on)
        words = f"{row.insurer} {row.policy_number}".rstrip()
        yield _of_person(Part.INSURANCE, person, words, facts)


def _dbs(session: Session, kind: KindFacts, provider_id: UUID) -> Iterable[Told]:
    rows = session.exec(
        select(Practitioner, DbsRecord)
        .join(DbsRecord, col(DbsRecord.practitioner_id) == Practitioner.id)
        .where(*_here(provider_id))
        .order_by(Practitioner.full_name, col(DbsRecord.recorded_at), col(DbsRecord.id))
    )
    newest = {person.id: (person, row) for person, row in rows}
    for person, row in newest.values():
        facts = ItemFacts(
            kind=kind.slug, practitioner_id=person.id, reference=row.certificate_number, starts_on=row.issued_on
        )
        yield _of_person(Part.DBS, person, f"Certificate {row.certificate_number}", facts, row.recorded_at)


def _of_person(
    part: Part, person: Practitioner, words: str, facts: ItemFacts, known_at: datetime | None = None
) -> Told:
    return Told(
        part=part,
        words=words,
        page=f"/practitioners/{person.id}#{part}",
        page_name=f"the record of {person.full_name}",
        facts=facts,
        whose=person.id,
        known_at=known_at,
    )


def _here(provider_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (col(Practitioner.provider_id) == provider_id, col(Practitioner.left_at).is_(None))


_READERS: Final[dict[Part, Callable[[Session, KindFacts, UUID], Iterable[Told]]]] = {
    Part.NUMBER: _numbers,
    Part.REGISTRATION: _registrations,
    Part.QUALIFICATION: _qualifications,
    Part.SUPERVISION: _supervision,
    Part.INSURANCE: _insurance,
    Part.DBS: _dbs,
}
