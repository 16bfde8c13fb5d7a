"""A spreadsheet of members: kept while it waits, said whom its rows mean, and approved by a second person, all of it or nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete

from app.core import audit, clock, mail
from app.core.actor import Actor
from app.core.database import violates
from app.core.london import london_day
from app.core.refusals import Refusal, Refused, refuse_if
from app.evidence.commands import Stated, state_expiries
from app.frameworks.models import Framework, Lot
from app.frameworks.queries import led_framework, lock_ranked, phase_of
from app.memberships import events
from app.memberships.commands import end_what_is_over
from app.memberships.importing import queries, rules
from app.memberships.importing.models import MemberImport
from app.memberships.importing.queries import Parts, Planned
from app.memberships.importing.rules import NEW, Line
from app.memberships.models import Membership
from app.organisations.commands import invite_first
from app.organisations.queries import emails_of
from app.organisations.rules import Role
from app.providers.commands import list_provider
from app.providers.rules import ProviderKind


def keep_list(
    session: Session, actor: Actor, framework_id: UUID, *, file_name: str, sha256: str, lines: Sequence[Line]
) -> UUID:
    """Keep the rows of a spreadsheet in which every cell is right, until a second lead approves it.

    One that still waited gives way to it. Raises `Refused` where the framework takes no members.
    """
    framework, now = led_framework(session, actor, framework_id), clock.now(session)
    refuse_if(rules.why_not_import(phase_of(framework, london_day(now))))
    holders, _ = queries.matched(session, lines)
    like = queries.look_alikes(session, [line for line in lines if not holders[line.row]])
    _clear(session, framework_id)
    row = MemberImport(
        framework_id=framework_id,
        file_name=file_name[-200:],
        sha256=sha256,
        rows={
            "lines": [
                {"row": line.row, "values": line.values, "alike": like.get(line.row, []), "same_as": ""}
                for line in lines
            ]
        },
        read_at=now,
        read_by=actor.known,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        events.LIST_SENT,
        actor=actor,
        subject=row.id,
        about=framework_id,
        file=audit.Personal(row.file_name, row.id),
        rows=len(lines),
    )
    return row.id


def say_who(session: Session, actor: Actor, framework_id: UUID, import_id: UUID, said: Mapping[int, str]) -> None:
    """Of rows that look like somebody who is here: the id of who it is, or `NEW`. Raises `Refused` for anybody else.

    Of a list that was approved there is nothing more to say.
    """
    led_framework(session, actor, framework_id)
    kept = queries.kept_import(session, framework_id, import_id, lock=True)
    if kept.agreed_at:
        return
    lines = [dict(line) for line in kept.rows["lines"]]
    for line in lines:
        if (answer := said.get(line["row"])) is None:
            continue
        if answer != NEW and answer not in {alike_id for alike_id, _, _ in line["alike"]}:
            raise Refused(Refusal("not_alike", "Choose one of those shown, or a new provider."))
        line["same_as"] = answer
    if lines != kept.rows["lines"]:
        kept.rows = {"lines": lines}
        audit.record(session, events.LIST_MATCHED, actor=actor, subject=kept.id, about=framework_id, count=len(said))


def put_aside_list(session: Session, actor: Actor, framework_id: UUID, import_id: UUID) -> None:
    """Take a list away that waits; one that was approved stays approved."""
    led_framework(session, actor, framework_id)
    kept = queries.kept_import(session, framework_id, import_id, lock=True)
    if kept.agreed_at:
        return
    audit.record(
        session,
        events.LIST_PUT_ASIDE,
        actor=actor,
        subject=kept.id,
        about=framework_id,
        file=audit.Personal(kept.file_name, kept.id),
    )
    session.delete(kept)


def approve_list(session: Session, actor: Actor, framework_id: UUID, import_id: UUID) -> int:
    """Make the list count, by a lead who did not send it: every membership it names that is not there yet, and how many.

    Those who are here are told and sign; of who is not, a provider is written down and the address in its row invited. A
    second time nothing happens. Raises `Refused`.
    """
    framework, now = led_framework(session, actor, framework_id), clock.now(session)
    kept = queries.kept_import(session, framework_id, import_id, lock=True)
    if kept.agreed_at:
        return kept.opened
    of = queries.parts(session, framework_id)
    refuse_if(rules.why_not_import(phase_of(framework, london_day(now))))
    lock_ranked(session, col(Lot.framework_id) == framework_id)
    planned, faults = queries.plan(session, kept, of)
    refuse_if(
        rules.why_not_agree(
            read_by=kept.read_by,
            person=actor.person_id,
            undecided=sum(one.undecided for one in planned),
            faults=faults,
        )
    )
    whose = _providers(session, actor, framework, planned)
    members = _members(session, actor, framework, of, planned, whose, now)
    stated = {
        (whose[one.line.row], slug): Stated(whose[one.line.row], slug, day)
        for one in planned
        for slug, day in one.states
    }
    state_expiries(session, actor, framework.lead_id, tuple(stated.values()))
    _tell(session, framework, kept, {row.provider_id for row in members})
    kept.agreed_at, kept.agreed_by, kept.opened, kept.rows = now, actor.known, len(members), {}
    audit.record(
        session,
        events.LIST_APPROVED,
        actor=actor,
        subject=kept.id,
        about=framework_id,
        file=audit.Personal(kept.file_name, kept.id),
        sha256=kept.sha256,
        members=len(members),
        providers=len({row.provider_id for row in members}),
    )
    return len(members)


def _clear(session: Session, framework_id: UUID) -> None:
    session.exec(
        delete(MemberImport).where(
            col(MemberImport.framework_id) == framework_id, col(MemberImport.agreed_at).is_(None)
        )
    )


def _providers(session: Session, actor: Actor, framework: Framework, planned: Sequence[Planned]) -> dict[int, UUID]:
    """Whose each row is: somebody here, or somebody written down now, once for all its rows."""
    found: dict[int, UUID] = {}
    made: dict[tuple[str, str], UUID] = {}
    for one in planned:
        numbers = one.line.numbers
        provider_id = one.provider_id or next((made[pair] for pair in numbers.items() if pair in made), None)
        if provider_id is None:
            values = one.line.values
            provider_id = list_provider(session, actor, values["name"], ProviderKind(values["kind"]), numbers)
            invite_first(
                session,
                actor,
                organisation_id=provider_id,
                email=values["email"],
                role=Role.OWNER,
                listed_in=framework.name,
            )
            made |= dict.fromkeys(numbers.items(), provider_id)
        found[one.line.row] = provider_id
    return found


def _members(
    session: Session,
    actor: Actor,
    framework: Framework,
    of: Parts,
    planned: Sequence[Planned],
    whose: Mapping[int, UUID],
    now: datetime,
) -> list[Membership]:
    """Conditional memberships, each once. A decision about an application may open the same one at that moment."""
    here = (col(Membership.framework_id) == framework.id, col(Membership.provider_id).in_(set(whose.values())))
    end_what_is_over(session, london_day(now), *here)
    session.flush()
    opened: dict[tuple[UUID, int, str], Membership] = {}
    for one in planned:
        for number, region in one.opens:
            provider_id = whose[one.line.row]
            opened.setdefault(
                (provider_id, number, region),
                Membership(
                    provider_id=provider_id,
                    framework_id=framework.id,
                    lot_id=of.lots[number][0],
                    region_id=of.regions[region],
                    opened_at=now,
                    opened_by=actor.known,
                ),
            )
    session.add_all(opened.values())
    try:
        session.flush()
    except IntegrityError as error:
        if violates(error, "uq_membership_live"):
            raise Refused(
                Refusal("opened_meanwhile", "A membership was opened meanwhile. Look at the list again.")
            ) from error
        raise
    names = {whose[one.line.row]: one.provider_name for one in planned}
    for (provider_id, number, region), row in opened.items():
        audit.record(
            session,
            events.OPENED,
            actor=actor,
            subject=row.id,
            about=provider_id,
            provider=names[provider_id],
            lot=of.lots[number][1],
            region=region,
        )
    return list(opened.values())


def _tell(session: Session, framework: Framework, kept: MemberImport, provider_ids: set[UUID]) -> None:
    """The owners of those who were here already; who was not has an invitation."""
    addresses = {
        f"memberships.listed:{kept.id}:{provider_id}:{person_id}": email
        for provider_id, people in emails_of(session, provider_ids, Role.OWNER).items()
        for person_id, email in people
    }
    mail.queue_all(session, "memberships/listed.txt", addresses, framework=framework.name)
