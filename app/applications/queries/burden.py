"""How much applications asked: counted at submission, shown to their provider and per framework."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, or_, select

from app.applications import policy
from app.applications.answers.rules import Pricing
from app.applications.burden import Burden, count, profile_facts
from app.applications.models import Application, ApplicationBurden
from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.evidence.models import Document, EvidenceItem
from app.frameworks.entitlement import entitlements
from app.frameworks.models import Framework, Round
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids, lead_ids, provider_ids
from app.providers.models import Practitioner

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One application of the reader's own."""

    application_id: UUID
    provider_name: str
    framework_name: str
    submitted_at: datetime
    burden: Burden


@dataclass(frozen=True, slots=True)
class AskedByFramework:
    framework_id: UUID
    framework_name: str
    applications: int
    burden: Burden


def last_statement(session: Session, provider_id: UUID) -> str:
    """The statement of the provider's latest submitted application, or nothing: a start for the next."""
    wanted = select(Application.statement).where(
        Application.provider_id == provider_id, col(Application.submitted_at).is_not(None)
    )
    return session.exec(wanted.order_by(col(Application.submitted_at).desc()).limit(1)).first() or ""


def statement_from(session: Session, application_id: UUID) -> tuple[str, datetime] | None:
    """The framework and the moment of the application that a draft has its statement from, word for word; None if its own."""
    draft: Any = aliased(Application)
    before: Any = aliased(Application)
    same = and_(
        before.provider_id == draft.provider_id,
        before.id != draft.id,
        before.statement == draft.statement,
        or_(before.submitted_at < draft.started_at, before.id == draft.carried_from),
    )
    found = session.execute(
        select(Framework.name, before.submitted_at, before.started_at)
        .join(Round, col(Round.framework_id) == Framework.id)
        .join(before, before.round_id == Round.id)
        .join(draft, same)
        .where(draft.id == application_id, draft.submitted_at.is_(None), draft.statement != "")
        .order_by(func.coalesce(before.submitted_at, before.started_at).desc())
        .limit(1)
    ).first()
    return (found[0], found[1] or found[2]) if found else None


def burden_of(session: Session, row: Application, at: datetime) -> Burden:
    """What this application, whose snapshot is fixed, has asked up to `at`."""
    answers = row.snapshot["answers"]
    kinds = {line["kind"] for line in row.snapshot["evidence_needed"]}
    of_kinds = (col(EvidenceItem.provider_id) == row.provider_id) & col(EvidenceItem.kind_slug).in_(kinds)
    known_since = func.coalesce(col(EvidenceItem.known_at), col(EvidenceItem.added_at))
    held = set(session.exec(select(EvidenceItem.kind_slug).where(of_kinds, known_since < row.started_at)))
    before = col(Document.uploaded_at) < row.started_at
    uploads: dict[Any, int] = dict(
        session.execute(
            select(before, func.count())
            .select_from(Document)
            .join(EvidenceItem, col(EvidenceItem.id) == Document.item_id)
            .where(of_kinds, col(EvidenceItem.replaced_by_id).is_(None))
            .group_by(before)
        ).all()
    )
    newcomers = session.exec(
        select(func.count())
        .select_from(Practitioner)
        .where(
            Practitioner.provider_id == row.provider_id,
            col(Practitioner.added_at) >= row.started_at,
            col(Practitioner.left_at).is_(None),
        )
    ).one()
    earlier = select(Application.id).where(
        Application.provider_id == row.provider_id,
        Application.id != row.id,
        Application.statement == row.statement,
        col(Application.submitted_at) < row.started_at,
    )
    return count(
        profile=profile_facts(row.snapshot["provider"]),
        practitioners_since=newcomers,
        kinds={kind: kind in held for kind in kinds},
        statement_kept=session.exec(earlier.limit(1)).first() is not None,
        answers=sum(not one["known"] for one in answers),
        answers_carried=sum(bool(one["carried_from"]) for one in answers),
        prices=sum(one["pricing"] == Pricing.ASKED for one in row.snapshot["prices"]),
        uploads_before=uploads.get(True, 0),
        uploads_since=uploads.get(False, 0),
        started_at=row.started_at,
        submitted_at=at,
    )


def asked_of_me(session: Session, actor: Actor) -> list[Asked]:
    """The submitted applications of this person's providers, the latest first."""
    rows = session.execute(
        select(ApplicationBurden, Application, Organisation.name, Framework.name)
        .join(Application, col(Application.id) == ApplicationBurden.application_id)
        .join(Organisation, col(Organisation.id) == Application.provider_id)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .where(col(Application.provider_id).in_(provider_ids(actor)))
        .order_by(col(Application.submitted_at).desc())
        .limit(MOST)
    )
    return [
        Asked(row.id, provider, framework, row.submitted_at, _burden(burden))
        for burden, row, provider, framework in rows
        if row.submitted_at
    ]


def asked_by_framework(session: Session, actor: Actor) -> list[AskedByFramework]:
    """Sums for each framework that this person's organisation leads or may call off from, or of all, by name."""
    every = policy.oversees_all(actor)
    may_call_off = entitlements(session, buyer_ids(actor), london_day(clock.now(session)))
    sums = (
        func.sum(ApplicationBurden.asked),
        func.sum(ApplicationBurden.reused),
        func.sum(ApplicationBurden.uploads),
        func.sum(ApplicationBurden.uploads_avoided),
        func.sum(ApplicationBurden.minutes),
    )
    rows = session.execute(
        select(Framework.id, Framework.name, func.count(), *sums)  # type: ignore[call-overload]
        .select_from(ApplicationBurden)
        .join(Application, col(Application.id) == ApplicationBurden.application_id)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .where(
            or_(true() if every else col(Framework.lead_id).in_(lead_ids(actor)), col(Framework.id).in_(may_call_off))
        )
        .group_by(Framework.id, Framework.name)
        .order_by(Framework.name)
    )
    return [
        AskedByFramework(framework_id, name, applications, Burden(*(int(one) for one in numbers)))
        for framework_id, name, applications, *numbers in rows
    ]


def _burden(row: ApplicationBurden) -> Burden:
    return Burden(row.asked, row.reused, row.uploads, row.uploads_avoided, row.minutes)
