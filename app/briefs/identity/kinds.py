"""What the guard looks for: each kind, what it looks like and what to write instead."""

from dataclasses import dataclass
from typing import Final

LOOKS_LIKE: Final = {
    "email": "an e-mail address. Take it out",
    "handle": "a link or a name on social media. Take it out",
    "nhs_number": "an NHS number. Take it out",
    "telephone": "a telephone number. Take it out",
    "postcode": "a full postcode. Say the district or region",
    "reference": "a case or reference number. Take it out",
    "date_of_birth": "a date of birth. Give the age band",
    "date": "the exact day of something in a child’s life. Say the season or the year",
    "school": "the name of a school. Say what kind of school",
    "clinic": "the name of a hospital or surgery. Say “a hospital” or “the GP”",
    "club": "the name of a place of worship or a club. Say what kind it is",
    "address": "an address. Say the district or region",
    "name": "a name. Say “the child” or “the older sibling”",
    "unusual": "something few families have, beside a small place or an exact age. Say it in general words, or leave the place out",
}
"""The kinds, in the order in which one takes the words that two would have."""

NAMES: Final = {
    "email": "e-mail address",
    "handle": "link or social media",
    "nhs_number": "NHS number",
    "telephone": "telephone number",
    "postcode": "postcode",
    "reference": "reference number",
    "date_of_birth": "date of birth",
    "date": "exact date",
    "school": "school",
    "clinic": "hospital or surgery",
    "club": "place of worship or club",
    "address": "address",
    "name": "name",
    "unusual": "unusual combination",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Where in the plain words something of a kind stands: from `start` to before `end`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """`excerpt` is what stands in the text from `start` to before `end`; `words` what it looks like and what to write instead."""

    kind: str
    excerpt: str
    words: str
    start: int
    end: int

    @property
    def kind_name(self) -> str:
        return NAMES[self.kind]
