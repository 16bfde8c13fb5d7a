"""Who may read the documents of an item: by its kind, and narrower where its provider asks for it with a reason. Pure."""

from enum import StrEnum
from typing import Final

from app.evidence.rules.facts import KindFacts


class Audience(StrEnum):
    """From the narrowest: a DBS file; what is confidential; what is private, as everything is unless somebody says so."""

    ONE_CHECKER = "one_checker"
    CONFIDENTIAL = "confidential"
    PRIVATE = "private"


AUDIENCES: Final = {
    Audience.ONE_CHECKER: "Only owners and people who keep documents, and the checker who decides. Each opening is noted.",
    Audience.CONFIDENTIAL: "Owners and people who keep documents, and checkers. Not your other colleagues.",
    Audience.PRIVATE: "Your organisation’s people, and checkers once it is sent.",
}


def audience(kind: KindFacts, *, confidential_reason: str) -> Audience:
    """A reason makes it confidential; what the law keeps narrow is no wider for any reason."""
    if kind.narrow:
        return Audience.ONE_CHECKER
    return Audience.CONFIDENTIAL if confidential_reason else Audience.PRIVATE
