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
)
from app.applications.answers.rules.carrying import Earlier, carried, plain
from app.applications.answers.rules.knowing import said
from app.applications.answers.rules.pricing import Price, Priced, Pricing, answered, prices, why_not_price
from app.applications.answers.rules.sheet import Sheet

__all__ = [
    "LEFT",
    "MOST_ANSWER",
    "Answer",
    "Earlier",
    "Price",
    "Priced",
    "Pricing",
    "Question",
    "Section",
    "Sheet",
    "Standing",
    "answered",
    "asking",
    "carried",
    "fault",
    "is_kept",
    "is_known",
    "plain",
    "prices",
    "pricing",
    "said",
    "sections",
    "why_not_price",
]
