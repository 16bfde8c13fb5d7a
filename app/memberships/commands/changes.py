"""Telling each relying agency that a fact has changed, and taking its word: still content, or a question."""

from collections.abc import Collection, Iterator
from dataclasses import astuple
from datetime import date
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.core import audit, clock, mail
from app.core.actor import NOBODY, Actor
from app.core.london import london_day
from app.core.refusals import NotAllowed
from app.evidence.models import EvidenceItem, EvidenceKind
from app.evidence.news import ItemChanged
from app.evidence.policy import KEEPERS
from app.evidence.queries import pieces
from app.evidence.rules import Standing
from app.evidence.rules.changes import AT_ONCE, CHANGE_WORDS, Change
from app.memberships import events
from app.memberships.models import ChangeNotice
from app.memberships.policy import RELIERS, answers_for
from app.memberships.queries.changes import own_notice, unmailed
from app.memberships.queries.relying import reader, relying_agencies
from app.memberships.rules import Answer
from app.organisations.models import Organisation
from app.organisations.queries import contacts, contacts_of
from app.providers.models import Practitioner


def note_change(session: Session, what: ItemChanged) -> None:
    """Listens to evidence: one notice for each agency that relies on the fact, in the transaction that changed it.

    A fact that changes once more is told afresh, and what was answered before counts no more; but it expires only once. What
    cannot wait for the daily message (`AT_ONCE`) is mailed now, to those for whom no renewal has taken the fact's place.
    """
    agencies = relying_agencies(session, what.provider_id, what.kind_slug, london_day(what.at))
    at_once = what.change in AT_ONCE
    if at_once and session.get_one(EvidenceItem, what.item_id).replaced_by_id:
        agencies = {agency_id: names for agency_id, names in agencies.items() if _went_by(session, what, agency_id)}
    if not agencies:
        return
    rows = [
        ChangeNotice(
            organisation_id=agency_id,
            provider_id=what.provider_id,
            item_id=what.item_id,
            newer_id=what.newer_id,
            change=what.change,
            difference=[list(astuple(one)) for one in what.difference],
            at=what.at,
            mailed_at=what.at if at_once else None,
        )
        for agency_id in sorted(agencies)
    ]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    fresh = insert(ChangeNotice)
    afresh = ("newer_id", "difference", "at", "mailed_at", "answer", "answered_at", "answered_by", "question")
    statement = fresh.on_conflict_do_update(
        index_elements=["organisation_id", "item_id", "change"],
        set_={name: fresh.excluded[name] for name in afresh},
        where=col(ChangeNotice.change) != Change.EXPIRED,
    )
    session.connection().execute(statement, [row.model_dump() for row in rows])
    words = CHANGE_WORDS[what.change].lower()
    audit.record(session, events.CHANGE_TOLD, actor=NOBODY, subject=what.item_id, count=len(rows), change=words)
    if at_once:
        _mail_at_once(session, what, agencies)


def _went_by(session: Session, what: ItemChanged, agency_id: UUID) -> bool:
    """Whether the agency went by a fact that was renewed: no renewal has begun, or none of which it accepts the check."""
    on, eyes = london_day(what.at), reader(agency_id, what.at)
    found = pieces(session, [what.provider_id], [what.kind_slug], on, eyes)[what.provider_id]
    standings = {piece.item_id: piece.standing for piece in found.get(what.kind_slug, ())}
    renewals = {standings[one] for one in _renewals(session, what.item_id) if one in standings}
    return what.item_id in standings or renewals == {Standing.UNACCEPTED}


def _renewals(session: Session, item_id: UUID) -> Iterator[UUID]:
    """What took the fact's place, and what took the place of that, and so on."""
    newer = session.get_one(EvidenceItem, item_id).replaced_by_id
    while newer:
        yield newer
        newer = session.get_one(EvidenceItem, newer).replaced_by_id


def accept_change(session: Session, actor: Actor, notice_id: UUID) -> None:
    """The agency is still content. A second time it changes nothing; after a question it settles it."""
    row = _mine(session, actor, notice_id)
    if row.answer != Answer.CONTENT:
        _answer(session, actor, row, Answer.CONTENT, "")


def ask_about_change(session: Session, actor: Actor, notice_id: UUID, question: str) -> None:
    """The agency asks the provider, whose keepers of documents are told by e-mail; the same question again is one."""
    row = _mine(session, actor, notice_id)
    if row.answer == Answer.ASKED and row.question == question:
        return
    _answer(session, actor, row, Answer.ASKED, question)
    agency, kind = _names(session, row)
    for contact in contacts(session, row.provider_id, *KEEPERS):
        mail.queue(
            session,
            "memberships/asked.txt",
            to=contact.email,
            dedupe=f"reliance.asked:{row.id}:{row.answered_at}:{contact.person_id}",
            name=contact.name,
            agency=agency,
            kind=kind,
            item=str(row.newer_id or row.item_id),
        )


def mail_changes(session: Session, on: date) -> int:
    """Queue one message to each person of each agency that has something to read, listing it all; returns how many notices."""
    waiting = unmailed(session)
    for agency_id in sorted({notice.agency_id for notice in waiting}):
        lines = [
            f"- {one.kind_name} of {one.practitioner_name or one.provider_name}: {CHANGE_WORDS[one.change].lower()}"
            for one in waiting
            if one.agency_id == agency_id
        ]
        people = contacts(session, agency_id, *RELIERS)
        addresses = {f"reliance.digest:{agency_id}:{on}:{person.person_id}": person.email for person in people}
        at, listed = clock.now(session), "\n".join(lines)
        mail.queue_all(session, "memberships/changes.txt", addresses, at, count=len(lines), lines=listed)
    told = select(ChangeNotice).where(col(ChangeNotice.id).in_([notice.id for notice in waiting]))
    for row in session.exec(told):
        row.mailed_at = clock.now(session)
    return len(waiting)


def _mail_at_once(session: Session, what: ItemChanged, agencies: Collection[UUID]) -> None:
    item = session.get_one(EvidenceItem, what.item_id)
    people = contacts_of(session, agencies, *RELIERS)
    mail.queue_all(
        session,
        "memberships/changed.txt",
        {f"reliance.changed:{item.id}:{what.change}:{what.at}:{one.person_id}": one.email for one in people},
        what.at,
        kind=session.get_one(EvidenceKind, item.kind_slug).name,
        whose=_holder(session, item),
        change=CHANGE_WORDS[what.change],
    )


def _holder(session: Session, item: EvidenceItem) -> str:
    if item.practitioner_id:
        return session.get_one(Practitioner, item.practitioner_id).full_name
    return session.get_one(Organisation, item.provider_id).name


def _mine(session: Session, actor: Actor, notice_id: UUID) -> ChangeNotice:
    row = own_notice(session, actor, notice_id, lock=True)
    if not answers_for(actor, row.organisation_id):
        raise NotAllowed
    return row


def _answer(session: Session, actor: Actor, row: ChangeNotice, answer: Answer, question: str) -> None:
    row.answer, row.answered_at, row.answered_by = answer, clock.now(session), actor.known
    row.question = question or row.question
    agency, kind = _names(session, row)
    event = events.CHANGE_ACCEPTED if answer is Answer.CONTENT else events.CHANGE_ASKED
    audit.record(session, event, actor=actor, subject=row.id, about=row.item_id, agency=agency, kind=kind)


def _names(session: Session, row: ChangeNotice) -> tuple[str, str]:
    kind_slug = session.get_one(EvidenceItem, row.item_id).kind_slug
    return session.get_one(Organisation, row.organisation_id).name, session.get_one(EvidenceKind, kind_slug).name
