"""Proposing a new version of an agreement, approving it, answering it, and reminding those who have not answered."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import NOBODY, Actor
from app.core.crypto import digest
from app.core.london import day_in_words, london_day
from app.core.refusals import NotAllowed, NotFound, refuse_if
from app.frameworks.models import Framework
from app.frameworks.policy import leads
from app.frameworks.queries import led_framework, phase_of
from app.memberships import events
from app.memberships.commands import give_notice
from app.memberships.models import Membership
from app.memberships.policy import signs_for
from app.memberships.queries.live import live
from app.memberships.queries.versions import approved, version_before
from app.memberships.rules import variations as rules
from app.memberships.rules.variations import Decliners, Silence
from app.memberships.terms import Variation, VariationAnswer
from app.memberships.variations import queries
from app.organisations.policy import provider_ids
from app.organisations.queries import contacts, contacts_of
from app.organisations.rules import Role
from app.providers.models import Provider

_SUBJECTS: Final = {
    "asked": "A new version of your agreement",
    "chased": "Answer the new version of your agreement",
    "ends": "Your memberships end with notice",
}


def propose_variation(
    session: Session,
    actor: Actor,
    framework_id: UUID,
    *,
    version: str,
    text: str,
    reason: str,
    answer_by: date,
    effective_on: date,
    silence: Silence,
    decliners: Decliners,
    ends_on: date | None = None,
) -> UUID:
    """The first of two leads; the others are told by e-mail, and until one approves, no member reads of it.

    Raises `NotFound`, `NotAllowed`, and `Refused` with the field's name as its code where a field is wrong.
    """
    framework = led_framework(session, actor, framework_id)
    at = clock.now(session)
    on = london_day(at)
    rows = session.exec(select(Variation).where(Variation.framework_id == framework_id)).all()
    known = approved(session, framework_id)
    before = version_before(known, framework, date.max)
    refuse_if(
        rules.why_not_propose(
            phase=phase_of(framework, on),
            waiting=any(row.approved_at is None and row.withdrawn_at is None for row in rows),
            same_text=text == before.text,
            version_taken=version in {framework.agreement_version, *(row.version for row, _ in known)},
            days=(answer_by, effective_on, ends_on),
            decliners=decliners,
            on=on,
            last_effective=max((row.effective_on for row, _ in known), default=None),
        )
    )
    row = Variation(
        framework_id=framework_id,
        version=version,
        text=text,
        sha256=digest(text.encode()),
        reason=reason,
        answer_by=answer_by,
        effective_on=effective_on,
        silence=silence,
        decliners=decliners,
        ends_on=ends_on,
        proposed_at=at,
        proposed_by=actor.known,
    )
    session.add(row)
    session.flush()
    _record(session, events.VARIATION_PROPOSED, actor, row)
    others = [one for one in contacts(session, framework.lead_id, Role.FRAMEWORK_LEAD) if one.person_id != actor.known]
    mail.queue_all(
        session,
        "memberships/variation_second.txt",
        {f"variation.proposed:{row.id}:{one.person_id}": one.email for one in others},
        at,
        framework=framework.name,
        version=version,
        answer_by=day_in_words(answer_by),
        variation=str(row.id),
    )
    return row.id


def approve_variation(session: Session, actor: Actor, variation_id: UUID) -> None:
    """The second lead; every member's owners are asked by e-mail. A second time it changes nothing. `NotFound`, `Refused`."""
    row, framework = _led(session, actor, variation_id)
    if row.approved_by == actor.known:
        return
    at = clock.now(session)
    on = london_day(at)
    mine = row.proposed_by == actor.known
    refuse_if(rules.why_not_approve(queries.stage_of(row, on), mine=mine, answer_by=row.answer_by, on=on))
    row.approved_at, row.approved_by = at, actor.known
    session.flush()
    _record(session, events.VARIATION_APPROVED, actor, row)
    members = [one.provider_id for one in queries.asked(session, row, on)]
    _tell(session, row, framework, members, "asked", str(row.id))


def withdraw_variation(session: Session, actor: Actor, variation_id: UUID) -> None:
    """The proposal comes to nothing, by its author or another lead. `NotFound`; `Refused` once it is approved."""
    row, _ = _led(session, actor, variation_id)
    if row.withdrawn_by == actor.known:
        return
    at = clock.now(session)
    refuse_if(rules.why_not_withdraw(queries.stage_of(row, london_day(at))))
    row.withdrawn_at, row.withdrawn_by = at, actor.known
    _record(session, events.VARIATION_WITHDRAWN, actor, row)


