"""A letter and its parts. Pure.

Older letters have one practitioner's name and one sum instead of a team and lines; they are read as they were written, and
their digests stay what they were.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from app.bids.pricing.rules import VATS, Line, LineKind, Vat, total_pence
from app.core.crypto import digest

MOST_CHARACTERS: Final = 4000
MOST_OF_AN_ANSWER: Final = 20_000
"""Of a brief's own question, which sets its limit in words."""
MOST_PEOPLE: Final = 6
MOST_PARTNERS: Final = 4


@dataclass(frozen=True, slots=True)
class Question:
    """What every bid for a brief answers: `key` is "approach", "experience", or the id of the brief's own question."""

    key: str
    text: str
    hint: str = ""
    max_words: int | None = None

    @property
    def most_characters(self) -> int:
        return MOST_OF_AN_ANSWER if self.max_words else MOST_CHARACTERS

    @property
    def heading(self) -> str:
        """To its readers: 'Approach'."""
        return self.text.removeprefix("Your ").capitalize() if self.key in ("approach", "experience") else self.text


STANDING: Final = (
    Question(
        "approach",
        "Your approach",
        "How you would work with this family towards the outcomes. Speak to every criterion on which bids are scored.",
    ),
    Question("experience", "Your experience", "What you have done for families like this one, and what came of it"),
)
"""What is asked where a brief has no questions of its own."""


