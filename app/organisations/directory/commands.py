"""Recording what becomes of agencies, and who signs for them. Nothing that was true is erased: it ends on a day."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import day_in_words
from app.core.refusals import NotFound, refuse_if
from app.core.words import listed
from app.organisations import events
from app.organisations.directory import queries, rules
from app.organisations.directory.rules import ChangeFacts
from app.organisations.models import (
    ContractingAuthority,
    DirectoryChange,
    Organisation,
    Raa,
    RaaAuthority,
    RaaPanRegion,
    RaaSuccessor,
)
from app.organisations.policy import administers
from app.organisations.reference import DIRECTORY
from app.organisations.rules import Confidence, LegalForm, OrganisationKind, slug


def record_change(session: Session, actor: Actor, facts: ChangeFacts) -> UUID:
    """Record a merger, succession, split or move, and return the agency to which the authorities went.

    An agency all of whose authorities go ends on that day and keeps its history. Raises `NotFound` to all but the service's
    administrators, and `Refused`.
    """
    if not administers(actor):
        raise NotFound
    moving = _moving(session, facts)
    leaving = {link.raa_id for link, _ in moving}
    into = session.get(Raa, facts.into) if facts.into else None
    refuse_if(
        rules.why_not_change(
            moving=[(name, link.valid_from) for link, name in moving],
            into_ends=into.valid_to if into else None,
            taken=into is None and _taken(session, facts.new_name),
            on=facts.effective_on,
        )
    )
    ending = leaving - _left_behind(session, leaving, {link.id for link, _ in moving})
    change = DirectoryChange(
        kind=rules.change_kind(ended=len(ending), into_new=into is None),
        effective_on=facts.effective_on,
        source=facts.source,
        recorded_at=clock.now(session),
        recorded_by=actor.known,
    )
    session.add(change)
    successor = into or _new_agency(session, facts, leaving)
    session.flush()
    _move(session, [link for link, _ in moving], successor.id, change)
    for raa_id in sorted(leaving):
        whole = raa_id in ending
        session.add(RaaSuccessor(change_id=change.id, raa_id=raa_id, successor_id=successor.id, whole=whole))
        if whole:
            session.get_one(Raa, raa_id).valid_to = facts.effective_on
    _record(session, actor, change, [name for _, name in moving], leaving, ending, successor.id)
    return successor.id


def record_signer(
    session: Session, actor: Actor, raa_id: UUID, *, name: str, form: LegalForm, on: date, source: str
) -> None:
    """From that day this legal body signs for the agency; the one before it ends. Raises `NotFound`, `Refused`."""
    raa = session.get(Raa, raa_id, with_for_update=True) if administers(actor) else None
    if raa is None:
        raise NotFound
    before = session.exec(
        select(ContractingAuthority).where(
            ContractingAuthority.raa_id == raa_id, col(ContractingAuthority.valid_to).is_(None)
        )
    ).first()
    if before:
        refuse_if(rules.why_not_sign(since=before.valid_from, on=on))
        before.valid_to = on
        session.flush()
    council = select(Organisation.id).where(
        Organisation.kind == OrganisationKind.AUTHORITY, Organisation.slug == slug(name)
    )
    row = ContractingAuthority(
        raa_id=raa_id,
        name=name,
        form=form,
        authority_id=session.exec(council).first(),
        valid_from=on,
        source=source,
        confidence=Confidence.VERIFIED,
        recorded_at=clock.now(session),
        recorded_by=actor.known,
    )
    session.add(row)
    session.flush()
    agency = session.get_one(Organisation, raa_id).name
    audit.record(
        session,
        events.SIGNER_RECORDED,
        actor=actor,
        subject=row.id,
        about=raa_id,
        signer=name,
        agency=agency,
        day=day_in_words(on),
    )


def _moving(session: Session, facts: ChangeFacts) -> list[tuple[RaaAuthority, str]]:
    """The standing links that this change ends, locked, each with its authority's name."""
    chosen = col(RaaAuthority.raa_id).in_(facts.agencies) | col(RaaAuthority.authority_id).in_(facts.authorities)
    rows = session.exec(
        select(RaaAuthority, Organisation.name)
        .join(Organisation, col(Organisation.id) == RaaAuthority.authority_id)
        .where(chosen, col(RaaAuthority.valid_to).is_(None), RaaAuthority.raa_id != facts.into)
        .order_by(Organisation.name)
        .with_for_update(of=RaaAuthority)
    )
    return list(rows.all())


def _left_behind(session: Session, leaving: Collection[UUID], going: Collection[UUID]) -> set[UUID]:
    """The agencies among these that still serve somebody when those links have gone."""
    return set(
        session.exec(
            select(RaaAuthority.raa_id).where(
                col(RaaAuthority.raa_id).in_(leaving),
                col(RaaAuthority.valid_to).is_(None),
                col(RaaAuthority.id).not_in(going),
            )
        )
    )


def _taken(session: Session, name: str) -> bool:
    return session.exec(select(Organisation.id).where(Organisation.slug == slug(name))).first() is not None


def _new_agency(session: Session, facts: ChangeFacts, leaving: Collection[UUID]) -> Raa:
    """In the pan-regions of those it follows."""
    organisation = Organisation(
        kind=OrganisationKind.RAA, name=facts.new_name, slug=slug(facts.new_name), created_at=clock.now(session)
    )
    session.add(organisation)
    session.flush()
    raa = Raa(id=organisation.id, valid_from=facts.effective_on, source=facts.source, confidence=Confidence.VERIFIED)
    session.add(raa)
    session.flush()
    regions = session.exec(
        select(RaaPanRegion.pan_region_id)
        .where(col(RaaPanRegion.raa_id).in_(leaving), queries.standing(RaaPanRegion, facts.effective_on))
        .distinct()
    )
    session.add_all(
        RaaPanRegion(raa_id=raa.id, pan_region_id=region, valid_from=facts.effective_on) for region in regions
    )
    return raa


def _move(session: Session, links: Collection[RaaAuthority], successor_id: UUID, change: DirectoryChange) -> None:
    for link in links:
        link.valid_to = change.effective_on
    session.flush()
    session.add_all(
        RaaAuthority(
            raa_id=successor_id,
            authority_id=link.authority_id,
            valid_from=change.effective_on,
            change_id=change.id,
        )
        for link in links
    )


def _record(
    session: Session,
    actor: Actor,
    change: DirectoryChange,
    authorities: list[str],
    leaving: Collection[UUID],
    ending: Collection[UUID],
    successor_id: UUID,
) -> None:
    rows = session.exec(
        select(Organisation.id, Organisation.name).where(col(Organisation.id).in_({*leaving, successor_id}))
    )
    names = dict(rows.all())
    ended = sorted(names[raa_id] for raa_id in ending)
    audit.record(
        session,
        events.DIRECTORY_CHANGED,
        actor=actor,
        subject=change.id,
        about=DIRECTORY,
        kind=change.kind,
        day=day_in_words(change.effective_on),
        authorities=listed(authorities),
        before=listed(sorted(names[raa_id] for raa_id in leaving)),
        after=names[successor_id],
        ended=f"; {listed(ended)} ended" if ended else "",
    )
