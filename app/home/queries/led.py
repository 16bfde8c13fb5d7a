"""What waits for those who lead a framework in the framework itself: its draft, term, members and agreements, in one question."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, case, cast, literal, null, union_all
from sqlmodel import Session, col, select

from app.core.actor import Actor
from app.core.london import day_in_words, london_day
from app.frameworks.calling_off.models import Accession
from app.frameworks.models import Framework, FrameworkExtension, Lot
from app.home.queries.section import Part, Section
from app.home.rules import Todo
from app.memberships.importing.models import MemberImport
from app.memberships.models import Membership
from app.memberships.queries.live import live
from app.memberships.queries.standing import held_agreement
from app.memberships.restriction.queries import waiting
from app.memberships.signing.queries import not_complete
from app.memberships.terms import AgreementHold, Variation
from app.organisations.models import Organisation
from app.organisations.policy import lead_ids, provider_ids
from app.organisations.rules import Role
from app.providers.models import ProviderRestriction

SHOWN: Final = 8
_NO_DAY: Final = cast(null(), Date)
_RESTRICTIONS: Final = "Restrictions"
_CALL_OFF, _AGREEMENTS, _WHOLE = "Who may call off", "Agreements", "Frameworks"
_PAGES: Final = {
    _RESTRICTIONS: ("/restrictions", "All restrictions"),
    _WHOLE: ("/frameworks/{id}", "The framework"),
    _CALL_OFF: ("/frameworks/{id}/call-off", "The whole list"),
    _AGREEMENTS: ("/frameworks/{id}/agreements", "All that are not complete"),
}
_HEADINGS: Final = {
    **dict.fromkeys(("restricted", "freed"), _RESTRICTIONS),
    **dict.fromkeys(("draft", "term", "list"), _WHOLE),
    **dict.fromkeys(("joins", "leaves"), _CALL_OFF),
}


def part(session: Session, actor: Actor, now: datetime) -> Part:
    """What a colleague did that a second person decides: a draft, a longer term, a list of members, who may call off, a new
    version of an agreement, a provider restricted or freed. And agreements that a provider has signed, or on hold whose day has
    come. No heading without one.
    """
    on = london_day(now)
    signed = col(Framework.countersigned) & col(Membership.signed_at).is_not(None) & col(AgreementHold.id).is_(None)
    due = col(AgreementHold.review_on) <= on
    waiting = union_all(
        _accessions(actor),
        _drafts(actor),
        _extensions(actor, on),
        _lists(actor, on),
        _agreements("signed", signed, actor, on),
        _agreements("held", due, actor, on),
        _variations(actor),
        _restrictions(actor, on),
    )
    rows: Sequence[Any] = session.connection().execute(waiting.order_by("day", "framework", "name")).all()
    sections = []
    for heading, (page, label) in _PAGES.items():
        found = [row for row in rows if _HEADINGS.get(row.what, _AGREEMENTS) == heading]
        if found:
            todos = tuple(_todo(row.what, row.framework_id, row.framework, row.name, row.day) for row in found[:SHOWN])
            sections.append(Section(heading, todos, "", page.format(id=found[0].framework_id), label))
    return (), tuple(sections)


def _todo(what: str, framework_id: UUID, framework: str, name: str, day: date | None) -> Todo:
    match what:
        case "restricted" | "freed":
            return Todo(
                f"Decide whether {name} is {what}", "As the second person", f"/providers/{framework_id}/restriction"
            )
        case "draft":
            words = "Read the draft of a framework and approve it, as the second person"
            return Todo(words, framework, f"/frameworks/drafts/{framework_id}")
        case "term":
            words = "Approve the longer term of the framework, as the second person"
            return Todo(
                words,
                f"{framework}, to {day_in_words(day)}" if day else framework,
                f"/frameworks/{framework_id}/extension",
            )
        case "list":
            words = f"Check the list of members {name} and approve it, as the second person"
            return Todo(words, framework, f"/frameworks/{framework_id}/members/import")
        case "signed":
            return Todo(f"Countersign the agreement with {name}", framework, f"/frameworks/{framework_id}/agreements")
        case "held":
            words = f"Look again at the agreement with {name}, which is on hold"
            return Todo(words, framework, f"/frameworks/{framework_id}/agreements")
        case "variation":
            words = f"Approve or withdraw version {name} of the agreement, as the second person"
            return Todo(words, framework, f"/frameworks/{framework_id}/variations")
    words = f"Confirm that {name} {'may call off' if what == 'joins' else 'leaves'}"
    when = f"{framework}, {'from' if what == 'joins' else 'with'} {day_in_words(day)}" if day else framework
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
            _led(actor),
            col(Accession.confirmed_at).is_(None),
            col(Accession.withdrawn_at).is_(None),
            col(Accession.asked_by) != actor.person_id,
        )
    )


def _drafts(actor: Actor) -> Any:
    """Drafts that state what any framework states, last changed by a colleague; their page tells whether more is missing."""
    stated = (Framework.summary, Framework.selection_process, Framework.agreement_text, Framework.agreement_version)
    return _of("draft", literal("")).where(
        _led(actor),
        col(Framework.approved_at).is_(None),
        col(Framework.withdrawn_at).is_(None),
        col(Framework.created_by) != actor.person_id,
        col(Framework.estimated_value_pence).is_not(None),
        *(col(words) != "" for words in stated),
        select(Lot.id).where(Lot.framework_id == Framework.id).exists(),
    )


def _extensions(actor: Actor, on: date) -> Any:
    """Later last days of a term that a colleague has proposed."""
    return (
        _of("term", literal(""), col(FrameworkExtension.ends_on))
        .join(FrameworkExtension, col(FrameworkExtension.framework_id) == Framework.id)
        .where(
            _led(actor),
            col(Framework.ends_on) >= on,
            col(FrameworkExtension.approved_at).is_(None),
            col(FrameworkExtension.proposed_by) != actor.person_id,
        )
    )


def _lists(actor: Actor, on: date) -> Any:
    """Lists of members that a colleague has sent."""
    return (
        _of("list", col(MemberImport.file_name))
        .join(MemberImport, col(MemberImport.framework_id) == Framework.id)
        .where(
            _led(actor),
            col(Framework.ends_on) >= on,
            col(MemberImport.agreed_at).is_(None),
            col(MemberImport.read_by) != actor.person_id,
        )
    )


def _restrictions(actor: Actor, on: date) -> Any:
    """Restrictions proposed by somebody else, and their lifting: each with its provider's id in place of a framework's."""
    what = case((col(ProviderRestriction.began_at).is_(None), "restricted"), else_="freed")
    name = select(Organisation.name).where(Organisation.id == ProviderRestriction.provider_id).scalar_subquery()
    columns: Any = select(what, ProviderRestriction.provider_id, literal(""), name)
    return columns.add_columns(_NO_DAY).where(waiting(actor, on))


def _led(actor: Actor) -> ColumnElement[bool]:
    return col(Framework.lead_id).in_(lead_ids(actor, Role.FRAMEWORK_LEAD))


def _of(what: str, name: Any, day: Any = _NO_DAY) -> Any:
    """What each part tells: what it is, of which framework, a name and a day, if there is one."""
    columns: Any = select(literal(what), col(Framework.id), col(Framework.name), name)
    return columns.add_columns(day)


def _variations(actor: Actor) -> Any:
    """New versions of an agreement that a colleague has proposed."""
    return (
        _of("variation", col(Variation.version))
        .join(Variation, col(Variation.framework_id) == Framework.id)
        .where(
            _led(actor),
            col(Variation.approved_at).is_(None),
            col(Variation.withdrawn_at).is_(None),
            col(Variation.proposed_by) != actor.person_id,
        )
    )


def _agreements(what: str, which: ColumnElement[bool], actor: Actor, on: date) -> Any:
    """Each provider once with what is not complete and like `which`."""
    return (
        _of(what, col(Organisation.name))
        .join(Membership, col(Membership.framework_id) == Framework.id)
        .join(Organisation, col(Organisation.id) == Membership.provider_id)
        .outerjoin(AgreementHold, held_agreement())
        .where(
            _led(actor),
            col(Membership.provider_id).not_in(provider_ids(actor)),
            live(on),
            not_complete(),
            which,
        )
        .distinct()
    )
