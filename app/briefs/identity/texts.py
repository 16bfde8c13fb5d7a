"""The texts of one brief as its readers have them together, what the guard finds in each, and what a second person decided."""

from collections.abc import Collection, Iterable, Sequence
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
    """A text in which something was found or not; `label` is what a page calls it, `declined` is what may not stay, and why."""

    label: str
    text: str
    findings: tuple[Finding, ...]
    released: frozenset[Excerpt]
    declined: tuple[tuple[Excerpt, str], ...] = ()

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

    @property
    def to_mend(self) -> list[str]:
        """What there is to say of what nobody let through, of words that stand there twice once, and why somebody did not."""
        return list(dict.fromkeys(found.words + self._why(found) for found in self.unreleased))

    def _why(self, found: Finding) -> str:
        reason = dict(self.declined).get(self.excerpt(found))
        return f" An approver did not let it stay: “{reason}”" if reason else ""

    def excerpt(self, found: Finding) -> Excerpt:
        return Excerpt(text_digest(self.text), found.kind, found.excerpt)


def guarded(
    texts: Sequence[tuple[str, str]],
    *,
    near: str = "",
    released: Collection[Excerpt] = frozenset(),
    declined: Iterable[tuple[Excerpt, str]] = (),
) -> tuple[Guarded, ...]:
    """Each text, as (label, words), read beside the others and `near`, the small place the brief names, if it names one."""
    said = tuple(declined)
    return tuple(
        Guarded(label, words, tuple(_found(place, texts, near)), frozenset(released), said)
        for place, (label, words) in enumerate(texts)
    )


def text_digest(text: str) -> str:
    return digest(text.encode())


def _found(place: int, texts: Sequence[tuple[str, str]], near: str) -> list[Finding]:
    beside = f"In {near}." if near else ""
    others = [words for other, (_, words) in enumerate(texts) if other != place]
    return identifying(texts[place][1], around="\n".join([*others, beside]), near=near)
