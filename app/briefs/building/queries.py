"""What the page of a brief offers for one lot: places, criteria, therapies, ready words and the framework's questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.briefs.building.checklists import Note, beside
from app.briefs.identity import Guarded
from app.briefs.inviting.queries import approved
from app.briefs.models import Brief
from app.briefs.queries import BriefFacts, facts, lot_on, standing
from app.briefs.queries.buyer import SentBack, sent_back
from app.briefs.terms.rules import MOST_QUESTIONS, QUANTITIES, advice
from app.briefs.terms.templates import Template, template, templates
from app.core.london import london_day
from app.core.refusals import NotFound
from app.frameworks import queries as frameworks
from app.frameworks.models import Framework, Lot, LotTherapy
from app.frameworks.queries import Criterion
from app.frameworks.rules import UNITS, Answering, PriceUnit, Service
from app.providers.models import Therapy

ANYWHERE: Final = "anywhere"


@dataclass(frozen=True, slots=True)
class LotChoice:
    """A lot to write a brief for, and the template that follows from its service."""

    id: UUID
    label: str
    template: str
    description: str


@dataclass(frozen=True, slots=True)
class FrameworkQuestion:
    id: UUID
    text: str
    max_words: int | None


@dataclass(frozen=True, slots=True)
class Offer:
    """`therapies` are (slug, name); `needs` and `outcomes` sentences to choose from; `limit_pence` what the Fund pays today."""

    lot_id: UUID
    lot_label: str
    unit: str
    quantity: str
    ceiling_pence: int
    template: Template
    places: tuple[tuple[str, str], ...]
    criteria: tuple[Criterion, ...]
    therapies: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]
    outcomes: tuple[str, ...]
    questions: tuple[FrameworkQuestion, ...]
    limit_pence: int | None

    def near(self, place: str) -> str:
        """The small place that a chosen place names; nothing for a whole region."""
        return "" if dict(self.places).get(place, "").endswith(f": {ANYWHERE}") else place.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as it is saved: what it says, what stands beside its fields, and its texts as the identity guard read them.

    `approved` are the names of those whose approval a change would end, `asked` whether approval is asked for at all.
    """

    facts: BriefFacts
    notes: Mapping[str, Sequence[Note]]
    texts: tuple[Guarded, ...]
    asked: bool
    approved: tuple[str, ...]
    sent_back: SentBack | None


def saved_draft(session: Session, brief: Brief, now: datetime) -> Saved:
    stands, says = standing(session, brief, now), facts(session, brief, now)
    asked = brief.approval_asked_at is not None
    return Saved(
        facts=says,
        notes=beside(stands.unready, advice(stands.found, tuple(brief.advice_left))),
        texts=stands.guarded,
        asked=asked,
        approved=tuple(name for _, name, _ in approved(session, brief.id, says.seen)) if asked else (),
        sent_back=sent_back(session, brief),
    )


def lot_choices(session: Session, framework_id: UUID) -> tuple[LotChoice, ...]:
    """The lots of a framework by number."""
    rows = session.exec(select(Lot).where(Lot.framework_id == framework_id).order_by(col(Lot.number)))
    return tuple(
        LotChoice(row.id, f"Lot {row.number}: {row.name}", templates()[Service(row.service)].name, row.description)
        for row in rows
    )


def offer(session: Session, framework_id: UUID, lot_id: UUID, now: datetime) -> Offer:
    """Raises `NotFound` for a lot of another framework."""
    on = lot_on(session, lot_id, london_day(now))
    lot = on.lot
    if lot.framework_id != framework_id:
        raise NotFound
    made, unit = template(Service(lot.service)), PriceUnit(lot.price_unit)
    return Offer(
        lot_id=lot.id,
        lot_label=f"Lot {lot.number}: {lot.name}",
        unit=UNITS[unit],
        quantity=QUANTITIES.get(unit, "sessions"),
        ceiling_pence=lot.ceiling_pence,
        template=made,
        places=tuple(
            (f"{region.id}/{area}", f"{region.name}: {words}")
            for region in frameworks.regions(session, framework_id)
            for area, words in ((region.name, ANYWHERE), *((name, name) for name in region.authorities))
        ),
        criteria=frameworks.criteria(session, framework_id),
        therapies=_therapies(session, lot_id),
        needs=made.needs,
        outcomes=(*(lot.outcomes or made.specified), *made.outcomes),
        questions=_questions(session, on.framework, lot.number),
        limit_pence=on.limit_pence,
    )


def _therapies(session: Session, lot_id: UUID) -> tuple[tuple[str, str], ...]:
    rows = session.exec(
        select(Therapy.slug, Therapy.name)
        .join(LotTherapy, col(LotTherapy.therapy_slug) == Therapy.slug)
        .where(LotTherapy.lot_id == lot_id)
        .order_by(Therapy.name)
    )
    return tuple((slug, name) for slug, name in rows)


def _questions(session: Session, framework: Framework, lot_number: int) -> tuple[FrameworkQuestion, ...]:
    """The framework's own questions that are answered in words and asked of this lot, scored ones first."""
    asked = frameworks.question_set(session, framework)
    rows = frameworks.questions_in(session, [asked.id])[asked.id] if asked else []
    fitting = [
        (id_, one)
        for id_, one in rows
        if one.kind is Answering.TEXT and one.known_as is None and (not one.lots or lot_number in one.lots)
    ]
    fitting.sort(key=lambda row: row[1].weight is None)
    return tuple(FrameworkQuestion(id_, one.text, one.max_words) for id_, one in fitting[:MOST_QUESTIONS])
