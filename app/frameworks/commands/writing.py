"""Writing drafts of frameworks: whole from facts, then part by part until a second person approves."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.core import audit, clock
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import violates
from app.core.refusals import NotFound, Refusal, Refused, refuse_if
from app.core.words import listed
from app.frameworks import events, parts, queries, rules
from app.frameworks.models import Framework, QuestionSet
from app.frameworks.policy import leads
from app.frameworks.queries import Named
from app.frameworks.rules import Fault, FrameworkFacts

_PLAIN: Final = (
    "slug",
    "name",
    "rule_set_slug",
    "starts_on",
    "ends_on",
    "summary",
    "selection_process",
    "agreement_text",
    "agreement_version",
    "estimated_value_pence",
    "extendable_to",
    "way",
    "direct_award",
    "fee_basis_points",
    "scheme_ends_on",
    "source",
    "wants_dbs_file",
    "countersigned",
)


class Faulty(Refused):
    """The facts say what cannot be, or name what is not there: every fault with its path."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(Refusal("faulty", f"{faults[0]}."))
        self.faults = faults


def create_framework(session: Session, actor: Actor, lead_id: UUID, facts: FrameworkFacts) -> UUID:
    """Write a draft whole. Raises `NotFound` unless the actor leads frameworks there, `Faulty`, and `Refused` for a taken slug."""
    if not leads(actor, lead_id):
        raise NotFound
    facts, known = _right(session, facts)
    row = Framework(
        **_plain(facts),
        follows_id=known.follows_id,
        lead_id=lead_id,
        created_at=clock.now(session),
        created_by=actor.known,
    )
    session.add(row)
    _flush(session, facts)
    asked = _first_questions(session, row, actor)
    parts.write_lots(session, row.id, facts.lots)
    parts.write_regions(session, row.id, facts, known)
    parts.write_call_off(session, row.id, facts, known)
    parts.write_criteria(session, row.id, facts.criteria)
    parts.write_questions(session, asked, facts.questions)
    audit.record(session, events.CREATED, actor=actor, subject=row.id, framework=row.name)
    return row.id


def revise_framework(
    session: Session, actor: Actor, framework_id: UUID, seen: str, change: Callable[[FrameworkFacts], FrameworkFacts]
) -> None:
    """Change the facts of a draft; who does so has written it, and somebody else approves.

    `seen` is `digest_of` the facts that the person had before them. Raises as `create_framework` does, and `Refused` for what
    is no draft, or where somebody has changed it meanwhile.
    """
    row = queries.led_framework(session, actor, framework_id)
    if row.approved_at or row.withdrawn_at:
        raise Refused(Refusal("not_a_draft", "Only a draft can be changed. This framework has been approved."))
    before = queries.facts_of(session, row)
    refuse_if(rules.why_not_change(seen=seen, now=digest_of(before)))
    facts, known = _right(session, change(before))
    if facts == before:
        return
    for name, value in _plain(facts).items():
        setattr(row, name, value)
    row.follows_id, row.created_by = known.follows_id, actor.known
    _flush(session, facts)
    _rewrite(session, row, before, facts, known, actor)
    audit.record(
        session, events.REVISED, actor=actor, subject=row.id, framework=row.name, parts=listed(_changed(before, facts))
    )


def digest_of(facts: FrameworkFacts) -> str:
    """The SHA-256 of the whole file."""
    return digest(rules.written(facts).encode())


def _rewrite(
    session: Session, row: Framework, before: FrameworkFacts, facts: FrameworkFacts, known: Named, actor: Actor
) -> None:
    """Only the parts that differ; questions are written again with the lots they name."""
    if (before.lots, before.questions) != (facts.lots, facts.questions):
        asked = queries.question_set(session, row) or _first_questions(session, row, actor)
        parts.clear_questions(session, asked)
        if before.lots != facts.lots:
            parts.clear_lots(session, row.id)
            parts.write_lots(session, row.id, facts.lots)
        asked.written_by = actor.known
        parts.write_questions(session, asked, facts.questions)
    if before.regions != facts.regions:
        parts.clear_regions(session, row.id)
        parts.write_regions(session, row.id, facts, known)
    if (before.call_off, before.may_accede, before.open_regions) != (
        facts.call_off,
        facts.may_accede,
        facts.open_regions,
    ):
        parts.clear_call_off(session, row.id)
        parts.write_call_off(session, row.id, facts, known)
    if before.criteria != facts.criteria:
        parts.clear_criteria(session, row.id)
        parts.write_criteria(session, row.id, facts.criteria)


def _first_questions(session: Session, row: Framework, actor: Actor) -> QuestionSet:
    made = QuestionSet(framework_id=row.id, version=1, written_by=actor.known)
    session.add(made)
    session.flush()
    return made


def _changed(before: FrameworkFacts, facts: FrameworkFacts) -> list[str]:
    named = (
        "lots",
        "regions",
        "call_off",
        "may_accede",
        "open_regions",
        "criteria",
        "questions",
        "agreement_text",
        "selection_process",
    )
    changed = [name.replace("_", " ") for name in named if getattr(before, name) != getattr(facts, name)]
    return changed or ["facts"]


def _right(session: Session, facts: FrameworkFacts) -> tuple[FrameworkFacts, Named]:
    found = rules.checked(facts)
    if isinstance(found, list):
        raise Faulty(tuple(found))
    known = queries.named(session, found)
    if known.faults:
        raise Faulty(known.faults)
    return rules.in_order(found), known


def _plain(facts: FrameworkFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in _PLAIN}


def _flush(session: Session, facts: FrameworkFacts) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if violates(error, "uq_framework_slug"):
            raise Refused(Refusal("slug_taken", f"There is already a framework called {facts.slug}.")) from None
        raise
