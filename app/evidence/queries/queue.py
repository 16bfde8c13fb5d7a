"""The checkers’ queue and its tabs, an item in a checker’s hands, and why evidence comes back."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.core.actor import Actor
from app.core.london import london_day
from app.core.refusals import NotFound
from app.evidence import policy, rules
from app.evidence.check_models import CheckTaken, RefusalProposal, SecondLook
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries.kinds import with_kind
from app.evidence.rules import KindFacts, Outcome
from app.organisations.models import Organisation
from app.providers.models import Practitioner

QUEUE: Final = 50  # how many checks one page shows, the oldest first
COUNTED: Final = 500  # up to how many are counted


class Tab(StrEnum):
    """What waits for a checker: a first decision, a second person for a refusal, a second look."""

    WAITING = "waiting"
    REFUSALS = "refusals"
    SECOND_LOOKS = "second-looks"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the queue; `by` has taken it, proposed its refusal, or verified it first.

    `waited` is in working days, since it was sent or since a second look disagreed with what was decided.
    """

    item_id: UUID
    kind_name: str
    provider_name: str
    practitioner_name: str
    submitted_at: datetime
    waited: int
    due_on: date
    by_id: UUID | None
    by: str
    since: datetime | None

    @property
    def overdue(self) -> bool:
        return self.waited > rules.TARGET_DAYS


@dataclass(frozen=True, slots=True)
class Queue:
    """One tab. `kinds` are those to filter by; `counts` is how much waits in each tab, as far as it is counted."""

    checks: list[Check]
    counts: dict[Tab, int]
    kinds: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class WhyBack:
    """A reason for which evidence came back, how often, and of which kind most."""

    reason: str
    returned: int
    refused: int
    most_of: str

    @property
    def all(self) -> int:
        return self.returned + self.refused


def item_for_check(
    session: Session, actor: Actor, item_id: UUID, *, lock: bool = False
) -> tuple[EvidenceItem, KindFacts]:
    """An item sent for checking, for a checker. Raises `NotFound`."""
    found = with_kind(session, EvidenceItem.id == item_id, col(EvidenceItem.submitted_at).is_not(None), lock=lock)
    if found is None or not policy.checkers(actor):
        raise NotFound
    return found


def checks(
    session: Session,
    actor: Actor,
    on: date,
    *,
    tab: Tab = Tab.WAITING,
    kind: str = "",
    provider: str = "",
    mine: bool = False,
) -> list[Check]:
    """What waits in a tab, what was sent first first, without the actor's own organisations; at most `QUEUE`.

    What a second look has opened again keeps its place by when it was sent. `provider` is a part of a provider's name.
    """
    by = aliased(Person)
    _, _, who, since = _WHO[tab]
    wanted = _waiting(
        select(EvidenceItem, EvidenceKind.name, Organisation.name, Practitioner.full_name)
        .add_columns(col(by.id), col(by.name), since, _UNDONE_AT)
        .select_from(EvidenceItem),
        tab,
        actor,
    ).outerjoin(by, col(by.id) == who)
    for given, limit in (
        (kind, col(EvidenceItem.kind_slug) == kind),
        (provider, col(Organisation.name).icontains(provider, autoescape=True)),
        (mine, col(by.id) == actor.person_id),
    ):
        wanted = wanted.where(limit) if given else wanted
    rows = session.execute(wanted.order_by(col(EvidenceItem.submitted_at), col(EvidenceItem.id)).limit(QUEUE))
    return [_check(*tuple(row), on=on) for row in rows]


def queue(session: Session, actor: Actor, on: date, tab: Tab, **limits: Any) -> Queue:
    """A whole tab in five queries, however much waits."""
    kinds = select(EvidenceKind.slug, EvidenceKind.name).order_by(EvidenceKind.name)
    return Queue(
        checks(session, actor, on, tab=tab, **limits),
        {each: _count(session, actor, each) for each in Tab},
        [(slug, name) for slug, name in session.exec(kinds)],
    )


