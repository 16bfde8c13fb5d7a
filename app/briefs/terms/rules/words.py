"""The terms of a brief as members read them. Pure."""

from collections.abc import Iterable

from app.briefs.terms.rules.kinds import DELIVERIES, SETTINGS, SOURCES
from app.briefs.terms.rules.terms import Terms
from app.core.london import day_in_words


def in_words(terms: Terms) -> tuple[tuple[str, str], ...]:
    """(what it is about, what is asked for), without what is not said. References of decisions stay with the agency."""
    said = (
        ("Therapies that could fit", _joined(name for _, name in terms.therapies)),
        ("How", DELIVERIES[terms.delivery] if terms.delivery else ""),
        ("Kind of place", _joined(SETTINGS[one] for one in terms.settings)),
        (
            "Prices",
            "Sealed apart: two people open them once the quality of all bids is assessed"
            if terms.two_envelopes
            else "",
        ),
        ("Bids that may win", str(terms.awards) if terms.awards > 1 else ""),
        ("Places in each group", str(terms.places or "")),
        ("Ends by", day_in_words(terms.ends_by) if terms.ends_by else ""),
        ("Reviews", "\n".join(map(day_in_words, terms.review_dates))),
        ("Other dates", "\n".join(f"{day_in_words(one.on)}: {one.what}" for one in terms.key_dates)),
        ("Children the money is for", str(terms.children) if terms.children > 1 else ""),
        ("Money from", _joined(SOURCES[one] for one in terms.funding.sources)),
    )
    return tuple((label, words) for label, words in said if words)


def _joined(names: Iterable[str]) -> str:
    return "\n".join(names)
