"""Applying to join lots, and deciding each part of an application on its own."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.applications import events, policy, queries, rules
from app.applications.models import Application, ApplicationBurden, ApplicationLot
from app.applications.queries.burden import burden_of, last_statement
from app.applications.rules import Decision, RefusalReason, Step
from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.crypto import canonical, digest
from app.core.database import violates
from app.core.london import london_day
from app.core.refusals import NotFound, refuse_if
from app.evidence.news import PeopleForgotten
from app.evidence.queries.shared import without_people
from app.frameworks.models import Framework, Lot, Region, Round
from app.frameworks.queries import phase_of as framework_phase
from app.frameworks.rules import Part, round_phase
from app.memberships.commands import open_membership
from app.memberships.queries import held
from app.organisations.models import Organisation
from app.organisations.queries import contacts
from app.organisations.rules import Role
from app.providers.queries import held_open, own_provider, restricted, unfinished
from app.providers.rules import is_paused


def start_application(session: Session, actor: Actor, round_id: UUID, provider_id: UUID) -> UUID:
    """Start one for an open round, with the last one's statement, or answer with the one there is.

    Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    provider, organisation = own_provider(session, actor, provider_id, *policy.WRITERS)
    window, at = session.get(Round, round_id), clock.now(session)
    if window is None:
        raise NotFound
    known = queries.live_application(session, provider_id, round_id)
    if known:
        return known
    framework = session.get_one(Framework, window.framework_id)
    refuse_if(
        rules.why_not_start(
            round_phase=round_phase(opens_at=window.opens_at, closes_at=window.closes_at, now=at),
            framework=framework_phase(framework, london_day(at)),
            paused=is_paused(provider.paused_at, provider.paused_until, london_day(at)),
            restricted=bool(restricted(session, [provider_id], at)),
            closed=provider.archived_at is not None,
            unfinished=unfinished(session, provider),
            provider_id=provider_id,
        )
    )
    row = Application(
        provider_id=provider_id,
        round_id=round_id,
        started_at=at,
        started_by=actor.known,
        statement=last_statement(session, provider_id),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        started_meanwhile = queries.live_application(session, provider_id, round_id)
        if started_meanwhile and violates(error, "uq_application_live"):
            return started_meanwhile
        raise
    audit.record(
        session,
        events.STARTED,
        actor=actor,
        subject=row.id,
        about=provider_id,
        provider=organisation.name,
        framework=framework.name,
        round=window.name,
    )
    return row.id


def choose_lots(session: Session, actor: Actor, application_id: UUID, parts: Collection[Part]) -> None:
    """Ask for these lots in these regions and no others. A part outside the round's scope is `NotFound`."""
    row = _editable(session, actor, application_id)
    if not set(parts) <= queries.scope_of(session, row.round_id):
        raise NotFound
    member_of = held(session, row.provider_id, session.get_one(Round, row.round_id).framework_id)
    refuse_if(rules.why_not_choose(already_members=len(set(parts) & set(member_of))))
    asked = {(part.lot_id, part.region_id): part for part in queries.parts_of(session, row.id)}
    if set(asked) == set(parts):
        return
    for part in set(asked) - set(parts):
        session.delete(asked[part])
    session.add_all(
        ApplicationLot(application_id=row.id, lot_id=lot_id, region_id=region_id)
        for lot_id, region_id in sorted(set(parts) - set(asked))
    )
    audit.record(session, events.LOTS_CHOSEN, actor=actor, subject=row.id, count=len(set(parts)))


def write_statement(session: Session, actor: Actor, application_id: UUID, statement: str) -> None:
    """Why this provider, in its own words; at most `rules.MOST_STATEMENT` characters."""
    row = _editable(session, actor, application_id)
    if row.statement == statement:
        return
    row.statement = statement
    audit.record(session, events.STATEMENT_WRITTEN, actor=actor, subject=row.id)


def submit_application(session: Session, actor: Actor, application_id: UUID) -> None:
    """Fix and share what is asked for, by an owner, before the round closes by the database's clock; once.

    The snapshot is what is decided on, not the moving profile. Raises `NotFound`, `NotAllowed`, `Refused`.
    """
    at = clock.now(session)
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    if row.submitted_at and not row.withdrawn_at:
        return
    refuse_if(None if held_open(session, row.provider_id) else rules.CLOSED)
    refuse_if(
        rules.why_not_submit(
            phase=queries.phase_of(session, row, at),
            parts=len(queries.parts_of(session, row.id)),
            statement=row.statement,
            owner=policy.submits_for(actor, row.provider_id),
            application_id=row.id,
            provider_id=row.provider_id,
        )
    )
    row.snapshot = queries.snapshot_of(session, row, at)
    row.snapshot_sha256 = digest(canonical(row.snapshot))
    row.submitted_at, row.submitted_by = at, actor.known
    session.add(ApplicationBurden(application_id=row.id, **asdict(burden_of(session, row, at))))
    audit.record(
        session,
        events.SUBMITTED,
        actor=actor,
        subject=row.id,
        about=row.provider_id,
        at=at,
        sha256=row.snapshot_sha256,
    )
    _tell(session, row, row.provider_id, Role.OWNER, "submitted", sha256=row.snapshot_sha256)
    framework = session.get_one(Framework, session.get_one(Round, row.round_id).framework_id)
    _tell(session, row, framework.lead_id, Role.FRAMEWORK_LEAD, "waiting")


def forget_people(session: Session, forgotten: PeopleForgotten) -> None:
    """Take the names from what a closed provider shared with its applications; their digests and its own words stay."""
    shared = Application.provider_id == forgotten.provider_id, col(Application.submitted_at).is_not(None)
    for row in session.exec(select(Application).where(*shared)):
        row.snapshot = without_people(row.snapshot)


def withdraw_application(session: Session, actor: Actor, application_id: UUID) -> None:
    """Take back what is not decided yet; memberships already opened stay. A second time it changes nothing."""
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    if row.withdrawn_at:
        return
    at = clock.now(session)
    owner = policy.submits_for(actor, row.provider_id)
    refuse_if(rules.why_not_withdraw(phase=queries.phase_of(session, row, at), owner=owner))
    row.withdrawn_at = at
    audit.record(session, events.WITHDRAWN, actor=actor, subject=row.id, about=row.provider_id)


def accept_part(session: Session, actor: Actor, application_id: UUID, part_id: UUID) -> None:
    """Accept one lot in one region: opens its membership and tells the provider, in this transaction.

    Raises `NotFound` unless the actor leads the framework, `Refused` where the rules forbid it.
    """
    row, part = _decidable(session, actor, application_id, part_id, Step.ACCEPT)
    if part is None:
        return
    lot, region = session.get_one(Lot, part.lot_id), session.get_one(Region, part.region_id)
    part.decision, part.decided_at, part.decided_by = Decision.ACCEPTED, clock.now(session), actor.known
    open_membership(
        session,
        actor,
        provider_id=row.provider_id,
        framework_id=lot.framework_id,
        lot_id=lot.id,
        region_id=region.id,
    )
    audit.record(
        session, events.PART_ACCEPTED, actor=actor, subject=part.id, about=row.id, lot=lot.name, region=region.name
    )
    _tell(session, row, row.provider_id, Role.OWNER, "accepted", part=part.id, lot=lot.name, region=region.name)


def propose_refusal(
    session: Session, actor: Actor, application_id: UUID, part_id: UUID, reason_code: RefusalReason, reason: str
) -> None:
    """The first of the two people that a refusal needs, with the reason in words. The provider is not told yet."""
    row, part = _decidable(session, actor, application_id, part_id, Step.PROPOSE_REFUSAL)
    if part is None:
        return
    part.proposed_by, part.proposed_at = actor.known, clock.now(session)
    part.reason_code, part.reason = reason_code, reason
    _record_refusal(session, events.REFUSAL_PROPOSED, actor, row, part)


def confirm_refusal(session: Session, actor: Actor, application_id: UUID, part_id: UUID) -> None:
    """The second person: the refusal stands, and the provider is told that reasons wait behind the sign-in."""
    row, part = _decidable(session, actor, application_id, part_id, Step.CONFIRM_REFUSAL)
    if part is None:
        return
    lot, region = session.get_one(Lot, part.lot_id), session.get_one(Region, part.region_id)
    part.decision, part.decided_at, part.decided_by = Decision.REFUSED, clock.now(session), actor.known
    _record_refusal(session, events.PART_REFUSED, actor, row, part)
    _tell(session, row, row.provider_id, Role.OWNER, "decided", part=part.id, lot=lot.name, region=region.name)


def _editable(session: Session, actor: Actor, application_id: UUID) -> Application:
    row = queries.own_row(session, actor, application_id, *policy.WRITERS, lock=True)
    refuse_if(rules.why_not_edit(queries.phase_of(session, row, clock.now(session))))
    return row


def _decidable(
    session: Session, actor: Actor, application_id: UUID, part_id: UUID, step: Step
) -> tuple[Application, ApplicationLot | None]:
    """The application, locked so that two leads decide one after the other, and the part, or None when it is done."""
    row = queries.led_row(session, actor, application_id, lock=True)
    part = next((part for part in queries.parts_of(session, row.id) if part.id == part_id), None)
    if part is None:
        raise NotFound
    state = rules.part_state(decision=part.decision, proposed_at=part.proposed_at)
    mine = part.proposed_by == actor.person_id
    if rules.is_done(step, state=state, proposed_by_actor=mine):
        return row, None
    refuse_if(
        rules.why_not_step(
            step,
            state=state,
            phase=queries.phase_of(session, row, clock.now(session)),
            proposed_by_actor=mine,
            own_provider=policy.belongs_to(actor, row.provider_id),
        )
    )
    return row, part


def _record_refusal(session: Session, event: audit.Event, actor: Actor, row: Application, part: ApplicationLot) -> None:
    audit.record(
        session,
        event,
        actor=actor,
        subject=part.id,
        about=row.id,
        lot=session.get_one(Lot, part.lot_id).name,
        region=session.get_one(Region, part.region_id).name,
        reason=rules.REASONS[RefusalReason(part.reason_code)],
    )


def _tell(
    session: Session,
    row: Application,
    organisation_id: UUID,
    role: Role,
    event: str,
    *,
    part: UUID | None = None,
    **context: str,
) -> None:
    """One message to each person of this role there; it says what waits behind the sign-in."""
    window = session.get_one(Round, row.round_id)
    for contact in contacts(session, organisation_id, role):
        mail.queue(
            session,
            f"applications/{event}.txt",
            to=contact.email,
            dedupe=f"application.{event}:{part or row.id}:{contact.person_id}",
            name=contact.name,
            provider=session.get_one(Organisation, row.provider_id).name,
            framework=session.get_one(Framework, window.framework_id).name,
            application_id=str(row.id),
            **context,
        )
