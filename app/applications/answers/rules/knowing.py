"""What the portal knows of a provider, in the words of an answer, from what an application shares. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.frameworks.rules import Known


def said(known: Known, shared: Mapping[str, Any]) -> str:
    """A line each; nothing where the profile does not say it. `shared` is the profile and the evidence held."""
    if known in _PROFILE:
        return _PROFILE[known](shared["provider"])
    held = [item for item in shared["evidence_held"] if item["kind"] == known]
    return "\n".join(_evidence(item) for item in held)


def _evidence(item: Mapping[str, Any]) -> str:
    whose = item["practitioner"] or item["issuer"] or "Held"
    until = f", until {item['expires_on']}" if item["expires_on"] else ""
    return f"{whose}: {item['standing']}{until}"


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
