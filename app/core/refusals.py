"""How the domain says no: a refusal names its rule, says it in words and points to what fixes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be done. `fix` is a path that mends it and the words of the link, if anything does.

    `at` says it of the fields of a form, as (field, words), where the rule knows which.
    """

    code: str
    words: str
    fix: tuple[str, str] | None = None
    at: tuple[tuple[str, str], ...] = ()


def over(words: str, since: str = "") -> Refusal | None:
    """Why nothing is left to decide: `words` say what has become of it, if anything has, and `since` what is there instead."""
    return Refusal("over", f"{words} {since}".strip()) if words else None


class Refused(Exception):
    """409: the rules forbid it now. The page is drawn again with the words."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class NotFound(Exception):
    """404: it does not exist, or not for this person: the same answer."""


class NotAllowed(Exception):
    """403: a member of the organisation whose role does not reach this far."""


def refuse_if(refusal: Refusal | None) -> None:
    """Raise what a rule found, if it found anything."""
    if refusal:
        raise Refused(refusal)
