"""A stored framework as the facts its file states, and what a file names that does not exist here."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.rows import packed, unpacked
from app.evidence.models import EvidenceKind
from app.evidence.rules import as_json, clauses, kinds_of, rule_of
from app.frameworks import rules
from app.frameworks.models import (
    CallOffBody,
    Framework,
    FrameworkCriterion,
    Lot,
    LotRate,
    LotRequirement,
    LotTherapy,
    MayAccede,
    Question,
    QuestionLot,
    QuestionSet,
    Region,
    RegionAuthority,
    RuleSet,
)
from app.frameworks.rules import (
    Admission,
    Answering,
    CallOffFacts,
    Carry,
    Clocks,
    CriterionFacts,
    Fault,
    FrameworkFacts,
    Known,
    LotFacts,
    Mechanism,
    PriceUnit,
    QuestionFacts,
    RateFacts,
    RegionFacts,
    Service,
    Way,
)
from app.organisations.models import Organisation, PanRegion
from app.organisations.rules import OrganisationKind
from app.providers.models import Therapy

Code = UUID | str
_BUYERS: Final = (OrganisationKind.AUTHORITY, OrganisationKind.RAA, OrganisationKind.LEAD)


def facts_of(session: Session, row: Framework, version: int | None = None) -> FrameworkFacts:
    """A framework whole, with its questions in a version: of an approved one the newest that is frozen, where none is named."""
    follows = session.get(Framework, row.follows_id) if row.follows_id else None
    bought_by = _buyers(session, row.id)
    facts = FrameworkFacts(
        slug=row.slug,
        name=row.name,
        rule_set_slug=row.rule_set_slug,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        summary=row.summary,
        selection_process=row.selection_process,
        agreement_text=row.agreement_text,
        agreement_version=row.agreement_version,
        lots=_lots(session, row.id),
        regions=bought_by.regions,
        call_off=bought_by.call_off,
        criteria=_criteria(session, row.id),
        questions=_questions(session, row, version),
        estimated_value_pence=row.estimated_value_pence,
        extendable_to=row.extendable_to,
        way=Way(row.way),
        direct_award=row.direct_award,
        fee_basis_points=row.fee_basis_points,
        follows=follows.slug if follows else None,
        scheme_ends_on=row.scheme_ends_on,
        source=row.source,
        may_accede=bought_by.may_accede,
        open_regions=bought_by.open_regions,
        wants_dbs_file=row.wants_dbs_file,
        countersigned=row.countersigned,
    )
    return rules.in_order(facts)


def newest_questions(session: Session, row: Framework) -> QuestionSet | None:
    """The newest set of questions, frozen or not."""
    return session.exec(
        select(QuestionSet).where(QuestionSet.framework_id == row.id).order_by(col(QuestionSet.version).desc())
    ).first()


def question_set(session: Session, row: Framework, version: int | None = None) -> QuestionSet | None:
    """The questions of a framework in a version: of a draft the only one, of an approved one the newest that is frozen."""
    return session.exec(_question_set(row, version)).first()


def _question_set(row: Framework, version: int | None) -> SelectOfScalar[QuestionSet]:
    query = select(QuestionSet).where(QuestionSet.framework_id == row.id).order_by(col(QuestionSet.version).desc())
    if version is not None:
        return query.where(QuestionSet.version == version).limit(1)
    return (query.where(col(QuestionSet.frozen_at).is_not(None)) if row.approved_at else query).limit(1)


def clocks_of(session: Session, row: Framework) -> Clocks:
    """The clocks that its rule set and the frameworks before it in its scheme start."""
    return _clocks(session, row, _starts(session, row.follows_id))


def _starts(session: Session, framework_id: UUID | None) -> list[date]:
    """The first days of a framework and of those before it in its scheme, oldest first."""
    columns = (col(Framework.id), col(Framework.follows_id), col(Framework.starts_on))
    chain = select(*columns).where(col(Framework.id) == framework_id).cte("chain", recursive=True)
    chain = chain.union_all(select(*columns).join(chain, col(Framework.id) == chain.c.follows_id))
    return list(session.exec(select(chain.c.starts_on).order_by(chain.c.starts_on)))


def _clocks(session: Session, row: Framework, starts: Sequence[date]) -> Clocks:
    rule_set = session.get_one(RuleSet, row.rule_set_slug)
    return rules.clocks(
        starts,
        max_years=rule_set.max_years,
        first_reopen=rule_set.first_reopen_within_years,
        next_reopen=rule_set.next_reopen_within_years,
    )


def _lots(session: Session, framework_id: UUID) -> tuple[LotFacts, ...]:
    rates = packed(LotRate.position, LotRate.unit, LotRate.pence, LotRate.is_fixed)
    therapies = packed(LotTherapy.therapy_slug)
    rows = session.exec(
        select(
            Lot,
            rates.where(col(LotRate.lot_id) == Lot.id).correlate(Lot).scalar_subquery(),
            therapies.where(col(LotTherapy.lot_id) == Lot.id).correlate(Lot).scalar_subquery(),
        )
        .where(Lot.framework_id == framework_id)
        .order_by(col(Lot.number))
    ).all()
    kinds = _kinds(session, [lot for lot, *_ in rows])
    return tuple(
        LotFacts(
            number=lot.number,
            name=lot.name,
            service=Service(lot.service),
            description=lot.description,
            price_unit=PriceUnit(lot.price_unit),
            ceiling_pence=lot.ceiling_pence,
            requires=kinds[lot.id],
            mechanism=Mechanism(lot.mechanism),
            rates=tuple(
                RateFacts(PriceUnit(unit), int(pence), is_fixed in ("1", "true"))
                for _, unit, pence, is_fixed in sorted(unpacked(of_lot), key=lambda rate: int(rate[0]))
            ),
            therapies=tuple(slug for (slug,) in unpacked(told)),
            topics=tuple(lot.topics),
            outcomes=tuple(lot.outcomes),
            monitoring=tuple(lot.monitoring),
            admission=Admission(lot.admission),
            pass_mark=lot.pass_mark,
            max_members=lot.max_members,
        )
        for lot, of_lot, told in rows
    )


def _kinds(session: Session, lots: Sequence[Lot]) -> Mapping[UUID, tuple[Any, ...]]:
    """What must be met of each lot's rule; of a lot without a rule each kind that is listed for it."""
    told = {
        lot.id: tuple(as_json(rule) for rule in clauses(rule_of(lot.requirement))) for lot in lots if lot.requirement
    }
    bare = [lot.id for lot in lots if not lot.requirement]
    if bare:
        listed: defaultdict[UUID, list[Any]] = defaultdict(list)
        for need in session.exec(select(LotRequirement).where(col(LotRequirement.lot_id).in_(bare))):
            listed[need.lot_id].append(need.kind_slug)
        told |= {lot_id: tuple(sorted(listed[lot_id])) for lot_id in bare}
    return told


