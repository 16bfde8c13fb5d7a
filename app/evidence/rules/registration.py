"""Which documents a new provider is asked for first, which of them it has supplied, and which kinds it cannot have. Pure."""

from collections.abc import Iterable
from typing import Final

from app.evidence.rules.worth import Standing
from app.providers.rules import ProviderKind

ASKED_FIRST: Final = ("ins_public_liability", "ins_professional_indemnity", "safeguarding_policy", "dbs_enhanced")
"""What every published framework asks of everybody; each framework then sets its own list."""

_SUPPLIED: Final = (Standing.VERIFIED, Standing.AWAITING_CHECK)


_OF_A_COMPANY: Final = frozenset({"company_registration", "connected_persons", "modern_slavery"})
_OF_A_TEAM: Final = frozenset(
    {"ins_employers_liability", "safer_recruitment", "right_to_work", "whistleblowing_policy"}
)
_OF_ONE_PERSON: Final = frozenset({"sole_trader_identity", "dbs_self_employed_route"})
_OF_A_CHARITY: Final = frozenset({"charity_registration"})
_OF_AN_AGENCY: Final = frozenset({"ofsted_vaa", "statement_of_purpose"})

NOT_OF: Final[dict[ProviderKind, frozenset[str]]] = {
    ProviderKind.SOLE_PRACTITIONER: _OF_A_COMPANY | _OF_A_TEAM | _OF_A_CHARITY | _OF_AN_AGENCY,
    ProviderKind.COMPANY: _OF_ONE_PERSON | _OF_A_CHARITY | _OF_AN_AGENCY,
    ProviderKind.CHARITY: _OF_ONE_PERSON | _OF_AN_AGENCY,
    ProviderKind.NHS: _OF_ONE_PERSON | _OF_A_COMPANY | _OF_A_CHARITY | _OF_AN_AGENCY,
    ProviderKind.SUPPORT_AGENCY: _OF_ONE_PERSON,
}
"""The kinds of evidence that a kind of provider cannot have, so that it is never asked. Source: `condition` in the catalogue."""


def applies(kind: str, provider: ProviderKind) -> bool:
    return kind not in NOT_OF[provider]


def supplied(held: Iterable[tuple[str, Standing]]) -> frozenset[str]:
    """Which of those asked for first are with a checker or verified. `held`: each item's kind and standing."""
    return frozenset(kind for kind, standing in held if kind in ASKED_FIRST and standing in _SUPPLIED)
