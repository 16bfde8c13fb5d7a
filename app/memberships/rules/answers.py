"""An answer of the one eligibility function, and a refusal that carries one. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.refusals import Refusal, Refused
from app.memberships.rules import Moment


@dataclass(frozen=True, slots=True)
class Answered:
    """The reasons why a provider may not act for a brief at the moment `at`; none means that it may.

    `practitioner` is whom an opened bid names.
    """

    moment: Moment
    about_id: UUID
    provider_id: UUID
    lot_id: UUID
    region_id: UUID
    at: datetime
    reasons: tuple[Refusal, ...]
    practitioner: str = ""


class Ineligible(Refused):
    """A refusal for which eligibility was asked. The change is rolled back; `keep_refused` then keeps the answer by itself."""

    def __init__(self, refusal: Refusal, answered: Answered) -> None:
        super().__init__(refusal)
        self.answered = answered
