"""A draft for the builder, and what the builder offers to choose from, by task, as (value, words)."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.accounts.models import Person
from app.core.actor import Actor
from app.core.refusals import NotFound, Refusal
from app.evidence.queries import kinds
from app.frameworks.models import CallOffBody, Framework, RuleSet
from app.frameworks.policy import leads
from app.frameworks.queries.facts import facts_of, newest_questions
from app.frameworks.queries.whole import framework_row
from app.frameworks.rules import FrameworkFacts, doubtful
from app.organisations.models import Organisation, OrganisationSeat, PanRegion
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Therapy

Choices = list[tuple[str, str]]


def choices(session: Session, task: str) -> dict[str, Choices]:
    """By the name of the field. A task without lists of rows to choose from has none."""
    match task:
        case "facts":
            rule_sets = session.exec(select(RuleSet.slug, RuleSet.name).order_by(RuleSet.name)).all()
            approved = session.exec(
                select(Framework.slug, Framework.name)
                .where(col(Framework.approved_at).is_not(None), col(Framework.scheme_ends_on).is_not(None))
                .order_by(Framework.name)
            ).all()
            return {"rule_set_slug": list(rule_sets), "follows": list(approved)}
        case "lots":
            return {"therapies": list(session.exec(select(Therapy.slug, Therapy.name).order_by(Therapy.name)))}
        case "evidence":
            return {"kinds": [(kind.slug, kind.name) for kind in kinds(session)]}
        case "regions":
            pan_regions = session.exec(select(PanRegion.slug, PanRegion.name).order_by(PanRegion.name)).all()
            return {
                "pan_region_id": list(pan_regions),
                "authorities": _organisations(session, OrganisationKind.AUTHORITY),
            }
        case "call-off":
            return {"organisation_id": _organisations(session, OrganisationKind.RAA, OrganisationKind.AUTHORITY)}
    return {}


def insured(session: Session) -> frozenset[str]:
    """The kinds of evidence that have an amount of cover."""
    return frozenset(kind.slug for kind in kinds(session) if kind.insurance)


def kind_names(session: Session) -> dict[str, str]:
    """What each kind of evidence is called, by its slug."""
    return {kind.slug: kind.name for kind in kinds(session)}


def organisation_names(session: Session) -> dict[str, str]:
    """The names of agencies and authorities by the code that a file has for them."""
    rows = session.exec(
        select(Organisation.id, Organisation.slug, Organisation.name).where(
            col(Organisation.kind).in_((OrganisationKind.RAA, OrganisationKind.AUTHORITY, OrganisationKind.LEAD))
        )
    )
    return {slug or str(id_): name for id_, slug, name in rows}


def _organisations(session: Session, *kinds_: OrganisationKind) -> Choices:
    rows = session.exec(
        select(Organisation.id, Organisation.slug, Organisation.name)
        .where(col(Organisation.kind).in_(kinds_))
        .order_by(Organisation.name)
    )
    return [(slug or str(id_), name) for id_, slug, name in rows]


def draft(session: Session, actor: Actor, framework_id: UUID) -> tuple[Framework, FrameworkFacts]:
    """A framework that this person leads, with its facts and newest questions. Raises `NotFound` to everybody else."""
    row = framework_row(session, actor, framework_id)
    if not leads(actor, row.lead_id):
        raise NotFound
    newest = newest_questions(session, row) if row.approved_at else None
    return row, facts_of(session, row, newest.version if newest else None)


def doubts(session: Session, row: Framework, facts: FrameworkFacts) -> tuple[Refusal, ...]:
    """What of a draft may be a mistake though it stops no approval. The lead and the call-off list, with their assessors, are
    asked at once.
    """
    listed = select(CallOffBody.organisation_id).where(CallOffBody.framework_id == row.id)
    seated = (
        select(func.count(col(OrganisationSeat.id)))
        .join(Person, col(Person.id) == OrganisationSeat.person_id)
        .where(OrganisationSeat.organisation_id == Organisation.id, OrganisationSeat.role == Role.ASSESSOR)
        .where(col(OrganisationSeat.ended_at).is_(None), col(Person.disabled_at).is_(None))
        .correlate(Organisation)
        .scalar_subquery()
    )
    rows = session.exec(
        select(Organisation.id, Organisation.slug, Organisation.name, seated).where(
            (col(Organisation.id) == row.lead_id) | col(Organisation.id).in_(listed)
        )
    ).all()
    names = {slug or str(id_): name for id_, slug, name, _ in rows}
    return doubtful(facts, names, assessors=sum(count for *_, count in rows))


@dataclass(frozen=True, slots=True)
class Version:
    """A set of questions: which it is, whether it is frozen, and who wrote it."""

    number: int
    frozen: bool
    written_by: UUID


def version_of_questions(session: Session, row: Framework) -> Version | None:
    """The newest questions of an approved framework; None while it is a draft."""
    newest = newest_questions(session, row) if row.approved_at else None
    return Version(newest.version, newest.frozen_at is not None, newest.written_by) if newest else None