def reasons(session: Session) -> list[WhyBack]:
    """Why evidence was returned or refused, the most frequent first. Counts alone: nobody's evidence shows."""
    rows = session.exec(
        select(Verification.reason_code, Verification.outcome, EvidenceKind.name, func.count())
        .join(EvidenceItem, col(EvidenceItem.id) == Verification.item_id)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .where(Verification.reason_code != "")
        .group_by(Verification.reason_code, Verification.outcome, EvidenceKind.name)
        .order_by(EvidenceKind.name)
    )
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for code, outcome, kind, count in rows:
        outcomes[code][outcome] += count
        kinds[code][kind] += count
    found = [
        WhyBack(
            rules.REASONS[rules.Reason(code)],
            by_outcome[Outcome.RETURNED],
            by_outcome[Outcome.REFUSED],
            kinds[code].most_common(1)[0][0],
        )
        for code, by_outcome in outcomes.items()
    ]
    return sorted(found, key=lambda why: (-why.all, why.reason))


_OPEN: Final = (col(RefusalProposal.item_id) == EvidenceItem.id) & col(RefusalProposal.settled_at).is_(None)
_WHO: Final[dict[Tab, tuple[Any, Any, Any, Any]]] = {
    Tab.WAITING: (CheckTaken, col(CheckTaken.item_id) == EvidenceItem.id, CheckTaken.person_id, CheckTaken.taken_at),
    Tab.REFUSALS: (RefusalProposal, _OPEN, RefusalProposal.proposer_id, RefusalProposal.proposed_at),
    Tab.SECOND_LOOKS: (
        Verification,
        col(Verification.item_id) == EvidenceItem.id,
        Verification.checker_id,
        Verification.at,
    ),
}
"""What tells of each tab who has it in hand and since when, and how that belongs to an item."""


def _waiting(wanted: Any, tab: Tab, actor: Actor) -> Any:
    """The rows of a tab, joined to their kind, provider and practitioner, and to who has them in hand."""
    step, of_item, _, _ = _WHO[tab]
    return (
        wanted.join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .outerjoin(Practitioner, col(Practitioner.id) == EvidenceItem.practitioner_id)
        .outerjoin(step, of_item)
        .where(_WHAT[tab](actor), col(EvidenceItem.replaced_by_id).is_(None))
        .where(col(EvidenceItem.provider_id).not_in(actor.where()))
    )


def _count(session: Session, actor: Actor, tab: Tab) -> int:
    """At most one more than `COUNTED`: nobody needs to know by how much a queue is too long."""
    some = _waiting(select(EvidenceItem.id).select_from(EvidenceItem), tab, actor).limit(COUNTED + 1).subquery()
    return int(session.execute(select(func.count()).select_from(some)).scalar_one())


_UNDONE_AT: Final = (
    select(func.max(SecondLook.at))
    .where(SecondLook.item_id == EvidenceItem.id, col(SecondLook.agrees).is_(False))
    .correlate(EvidenceItem)
    .scalar_subquery()
)
_UNDECIDED: Final = col(EvidenceItem.submitted_at).is_not(None) & ~col(EvidenceItem.decided)
_REFUSED: Final = col(EvidenceItem.id).in_(
    select(RefusalProposal.item_id).where(col(RefusalProposal.settled_at).is_(None)).correlate(None)
)


def _to_look_at(actor: Actor) -> ColumnElement[bool]:
    """What is to be looked at a second time: nobody is asked to at what they verified."""
    theirs = select(Verification.item_id).where(col(Verification.second_look), Verification.checker_id != actor.known)
    return col(EvidenceItem.id).in_(theirs.correlate(None))


_WHAT: Final[dict[Tab, Callable[[Actor], ColumnElement[bool]]]] = {
    Tab.WAITING: lambda actor: _UNDECIDED & ~_REFUSED,
    Tab.REFUSALS: lambda actor: _UNDECIDED & _REFUSED,
    Tab.SECOND_LOOKS: _to_look_at,
}


def _check(
    item: EvidenceItem,
    kind_name: str,
    provider_name: str,
    practitioner_name: str | None,
    by_id: UUID | None,
    by: str | None,
    since: datetime | None,
    undone_at: datetime | None,
    *,
    on: date,
) -> Check:
    sent = item.submitted_at or item.added_at
    waits_since = london_day(undone_at or sent)
    return Check(
        item.id,
        kind_name,
        provider_name,
        practitioner_name or "",
        sent,
        rules.working_days(waits_since, on),
        rules.due_on(waits_since),
        by_id,
        by or "",
        since,
    )
