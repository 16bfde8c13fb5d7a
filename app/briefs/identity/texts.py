"""The texts of one brief as its readers have them together, what the guard finds in each, and what a second person let through."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from app.briefs.identity.finding import identifying, pieces
from app.briefs.identity.kinds import Finding
from app.core.crypto import digest

MOST_OF_AN_EXCERPT: Final = 400


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words that were found, in exactly one text: when the text changes, they are others."""

    text_sha256: str
    kind: str
    words: str

    @property
    def key(self) -> str:
        """A short name of it, for a form."""
        return digest(f"{self.text_sha256} {self.kind} {self.words}".encode())[:20]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A text in which something was found or not; `label` is what a page calls it."""

    label: str
    text: str
    findings: tuple[Finding, ...]
    released: frozenset[Excerpt]

    @property
    def releasable(self) -> tuple[tuple[Finding, Excerpt], ...]:
        """What may be asked about: nothing in which hundreds of letters, mostly invisible ones, hide."""
        pairs = ((found, self.excerpt(found)) for found in self.findings)
        return tuple(pair for pair in pairs if len(pair[1].words) <= MOST_OF_AN_EXCERPT)

    @property
    def pieces(self) -> list[tuple[str, Finding | None, bool]]:
        """The text cut at its findings, and of each whether it was released."""
        return [
            (words, found, found is not None and self.excerpt(found) in self.released)
            for words, found in pieces(self.text, self.findings)
        ]

    @property
    def unreleased(self) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if self.excerpt(found) not in self.released)

    def excerpt(self, found: Finding) -> Excerpt:
        return Excerpt(text_digest(self.text), found.kind, found.excerpt)


def guarded(
    texts: Sequence[tuple[str, str]], *, near: str = "", released: Collection[Excerpt] = frozenset()
) -> tuple[Guarded, ...]:
    """Each text, as (label, words), read beside the others and `near`, the small place the brief names, if it names one."""
    return tuple(
        Guarded(label, words, tuple(_found(place, texts, near)), frozenset(released))
        for place, (label, words) in enumerate(texts)
    )


def text_digest(text: str) -> str:
    return digest(text.encode())


def _found(place: int, texts: Sequence[tuple[str, str]], near: str) -> list[Finding]:
    beside = f"In {near}." if near else ""
    others = [words for other, (_, words) in enumerate(texts) if other != place]
    return identifying(texts[place][1], around="\n".join([*others, beside]), near=near)
