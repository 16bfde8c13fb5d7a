"""What a provider holds: each item with its facts, its decision and what it is worth on a day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core import audit
from app.core.actor import Actor
from app.core.refusals import NotAllowed, NotFound
from app.core.rows import packed, unpacked
from app.evidence import rules
from app.evidence.models import Document, EvidenceItem, EvidenceKind, Verification
from app.evidence.queries.kinds import kind_facts, with_kind
from app.evidence.queries.worth import current, standing_of
from app.evidence.rules import Answer, ItemFacts, KindFacts, Outcome, Rating, ScanState, Standing
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids
from app.organisations.rules import Role
from app.providers.models import Practitioner, Qualification


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Outcome
    checker_name: str
    checker_organisation: str
    reason: str
    fix: str
    how: str
    at: datetime
    checker_id: UUID
    confirmed_by: str = ""
    second_look: bool = False
    checklist: tuple[tuple[str, bool, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """One item of evidence as a page shows it. `standing` is its own, on the day asked for."""

    id: UUID
    provider_id: UUID
    provider_name: str
    kind: KindFacts
    facts: ItemFacts
    practitioner_name: str
    qualification: str
    added_at: datetime
    submitted_at: datetime | None
    replaced_by_id: UUID | None
    needs_new_at: datetime | None
    standing: Standing
    warning: str | None
    expires_soon: bool
    decision: Decision | None
    uploaded: bool
    stated_by: str

    @property
    def confidential_reason(self) -> str:
        return self.facts.confidential_reason


def held(session: Session, provider_id: UUID, on: date) -> list[Held]:
    """Everything that counts for a provider on a London day, by kind and then practitioner, the newest first."""
    rows: Sequence[Any] = session.execute(_of_provider(provider_id, on)).all()
    decided = decisions(session, [item.id for item, *_ in rows])
    return [_held(row, decided.get(row[0].id), on) for row in rows]


def snapshot(session: Session, provider_id: UUID, on: date) -> list[dict[str, Any]]:
    """The evidence an application or a bid keeps, ready for JSON: facts, standing and the digests of clean documents.

    One statement: a submit may have to take it.
    """
    clean = packed(Document.sha256).where(
        col(Document.item_id) == EvidenceItem.id, col(Document.scan_state) == ScanState.CLEAN
    )
    rows: Iterable[Any] = session.execute(
        _of_provider(provider_id, on)
        .add_columns(col(Verification.outcome), clean.correlate_except(Document).scalar_subquery())
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
    )
    return [
        {
            "item_id": str(item.id),
            "kind": item.kind_slug,
            "practitioner": practitioner or "",
            "qualification": qualification or "",
            "issuer": item.issuer,
            "reference": item.reference,
            "cover_pence": item.cover_pence,
            "starts_on": item.starts_on.isoformat() if item.starts_on else None,
            "expires_on": item.expires_on.isoformat() if item.expires_on else None,
            "standing": standing_of(item, kind.promised_until_award, outcome, on).value,
            "documents": sorted(sha256 for (sha256,) in unpacked(digests)),
        }
        for item, kind, _, practitioner, qualification, *_, outcome, digests in rows
    ]


def own_item(
    session: Session, actor: Actor, item_id: UUID, *roles: Role, lock: bool = False
) -> tuple[EvidenceItem, KindFacts]:
    """An item of the actor's provider. Raises `NotFound` to outsiders, `NotAllowed` where the role does not reach."""
    found = with_kind(
        session, EvidenceItem.id == item_id, col(EvidenceItem.provider_id).in_(provider_ids(actor)), lock=lock
    )
    if found is None:
        raise NotFound
    if roles and found[0].provider_id not in provider_ids(actor, *roles):
        raise NotAllowed
    return found


def item_page(session: Session, item_id: UUID, on: date) -> Held:
    """One item, whose reader has been asked for already by `own_item` or `item_for_check`."""
    row: Any = session.execute(_ITEMS.where(col(EvidenceItem.id) == item_id)).one()
    return _held(row, decisions(session, [item_id]).get(item_id), on)


def history(session: Session, item_id: UUID) -> tuple[tuple[datetime, str], ...]:
    return tuple((event.at, audit.sentence(event)) for event in audit.timeline(session, item_id))


