"""What waits for those who lead a framework in the framework itself: its call-off list and its agreements, in one question."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, literal, null, union_all
from sqlmodel import Session, col, select

from app.core.actor import Actor
from app.core.london import london_day
from app.frameworks.calling_off.models import Accession
from app.frameworks.models import Framework
from app.home.queries.section import Part, Section
from app.home.rules import Todo
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.memberships.queries.standing import held_agreement
from app.memberships.signing.queries import not_complete
from app.memberships.terms import AgreementHold, Variation
from app.organisations.directory.rules import in_words
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids, provider_ids
from app.organisations.rules import Role

SHOWN: Final = 8
_CALL_OFF, _AGREEMENTS = "Who may call off", "Agreements"
_PAGES: Final = {_CALL_OFF: ("call-off", "The whole list"), _AGREEMENTS: ("agreements", "All that are not complete")}


def part(session: Session, actor: Actor, now: datetime) -> Part:
    """Agencies that a colleague would add to a call-off list or take off it, agreements that a provider has signed, those on
    hold whose day has come, and new versions that a colleague has proposed; no heading while there are none.
    """
    on = london_day(now)
    signed = col(Membership.signed_at).is_not(None) & col(AgreementHold.id).is_(None)
    due = col(AgreementHold.review_on) <= on
    waiting = union_all(
        _accessions(actor),
        _agreements("signed", signed, actor, on),
        _agreements("held", due, actor, on),
        _variations(actor),
    )
    rows: Sequence[Any] = session.connection().execute(waiting.order_by("day", "framework", "name")).all()
    sections = []
    for heading, (page, label) in _PAGES.items():
        found = [row for row in rows if _heading(row.what) == heading]
        if found:
            todos = tuple(_todo(row.what, row.framework_id, row.framework, row.name, row.day) for row in found[:SHOWN])
            sections.append(Section(heading, todos, "", f"/frameworks/{found[0].framework_id}/{page}", label))
    return (), tuple(sections)


def _heading(what: str) -> str:
    return _CALL_OFF if what in ("joins", "leaves") else _AGREEMENTS


def _todo(what: str, framework_id: UUID, framework: str, name: str, day: date | None) -> Todo:
    match what:
        case "signed":
            return Todo(f"Countersign the agreement with {name}", framework, f"/frameworks/{framework_id}/agreements")
        case "held":
            words = f"Look again at the agreement with {name}, which is on hold"
            return Todo(words, framework, f"/frameworks/{framework_id}/agreements")
        case "variation":
            words = f"Approve or withdraw version {name} of the agreement, as the second person"
            return Todo(words, framework, f"/frameworks/{framework_id}/variations")
    words = f"Confirm that {name} {'may call off' if what == 'joins' else 'leaves'}"
    when = f"{framework}, {'from' if what == 'joins' else 'with'} {in_words(day)}" if day else framework
    return Todo(words, when, f"/frameworks/{framework_id}/call-off")


def _accessions(actor: Actor) -> Any:
    """What colleagues have asked for on the lists of this person's frameworks."""
    what: Any = select(
        col(Accession.kind).label("what"),
        col(Framework.id).label("framework_id"),
        col(Framework.name).label("framework"),
        col(Organisation.name).label("name"),
    )
    return (
        what.add_columns(col(Accession.effective_on).label("day"))
        .join(Accession, col(Accession.framework_id) == Framework.id)
        .join(Organisation, col(Organisation.id) == Accession.organisation_id)
        .where(
            col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
            col(Accession.confirmed_at).is_(None),
            col(Accession.withdrawn_at).is_(None),
            col(Accession.asked_by) != actor.person_id,
        )
    )


def _variations(actor: Actor) -> Any:
    """New versions of an agreement that a colleague has proposed."""
    columns: Any = select(literal("variation"), col(Framework.id), col(Framework.name), col(Variation.version))
    return (
        columns.add_columns(cast(null(), Date))
        .join(Variation, col(Variation.framework_id) == Framework.id)
        .where(
            col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
            col(Variation.approved_at).is_(None),
            col(Variation.withdrawn_at).is_(None),
            col(Variation.proposed_by) != actor.person_id,
        )
    )


def _agreements(what: str, which: ColumnElement[bool], actor: Actor, on: date) -> Any:
    """Each provider once with what is not complete and like `which`."""
    columns: Any = select(literal(what), col(Framework.id), col(Framework.name), col(Organisation.name))
    return (
        columns.add_columns(cast(null(), Date))
        .join(Membership, col(Membership.framework_id) == Framework.id)
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .outerjoin(AgreementHold, held_agreement())
        .where(
            col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD)),
            col(Membership.provider_id).not_in(provider_ids(actor)),
            live(on),
            not_complete(),
            which,
        )
        .distinct()
    )