@dataclass(frozen=True, slots=True)
class _Buyers:
    """Where a framework buys and for whom."""

    regions: tuple[RegionFacts, ...]
    call_off: tuple[CallOffFacts, ...]
    may_accede: tuple[Code, ...]
    open_regions: tuple[str, ...]


def _buyers(session: Session, framework_id: UUID) -> _Buyers:
    """In one query, as none of it is long."""
    regions = (
        packed(Region.name, PanRegion.slug, Organisation.slug, Organisation.id)
        .select_from(Region)
        .outerjoin(PanRegion, col(PanRegion.id) == Region.pan_region_id)
        .outerjoin(RegionAuthority, col(RegionAuthority.region_id) == Region.id)
        .outerjoin(Organisation, col(Organisation.id) == RegionAuthority.authority_id)
        .where(col(Region.framework_id) == framework_id)
    )
    listed = (
        packed(Organisation.slug, Organisation.id, CallOffBody.entitled_from, CallOffBody.entitled_to)
        .select_from(CallOffBody)
        .join(Organisation, col(Organisation.id) == CallOffBody.organisation_id)
        .where(col(CallOffBody.framework_id) == framework_id)
    )
    open_to = (
        packed(Organisation.slug, Organisation.id, PanRegion.slug)
        .select_from(MayAccede)
        .outerjoin(Organisation, col(Organisation.id) == MayAccede.organisation_id)
        .outerjoin(PanRegion, col(PanRegion.id) == MayAccede.pan_region_id)
        .where(col(MayAccede.framework_id) == framework_id)
    )
    every = select(*(one.scalar_subquery() for one in (regions, listed, open_to)))
    served, bodies, joining = (unpacked(text) for text in session.execute(every).one())
    authorities = defaultdict[tuple[str, str], list[Code]](list)
    for name, pan_region, slug, id_ in served:
        authorities[name, pan_region] += [slug or UUID(id_)] if id_ else []
    return _Buyers(
        tuple(RegionFacts(name, tuple(codes), within or None) for (name, within), codes in authorities.items()),
        tuple(
            CallOffFacts(slug or UUID(id_), date.fromisoformat(since), date.fromisoformat(until) if until else None)
            for slug, id_, since, until in bodies
        ),
        tuple(slug or UUID(id_) for slug, id_, _ in joining if id_),
        tuple(pan_region for *_, pan_region in joining if pan_region),
    )


