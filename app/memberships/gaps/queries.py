"""The gap map of a framework: whether each lot has enough members in each region.

Where there are many, those who joined first answer for all as soon as they are enough: what it costs does not grow with the
members of a framework.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.frameworks.policy import leads
from app.frameworks.queries import LotView, lots_and_regions, phase_of
from app.frameworks.rules import Part, Phase
from app.memberships.gaps import rules
from app.memberships.gaps.rules import Coverage
from app.memberships.queries import (
    Member,
    first_members,
    members_of_cells,
    overseen_framework,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One lot in one region: who could be invited today, by name, of so many members; or of those looked at, if not `all`."""

    lot: LotView
    region: str
    eligible: tuple[str, ...]
    members: int
    all: bool
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class GapMap:
    """`rows` are its regions by name with a cell for every lot by number; `gaps` the cells with too few, the worst first."""

    framework_id: UUID
    framework_name: str
    phase: Phase
    selection_process: str
    leads: bool
    lots: tuple[LotView, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    gaps: tuple[tuple[Coverage, tuple[Cell, ...]], ...]

    @property
    def sampled(self) -> bool:
        """Whether somewhere not all members were looked at."""
        return not all(cell.all for _, cells in self.rows for cell in cells)


def gap_map(session: Session, actor: Actor, framework_id: UUID) -> GapMap:
    """For the framework's lead and for those who may call off from it today. Raises `NotFound` for everybody else."""
    now = clock.now(session)
    framework, _ = overseen_framework(session, actor, framework_id, now)
    lots, regions = lots_and_regions(session, framework_id)
    counts, first = first_members(session, framework_id, now, rules.LOOKED_AT)
    found = _by_part(first)
    untold = [part for part, members in counts.items() if not _is_told(found[part], members)]
    found |= _by_part(members_of_cells(session, untold, now))
    rows = tuple(
        (
            region.name,
            tuple(
                _cell(lot, region.name, found[lot.id, region.id], counts.get((lot.id, region.id), 0)) for lot in lots
            ),
        )
        for region in regions
    )
    return GapMap(
        framework_id=framework_id,
        framework_name=framework.name,
        phase=phase_of(framework, london_day(now)),
        selection_process=framework.selection_process,
        leads=leads(actor, framework.lead_id),
        lots=lots,
        rows=rows,
        gaps=tuple((kind, gaps) for kind in rules.CONSEQUENCES if (gaps := _all(rows, kind))),
    )


def _all(rows: Collection[tuple[str, tuple[Cell, ...]]], kind: Coverage) -> tuple[Cell, ...]:
    return tuple(cell for _, cells in rows for cell in cells if cell.coverage is kind)


def _by_part(members: Iterable[Member]) -> dict[Part, list[Member]]:
    found: dict[Part, list[Member]] = defaultdict(list)
    for member in members:
        found[member.lot_id, member.region_id].append(member)
    return found


def _is_told(looked_at: Collection[Member], members: int) -> bool:
    eligible = sum(not member.reasons for member in looked_at)
    return rules.is_told(eligible=eligible, looked_at=len(looked_at), members=members)


def _cell(lot: LotView, region: str, looked_at: Collection[Member], members: int) -> Cell:
    eligible = tuple(member.provider_name for member in looked_at if not member.reasons)
    return Cell(lot, region, eligible, members, len(looked_at) == members, rules.coverage(len(eligible)))
