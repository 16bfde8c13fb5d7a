"""What a provider held on a past day, rebuilt from when each fact was sent, decided, undone and replaced; who may have it."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from app.accounts.models import Person
from app.core import clock
from app.core.actor import Actor
from app.core.london import at_london, london_day
from app.core.refusals import NotAllowed, NotFound
from app.evidence.check_models import SecondLook
from app.evidence.models import Document, EvidenceItem, EvidenceKind, Verification
from app.evidence.policy import KEEPERS
from app.evidence.queries import standing_of
from app.evidence.queries.dbs import dbs_records
from app.evidence.rules import NARROW, Outcome, ScanState, Standing, ending
from app.evidence.rules.dbs import DbsFacts
from app.frameworks.entitlement import entitlements
from app.frameworks.models import Framework
from app.memberships.models import Membership
from app.memberships.policy import audits
from app.memberships.queries.live import live
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, lead_ids, provider_ids
from app.providers.models import Practitioner, Provider


@dataclass(frozen=True, slots=True)
class PackDocument:
    file_name: str
    sha256: str
    size: int
    media_type: str
    uploaded_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class PackItem:
    """One fact as it stood. A narrow one has its record and never a document."""

    item_id: UUID
    kind_slug: str
    kind: str
    practitioner: str
    issuer: str
    reference: str
    cover_pence: int | None
    starts_on: date | None
    expires_on: date | None
    sent_at: datetime
    standing: Standing
    outcome: Outcome | None
    decided_at: datetime | None
    checker: str
    checker_organisation: str
    how: str
    fix: str
    record: DbsFacts | None
    documents: tuple[PackDocument, ...]


@dataclass(frozen=True, slots=True)
class _Decided:
    """A decision as the pack needs it, whether it still stands or a second look undid it later."""

    outcome: Outcome
    at: datetime
    how: str
    fix: str
    checker: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Pack:
    provider_id: UUID
    provider: str
    kind: str
    company_number: str
    charity_number: str
    as_at: date
    items: tuple[PackItem, ...]


def end_of(day: date) -> datetime:
    """The first moment after a London day."""
    return at_london(day + timedelta(days=1), time())


def pack_provider(session: Session, actor: Actor, provider_id: UUID) -> tuple[Provider, str]:
    """To those who keep its evidence, to leads and agencies of frameworks in which it is a member, and to auditors.

    Raises `NotFound`, and `NotAllowed` to its other people.
    """
    row = session.exec(
        select(Provider, Organisation.name)
        .join(Organisation, col(Organisation.id) == Provider.id)
        .where(Provider.id == provider_id)
    ).first()
    if row is None or not reads_pack(session, actor, provider_id):
        raise NotAllowed if provider_id in provider_ids(actor) else NotFound
    return row


def pack(session: Session, actor: Actor, provider_id: UUID, as_at: date) -> Pack:
    """Everything that had been sent and counted at the end of that London day. Raises `NotFound`.

    Whoever does not keep the evidence reads the end of a DBS certificate's number alone.
    """
    provider, name = pack_provider(session, actor, provider_id)
    whole = provider_id in provider_ids(actor, *KEEPERS)
    moment = end_of(as_at)
    undone, replaced = _undone_since(session, provider_id, as_at, moment)
    rows = [row for row in _items(session, provider_id, as_at, moment) if row[0].id not in replaced]
    files = _documents(session, [row[0].id for row in rows if row[1].sensitivity != NARROW], moment)
    records = dbs_records(session, *(row[0].id for row in rows if row[1].sensitivity == NARROW), before=moment)
    return Pack(
        provider_id,
        name,
        provider.kind,
        provider.company_number or "",
        provider.charity_number or "",
        as_at,
        tuple(
            _item(
                item, kind, name_of, undone.get(item.id) or _decision(moment, *decision), as_at, files, records, whole
            )
            for item, kind, name_of, *decision in rows
        ),
    )


def reads_pack(session: Session, actor: Actor, provider_id: UUID) -> bool:
    return provider_id in provider_ids(actor, *KEEPERS) or audits(actor) or _relies(session, actor, provider_id)


def _relies(session: Session, actor: Actor, provider_id: UUID) -> bool:
    may_call_off = entitlements(session, buyer_ids(actor), london_day(clock.now(session)))
    mine = or_(col(Framework.lead_id).in_(lead_ids(actor)), col(Framework.id).in_(may_call_off))
    wanted = (
        select(Membership.id)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .where(Membership.provider_id == provider_id, live(london_day(clock.now(session))), mine)
    )
    return session.exec(wanted.limit(1)).first() is not None


def _items(session: Session, provider_id: UUID, as_at: date, moment: datetime) -> list[Any]:
    """Sent by then, of people who were there, and not yet replaced by one that was verified and had begun."""
    newer, replaced = aliased(EvidenceItem), aliased(Verification)
    more: Any = (Practitioner.full_name, Verification, Person.name, Organisation.name)
    return list(
        session.execute(
            select(EvidenceItem, EvidenceKind)
            .add_columns(*more)
            .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
            .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
            .outerjoin(Person, col(Person.id) == Verification.checker_id)
            .outerjoin(Organisation, col(Organisation.id) == Verification.checker_organisation_id)
            .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
            .outerjoin(newer, col(newer.id) == EvidenceItem.replaced_by_id)
            .outerjoin(replaced, col(replaced.item_id) == newer.id)
            .where(
                col(EvidenceItem.provider_id) == provider_id,
                col(EvidenceItem.submitted_at) < moment,
                or_(col(Practitioner.left_at).is_(None), col(Practitioner.left_at) >= moment),
                or_(col(newer.id).is_(None), col(replaced.at) >= moment, col(newer.starts_on) > as_at),
            )
            .order_by(EvidenceKind.category, EvidenceKind.name, col(Practitioner.full_name), col(EvidenceItem.added_at))
        ).all()
    )


def _undone_since(
    session: Session, provider_id: UUID, as_at: date, moment: datetime
) -> tuple[dict[UUID, _Decided], set[UUID]]:
    """Verifications that stood at the moment and that a second look undid later, by item; and the items whose place they had."""
    rows = session.execute(
        select(SecondLook, Person.name, Organisation.name)
        .add_columns(col(EvidenceItem.starts_on))
        .join(EvidenceItem, col(EvidenceItem.id) == SecondLook.item_id)
        .join(Person, col(Person.id) == SecondLook.first_checker_id)
        .join(Organisation, col(Organisation.id) == SecondLook.first_organisation_id)
        .where(
            col(EvidenceItem.provider_id) == provider_id,
            col(SecondLook.agrees).is_(False),
            col(SecondLook.first_at) < moment,
            col(SecondLook.at) >= moment,
        )
    )
    undone, replaced = dict[UUID, _Decided](), set[UUID]()
    for look, checker, organisation, starts_on in rows:
        undone[look.item_id] = _Decided(Outcome.VERIFIED, look.first_at, look.first_how, "", checker, organisation)
        if starts_on is None or starts_on <= as_at:
            replaced |= set(map(UUID, look.first_replaced))
    return undone, replaced


def _decision(
    moment: datetime, verification: Verification | None, checker: str | None, organisation: str | None
) -> _Decided | None:
    """What stands today, if it stood at the moment."""
    if verification is None or verification.at >= moment:
        return None
    outcome = Outcome(verification.outcome)
    return _Decided(outcome, verification.at, verification.how, verification.fix, checker or "", organisation or "")


def _documents(session: Session, item_ids: list[UUID], moment: datetime) -> dict[UUID, list[PackDocument]]:
    found: dict[UUID, list[PackDocument]] = defaultdict(list)
    for row in session.exec(
        select(Document)
        .where(
            col(Document.item_id).in_(item_ids),
            Document.scan_state == ScanState.CLEAN,
            col(Document.uploaded_at) < moment,
        )
        .order_by(col(Document.uploaded_at), col(Document.id))
    ):
        deleted_at = row.purged_at if row.purged_at and row.purged_at < moment else None
        found[row.item_id].append(
            PackDocument(row.file_name, row.sha256, row.size, row.media_type, row.uploaded_at, deleted_at)
        )
    return found


def _item(
    item: EvidenceItem,
    kind: EvidenceKind,
    practitioner: str | None,
    decision: _Decided | None,
    as_at: date,
    files: dict[UUID, list[PackDocument]],
    records: dict[UUID, DbsFacts],
    whole: bool,
) -> PackItem:
    outcome, record = decision.outcome if decision else None, records.get(item.id)
    needs_new = record is not None and record.needs_new
    return PackItem(
        item_id=item.id,
        kind_slug=item.kind_slug,
        kind=kind.name,
        practitioner=practitioner or "",
        issuer=item.issuer,
        reference=item.reference if whole or kind.sensitivity != NARROW else ending(item.reference),
        cover_pence=item.cover_pence,
        starts_on=item.starts_on,
        expires_on=item.expires_on,
        sent_at=item.submitted_at or item.added_at,
        standing=standing_of(item, kind.promised_until_award, outcome, as_at, needs_new=needs_new),
        outcome=outcome,
        decided_at=decision.at if decision else None,
        checker=decision.checker if decision else "",
        checker_organisation=decision.organisation if decision else "",
        how=decision.how if decision else "",
        fix=decision.fix if decision else "",
        record=record,
        documents=tuple(files.get(item.id, ())),
    )


def contents(found: Pack) -> dict[str, Any]:
    """The pack as plain data, as its manifest has it."""
    return asdict(found)