def _criteria(session: Session, framework_id: UUID) -> tuple[CriterionFacts, ...]:
    rows = session.exec(
        select(FrameworkCriterion)
        .where(FrameworkCriterion.framework_id == framework_id)
        .order_by(col(FrameworkCriterion.position))
    )
    return tuple(CriterionFacts(row.name, row.guidance, row.weight_min, row.weight_max, row.is_price) for row in rows)


def _questions(session: Session, row: Framework, version: int | None) -> tuple[QuestionFacts, ...]:
    newest = _question_set(row, version).with_only_columns(col(QuestionSet.id))
    return tuple(facts for of_set in _by_set(session, newest).values() for _, facts in of_set)


def questions_in(session: Session, set_ids: Collection[UUID]) -> dict[UUID, list[tuple[UUID, QuestionFacts]]]:
    """The questions of each of these sets, by their ids and in their order, in one query."""
    return {set_id: [] for set_id in set_ids} | _by_set(session, set_ids)


def _by_set(session: Session, set_ids: Any) -> dict[UUID, list[tuple[UUID, QuestionFacts]]]:
    lots: defaultdict[UUID, list[int]] = defaultdict(list)
    rows: dict[UUID, Question] = {}
    for row, number in session.exec(
        select(Question, Lot.number)
        .outerjoin(QuestionLot, col(QuestionLot.question_id) == Question.id)
        .outerjoin(Lot, col(Lot.id) == QuestionLot.lot_id)
        .where(col(Question.set_id).in_(set_ids))
        .order_by(col(Question.position), col(Lot.number))
    ):
        rows[row.id] = row
        lots[row.id] += [number] if number else []
    found = defaultdict[UUID, list[tuple[UUID, QuestionFacts]]](list)
    for row in rows.values():
        found[row.set_id].append((row.id, _question(row, lots[row.id])))
    return found


def _question(row: Question, lots: Sequence[int]) -> QuestionFacts:
    return QuestionFacts(
        section=row.section,
        text=row.text,
        guidance=row.guidance,
        kind=Answering(row.kind),
        options=tuple(row.options),
        required=row.required,
        max_words=row.max_words,
        carry=Carry(row.carry),
        known_as=Known(row.known_as) if row.known_as else None,
        reason=row.reason,
        passes=tuple(row.passes),
        weight=row.weight,
        threshold=row.threshold,
        descriptors=tuple(row.descriptors),
        lots=tuple(lots),
    )


