"""The rows of a framework's parts, written from its facts and, while it is a draft, cleared to be written again."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import Session, col, delete, select

from app.evidence.rules import as_json, kinds_of, rule_of
from app.frameworks.models import (
    CallOffBody,
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
)
from app.frameworks.queries import Named
from app.frameworks.rules import CriterionFacts, FrameworkFacts, LotFacts, QuestionFacts


def write_lots(session: Session, framework_id: UUID, lots: Sequence[LotFacts]) -> None:
    for facts in lots:
        rule = rule_of({"all_of": list(facts.requires)}) if facts.requires else None
        lot = Lot(
            framework_id=framework_id,
            number=facts.number,
            name=facts.name,
            service=facts.service,
            description=facts.description,
            price_unit=facts.price_unit,
            ceiling_pence=facts.ceiling_pence,
            requirement=as_json(rule) if rule else {},
            mechanism=facts.mechanism,
            topics=list(facts.topics),
            outcomes=list(facts.outcomes),
            monitoring=list(facts.monitoring),
            admission=facts.admission,
            pass_mark=facts.pass_mark,
            max_members=facts.max_members,
        )
        session.add(lot)
        session.flush()
        session.add_all(LotRequirement(lot_id=lot.id, kind_slug=kind) for kind in (kinds_of(rule) if rule else ()))
        session.add_all(LotTherapy(lot_id=lot.id, therapy_slug=slug) for slug in facts.therapies)
        session.add_all(
            LotRate(lot_id=lot.id, unit=rate.unit, pence=rate.pence, is_fixed=rate.is_fixed, position=position)
            for position, rate in enumerate(facts.rates, start=1)
        )
    session.flush()


def clear_lots(session: Session, framework_id: UUID) -> None:
    """The questions that name lots must be cleared before."""
    of = select(Lot.id).where(Lot.framework_id == framework_id)
    for part in (LotRequirement, LotTherapy, LotRate):
        session.exec(delete(part).where(col(part.lot_id).in_(of)))
    session.exec(delete(Lot).where(col(Lot.framework_id) == framework_id))


def write_regions(session: Session, framework_id: UUID, facts: FrameworkFacts, known: Named) -> None:
    for told in facts.regions:
        region = Region(
            framework_id=framework_id,
            name=told.name,
            pan_region_id=known.pan_regions[told.pan_region_id] if told.pan_region_id else None,
        )
        session.add(region)
        session.flush()
        ids = {known.organisations[code] for code in told.authorities}
        session.add_all(RegionAuthority(region_id=region.id, authority_id=authority) for authority in ids)
    session.flush()


def clear_regions(session: Session, framework_id: UUID) -> None:
    of = select(Region.id).where(Region.framework_id == framework_id)
    session.exec(delete(RegionAuthority).where(col(RegionAuthority.region_id).in_(of)))
    session.exec(delete(Region).where(col(Region.framework_id) == framework_id))


def write_call_off(session: Session, framework_id: UUID, facts: FrameworkFacts, known: Named) -> None:
    """Who may call off, and who may join them later."""
    session.add_all(
        CallOffBody(
            framework_id=framework_id,
            organisation_id=known.organisations[body.organisation_id],
            entitled_from=body.entitled_from,
            entitled_to=body.entitled_to,
        )
        for body in facts.call_off
    )
    session.add_all(
        MayAccede(framework_id=framework_id, organisation_id=body)
        for body in {known.organisations[code] for code in facts.may_accede}
    )
    session.add_all(
        MayAccede(framework_id=framework_id, pan_region_id=region)
        for region in {known.pan_regions[code] for code in facts.open_regions}
    )
    session.flush()


def clear_call_off(session: Session, framework_id: UUID) -> None:
    for part in (CallOffBody, MayAccede):
        session.exec(delete(part).where(col(part.framework_id) == framework_id))


def write_criteria(session: Session, framework_id: UUID, criteria: Sequence[CriterionFacts]) -> None:
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


def clear_criteria(session: Session, framework_id: UUID) -> None:
    session.exec(delete(FrameworkCriterion).where(col(FrameworkCriterion.framework_id) == framework_id))


def write_questions(session: Session, of: QuestionSet, questions: Sequence[QuestionFacts]) -> None:
    """The lots that the questions name must be written before."""
    lots: Mapping[int, UUID] = dict(
        session.exec(select(Lot.number, Lot.id).where(Lot.framework_id == of.framework_id)).all()
    )
    for position, facts in enumerate(questions, start=1):
        question = Question(
            set_id=of.id,
            position=position,
            section=facts.section,
            text=facts.text,
            guidance=facts.guidance,
            kind=facts.kind,
            options=list(facts.options),
            required=facts.required,
            max_words=facts.max_words,
            carry=facts.carry,
            known_as=facts.known_as,
            reason=facts.reason,
            passes=list(facts.passes),
            weight=facts.weight,
            threshold=facts.threshold,
            descriptors=list(facts.descriptors),
        )
        session.add(question)
        session.flush()
        session.add_all(QuestionLot(question_id=question.id, lot_id=lots[number]) for number in facts.lots)
    session.flush()


def clear_questions(session: Session, of: QuestionSet) -> None:
    questions = select(Question.id).where(Question.set_id == of.id)
    session.exec(delete(QuestionLot).where(col(QuestionLot.question_id).in_(questions)))
    session.exec(delete(Question).where(col(Question.set_id) == of.id))
