"""Changing frameworks: written whole from plain facts, approved by a second person, opened round by round."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import violates
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound, Refusal, Refused, refuse_if
from app.evidence.models import EvidenceKind
from app.evidence.rules import Malformed, Rule, as_json, kinds_of, rule_of
from app.frameworks import events, queries, rules
from app.frameworks.calling_off.entitlement import call_off_list
from app.frameworks.calling_off.models import MayAccede
from app.frameworks.models import (
    CallOffBody,
    Framework,
    FrameworkCriterion,
    Lot,
    LotRequirement,
    Region,
    RegionAuthority,
    Round,
    RoundScope,
    RuleSet,
)
from app.frameworks.policy import leads
from app.frameworks.requirements import requirements_text
from app.frameworks.rules import Part, PriceUnit, Service

DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class LotFacts:
    """`requires` are rules of evidence that must all be met: slugs, or `evidence.rules.rule_of` data.

    `ceiling_pence` is the most a unit may cost.
    """

    number: int
    name: str
    service: Service
    description: str
    price_unit: PriceUnit
    ceiling_pence: int
    requires: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RegionFacts:
    name: str
    authorities: tuple[UUID, ...]
    pan_region_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CallOffFacts:
    organisation_id: UUID
    entitled_from: date
    entitled_to: date | None = None


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """The weight a brief gives it lies between `weight_min` and `weight_max`, in per cent."""

    name: str
    guidance: str
    weight_min: int
    weight_max: int
    is_price: bool = False


@dataclass(frozen=True, slots=True)
class FrameworkFacts:
    """All that a framework states (Procurement Act 2023 s45(5)).

    `may_accede` are organisations that may join its call-off list themselves later, and `open_regions` pan-regions all of
    whose agencies and authorities may.
    """

    slug: str
    name: str
    lead_id: UUID
    rule_set_slug: str
    summary: str
    agreement_text: str
    agreement_version: str
    selection_process: str
    starts_on: date
    ends_on: date
    lots: tuple[LotFacts, ...]
    regions: tuple[RegionFacts, ...]
    call_off: tuple[CallOffFacts, ...]
    criteria: tuple[CriterionFacts, ...]
    source: str = ""
    may_accede: tuple[UUID, ...] = ()
    open_regions: tuple[UUID, ...] = ()


def create_framework(session: Session, actor: Actor, facts: FrameworkFacts) -> UUID:
    """Write a draft whole. Raises `NotFound` unless the actor leads frameworks there, `Refused` when the slug is taken."""
    if not leads(actor, facts.lead_id):
        raise NotFound
    row = Framework(
        slug=facts.slug,
        name=facts.name,
        lead_id=facts.lead_id,
        rule_set_slug=facts.rule_set_slug,
        summary=facts.summary,
        agreement_text=facts.agreement_text,
        agreement_version=facts.agreement_version,
        selection_process=facts.selection_process,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        source=facts.source,
        created_at=clock.now(session),
        created_by=actor.known,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if violates(error, "uq_framework_slug"):
            raise Refused(Refusal("slug_taken", f"There is already a framework called {facts.slug}.")) from None
        raise
    rules_of = {lot.number: _rule(lot) for lot in facts.lots}
    _refuse_unknown_kinds(session, rules_of)
    _add_lots(session, row.id, facts.lots, rules_of)
    _add_regions(session, row.id, facts.regions)
    _add_call_off_list(session, row.id, facts.call_off)
    session.add_all(MayAccede(framework_id=row.id, organisation_id=body) for body in facts.may_accede)
    session.add_all(MayAccede(framework_id=row.id, pan_region_id=region) for region in facts.open_regions)
    _add_criteria(session, row.id, facts.criteria)
    audit.record(session, events.CREATED, actor=actor, subject=row.id, framework=row.name)
    return row.id


def approve_framework(session: Session, actor: Actor, framework_id: UUID) -> None:
    """Freeze a complete draft, by a second lead of the same organisation; a second time it changes nothing."""
    row = _led(session, actor, framework_id)
    if row.approved_at:
        return
    now = clock.now(session)
    lots, regions = queries.lots_and_regions(session, framework_id)
    refusal = rules.why_not_approve(
        phase=queries.phase_of(row, london_day(now)),
        writer=row.created_by == actor.person_id,
        lots=len(lots),
        lots_without_evidence=[lot.label for lot in lots if not lot.requires],
        regions=len(regions),
        call_off=len(call_off_list(session, framework_id, london_day(now))),
        weights=[(c.weight_min, c.weight_max) for c in queries.criteria(session, framework_id)],
        agreement=row.agreement_text,
        years=(row.ends_on - row.starts_on).days / DAYS_A_YEAR,
        max_years=session.get_one(RuleSet, row.rule_set_slug).max_years,
    )
    if refusal:
        raise Refused(refusal)
    row.approved_at, row.approved_by = now, actor.known
    audit.record(
        session,
        events.APPROVED,
        actor=actor,
        subject=row.id,
        framework=row.name,
        version=row.agreement_version,
        sha256=digest(row.agreement_text.encode()),
        requirements=digest(requirements_text({lot.number: lot.requires for lot in lots}).encode()),
    )


def open_round(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    name: str,
    opens_at: datetime,
    closes_at: datetime,
    scope: Collection[Part],
) -> UUID:
    """Set up a round, open by the clock from `opens_at` to `closes_at`, for lots x regions of this framework.

    Raises `NotFound` for somebody else's framework or a foreign lot or region, `Refused` when rounds would overlap.
    """
    row = _led(session, actor, framework_id)
    lots, regions = queries.lots_and_regions(session, framework_id)
    if not set(scope) <= {(lot.id, region.id) for lot in lots for region in regions}:
        raise NotFound
    now = clock.now(session)
    refusal = rules.why_not_open_round(
        phase=queries.phase_of(row, london_day(now)),
        opens_at=opens_at,
        closes_at=closes_at,
        now=now,
        scope=len(scope),
        overlaps=queries.overlapping(session, framework_id, opens_at, closes_at, scope),
    )
    if refusal:
        raise Refused(refusal)
    made = Round(framework_id=framework_id, name=name, opens_at=opens_at, closes_at=closes_at)
    session.add(made)
    session.flush()
    session.add_all(RoundScope(round_id=made.id, lot_id=lot, region_id=region) for lot, region in set(scope))
    audit.record(
        session,
        events.ROUND_OPENED,
        actor=actor,
        subject=made.id,
        about=framework_id,
        round=name,
        opens_at=f"{opens_at:%Y-%m-%d %H:%M}",
        closes_at=f"{closes_at:%Y-%m-%d %H:%M}",
    )
    return made.id


def ask_for_dbs_file(session: Session, actor: Actor, framework_id: UUID, *, wanted: bool) -> None:
    """Whether the framework asks for the file of a DBS certificate beside its record; the same again changes nothing."""
    row = _led(session, actor, framework_id)
    if row.wants_dbs_file is wanted:
        return
    row.wants_dbs_file = wanted
    event = events.DBS_FILE_ON if wanted else events.DBS_FILE_OFF
    audit.record(session, event, actor=actor, subject=row.id, framework=row.name)


def _led(session: Session, actor: Actor, framework_id: UUID) -> Framework:
    """The framework, locked. Raises `NotFound` to outsiders, `NotAllowed` to those who cannot lead it."""
    row = queries.framework_row(session, actor, framework_id, lock=True)
    if leads(actor, row.lead_id):
        return row
    raise NotAllowed if row.lead_id in actor.where() else NotFound


def _add_lots(
    session: Session, framework_id: UUID, lots: Collection[LotFacts], rules_of: Mapping[int, Rule | None]
) -> None:
    for facts in lots:
        rule = rules_of[facts.number]
        lot = Lot(
            framework_id=framework_id,
            number=facts.number,
            name=facts.name,
            service=facts.service,
            description=facts.description,
            price_unit=facts.price_unit,
            ceiling_pence=facts.ceiling_pence,
            requirement=as_json(rule) if rule else {},
        )
        session.add(lot)
        session.flush()
        session.add_all(LotRequirement(lot_id=lot.id, kind_slug=kind) for kind in (kinds_of(rule) if rule else ()))


def _refuse_unknown_kinds(session: Session, rules_of: Mapping[int, Rule | None]) -> None:
    known = set(session.exec(select(EvidenceKind.slug)))
    for number, rule in rules_of.items():
        for kind in kinds_of(rule) if rule else ():
            refuse_if(
                None if kind in known else Refusal("requirement", f"Lot {number}: {kind} is no kind of evidence.")
            )


def _rule(facts: LotFacts) -> Rule | None:
    """All that a lot requires as one rule; None where it requires nothing. Raises `Refused`."""
    try:
        return rule_of({"all_of": list(facts.requires)}) if facts.requires else None
    except Malformed as error:
        raise Refused(Refusal("requirement", f"Lot {facts.number}: {error}.")) from None


def _add_regions(session: Session, framework_id: UUID, regions: Collection[RegionFacts]) -> None:
    for facts in regions:
        region = Region(framework_id=framework_id, name=facts.name, pan_region_id=facts.pan_region_id)
        session.add(region)
        session.flush()
        session.add_all(RegionAuthority(region_id=region.id, authority_id=a) for a in facts.authorities)


def _add_call_off_list(session: Session, framework_id: UUID, bodies: Collection[CallOffFacts]) -> None:
    session.add_all(
        CallOffBody(
            framework_id=framework_id,
            organisation_id=facts.organisation_id,
            entitled_from=facts.entitled_from,
            entitled_to=facts.entitled_to,
        )
        for facts in bodies
    )


def _add_criteria(session: Session, framework_id: UUID, criteria: Collection[CriterionFacts]) -> None:
    session.add_all(
        FrameworkCriterion(
            framework_id=framework_id,
            position=position,
            name=facts.name,
            guidance=facts.guidance,
            is_price=facts.is_price,
            weight_min=facts.weight_min,
            weight_max=facts.weight_max,
        )
        for position, facts in enumerate(criteria, start=1)
    )
    session.flush()