@dataclass(frozen=True, slots=True)
class Named:
    """The rows that facts name, and the faults of those names that name nothing."""

    organisations: Mapping[Code, UUID]
    pan_regions: Mapping[Code, UUID]
    follows_id: UUID | None
    faults: tuple[Fault, ...]


def named(session: Session, facts: FrameworkFacts) -> Named:
    """Look up every organisation, pan-region, kind of evidence, therapy, rule set and framework that the facts name."""
    authorities, buyers = _organisations(session, facts)
    regions = {region.pan_region_id for region in facts.regions if region.pan_region_id} | set(facts.open_regions)
    pan_regions = _by_code(session.exec(select(PanRegion.id, PanRegion.slug)).all(), regions)
    follows_id = session.exec(
        select(Framework.id).where(Framework.slug == facts.follows, col(Framework.approved_at).is_not(None))
    ).first()
    kinds, therapies = set(session.exec(select(EvidenceKind.slug))), set(session.exec(select(Therapy.slug)))
    faults = [
        *_unless(session.get(RuleSet, facts.rule_set_slug), "rule_set_slug", "rule set", facts.rule_set_slug),
        *_unless(follows_id or not facts.follows, "follows", "approved framework", facts.follows),
    ]
    for at, lot in enumerate(facts.lots):
        for n, need in enumerate(lot.requires):
            for kind in kinds_of(rule_of(need)):
                faults += _unless(kind in kinds, f"lots[{at}].requires[{n}]", "kind of evidence", kind)
        for n, therapy in enumerate(lot.therapies):
            faults += _unless(therapy in therapies, f"lots[{at}].therapies[{n}]", "therapy", therapy)
    for at, region in enumerate(facts.regions):
        code = region.pan_region_id
        faults += _unless(not code or code in pan_regions, f"regions[{at}].pan_region_id", "pan-region", code)
        for n, authority in enumerate(region.authorities):
            faults += _unless(authority in authorities, f"regions[{at}].authorities[{n}]", "authority", authority)
    for at, body in enumerate(facts.call_off):
        faults += _unless(
            body.organisation_id in buyers, f"call_off[{at}].organisation_id", "agency", body.organisation_id
        )
    for at, code in enumerate(facts.may_accede):
        faults += _unless(code in buyers, f"may_accede[{at}]", "agency", code)
    for at, code in enumerate(facts.open_regions):
        faults += _unless(code in pan_regions, f"open_regions[{at}]", "pan-region", code)
    return Named({**authorities, **buyers}, pan_regions, follows_id, tuple(faults))


def _organisations(session: Session, facts: FrameworkFacts) -> tuple[dict[Code, UUID], dict[Code, UUID]]:
    """The authorities that regions name, and who may call off or join those who may: anybody who buys."""
    authorities = {code for region in facts.regions for code in region.authorities}
    buyers = {body.organisation_id for body in facts.call_off} | set(facts.may_accede)
    codes = authorities | buyers
    rows = session.exec(
        select(Organisation.id, Organisation.slug, Organisation.kind).where(
            col(Organisation.slug).in_([code for code in codes if isinstance(code, str)])
            | col(Organisation.id).in_([code for code in codes if isinstance(code, UUID)])
        )
    ).all()
    of_authorities = [(id_, slug) for id_, slug, kind in rows if kind == OrganisationKind.AUTHORITY]
    of_buyers = [(id_, slug) for id_, slug, kind in rows if kind in _BUYERS]
    return _by_code(of_authorities, authorities), _by_code(of_buyers, buyers)


def _by_code(rows: Sequence[tuple[UUID, str | None]], wanted: Collection[Code]) -> dict[Code, UUID]:
    known: dict[Code | None, UUID] = {slug: id_ for id_, slug in rows} | {id_: id_ for id_, _ in rows}
    return {code: known[code] for code in wanted if code in known}


def _unless(found: object, path: str, what: str, name: object) -> Iterator[Fault]:
    if not found:
        yield Fault(path, f"there is no {what} called “{name}”")
