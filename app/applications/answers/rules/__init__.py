"""What an application is asked, how it stands, what is carried over, and the prices of its lots. Pure."""

from app.applications.answers.rules import asking, pricing
from app.applications.answers.rules.asking import (
    LEFT,
    MOST_ANSWER,
    Answer,
    Question,
    Section,
    Standing,
    fault,
    is_kept,
    is_known,
    sections,
    why_not_save,
)
from app.applications.answers.rules.carrying import Earlier, carried, plain
from app.applications.answers.rules.knowing import Evidence, in_profile, of_evidence, of_profile
from app.applications.answers.rules.pricing import Price, Priced, Pricing, prices, why_not_price
from app.applications.answers.rules.sheet import Sheet

__all__ = [
    "LEFT",
    "MOST_ANSWER",
    "Answer",
    "Earlier",
    "Evidence",
    "Price",
    "Priced",
    "Pricing",
    "Question",
    "Section",
    "Sheet",
    "Standing",
    "asking",
    "carried",
    "fault",
    "in_profile",
    "is_kept",
    "is_known",
    "of_evidence",
    "of_profile",
    "plain",
    "prices",
    "pricing",
    "sections",
    "why_not_price",
    "why_not_save",
]