def facts_of(item: EvidenceItem) -> ItemFacts:
    return ItemFacts(
        kind=item.kind_slug,
        practitioner_id=item.practitioner_id,
        issuer=item.issuer,
        reference=item.reference,
        cover_pence=item.cover_pence,
        starts_on=item.starts_on,
        expires_on=item.expires_on,
        answer=Answer(item.answer) if item.answer else None,
        rating=Rating(item.rating) if item.rating else None,
        inspected_on=item.inspected_on,
        confidential_reason=item.confidential_reason,
        registration_id=item.registration_id,
        qualification_id=item.qualification_id,
    )


def uploaded() -> ColumnElement[bool]:
    """Whether an item has a document, but for one with a virus or one that was let go of."""
    wanted = select(Document.id).where(Document.item_id == EvidenceItem.id, col(Document.purged_at).is_(None))
    return wanted.where(Document.scan_state != ScanState.INFECTED).correlate(EvidenceItem).exists()


_STATED_BY: Final[Any] = aliased(Organisation)
_ITEMS: Final[Select[Any]] = (
    select(EvidenceItem, EvidenceKind, Organisation.name, Practitioner.full_name)
    .add_columns(col(Qualification.name), uploaded(), _STATED_BY.name)
    .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
    .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
    .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
    .outerjoin(Qualification, col(Qualification.id) == EvidenceItem.qualification_id)
    .outerjoin(_STATED_BY, _STATED_BY.id == col(EvidenceItem.stated_by_id))
)


def _of_provider(provider_id: UUID, on: date) -> Select[Any]:
    """Of `_ITEMS`, what counts for a provider on a London day."""
    newer = aliased(EvidenceItem)
    return (
        _ITEMS.outerjoin(newer, col(newer.id) == EvidenceItem.replaced_by_id)
        .where(col(EvidenceItem.provider_id) == provider_id, col(Practitioner.left_at).is_(None), current(newer, on))
        .order_by(EvidenceKind.category, EvidenceKind.name, Practitioner.full_name, col(EvidenceItem.added_at).desc())
    )


def decisions(session: Session, item_ids: Collection[UUID]) -> dict[UUID, Decision]:
    second = aliased(Person)
    rows = session.exec(
        select(Verification, Person.name, Organisation.name, second.name)
        .outerjoin(second, col(second.id) == Verification.confirmed_by)
        .join(Person, col(Person.id) == Verification.checker_id)
        .join(Organisation, col(Organisation.id) == Verification.checker_organisation_id)
        .where(col(Verification.item_id).in_(item_ids))
    )
    return {
        row.item_id: Decision(
            outcome=Outcome(row.outcome),
            checker_name=checker,
            checker_organisation=organisation,
            reason=rules.REASONS[rules.Reason(row.reason_code)] if row.reason_code else "",
            fix=row.fix,
            how=row.how,
            at=row.at,
            checker_id=row.checker_id,
            confirmed_by=confirmed_by or "",
            second_look=row.second_look,
            checklist=tuple((p["words"], p["seen"], p["reason"]) for p in row.checklist.values()),
        )
        for row, checker, organisation, confirmed_by in rows
    }


def _held(row: Any, decision: Decision | None, on: date) -> Held:
    """`row` is one of `_ITEMS`."""
    item, kind_row, provider_name, practitioner_name, qualification, has_document, stated_by = row
    kind = kind_facts(kind_row)
    return Held(
        id=item.id,
        provider_id=item.provider_id,
        provider_name=provider_name,
        kind=kind,
        facts=facts_of(item),
        practitioner_name=practitioner_name or "",
        qualification=qualification or "",
        added_at=item.added_at,
        submitted_at=item.submitted_at,
        replaced_by_id=item.replaced_by_id,
        needs_new_at=item.needs_new_at,
        standing=standing_of(item, kind.promised_until_award, decision.outcome if decision else None, on),
        warning=rules.reference_warning(kind, item.reference),
        expires_soon=rules.expires_soon(item.expires_on, on),
        decision=decision,
        uploaded=has_document,
        stated_by=stated_by or "",
    )


def whose(session: Session, practitioner_id: UUID | None) -> dict[str, Any]:
    """What an event about evidence says of the person who holds it, if a person does."""
    if practitioner_id is None:
        return {}
    name = session.get_one(Practitioner, practitioner_id).full_name
    return {"of": " of ", "whose": audit.Personal(name, practitioner_id)}
