"""The frameworks to start from: files like any other, one for each way of buying that was seen in real notices."""

from pathlib import Path
from typing import Final

from app.frameworks.rules import FrameworkFacts, read

FOLDER: Final = Path(__file__).parent / "data" / "templates"
TEMPLATES: Final = (
    ("essex-five-lots", "Five lots of one county: training, assessments, mediation, therapy, short breaks"),
    ("yorkshire-humber", "One framework for three agencies and fifteen authorities"),
    ("approved-provider-list", "A list of approved providers, without competitions"),
    ("eight-therapy-lots", "A list that is always open, of eight kinds of therapy"),
    ("open-framework-scheme", "The first framework of an open scheme, with its clocks"),
)
"""(slug, what it is for), in the order of the page."""


def template(slug: str) -> FrameworkFacts:
    """Raises `KeyError` for a name that is none of them."""
    if slug not in dict(TEMPLATES):
        raise KeyError(slug)
    found = read((FOLDER / f"{slug}.json").read_bytes())
    if isinstance(found, list):
        raise ValueError(f"{slug}: {found[0]}")
    return found
