"""One application whole: its parts, the evidence they need, what was shared, what happened."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.applications import rules
from app.applications.answers.queries import content, sheet
from app.applications.answers.rules import Sheet
from app.applications.events import UNTOLD
from app.applications.models import Application, ApplicationLot, EarlierSubmission
from app.applications.queries.returned import Returned, pauses_of, returned, waited_since
from app.applications.queries.rows import cancelled_in, certifying, led_row, own_row, phase_in, round_phase_of, state_of
from app.applications.rules import Cancelled, Certifying, PartState, Phase
from app.core import audit, clock
from app.core.actor import Actor
from app.core.london import london_day
from app.core.rows import moment, packed, unpacked
from app.evidence.queries import pieces
from app.evidence.queries.shared import shared
from app.evidence.rules import Standing
from app.frameworks.models import Framework, Lot, Region, Round, RoundScope
from app.frameworks.queries import decision_days, open_rounds, read_days
from app.frameworks.requirements import requirements
from app.frameworks.rules import UNITS, Part, PriceUnit, RoundPhase, always_open
from app.memberships.queries import held
from app.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class PartView:
    """One lot in one region. `membership_id` is what its acceptance opened, while that lasts.

    A refusal may be asked to be looked at again until `look_again_until`, and is answered by `review_due`.
    """

    id: UUID
    lot_id: UUID
    region_id: UUID
    lot: str
    region: str
    state: PartState
    reason_code: str
    reason: str
    proposed_by: UUID | None
    proposed_by_name: str
    decided_by: UUID | None
    decided_at: datetime | None
    membership_id: UUID | None
    look_again_until: date | None
    review_asked_at: datetime | None
    review_words: str
    review_due: date | None
    review_reason: str
    reviewed_at: datetime | None

    def took_part(self, person_id: UUID | None) -> bool:
        """Whether this person proposed its refusal or decided it; known to its leads alone."""
        return person_id in (self.proposed_by, self.decided_by)


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """Something the chosen lots need, by their numbers, and how the provider stands with it; `kind` may name several."""

    kind: str
    name: str
    holder: str
    promised_until_award: bool
    lots: tuple[int, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was submitted before and taken back."""

    submitted_at: datetime
    taken_back_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application whole. `snapshot` is what was shared at submission, empty before; `sheet` what is asked, empty since.

    `ready_by` put it before those who certify it, of whom `certified_by` was the first of two. `waited` counts the working
    days that it has waited for decisions, without those on which a change of something `returned` was asked for. `vouched` are
    who certified it first and who submitted it.
    """

    id: UUID
    provider_id: UUID
    provider_name: str
    framework_id: UUID
    framework_name: str
    lead_id: UUID
    lead_name: str
    round_id: UUID
    round_name: str
    closes_at: datetime
    always_open: str
    round_phase: RoundPhase
    cancelled_at: datetime | None
    cancelled: Cancelled | None
    phase: Phase
    statement: str
    ready_by: str
    by_two: bool
    certified_by: str
    certified_at: datetime | None
    certifying: Certifying
    submitted_at: datetime | None
    vouched: tuple[UUID | None, UUID | None]
    withdrawn_at: datetime | None
    snapshot: dict[str, Any]
    sha256: str
    sheet: Sheet
    earlier: tuple[Earlier, ...]
    returned: tuple[Returned, ...]
    waited: int
    parts: tuple[PartView, ...]
    held: frozenset[Part]
    evidence: tuple[EvidenceLine, ...]
    events: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class GridLot:
    id: UUID
    number: int
    label: str
    unit: str
    ceiling_pence: int


@dataclass(frozen=True, slots=True)
class Grid:
    """What may be chosen: the lots and regions (id, name) of the round, and where the provider is a member already."""

    lots: tuple[GridLot, ...]
    regions: tuple[tuple[UUID, str], ...]
    scope: frozenset[Part]
    held: frozenset[Part]


def application(session: Session, actor: Actor, application_id: UUID) -> ApplicationView:
    """As its provider sees it: a refusal that is only proposed does not show. Raises `NotFound`."""
    return _view(session, own_row(session, actor, application_id), actor)


def decision(session: Session, actor: Actor, application_id: UUID) -> ApplicationView:
    """As the framework's lead sees it. Raises `NotFound`."""
    return _view(session, led_row(session, actor, application_id), actor, by_lead=True)


