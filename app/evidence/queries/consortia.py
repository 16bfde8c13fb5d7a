"""How the evidence of a consortium stands: for each kind the weakest of its members', and whose it is."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from app.evidence import rules
from app.evidence.models import EvidenceKind
from app.evidence.queries.worth import standings
from app.evidence.rules import COMMON, Standing
from app.providers.queries import ConsortiumView
from app.providers.rules.consortia import MemberState


@dataclass(frozen=True, slots=True)
class Weakest:
    """One kind of evidence. `whose`: the members that hold it back; nobody where all are verified."""

    kind: str
    standing: Standing
    whose: tuple[str, ...]


def weakest_evidence(session: Session, told: ConsortiumView, on: date) -> list[Weakest]:
    """For each kind that frameworks ask for most, over the members whose facts the reader is told. A fixed number of queries."""
    members = {m.provider_id: m.name for m in told.members if m.state is MemberState.ACCEPTED and m.told}
    if not members:
        return []
    kinds = session.exec(
        select(EvidenceKind.slug, EvidenceKind.name)
        .where(col(EvidenceKind.slug).in_(COMMON))
        .order_by(EvidenceKind.name)
    ).all()
    found = standings(session, members, [slug for slug, _ in kinds], on)
    lines = []
    for slug, name in kinds:
        governs = rules.weakest(found[provider_id, slug] for provider_id in members)
        held_back = governs is not Standing.VERIFIED
        whose = tuple(who for key, who in members.items() if held_back and found[key, slug] is governs)
        lines.append(Weakest(name, governs, whose))
    return lines
