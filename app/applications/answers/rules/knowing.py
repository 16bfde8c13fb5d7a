"""What the portal knows of a provider, in the words of an answer. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.core.london import day_in_words
from app.frameworks.rules import FACTS, Known


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something held: of which practitioner, or from whom, and how it stands."""

    whose: str
    standing: str
    expires_on: date | None


def in_profile(known: Known) -> bool:
    """Whether it is a fact of the profile; else it is a kind of evidence."""
    return FACTS[known].where == FACTS[Known.NAME].where


def of_profile(known: Known, profile: Mapping[str, Any]) -> str:
    """A line each; nothing where the profile does not say it, or says it on a page of its own."""
    return _PROFILE[known](profile) if known in _PROFILE else ""


def of_evidence(held: Iterable[Evidence]) -> str:
    """A line for each that counts today."""
    return "\n".join(
        f"{one.whose}: {one.standing}" + (f", until {day_in_words(one.expires_on)}" if one.expires_on else "")
        for one in held
    )


def _lines(*words: str) -> str:
    return "\n".join(word for word in words if word)


_PROFILE: Final[Mapping[Known, Callable[[Mapping[str, Any]], str]]] = {
    Known.NAME: lambda profile: profile["name"],
    Known.CONTACT: lambda profile: _lines(profile["telephone"], profile["website"]),
    Known.COMPANY_NUMBER: lambda profile: profile["company_number"] or "",
    Known.CHARITY_NUMBER: lambda profile: profile["charity_number"] or "",
    Known.PPON: lambda profile: profile["ppon"] or "",
    Known.SITES: lambda profile: _lines(*(f"{site['name']}, {site['postcode']}" for site in profile["sites"])),
    Known.AREAS: lambda profile: _lines(*profile["areas"]),
    Known.THERAPIES: lambda profile: _lines(*profile["therapies"]),
    Known.PRACTITIONERS: lambda profile: _lines(
        *(f"{person['name']}, {person['profession']}" for person in profile["practitioners"])
    ),
}
"""Services and capacity are on pages of the profile that say more than a line."""