@dataclass(frozen=True, slots=True)
class Named:
    """A practitioner of the bidder who would do the work, and which part of it."""

    id: UUID
    name: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Partner:
    """Another provider that would do a share of the work, in per cent of the price."""

    id: UUID
    name: str
    share: int = 0
    part: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a bidder says. While it is a draft a part may be empty; a price of nought is one not yet given.

    `price_pence` is what enters the comparison: the total of `lines`, where there are any. `answers` are (key, words).
    `salt` is given as it is sealed, for nobody to find by guessing of what it is the digest; the bidder is shown it.
    A price sealed apart, in an envelope of its own, has a `price_salt` besides; of one that is still sealed to its reader no
    more is here than its digest, `price_sha256`.
    """

    approach: str = ""
    experience: str = ""
    practitioner: str = ""
    price_pence: int = 0
    salt: str = field(default="", compare=False)
    answers: tuple[tuple[str, str], ...] = ()
    team: tuple[Named, ...] = ()
    partners: tuple[Partner, ...] = ()
    lines: tuple[Line, ...] = ()
    vat: Vat | None = None
    price_salt: str = field(default="", compare=False)
    price_sha256: str = field(default="", compare=False)

    def answer(self, key: str) -> str:
        standing = {"approach": self.approach, "experience": self.experience}
        return standing[key] if key in standing else dict(self.answers).get(key, "")

    @property
    def names(self) -> tuple[str, ...]:
        """Who would do the work."""
        return tuple(one.name for one in self.team) or ((self.practitioner,) if self.practitioner else ())

    @property
    def vat_said(self) -> str:
        return VATS[self.vat] if self.vat else ""

    def said(self, asked: Sequence[Question]) -> tuple[tuple[str, str], ...]:
        """What its readers see of it before any price: (heading, words)."""
        people = [f"{one.name}: {one.part}" if one.part else one.name for one in self.team] or list(self.names)
        partners = [f"{one.name}, {one.share}% of the price: {one.part}" for one in self.partners]
        return (
            *((one.heading, self.answer(one.key)) for one in asked),
            ("Who would work with the family", "\n".join(people)),
            *((("Partners", "\n".join(partners)),) if partners else ()),
        )

    @property
    def is_divided(self) -> bool:
        """Whether its price is sealed apart."""
        return bool(self.price_salt or self.price_sha256)

    @property
    def without_price(self) -> "Letter":
        """What is read of it before its price may be."""
        return replace(self, price_pence=0, lines=(), vat=None, price_salt="", price_sha256=self._price_digest)

    def canonical(self) -> bytes:
        """The one way to write it down, over which its digest is taken: JSON in UTF-8, keys sorted, no spaces.

        Of a divided letter this is all but the price, with the digest of that: so the one digest commits to both.
        """
        said = {name: value for name, value in asdict(self).items() if name not in _ADDED or value}
        if self.is_divided:
            said = {name: value for name, value in said.items() if name not in _OF_PRICE}
            said["price_sha256"] = self._price_digest
        return _written(said)

    def price(self) -> bytes:
        """The price of a divided letter, written down in the same way, as it is sealed apart."""
        said = {name: value for name, value in asdict(self).items() if name in _OF_PRICE}
        return _written({name: value for name, value in said.items() if name not in _ADDED or value})

    @property
    def _price_digest(self) -> str:
        return digest(self.price()) if self.price_salt else self.price_sha256

    @classmethod
    def read(cls, canonical: bytes, price: bytes = b"{}") -> "Letter":
        """`price` is that of a divided letter, where its reader has it."""
        said: dict[str, Any] = json.loads(canonical) | json.loads(price)
        said["answers"] = tuple((key, words) for key, words in said.get("answers", ()))
        said["team"] = tuple(Named(**one | {"id": UUID(one["id"])}) for one in said.get("team", ()))
        said["partners"] = tuple(Partner(**one | {"id": UUID(one["id"])}) for one in said.get("partners", ()))
        said["lines"] = tuple(Line(**one | {"kind": LineKind(one["kind"])}) for one in said.get("lines", ()))
        said["vat"] = Vat(said["vat"]) if "vat" in said else None
        return cls(**said)


_ADDED: Final = {"salt", "answers", "team", "partners", "lines", "vat", "price_salt", "price_sha256"}
"""What older letters have not, and a letter that says nothing of it leaves out."""
_OF_PRICE: Final = {"price_pence", "lines", "vat", "price_salt"}


def _written(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def priced(lines: Sequence[Line]) -> dict[str, Any]:
    """The fields of a letter that its lines decide."""
    return {"lines": tuple(lines), "price_pence": total_pence(lines)}


def missing(letter: Letter, asked: Sequence[Question] = STANDING) -> tuple[str, ...]:
    """What it still has to say, in the words of the page."""
    return tuple(
        label
        for given, label in (
            *((letter.answer(one.key), _label(one, n, asked)) for n, one in enumerate(asked, 1)),
            (letter.names, "the practitioner who would do the work"),
            (letter.price_pence, "your price"),
        )
        if not given
    )


def too_long(letter: Letter, asked: Sequence[Question] = STANDING) -> str:
    """Which answers have more words than the brief takes, and by how many."""
    over = [
        f"The answer to question {n} has {count} words; the brief takes {one.max_words}."
        for n, one in enumerate(asked, 1)
        if one.max_words and (count := len(letter.answer(one.key).split())) > one.max_words
    ]
    return " ".join(over)


def whole_team(letter: Letter) -> str:
    """Where several would do the work, each has a part of it; nothing where that is so."""
    doers: tuple[Named | Partner, ...] = (*letter.team, *letter.partners)
    partless = [one.name for one in doers if not one.part]
    if len(doers) < 2 or not partless:
        return ""
    return f"Say which part of the work {partless[0]} would do."


def _label(question: Question, number: int, asked: Sequence[Question]) -> str:
    standing = tuple(asked) == STANDING
    return f"{question.text[0].lower()}{question.text[1:]}" if standing else f"the answer to question {number}"


MONEY: Final = re.compile(
    r"[£€$]\s?\d"
    r"|\b(?:GBP|EUR)\s?\d"
    r"|\b(?:\d[\d,.]{0,15}\s?k?|hundred|thousand|million|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"\s?(?:pounds?|quid|GBP|pence)\b"
    r"|\b\d{1,15}\s?p\b(?!\.?\s?m\b)"
    r"|\b(?!(?:19|20)\d\d\b)\d[\d,]{1,15}(?:\.\d\d)?\s?(?:\+\s?VAT\b|(?:per|an?|each|for each|/)\s?"
    r"(?:session|hour|day|visit|report|assessment|meeting|mile|child|family)\b)",
    re.IGNORECASE,
)
"""An amount of money as people write it: '£95', '95 pounds', 'two hundred pounds', '45p', '120 per session', '95 + VAT'.

No figure is read without end: a column of figures, pasted, would be gone through anew from each of them.
"""


def priced_in_words(letter: Letter, asked: Sequence[Question]) -> tuple[str, ...]:
    """A warning, never a refusal: which parts of a letter whose price is sealed apart seem to say a price all the same.

    Who assesses quality reads them before any price may be opened. Words are not understood here, only looked through, so
    some warnings are needless.
    """
    return tuple(heading for heading, words in letter.said(asked) if MONEY.search(words))
