"""Who may open, score, propose and approve; and the arithmetic of scores. Pure."""

from enum import StrEnum


class LetterOutcome(StrEnum):
    SUCCESSFUL = "successful"
    UNSUCCESSFUL = "unsuccessful"
