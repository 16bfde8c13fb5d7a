"""Who may read the documents of an item: by its kind, and narrower where its provider asks for it with a reason. Pure."""

from enum import StrEnum
from typing import Final

from app.evidence.rules.checking import Outcome
from app.evidence.rules.facts import KindAudience, KindFacts


class Audience(StrEnum):
    """From the narrowest: a DBS file; what is confidential; what is private; what agencies that rely on it may open as well."""

    ONE_CHECKER = "one_checker"
    CONFIDENTIAL = "confidential"
    PRIVATE = "private"
    RELYING = "relying"


AUDIENCES: Final = {
    Audience.ONE_CHECKER: "Only owners and people who keep documents, and the checker who decides. Each opening is noted.",
    Audience.CONFIDENTIAL: "Owners and people who keep documents, and checkers. Not your other colleagues.",
    Audience.PRIVATE: "Your organisation’s people, and checkers once it is sent.",
    Audience.RELYING: "Your organisation’s people, and checkers once it is sent. Once it is verified, agencies that rely on it "
    "too: each opening is noted, and you see it here.",
}


KEEPERS_ALONE: Final = (Audience.ONE_CHECKER, Audience.CONFIDENTIAL)
"""Of its own provider's people, those alone who keep documents."""


def may_agencies_open(audience: Audience, outcome: Outcome) -> bool:
    """Agencies that rely on an item open what their audience may, once it is verified: facts are all they see before."""
    return audience is Audience.RELYING and outcome is Outcome.VERIFIED


def audience(kind: KindFacts, *, confidential_reason: str) -> Audience:
    """A reason makes it confidential; what the law keeps narrow is no wider for any reason."""
    if kind.narrow:
        return Audience.ONE_CHECKER
    if confidential_reason:
        return Audience.CONFIDENTIAL
    return Audience.RELYING if kind.audience is KindAudience.RELYING else Audience.PRIVATE