def rounds_to_carry_to(session: Session, view: ApplicationView, now: datetime) -> int:
    """How many rounds of its framework are open for what its round closed on; asked only where it did."""
    if view.phase is not Phase.LAPSED:
        return 0
    return sum(window.framework_id == view.framework_id for window in open_rounds(session, now))


def grid(session: Session, round_id: UUID, member_of: frozenset[Part]) -> Grid:
    """The lots and regions that a round is open for, in one query of its scope, for a member of these."""
    rows = session.exec(
        select(Lot, Region.id, Region.name)
        .join(RoundScope, col(RoundScope.lot_id) == Lot.id)
        .join(Region, col(Region.id) == RoundScope.region_id)
        .where(RoundScope.round_id == round_id)
        .order_by(col(Lot.number), Region.name)
    ).all()
    lots = {lot.id: lot for lot, _, _ in rows}.values()
    return Grid(
        tuple(
            GridLot(x.id, x.number, f"Lot {x.number}: {x.name}", UNITS[PriceUnit(x.price_unit)], x.ceiling_pence)
            for x in lots
        ),
        tuple(sorted({(region_id, name) for _, region_id, name in rows}, key=lambda region: region[1])),
        frozenset((lot.id, region_id) for lot, region_id, _ in rows),
        member_of,
    )


def snapshot_of(session: Session, actor: Actor, row: Application, now: datetime) -> dict[str, Any]:
    """What submission shares and fixes: the provider's facts, its evidence as it stands, what it asks for and answers."""
    view = _view(session, row, actor)
    return {
        "framework": view.framework_name,
        "round": view.round_name,
        "submitted_at": now.isoformat(),
        **shared(session, row.provider_id, london_day(now)),
        "statement": row.statement,
        "asks_for": [
            {"lot_id": str(part.lot_id), "lot": part.lot, "region_id": str(part.region_id), "region": part.region}
            for part in view.parts
        ],
        **content(session, row.provider_id, view.sheet, london_day(now)),
        "evidence_needed": [asdict(line) | {"lots": list(line.lots)} for line in view.evidence],
    }


def _view(session: Session, row: Application, actor: Actor, *, by_lead: bool = False) -> ApplicationView:
    now = clock.now(session)
    window, framework, days, earlier, provider, lead, ready_by, certified_by = _around(session, row)
    opened = held(session, row.provider_id, framework.id, london_day(now))
    parts = _parts(session, row, opened, by_lead=by_lead)
    undecided = sum(part.decided_at is None for part in parts)
    items = returned(session, row)
    return ApplicationView(
        id=row.id,
        provider_id=row.provider_id,
        provider_name=provider,
        framework_id=framework.id,
        framework_name=framework.name,
        lead_id=framework.lead_id,
        lead_name=lead,
        round_id=window.id,
        round_name=window.name,
        closes_at=window.closes_at,
        always_open=always_open(window.closes_at, read_days(days), london_day(now)) if window.rolling else "",
        round_phase=round_phase_of(window, now),
        cancelled_at=window.cancelled_at,
        cancelled=cancelled_in(window),
        phase=phase_in(row, window, undecided, now),
        statement=row.statement,
        ready_by=ready_by or "",
        by_two=row.by_two,
        certified_by=certified_by or "",
        certified_at=row.certified_at,
        certifying=certifying(row, actor),
        submitted_at=row.submitted_at,
        vouched=(row.certified_by, row.submitted_by),
        withdrawn_at=row.withdrawn_at,
        snapshot=row.snapshot,
        sha256=row.snapshot_sha256,
        sheet=Sheet() if row.submitted_at else sheet(session, row.id, window.question_set_id),
        earlier=() if by_lead else _earlier(earlier),
        returned=items,
        waited=waited_since(row.submitted_at, london_day(now), pauses_of(items)),
        parts=parts,
        held=frozenset(opened),
        evidence=evidence_needed(session, row.provider_id, _numbers(parts), london_day(now)),
        events=tuple(
            (event.at, audit.sentence(event))
            for event in audit.timeline(session, row.id)
            if by_lead or event.name not in UNTOLD
        ),
    )


