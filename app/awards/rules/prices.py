"""When the quality of bids is assessed for good, and when two people may open the prices that were sealed apart."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.briefs.rules import Phase
from app.core.refusals import Refusal

FIXED: Final = Refusal("assessed", "It is on record that the quality is assessed, so no mark can be added or changed.")


def why_not_second_envelope(*, phase: Phase, two_envelopes: bool, prices_open: bool) -> Refusal | None:
    """Whether there are prices at all that wait to be opened."""
    if not two_envelopes:
        return Refusal("one_envelope", "This brief has one envelope: its prices are opened with the bids.")
    if phase not in (Phase.OPENED, Phase.AWARDED):
        return Refusal("not_open", "Prices are opened after the bids, once their quality is assessed.")
    if prices_open:
        return Refusal("already_open", "The prices are already open.")
    return None


def why_not_finish(*, assessed: bool, bids: int, waiting: int, unscored: int, chair: bool) -> Refusal | None:
    """Whether this person may put it on record that quality is assessed: all marks are in, and every bid has them.

    `chair`: the chair of the panel, or an approver where the bids were opened out of order because there is none.
    """
    if assessed:
        return Refusal("assessed", "It is on record already that the quality is assessed.")
    if not bids:
        return Refusal("no_bids", "No bid stands, so there is no price to open.")
    if waiting:
        who = "One assessor has" if waiting == 1 else f"{waiting} assessors have"
        return Refusal("waiting", f"{who} not yet submitted their scores.")
    if unscored:
        return Refusal("unscored", "A bid has no score on every criterion. Add an assessor who can score it.")
    if not chair:
        return Refusal("chair", "The chair puts it on record that the quality is assessed.")
    return None


def why_not_open_prices(*, assessed: bool, approvals: Sequence[UUID], person: UUID) -> Refusal | None:
    """Whether this person may now give the next of the two approvals that open the prices."""
    if not assessed:
        return Refusal("not_assessed", "Prices stay sealed until it is on record that the quality is assessed.")
    if person in approvals:
        return Refusal(
            "same_person", "You have approved the opening of the prices. A second person must approve it too."
        )
    return None
