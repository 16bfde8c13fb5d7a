"""Evidence as it stands for one agency: its policies, and whose check each of them takes, read with the evidence itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select

from app.core.london import london_day
from app.evidence.models import EvidenceItem, OwnVerification, ReliancePolicy, Verification
from app.evidence.rules import Standing
from app.evidence.rules.reliance import Reliance, Relied, awaited, relied_on
from app.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Reader:
    """An agency for which evidence is weighed, under its policies as they stood `at` a moment, which was that day in London.

    `leads_of` makes the query for the organisations whose check an agency took on a day as a lead's. All but that may be
    parameters of a query that is put together once.
    """

    agency_id: UUID
    at: datetime
    on: date
    leads_of: Callable[[Any, Any], Any]

    def policy(self) -> Any:
        """What it had said of an item's kind, else of every kind; NULL where it had said nothing."""
        return self._said(ReliancePolicy.policy)

    def policy_since(self) -> Any:
        return self._said(ReliancePolicy.set_at)

    def own_check(self) -> Any:
        return (
            select(OwnVerification.id)
            .where(OwnVerification.item_id == EvidenceItem.id, OwnVerification.organisation_id == self.agency_id)
            .correlate(EvidenceItem)
            .exists()
        )

    def leads(self) -> Any:
        return self.leads_of(self.agency_id, self.on)

    def by_lead(self) -> Any:
        return col(Verification.checker_organisation_id).in_(self.leads())

    def _said(self, column: Any) -> Any:
        return (
            select(column)
            .where(
                ReliancePolicy.organisation_id == self.agency_id,
                or_(col(ReliancePolicy.kind_slug) == EvidenceItem.kind_slug, col(ReliancePolicy.kind_slug).is_(None)),
                col(ReliancePolicy.set_at) <= self.at,
            )
            .order_by(
                col(ReliancePolicy.kind_slug).is_(None),
                col(ReliancePolicy.set_at).desc(),
                col(ReliancePolicy.id).desc(),
            )
            .limit(1)
            .correlate(EvidenceItem)
            .scalar_subquery()
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """How an agency sees one verified item: the values of `columns`, in their order."""

    agency_id: UUID
    agency: str
    said: str | None
    said_at: datetime | None
    own_check: bool
    checked_by: UUID | None
    by_lead: bool | None
    verified_at: datetime | None

    @property
    def policy(self) -> Reliance:
        return Reliance(self.said) if self.said else Reliance.ACCEPT_ANY

    def relied(self, standing: Standing) -> Relied:
        return relied_on(
            self.policy,
            standing,
            checked_by=self.checked_by,
            agency=self.agency_id,
            by_lead=bool(self.by_lead),
            own_check=self.own_check,
        )

    def since(self) -> date | None:
        """The London day from which its own check is awaited: verified, and its policy set."""
        moments = [moment for moment in (self.verified_at, self.said_at) if moment]
        return london_day(max(moments)) if moments else None

    def weigh(self, standing: Standing) -> tuple[Standing, str]:
        """What the item is worth to the agency; where it is not enough, whose check it awaits, in words."""
        words = awaited(self.relied(standing), self.agency, self.since())
        return (Standing.UNACCEPTED, words) if words else (standing, "")


def decided(column: Any) -> Any:
    """This of an item's verification, looked up for each item. A join would read every verification that there is, as soon as
    some thousand items are wanted.
    """
    return select(column).where(Verification.item_id == EvidenceItem.id).correlate(EvidenceItem).scalar_subquery()


def columns(reader: Reader | None, of: Callable[[Any], Any] = col) -> tuple[Any, ...]:
    """What a query for items and their verifications reads besides for an agency: nothing more where there is none.

    `of` is `decided` where the verifications are not joined.
    """
    if reader is None:
        return ()
    checker = of(Verification.checker_organisation_id)
    name = select(Organisation.name).where(Organisation.id == reader.agency_id).correlate(None).scalar_subquery()
    return (
        name,
        reader.policy(),
        reader.policy_since(),
        reader.own_check(),
        checker,
        checker.in_(reader.leads()),
        of(Verification.at),
    )


def seen_by(reader: Reader | None, values: tuple[Any, ...]) -> Seen | None:
    return Seen(reader.agency_id, *values) if reader else None
