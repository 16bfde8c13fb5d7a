"""The one eligibility function: may a provider act in a lot and region, and may it name this practitioner there?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam
from sqlmodel import Session, col, select

from app.core.refusals import NotFound, Refusal
from app.evidence.rules import Piece, Standing
from app.frameworks.models import Lot
from app.frameworks.requirements import Requirement
from app.frameworks.rules import Phase
from app.memberships import rules
from app.memberships.models import Membership
from app.memberships.queries.standing import every_membership, weighed_by


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a provider may act in a lot and region at a moment, with every reason when it may not.

    `needs` is what the lot requires of a member, and `pieces` what of it the provider holds by kind.
    """

    membership_id: UUID | None
    reasons: tuple[Refusal, ...]
    needs: Sequence[Requirement] = field(default=(), repr=False)
    pieces: Mapping[str, Sequence[Piece]] = field(default_factory=dict, repr=False)

    @property
    def eligible(self) -> bool:
        return not self.reasons

    def of_person(self, practitioner_id: UUID) -> dict[str, tuple[Standing, str]]:
        """How a current practitioner stands with each kind that the lot wants of a person, by its name, and what is against it."""
        own = {kind: [one for one in held if one.person_id == practitioner_id] for kind, held in self.pieces.items()}
        of_a_person = (need for need in self.needs if need.holder == "person")
        return {need.name: (found.standing, found.against) for need in of_a_person for found in (need.weigh(own),)}


def eligibility(
    session: Session,
    *,
    provider_id: UUID,
    lot_id: UUID,
    region_id: UUID,
    at: datetime,
    agency_id: UUID | None = None,
    called_off_at: datetime | None = None,
) -> Eligibility:
    """May this provider act in this lot and region at this moment? Evidence counts by the day in London. Stores nothing.

    `agency_id` and `called_off_at`: whose brief this is about and when it was published, if it is about one. Evidence then
    counts where the agency's policy of that moment takes whoever checked it, so that no policy changes a competition under
    way. It runs on when its framework has ended meanwhile (state machine 2); one that was withdrawn ends everything.
    """
    return eligibilities(
        session,
        provider_ids=(provider_id,),
        lot_id=lot_id,
        region_id=region_id,
        at=at,
        agency_id=agency_id,
        called_off_at=called_off_at,
    )[provider_id]


def eligibilities(
    session: Session,
    *,
    provider_ids: Collection[UUID],
    lot_id: UUID,
    region_id: UUID,
    at: datetime,
    agency_id: UUID | None = None,
    called_off_at: datetime | None = None,
    needs: Sequence[Requirement] | None = None,
) -> dict[UUID, Eligibility]:
    """The same of several providers, in as many queries as of one. `needs` is what the lot requires, where it was read already."""
    here = {"provider_ids": list(provider_ids), "lot_id": lot_id, "region_id": region_id}
    known = None if needs is None else {lot_id: needs}
    members, evidence = weighed_by(
        session, _here(), here, at, agency_id=agency_id, called_off_at=called_off_at, needs=known
    )
    found = {
        one.provider_id: Eligibility(one.membership_id, one.reasons, *evidence.behind(one.provider_id, lot_id))
        for one in members
    }
    if others := set(provider_ids) - found.keys():
        framework_id = session.exec(select(Lot.framework_id).where(Lot.id == lot_id)).first()
        if framework_id is None:
            raise NotFound
        found |= {one: Eligibility(None, _no_member(one, framework_id)) for one in others}
    return found


@cache
def _here() -> Any:
    """Put together once: shortly before a deadline all ask it."""
    lot_id, region_id = (bindparam(name, type_=Uuid()) for name in ("lot_id", "region_id"))
    return every_membership().where(
        col(Membership.provider_id).in_(bindparam("provider_ids", expanding=True)),
        col(Membership.lot_id) == lot_id,
        col(Membership.region_id) == region_id,
        col(Membership.ended_at).is_(None),
    )


def _no_member(provider_id: UUID, framework_id: UUID) -> tuple[Refusal, ...]:
    return rules.why_not_eligible(
        provider_id=provider_id,
        framework_id=framework_id,
        membership_id=None,
        signed=False,
        phase=Phase.LIVE,
        paused=False,
        restricted=False,
        closed=False,
        evidence=(),
    )
