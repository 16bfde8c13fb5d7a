"""Asking Companies House by machine: one small interface, off without a key, called outside every transaction.

The company profile of the public data API, `GET /company/{number}` with the key as the user name of HTTP basic
authentication; at most 600 requests in five minutes, then 429. Source: developer-specs.company-information.service.gov.uk.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import quote

import httpx

from app.evidence.rules import Found
from app.settings import Settings

WAIT_SECONDS: Final = 5.0  # for one answer, connecting included
WINDOW_SECONDS: Final = 300  # the limit is counted over this long
_LEGAL_FORMS: Final = {"ltd": "limited", "cic": "community interest company", "llp": "limited liability partnership"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of one company."""

    number: str
    name: str
    status: str
    created_on: str = ""
    previous_names: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    insolvency: bool = False


class Unavailable(Exception):
    """The register gave no answer that can be used; the words say why and what to do."""


class LiveRegister(Protocol):
    def look_up(self, number: str) -> Entry | None:
        """The entry under this number, None where there is none. Raises `Unavailable`."""


class CompaniesHouse:
    def __init__(self, key: str, url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._options: dict[str, Any] = {
            "base_url": url,
            "auth": (key, ""),
            "timeout": WAIT_SECONDS,
            "transport": transport,
            "headers": {"Accept": "application/json"},
            "trust_env": False,
        }

    def look_up(self, number: str) -> Entry | None:
        try:
            with httpx.Client(**self._options) as client:
                answer = client.get(f"/company/{quote(number.replace(' ', '').upper(), safe='')}")
        except httpx.HTTPError as error:
            raise Unavailable("Companies House did not answer. Look at the register yourself, or try again.") from error
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise Unavailable(_trouble(answer))
        try:
            return _entry(answer.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            words = "Companies House sent an answer that could not be read. Look at the register yourself."
            raise Unavailable(words) from error


def live_register(settings: Settings) -> LiveRegister | None:
    """The live check, or None where no key is set."""
    key = settings.companies_house_key
    return CompaniesHouse(key, settings.companies_house_url) if key else None


def compare(entry: Entry | None, *, number: str, legal_name: str) -> tuple[Found, str]:
    """Whether the entry is this provider's and in order, and every difference in words."""
    if entry is None:
        return Found.NOT_FOUND, f"No company has the number {number}."
    faults = [
        words
        for wrong, words in (
            (_bare(entry.number) != _bare(number), f"the number is {entry.number}"),
            (_name(entry.name) != _name(legal_name), f"the name is {entry.name}, the provider’s is {legal_name}"),
            (entry.status != "active", f"the status is {entry.status.replace('-', ' ') or 'not given'}"),
            (entry.insolvency, "it has been insolvent"),
            *((True, f"overdue: its {what}") for what in entry.overdue),
        )
        if wrong
    ]
    if faults:
        words = "; ".join(faults)
        formerly = " Its earlier names include the provider’s." if _was(entry, legal_name) else ""
        return Found.DIFFERS, f"{words[0].upper()}{words[1:]}.{formerly}"
    since = f", on the register since {entry.created_on}" if entry.created_on else ""
    return Found.MATCHES, f"{entry.name}, {entry.number}: active{since}."


def _trouble(answer: httpx.Response) -> str:
    if answer.status_code == 401:
        return "Companies House did not accept the key of this service. Tell the administrator, and look yourself."
    if answer.status_code == 429:
        told = answer.headers.get("Retry-After", "")
        seconds = int(told) if told.isascii() and told.isdigit() else WINDOW_SECONDS
        minutes = max(1, -(-min(seconds, 3600) // 60))
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        return f"Companies House has been asked too often. Try again in {wait}, or look at the register yourself."
    return (
        f"Companies House is out of order (answer {answer.status_code}). Look at the register yourself, or try later."
    )


def _entry(told: dict[str, Any]) -> Entry:
    accounts, statement = told.get("accounts") or {}, told.get("confirmation_statement") or {}
    overdue = (("annual accounts", accounts.get("overdue")), ("confirmation statement", statement.get("overdue")))
    return Entry(
        number=str(told["company_number"]),
        name=str(told["company_name"]),
        status=str(told.get("company_status") or ""),
        created_on=str(told.get("date_of_creation") or ""),
        previous_names=tuple(str(was["name"]) for was in told.get("previous_company_names") or []),
        overdue=tuple(what for what, late in overdue if late is True),
        insolvency=told.get("has_insolvency_history") is True,
    )


def _bare(number: str) -> str:
    return number.replace(" ", "").upper().zfill(8)


def _name(name: str) -> str:
    """Names are the same however their legal form and signs are written."""
    words = "".join(c if c.isalnum() or c.isspace() else " " if c in "-/&" else "" for c in name.casefold()).split()
    return " ".join(_LEGAL_FORMS.get(word, word) for word in words if word not in ("and", "the"))


def _was(entry: Entry, legal_name: str) -> bool:
    return any(_name(name) == _name(legal_name) for name in entry.previous_names)