def answer_variation(
    session: Session, actor: Actor, variation_id: UUID, provider_id: UUID, *, agrees: bool, sha256: str
) -> None:
    """A member agrees or declines, for all its memberships of the framework; `sha256` is of the text that was read.

    To decline what ends memberships is notice, and stands; else who has declined may still agree in time. The same again changes
    nothing. Raises `NotFound`, `NotAllowed` to those who do not own the provider, `Refused`.
    """
    session.exec(select(Provider.id).where(Provider.id == provider_id).with_for_update()).first()
    found = queries.new_version(session, actor, variation_id)
    if provider_id not in provider_ids(actor):
        raise NotFound
    if not signs_for(actor, provider_id):
        raise NotAllowed
    mine = next((one for one in found.members if one.provider_id == provider_id), None)
    if mine and mine.agrees is agrees:
        return
    before = mine.agrees if mine else None
    refuse_if(
        rules.why_not_answer(
            found.stage,
            is_asked=mine is not None,
            before=before,
            decliners=found.decliners,
            same_text=sha256 == found.sha256,
        )
    )
    at = clock.now(session)
    said = select(VariationAnswer).where(
        VariationAnswer.variation_id == variation_id, VariationAnswer.provider_id == provider_id
    )
    row = session.exec(said).first() or VariationAnswer(
        variation_id=variation_id,
        provider_id=provider_id,
        agrees=agrees,
        sha256=sha256,
        answered_at=at,
        answered_by=actor.known,
    )
    row.agrees, row.sha256, row.answered_at, row.answered_by = agrees, sha256, at, actor.known
    session.add(row)
    variation = session.get_one(Variation, variation_id)
    event = events.VARIATION_AGREED if agrees else events.VARIATION_DECLINED
    for one in _memberships(session, variation, [provider_id], london_day(at)):
        audit.record(
            session, event, actor=actor, subject=one.id, about=provider_id, version=found.version, sha256=sha256
        )
    if not agrees:
        _end_with_notice(session, actor, variation, [provider_id], london_day(at))


def chase_variations(session: Session, on: date) -> int:
    """Remind the owners of members that have not answered, seven days and two days before the last day; returns how many members.

    A reminder whose day was missed goes out on the next, once.
    """
    chased = 0
    for row in queries.to_chase(session, on):
        silent = [one.provider_id for one in queries.asked(session, row, on) if one.agrees is None]
        left = (row.answer_by - on).days
        key = f"{row.id}:{min(days for days in rules.CHASED if left <= days)}"
        _tell(session, row, session.get_one(Framework, row.framework_id), silent, "chased", key)
        chased += len(silent)
    return chased


def settle_variations(session: Session, on: date) -> int:
    """Give notice to members that have declined by their silence what ends memberships; returns how many memberships.

    After the last day to answer; the last day of the membership is the version's own, whenever this runs.
    """
    ended = 0
    for row in queries.to_settle(session, on):
        day = row.answer_by + timedelta(days=1)
        declined = [one.provider_id for one in queries.asked(session, row, day) if one.settled is False]
        ended += _end_with_notice(session, NOBODY, row, declined, day)
    return ended


def _end_with_notice(session: Session, actor: Actor, row: Variation, providers: list[UUID], on: date) -> int:
    """Where the version says so; notice that ends sooner stands."""
    if row.ends_on is None:
        return 0
    reason = f"Version {row.version} of the agreement was declined."
    found = [
        one
        for one in _memberships(session, row, providers, on)
        if give_notice(session, actor, one, row.ends_on, reason)
    ]
    told = sorted({one.provider_id for one in found})
    _tell(session, row, session.get_one(Framework, row.framework_id), told, "ends", str(row.id))
    return len(found)


def _memberships(session: Session, row: Variation, providers: list[UUID], on: date) -> list[Membership]:
    mine = col(Membership.provider_id).in_(providers)
    found = select(Membership).where(queries.is_asked(row), mine, live(on))
    return list(session.exec(found.order_by(col(Membership.id)).with_for_update()))


def _led(session: Session, actor: Actor, variation_id: UUID) -> tuple[Variation, Framework]:
    """Locked, with its framework. Raises `NotFound` to all but the framework's leads."""
    row = session.get(Variation, variation_id, with_for_update=True)
    framework = session.get_one(Framework, row.framework_id) if row else None
    if row is None or framework is None or not leads(actor, framework.lead_id):
        raise NotFound
    return row, framework


def _record(session: Session, event: audit.Event, actor: Actor, row: Variation) -> None:
    audit.record(
        session,
        event,
        actor=actor,
        subject=row.id,
        about=row.framework_id,
        version=row.version,
        sha256=row.sha256,
        day=day_in_words(row.effective_on),
        answer_by=day_in_words(row.answer_by),
    )


def _tell(session: Session, row: Variation, framework: Framework, providers: list[UUID], what: str, key: str) -> None:
    """The owners of these members."""
    people = contacts_of(session, providers, Role.OWNER) if providers else []
    mail.queue_all(
        session,
        "memberships/variation.txt",
        {f"variation.{what}:{key}:{one.person_id}": one.email for one in people},
        clock.now(session),
        subject=_SUBJECTS[what],
        what=what,
        framework=framework.name,
        version=row.version,
        silence=rules.SILENCE_WORDS[Silence(row.silence)],
        answer_by=day_in_words(row.answer_by),
        effective_on=day_in_words(row.effective_on),
        last_day=day_in_words(row.ends_on) if row.ends_on else "",
        variation=str(row.id),
    )
