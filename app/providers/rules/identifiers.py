"""Official numbers: which there are, how they are written, and what is said of one that looks odd. Pure.

A number that looks odd is pointed out and never refused: published formats change, and real registers are untidy.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.core.london import day_in_words

_PPON_LETTER: Final = "[BCDGHJLMNPQRTVWXYZ]"


def tidy_company_number(typed: str) -> str:
    """'sc 123456' -> 'SC123456'; Companies House drops leading zeros in places, so '61625' -> '00061625'."""
    bare = re.sub(r"\s", "", typed).upper()
    return bare.zfill(8) if bare.isdigit() else bare


def tidy_charity_number(typed: str) -> str:
    """Without spaces; nothing else is touched, nor for a share code, in which capitals may matter."""
    return re.sub(r"\s", "", typed)


def tidy_ppon(typed: str) -> str:
    """'GB-PPON:pzgw 7196 lchl', 'GB-PPON-PZGW-7196-LCHL' and the bare number -> 'PZGW-7196-LCHL'."""
    bare = re.sub(r"^GB-?PPON[:-]?", "", re.sub(r"\s", "", typed).upper())
    plain = bare.replace("-", "")
    return f"{plain[:4]}-{plain[4:8]}-{plain[8:]}" if len(plain) == 12 else bare


def tidy_letters_and_digits(typed: str) -> str:
    """'sc 012 345' -> 'SC012345'."""
    return re.sub(r"[\s-]", "", typed).upper()


@dataclass(frozen=True, slots=True)
class Identifier:
    """An official number: how it is asked for, its most characters, its usual form, and how it is tidied."""

    field: str
    label: str
    hint: str
    most: int
    pattern: str
    looks: str
    tidy: Callable[[str], str] = tidy_letters_and_digits


IDENTIFIERS: Final = {
    row.field: row
    for row in (
        Identifier(
            "company_number",
            "Company number",
            "8 digits, or 2 letters and 6 digits, as on Companies House. For example, 09506232 or SC123456",
            8,
            r"(?:\d{8}|(?:SC|NI|OC|SO|NC|CE|IP|RS|RC|SP|LP|SL|NL|FC)\d{6})",
            "company number, which has 8 digits, or 2 letters and 6 digits",
            tidy_company_number,
        ),
        Identifier(
            "charity_number",
            "Charity number",
            "6 or 7 digits, as on the register of charities. For example, 1090095",
            10,
            r"\d{6,7}(?:-\d{1,2})?",
            "charity number for England and Wales, which has 6 or 7 digits",
            tidy_charity_number,
        ),
        Identifier(
            "ppon",
            "Public procurement organisation number (PPON)",
            "From your record on the central digital platform, Find a Tender. For example, PZGW-7196-LCHL",
            20,
            rf"P{_PPON_LETTER}{{3}}-[1-9]{{4}}-{_PPON_LETTER}{{3}}[CDGHJLMNPQRTVWXYZ]",
            "PPON, which has P and 3 letters, 4 digits, then 4 letters",
            tidy_ppon,
        ),
        Identifier(
            "ofsted_urn",
            "Ofsted unique reference number (URN)",
            "If you are registered with Ofsted: SC and 6 digits, or 7 digits. For example, SC012345",
            10,
            r"(?:SC\d{6}|\d{7})",
            "usual Ofsted reference, which has SC and 6 digits, or 7 digits",
        ),
        Identifier(
            "ico_number",
            "Information Commissioner’s Office (ICO) registration number",
            "From your data protection fee certificate: 8 characters, beginning with Z. For example, ZA123456",
            10,
            r"Z(?:[A-Z]\d{6}|\d{6}[0-9X])",
            "usual ICO registration number, which has Z and 7 more characters",
        ),
    )
}
"""Sources: PPON from the central digital platform's own generator; the others from the catalogue of evidence."""

SHARE_CODE: Final = Identifier(
    "share_code",
    "Share code",
    "8 letters and digits, from Find a Tender: it lets agencies see the company data you keep there",
    12,
    r"[0-9A-Za-z]{8}",
    "share code, which has 8 letters and digits",
    tidy_charity_number,
)
RECORD_FRESH: Final = timedelta(days=183)
"""How long a confirmation is thought fresh: a default of ours, as no rule names a time."""


def identifier(field: str) -> Identifier:
    """The official number of that name, or the share code."""
    return SHARE_CODE if field == SHARE_CODE.field else IDENTIFIERS[field]


def identifier_warning(field: str, number: str | None) -> str | None:
    known = identifier(field)
    return _warning(known.pattern, number, known.looks)


def bare(number: str) -> str:
    """A registration number without spaces, in capitals: how two are compared."""
    return re.sub(r"\s", "", number).upper()


def registration_warning(pattern: str, number: str, body: str) -> str | None:
    """Published formats change, so a surprising number is pointed out and never refused."""
    if not pattern or not number:
        return None
    return _warning(pattern, bare(number), f"{body} registration number")


def record_stale(confirmed_on: date | None, on: date) -> bool:
    """Whether the central record was last confirmed too long ago to go by. Nothing confirmed is not stale but absent."""
    return confirmed_on is not None and on - confirmed_on > RECORD_FRESH


def record_lapses_on(confirmed_on: date) -> date:
    """The last day on which that confirmation is fresh."""
    return confirmed_on + RECORD_FRESH


def why_not_confirmed(share_code: str | None, confirmed_on: date | None, on: date) -> str:
    """Why an authority cannot go by a supplier's own confirmation of its central record, in words; nothing if it can.

    Before an award under a framework the authority has confirmation that the supplier is registered on the central digital
    platform, keeps its core information there up to date and has shared it. Source: SI 2024/692 reg 6(2)(d), (4), (5).
    """
    if not share_code:
        return "The provider has not given the share code of its national supplier record."
    if confirmed_on is None:
        return "The provider has not confirmed that its national supplier record is current."
    if record_stale(confirmed_on, on):
        return (
            f"The provider last confirmed on {day_in_words(confirmed_on)} that its national supplier record is "
            "current: more than six months ago."
        )
    return ""


def _warning(pattern: str, number: str | None, what: str) -> str | None:
    if not number or re.fullmatch(pattern, number):
        return None
    return f"Check this: it does not look like a {what}."