def _around(
    session: Session, row: Application
) -> tuple[Round, Framework, str | None, str | None, str, str, str | None, str | None]:
    """Its round, framework, days of decision and earlier submissions; the names of provider, lead, who asked to certify it and
    who did so first.
    """
    provider, lead = aliased(Organisation), aliased(Organisation)
    ready, certified = aliased(Person), aliased(Person)
    earlier = packed(
        EarlierSubmission.submitted_at, EarlierSubmission.taken_back_at, EarlierSubmission.snapshot_sha256
    ).where(col(EarlierSubmission.application_id) == row.id)
    query: Any = (
        sa_select(Round, Framework, decision_days(), earlier.scalar_subquery())
        .add_columns(*map(col, (provider.name, lead.name, ready.name, certified.name)))
        .join(Framework, col(Framework.id) == Round.framework_id)
        .join(provider, col(provider.id) == row.provider_id)
        .join(lead, col(lead.id) == Framework.lead_id)
        .outerjoin(ready, col(ready.id) == row.ready_by)
        .outerjoin(certified, col(certified.id) == row.certified_by)
        .where(col(Round.id) == row.round_id)
    )
    window, framework, days, taken_back, *names = session.execute(query).one()
    return window, framework, days, taken_back, names[0], names[1], names[2], names[3]


def _earlier(text: str | None) -> tuple[Earlier, ...]:
    """Without the snapshots, the first one first."""
    every = (Earlier(moment(submitted), moment(taken_back), sha256) for submitted, taken_back, sha256 in unpacked(text))
    return tuple(sorted(every, key=lambda one: one.submitted_at))


def _parts(session: Session, row: Application, opened: Mapping[Part, UUID], *, by_lead: bool) -> tuple[PartView, ...]:
    rows = session.exec(
        select(ApplicationLot, Lot, Region.name, Person.name)
        .join(Lot, col(Lot.id) == ApplicationLot.lot_id)
        .join(Region, col(Region.id) == ApplicationLot.region_id)
        .outerjoin(Person, col(Person.id) == ApplicationLot.proposed_by)
        .where(ApplicationLot.application_id == row.id)
        .order_by(col(Lot.number), Region.name)
    )
    return tuple(_part(*found, opened, by_lead=by_lead) for found in rows)


def _part(
    row: ApplicationLot, lot: Lot, region: str, proposer: str | None, opened: Mapping[Part, UUID], *, by_lead: bool
) -> PartView:
    state = state_of(row)
    shown = state if by_lead else rules.as_the_provider_sees(state)
    refused = shown in rules.REFUSALS
    told = refused or shown is PartState.REFUSAL_PROPOSED
    accepted = shown in (PartState.ACCEPTED, PartState.OVERTURNED)
    return PartView(
        id=row.id,
        lot_id=lot.id,
        region_id=row.region_id,
        lot=f"Lot {lot.number}: {lot.name}",
        region=region,
        state=shown,
        reason_code=row.reason_code if told else "",
        reason=row.reason if told else "",
        proposed_by=row.proposed_by if by_lead else None,
        proposed_by_name=(proposer or "") if by_lead else "",
        decided_by=row.decided_by if by_lead else None,
        decided_at=row.decided_at,
        membership_id=opened.get((lot.id, row.region_id)) if accepted else None,
        look_again_until=rules.look_again_until(london_day(row.decided_at)) if refused and row.decided_at else None,
        review_asked_at=row.review_asked_at,
        review_words=row.review_words,
        review_due=rules.look_again_until(london_day(row.review_asked_at)) if row.review_asked_at else None,
        review_reason=row.review_reason,
        reviewed_at=row.reviewed_at,
    )


def _numbers(parts: Iterable[PartView]) -> dict[UUID, int]:
    return {part.lot_id: int(part.lot.split(":")[0].removeprefix("Lot ")) for part in parts}


def evidence_needed(
    session: Session, provider_id: UUID, numbers: Mapping[UUID, int], on: date
) -> tuple[EvidenceLine, ...]:
    """Each thing that these lots need once, with the numbers of those that do, by name; lots are given with their numbers."""
    needs = requirements(session, numbers)
    once = {need: need.name for of_lot in needs.values() for need in of_lot}
    held_of_kinds = pieces(session, [provider_id], {kind for need in once for kind in need.kinds}, on)[provider_id]
    return tuple(
        EvidenceLine(
            need.kind,
            need.name,
            need.holder,
            need.promised_until_award,
            tuple(sorted(numbers[lot_id] for lot_id, of_lot in needs.items() if need in of_lot)),
            need.weigh(held_of_kinds).standing,
        )
        for need in sorted(once, key=once.__getitem__)
    )
