"""The papers of the demonstration: real, tagged PDF files of one page, each marked as a specimen, by invented issuers."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Final

import typst

from app.core.london import day_in_words
from app.core.money import pounds
from app.demo.data import DATA, table

_TEMPLATE: Final = DATA / "certificate.typ"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper states: the facts that its item of evidence holds, and who they are about.

    `holder` is the provider's or the practitioner's name; `cover_pence` is for insurance alone.
    """

    kind: str
    holder: str
    provider: str
    issuer: str
    reference: str
    starts_on: date
    expires_on: date | None
    cover_pence: int | None
    profession: str = ""


def kinds() -> dict[str, Any]:
    """The kinds of paper that can be made, with their words."""
    return table("papers")


def pdf(paper: Paper) -> bytes:
    """The file, PDF/UA-1; the same paper is the same file to the byte, on any machine."""
    made_at = datetime.combine(paper.starts_on, time(9), UTC)
    inputs = {"paper": json.dumps(_content(paper))}
    made = _compiler().compile(sys_inputs=inputs, format="pdf", pdf_standards="ua-1", timestamp=made_at)
    if not isinstance(made, bytes):
        raise TypeError("a paper has one file")
    return made


@cache
def _compiler() -> typst.Compiler:
    """Kept, because the second paper takes a tenth of the first; it uses only the fonts it carries."""
    return typst.Compiler(_TEMPLATE, root=DATA, ignore_system_fonts=True)


def _content(paper: Paper) -> dict[str, Any]:
    words = kinds()[paper.kind]
    names = {"holder": paper.holder, "provider": paper.provider, "profession": paper.profession.lower()}
    return {
        **{key: words[key] for key in ("title", "noun", "accent", "strapline", "signatory", "office")},
        "holder": paper.holder,
        "issuer": paper.issuer,
        "opening": words["opening"].format_map(names),
        "body": [line.format_map(names) for line in words["body"]],
        "facts": [[label, detail] for label, detail in _facts(paper, words["reference_label"]) if detail],
        "year": str(paper.starts_on.year),
    }


def _facts(paper: Paper, reference_label: str) -> list[tuple[str, str]]:
    return [
        ("For", paper.holder),
        ("With" if paper.holder != paper.provider else "", paper.provider if paper.holder != paper.provider else ""),
        (reference_label, paper.reference),
        ("Cover for any one claim", pounds(paper.cover_pence) if paper.cover_pence else ""),
        ("From" if paper.expires_on else "Issued on", _day(paper.starts_on)),
        ("Until", _day(paper.expires_on) if paper.expires_on else ""),
    ]


def _day(value: date) -> str:
    return day_in_words(value)
