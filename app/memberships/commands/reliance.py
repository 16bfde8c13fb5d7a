"""How far an agency relies on others' checks, its own look at a fact where it does not, and the documents it opens."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed, NotFound, refuse_if
from app.evidence import checklists
from app.evidence.models import OwnVerification, ReliancePolicy, Verification
from app.evidence.queries import registers_of, standing_of
from app.evidence.queries.kinds import kind_of
from app.evidence.rules import Tick, why_not_ticked
from app.evidence.rules.reliance import RELIANCE_WORDS, Reliance
from app.memberships import events, rules
from app.memberships.policy import answers_for, looks_for
from app.memberships.queries.relying import document_relied_on, fact_relied_on
from app.organisations.models import Organisation
from app.organisations.policy import buyer_ids


def set_reliance(session: Session, actor: Actor, agency_id: UUID, kind_slug: str | None, policy: Reliance) -> None:
    """Say how far the agency relies on checks of a kind, or of every kind, in briefs that it publishes from now on.

    Raises `NotFound`, `NotAllowed`.
    """
    agency = _agency(session, actor, agency_id)
    if not answers_for(actor, agency_id):
        raise NotAllowed
    name = kind_of(session, kind_slug).name if kind_slug else "every other kind of evidence"
    said = session.exec(
        select(ReliancePolicy.policy)
        .where(
            ReliancePolicy.organisation_id == agency_id, col(ReliancePolicy.kind_slug).is_not_distinct_from(kind_slug)
        )
        .order_by(col(ReliancePolicy.set_at).desc(), col(ReliancePolicy.id).desc())
        .limit(1)
    ).first()
    if said == policy:
        return
    at = clock.now(session)
    session.add(
        ReliancePolicy(organisation_id=agency_id, kind_slug=kind_slug, policy=policy, set_at=at, set_by=actor.known)
    )
    words = RELIANCE_WORDS[policy][0].lower()
    audit.record(session, events.RELIANCE_SET, actor=actor, subject=agency_id, kind=name, policy=words, agency=agency)


def check_ourselves(
    session: Session, actor: Actor, agency_id: UUID, item_id: UUID, *, how: str, ticks: Mapping[str, Tick]
) -> None:
    """The agency has looked itself at a fact that another organisation verified: added beside that decision, once.

    `ticks` are the points of `checklists.checklist` by key, as for the first check. Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    agency = _agency(session, actor, agency_id)
    if not looks_for(actor, agency_id):
        raise NotAllowed
    at = clock.now(session)
    on = london_day(at)
    item = fact_relied_on(session, agency_id, item_id, on)
    kind = kind_of(session, item.kind_slug)
    outcome = session.exec(
        select(Verification.outcome).where(Verification.item_id == item_id).with_for_update()
    ).first()
    known = session.exec(
        select(OwnVerification.id).where(
            OwnVerification.item_id == item_id, OwnVerification.organisation_id == agency_id
        )
    ).first()
    if known:
        return
    refuse_if(rules.why_not_check_ourselves(standing_of(item, kind.promised_until_award, outcome, on)))
    points = checklists.checklist(kind, registers_of(session, item_id))
    refuse_if(why_not_ticked(points, ticks))
    session.add(
        OwnVerification(
            item_id=item_id,
            organisation_id=agency_id,
            checker_id=actor.known,
            how=how,
            at=at,
            checklist=checklists.kept(points, ticks),
        )
    )
    audit.record(
        session, events.CHECKED_OURSELVES, actor=actor, subject=item_id, about=agency_id, kind=kind.name, agency=agency
    )


def open_relied_document(session: Session, actor: Actor, document_id: UUID) -> None:
    """An agency opens a document it relies on: told in the trail of its item, where its provider reads it.

    Raises `NotFound`.
    """
    document, item, agency_id = document_relied_on(session, actor, document_id)
    audit.record(
        session,
        events.DOCUMENT_OPENED,
        actor=actor,
        subject=document.id,
        about=item.id,
        file_name=audit.Personal(document.file_name, document.id),
        agency=session.get_one(Organisation, agency_id).name,
    )


def _agency(session: Session, actor: Actor, agency_id: UUID) -> str:
    if agency_id not in buyer_ids(actor):
        raise NotFound
    session.exec(select(Organisation.id).where(Organisation.id == agency_id).with_for_update()).one()
    return session.get_one(Organisation, agency_id).name
