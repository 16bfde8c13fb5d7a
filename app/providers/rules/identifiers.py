"""Official numbers: how they are written, and what is said of one that looks odd. Pure."""

import re
from typing import Final

_COMPANY: Final = r"(?:\d{8}|(?:SC|NI|OC|SO|NC|CE|IP|RS|RC|SP|LP|SL|NL|FC)\d{6})"


_CHARITY: Final = r"\d{6,7}(?:-\d{1,2})?"


def tidy_company_number(typed: str) -> str:
    """'sc 123456' -> 'SC123456'; Companies House drops leading zeros in places, so '61625' -> '00061625'."""
    bare = re.sub(r"\s", "", typed).upper()
    return bare.zfill(8) if bare.isdigit() else bare


def tidy_charity_number(typed: str) -> str:
    return re.sub(r"\s", "", typed)


def company_warning(number: str | None) -> str | None:
    return _warning(_COMPANY, number, "company number, which has 8 digits, or 2 letters and 6 digits")


def charity_warning(number: str | None) -> str | None:
    return _warning(_CHARITY, number, "charity number for England and Wales, which has 6 or 7 digits")


def bare(number: str) -> str:
    """A registration number without spaces, in capitals: how two are compared."""
    return re.sub(r"\s", "", number).upper()


def registration_warning(pattern: str, number: str, body: str) -> str | None:
    """Published formats change, so a surprising number is pointed out and never refused."""
    if not pattern or not number:
        return None
    return _warning(pattern, bare(number), f"{body} registration number")


def _warning(pattern: str, number: str | None, what: str) -> str | None:
    if not number or re.fullmatch(pattern, number):
        return None
    return f"Check this: it does not look like a {what}."
